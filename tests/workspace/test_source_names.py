"""A source may be called what people call it; what cannot be a name is refused with one that would do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_app.errors import BadChoice, UnknownName
from journey_app.settings import Settings
from journey_app.workspace.forgetting import forget
from journey_app.workspace.freshness import freshness
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
from journey_app.workspace.source_names import checked_name, file_of, one
from journey_app.workspace.sources import Source, remove_source, save_source, source_named, sources
from journey_app.workspace.syncing import sync
from tests.workspace.conftest import NOW
from tests.workspace.everywhere import places

ORDINARY = [
    "shop-orders",
    "Shop orders",
    "Bestellungen Größe_2026.v2",
    "заказы магазина",
    "注文 2026",
    "हिन्दी ऑर्डर",
    "CON",
    "Über.csv",
    "7",
    "x" * 60,
]


@pytest.fixture
def space(tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "a.csv").write_text("user_id,event,timestamp\nzoe,Came,2026-03-02 09:00\n")
    return open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)


def saved(space, name, **more):
    where = str(space.folder.parent.parent / "exports")
    return save_source(space, Source(name, "folder", where, **more), author="me", now=NOW)


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_is_saved_fetched_remembered_and_removed(space, name):
    saved(space, name)
    assert [each.ok for each in sync(space, [name.upper()], now=NOW)] == [True], "capitals do not matter"
    assert freshness(space, source_named(space, name), NOW).state == "fresh"
    (note,) = (space.folder / "sources").iterdir()
    assert re.fullmatch(r"[a-z0-9=][a-z0-9_-]{0,59}\.json", note.name), "safe on every disk"
    assert space.batches()[0].body["report"]["file"] == f"{name} › a.csv"
    assert remove_source(space, name, author="me", now=NOW).name == name
    assert sources(space) == [] and not list((space.folder / "sources").iterdir())


@pytest.mark.parametrize(
    ("name", "why", "fits"),
    [
        ("a/b", "“/”", "“a b”"),
        ("../../etc/passwd", "“/”", "“etc passwd”"),
        ("-rf", "begins with “-”", "“rf”"),
        (".hidden", "begins with “.”", "“hidden”"),
        ("", "empty", "“Shop orders”"),
        ("  ", "empty", "“Shop orders”"),
        ("shop\x00orders", "U+0000", "“shop orders”"),
        ("sho\u202ep", "U+202E", "“sho p”"),
        ("x" * 61, "longer than 60", f"“{'x' * 60}”"),
        ("???", "“?”", "“Shop orders”"),
    ],
)
def test_what_cannot_be_a_name_is_told_one_that_would_do(space, name, why, fits):
    with pytest.raises(BadChoice, match="cannot be the name of a source") as said:
        saved(space, name)
    assert why in said.value.what and fits in said.value.do and said.value.what.isprintable()
    assert sources(space) == []


@given(st.text(max_size=80))
def test_every_name_is_kept_in_one_form_or_refused_with_one_that_is_kept(name):
    try:
        kept = checked_name(name)
    except BadChoice as refused:
        offered = re.findall(r"“(.+?)”", refused.do)[-1]
        assert checked_name(offered) == offered
    else:
        assert checked_name(kept) == kept and one(kept) == one(name)
        assert re.fullmatch(r"[a-z0-9=][a-z0-9_-]{0,59}", file_of(kept))


def test_blanks_around_a_name_are_not_part_of_it_and_capitals_make_no_other_source(space):
    assert saved(space, "  Shop   Orders ").name == "Shop Orders"
    sync(space, now=NOW)
    same = saved(space, "shop orders")
    assert same.name == "Shop Orders" and [each.name for each in sources(space)] == ["Shop Orders"]
    assert freshness(space, same, NOW).state == "fresh", "saved again as it was, it is still known"
    with pytest.raises(UnknownName, match="No source is called “orders”"):
        source_named(space, "orders")


def test_a_source_named_after_somebody_who_is_forgotten_goes_on_under_another_name(space, tmp_path):
    (tmp_path / "log.csv").write_text("user_id,event,timestamp\nana-4711-x,Came,2026-03-02 09:00\n")
    import_files(space, [(tmp_path / "log.csv", "log.csv")], author="x", now=NOW)
    for name in ("exports_of_ana_petrova", "Exports of Ana Petrova", "shop"):
        saved(space, name)
    sync(space, now=NOW)
    forget(space, "ana-4711-x", ["Ana Petrova"], author="x", now=NOW)
    assert places(space.folder, ["Ana Petrova", "ana_petrova", "ana-4711-x"]) == []
    assert not [f for f in space.folder.rglob("*") if "ana_petrova" in f.name]
    names = [each.name for each in sources(space)]
    assert len(set(names)) == 3 and "shop" in names and "Exports of (forgotten)" in names
    assert [each.ok for each in sync(space, names, now=NOW)] == [True] * 3
    assert freshness(space, source_named(space, "shop"), NOW).state == "fresh"
    assert saved(space, "Exports of (forgotten)").name == "Exports of (forgotten)", "it can be edited still"
    for name in names:
        remove_source(space, name, author="x", now=NOW)
    assert sources(space) == []
