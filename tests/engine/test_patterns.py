"""A pattern is looked for in each distinct value once, and one that would take too long is refused in time."""

from __future__ import annotations

import re
import time

import duckdb
import pytest

from journey_app.engine.patterns import Fits, check_pattern
from journey_app.errors import BadChoice
from journey_app.vocabulary import LeaveOut

SLOW = "(?:a|e|.){0,1000}u(?:i|.){0,1000}z"  # allowed by its size; 0.1 ms for each letter of a long text


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("create table rows (customer_id integer, raw_ids varchar[], text varchar, event varchar)")
        con.execute("create table people (customer_id integer, raw_ids varchar[])")
        yield con


def fits(con, rule, budget_s=10.0):
    looked = []

    def run(query):
        looked.append(query)
        return con.execute(query).fetchall()

    (condition,) = Fits(run, "rows", "people", budget_s).conditions([rule]).values()
    return condition, looked


@pytest.mark.parametrize(
    "pattern",
    [".{1000}.{1000}.{1000}", r"\pL{100}", "(?:.{0,300}x){3}" * 4, r"[^a]{999}[^b]{999}[^c]{999}|d"],
)
def test_a_pattern_whose_repeats_are_too_many_is_refused(pattern):
    started = time.perf_counter()
    with pytest.raises(BadChoice, match="too large a pattern"):
        check_pattern(pattern)
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    "pattern",
    [
        r"@(?:[^@]*\.)?acme\.com$",
        r"^(?:[^:]*:)?(?:" + "|".join(re.escape(f"tester-{n}@north{n}.com") for n in range(700)) + ")$",
        r"^\d{4}-\d{2}-\d{2}",
        r"^.{1,200}$",
        r"\QC:\temp",
        "(?i)[[:alpha:]]{50}",
    ],
)
def test_patterns_that_people_write_are_not_too_large(pattern):
    check_pattern(pattern)


def test_equal_values_are_looked_at_once(con):
    con.execute(
        "insert into rows select i, ['user_id:u' || i % 3], 'text ' || i % 5, 'e' from range(1000) r(i)"
    )
    condition, looked = fits(con, LeaveOut("text", "text [12]", "r", False))
    assert con.table("rows").filter(condition).count("*").fetchall() == [(400,)]
    assert not any("regexp" in query and "from rows" in query for query in looked)
    con.execute("drop table fits_0")
    condition, looked = fits(con, LeaveOut("ids", "u2$", "r", False))
    assert con.table("rows").filter(condition).count("*").fetchall() == [(333,)]


def test_many_values_are_given_up_once_it_is_clear_how_long_they_take(con):
    con.execute(
        "insert into rows select i, ['user_id:u'], repeat('lorem ipsum dolor ', 400) || i, 'e' from range(6000) r(i)"
    )
    started = time.perf_counter()
    with pytest.raises(BadChoice, match=r"pattern of “Slow texts” takes too long"):
        fits(con, LeaveOut("text", SLOW, "Slow texts"), budget_s=4.0)
    assert time.perf_counter() - started < 40, "to the end it takes an hour"


def test_one_long_value_is_tried_on_its_beginning_first(con):
    con.execute("insert into rows select 1, ['user_id:u'], repeat('lorem ipsum dolor ', 300000), 'e'")
    started = time.perf_counter()
    with pytest.raises(BadChoice, match="takes too long"):
        fits(con, LeaveOut("text", SLOW, "Slow texts"), budget_s=4.0)
    assert time.perf_counter() - started < 40, "it cannot be interrupted and takes ten minutes"


def test_an_ordinary_pattern_finds_its_place_in_a_long_value(con):
    con.execute(
        "insert into rows select 1, ['user_id:u'], repeat('lorem ipsum dolor ', 300000) || 'end', 'e'"
    )
    condition, _looked = fits(con, LeaveOut("text", "dolor end$", "r"))
    assert con.table("rows").filter(condition).count("*").fetchall() == [(1,)]
