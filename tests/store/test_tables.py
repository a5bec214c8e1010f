"""A table of another database comes as text, and nothing in it changes."""

from __future__ import annotations

import csv
import sqlite3

import pytest

from journey_app.errors import BadChoice, BadFile, JourneyError, UnknownName
from journey_app.store.tables import export_table

NAME = "JOURNEY_SOURCE_SHOP"


@pytest.fixture
def shop(tmp_path):
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as con:
        con.execute("create table orders (user_id text, event text, at text, n integer)")
        con.executemany(
            "insert into orders values (?, 'Paid', '2026-03-01', ?)", [(f"u{n}", n) for n in range(25)]
        )
        con.execute("create view paid as select user_id, n from orders where n < 3")
        con.execute('create table "odd; drop table orders" (x text)')
    return {NAME: f"sqlite:///{file}"}


def rows(target):
    with target.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_table_and_a_view_come_whole(shop, tmp_path, monkeypatch):
    monkeypatch.setattr("journey_app.store.tables.ROWS_AT_ONCE", 10)
    seen = []
    target = tmp_path / "t.csv"
    assert export_table(NAME, "orders", target, most_mb=1, environment=shop, progress=seen.append) == 25
    assert rows(target)[:2] == [["user_id", "event", "at", "n"], ["u0", "Paid", "2026-03-01", "0"]]
    assert seen == [10, 20, 25]
    assert export_table(NAME, "paid", target, most_mb=1, environment=shop) == 3


def test_a_name_is_looked_up_and_never_run(shop, tmp_path):
    with pytest.raises(UnknownName, match="orders"):
        export_table(NAME, "orders; drop table orders", tmp_path / "t", most_mb=1, environment=shop)
    assert export_table(NAME, "odd; drop table orders", tmp_path / "t", most_mb=1, environment=shop) == 0
    assert export_table(NAME, "orders", tmp_path / "t", most_mb=1, environment=shop) == 25


def test_too_large_a_table_is_refused(shop, tmp_path):
    with pytest.raises(BadFile, match="larger than 0 MB"):
        export_table(NAME, "orders", tmp_path / "t", most_mb=0, environment=shop)


@pytest.mark.parametrize("variable", ["HOME", "JOURNEY_HOME", "postgresql://u:p@h/d", "JOURNEY_SOURCE_", ""])
def test_only_a_variable_meant_for_it_names_a_database(variable, tmp_path):
    with pytest.raises(BadChoice, match="named by the environment variable that holds its address"):
        export_table(variable, "t", tmp_path / "t", most_mb=1, environment={variable: "sqlite://"})


@pytest.mark.parametrize(
    "address", ["", "no address canary", "sqlite:////nowhere/canary/x.db", "nosuch://u:canary@h/d", "postgresql://u:canary@127.0.0.1:1/d"]
)  # fmt: skip
def test_what_goes_wrong_never_repeats_the_address(address, tmp_path):
    with pytest.raises(JourneyError) as told:
        export_table(NAME, "t", tmp_path / "t", most_mb=1, environment={NAME: address})
    assert "canary" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    "address", ["postgresql://ana:s3cret@host:54x32/shop", "not an address s3cret", "x://[s3cret"]
)
def test_an_address_that_is_none_is_a_sentence_that_repeats_nothing_of_it(address, tmp_path):
    with pytest.raises(BadChoice, match="holds no address") as told:
        export_table(NAME, "orders", tmp_path / "t", most_mb=1, environment={NAME: address})
    assert "s3cret" not in str(told.value) and told.value.__cause__ is None
