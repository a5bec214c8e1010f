"""What was answered about a file counts for the next one like it, and for no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.errors import Question, UnknownName
from journey_app.plain import to_plain
from journey_app.vocabulary import Answers
from journey_app.workspace.importing import import_files, prepare_file
from journey_app.workspace.remembering import Recalled, forget_recipe, over, recalled, recipes, remember
from journey_app.workspace.workspace import Workspace
from tests.intake.conftest import outcome

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ANSWERS = Answers(map={"customer": "wer", "event": "was"}, dates="mdy")
COLUMNS = {
    "wer": ["k1", "k2"],
    "was": ["Kauf", "Besuch"],
    "datum": ["03/04/2026", "05/06/2026"],
    "filiale": ["Nord", "Ost"],
    "kasse": ["4", "7"],
}


def file_of(tmp_path: Path, columns: dict[str, list[str]], name: str = "kasse.csv") -> tuple[Path, str]:
    path = tmp_path / f"{len(columns)}-{'-'.join(columns)}"
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    path.write_text("".join(",".join(row) + "\n" for row in rows))
    return path, name


def looked_at(space: Workspace, tmp_path: Path, columns: dict[str, list[str]]) -> Recalled:
    (table,) = prepare_file(space, *file_of(tmp_path, columns), Answers())
    return recalled(space, table)


@pytest.fixture
def taught(space: Workspace, tmp_path: Path) -> Workspace:
    """A workspace that imported such a file once, with answers."""
    import_files(space, [file_of(tmp_path, COLUMNS)], ANSWERS, author="ana", now=NOW)
    return space


def test_the_same_columns_in_another_order_are_read_the_same(taught: Workspace, tmp_path: Path):
    found = looked_at(taught, tmp_path, dict(reversed(COLUMNS.items())))
    assert found.answers == ANSWERS and found.said == "Read like last time (recipe of 3 Nov)"
    assert found.table.question is None
    assert outcome(found.table).column("occurred_at")[0] == datetime.fromisoformat("2026-03-04")
    assert found.table.checkup[0].says == "Read like last time (recipe of 3 Nov)."


def test_new_columns_and_one_unused_less_change_nothing(taught: Workspace, tmp_path: Path):
    next_month = {name: COLUMNS[name] for name in ("was", "datum", "kasse", "wer")}
    next_month |= {"user_id": ["a", "b"], "bon": ["17", "18"]}
    found = looked_at(taught, tmp_path, next_month)
    assert found.saved is not None
    assert found.table.mapping["customer"] == "wer"  # not user_id, whatever its name
    assert outcome(found.table).names() == ["Kauf", "Besuch"]


@pytest.mark.parametrize(
    "columns",
    [
        {name: COLUMNS[name] for name in ("was", "datum", "filiale", "kasse")},  # one it needs is gone
        {**COLUMNS, **{f"neu {n}": ["1", "2"] for n in range(9)}},  # mostly another file
    ],
)
def test_a_near_miss_is_read_as_found(taught: Workspace, tmp_path: Path, columns: dict[str, list[str]]):
    found = looked_at(taught, tmp_path, columns)
    assert (found.saved, found.answers) == (None, Answers())


def test_two_recipes_that_fit_and_differ_are_not_chosen_between(taught: Workspace, tmp_path: Path):
    other = {**COLUMNS, "region": ["A", "B"]}
    (table,) = prepare_file(taught, *file_of(tmp_path, other), Answers())
    remember(taught, table, Answers(map=ANSWERS.map, dates="dmy"), author="ben", now=LATER)
    found = looked_at(taught, tmp_path, {**COLUMNS, "plz": ["1", "2"]})
    assert found.saved is None and "recipes fit this file (of 3 Nov and 3 Dec) and differ" in found.remark


def test_what_is_said_now_counts_before_what_was_said_then():
    told = over(ANSWERS, Answers(dates="dmy", map={"event": "kasse"}, header_row=0))
    assert told == Answers(map={"customer": "wer", "event": "kasse"}, dates="dmy", header_row=0)


def test_an_import_says_that_it_used_a_recipe_and_can_do_without(taught: Workspace, tmp_path: Path):
    more = {name: [*cells, "9"] for name, cells in COLUMNS.items()} | {"datum": ["03/04/2026"] * 3}
    file = file_of(tmp_path, {**more, "bon": ["1", "2", "3"]})
    with pytest.raises(Question, match="day first or month first"):
        import_files(taught, [file], Answers(map=ANSWERS.map), author="ana", now=LATER, recipes=False)
    report = import_files(taught, [file], author="ana", now=LATER).files[0]
    assert "Read like last time (recipe of 3 Nov)." in report.notes


def test_a_recipe_can_be_forgotten(taught: Workspace, tmp_path: Path):
    (saved,) = recipes(taught)
    assert (saved.author, saved.recipe.file, saved.recipe.answers) == ("ana", "kasse.csv", ANSWERS)
    assert forget_recipe(taught, saved.recipe_id, author="ben", now=LATER) == saved
    assert looked_at(taught, tmp_path, COLUMNS).saved is None and recipes(taught) == ()
    with pytest.raises(UnknownName, match="No recipe"):
        forget_recipe(taught, saved.recipe_id, author="ben", now=LATER)


def test_the_same_answers_add_no_version_and_none_are_no_recipe(taught: Workspace, tmp_path: Path):
    table = looked_at(taught, tmp_path, COLUMNS).table
    for answers in (ANSWERS, ANSWERS, Answers(), Answers(dates="dmy")):
        remember(taught, table, answers, author="ana", now=LATER)
    assert len(taught.store.history("recipe", table.fingerprint)) == 2


def test_answers_from_before_there_were_recipes_still_count(space: Workspace, tmp_path: Path):
    (table,) = prepare_file(space, *file_of(tmp_path, COLUMNS), Answers())
    old = {"map": {"customer": "wer", "event": "was"}, "timezone": None, "dates": "mdy", "source": None}
    space.save("mapping", table.fingerprint, old, based_on=0, author="ana", now=NOW)
    assert looked_at(space, tmp_path, COLUMNS).answers == ANSWERS


def test_a_recipe_that_names_the_header_row_is_for_files_exactly_like_it(space: Workspace, tmp_path: Path):
    path = tmp_path / "report"
    path.write_text("Konto,Nummer,Art\nuser_id,event,date\nana,Kauf,2026-05-01\nben,Kauf,2026-05-02\n")
    import_files(space, [(path, "report.csv")], Answers(header_row=2), author="ana", now=NOW)
    (table,) = prepare_file(space, path, "report.csv", Answers())
    assert table.header == ("Konto", "Nummer", "Art")
    assert recalled(space, table).table.header == ("user_id", "event", "date")


def test_two_shops_with_one_header_stay_two_sources(space: Workspace, tmp_path: Path):
    columns = {"customer_id": ["a1", "a2"], "event": ["order", "order"], "event_id": ["1001", "1002"]}
    columns |= {"timestamp": ["2026-03-02 09:00", "2026-03-03 09:00"]}
    shop_a = file_of(tmp_path, columns, "shopA.csv")
    import_files(space, [shop_a], Answers(source="shop-a"), author="ana", now=NOW)
    (tmp_path / "b").mkdir()
    shop_b = file_of(tmp_path / "b", columns | {"customer_id": ["b1", "b2"]}, "shopB.csv")
    (report,) = import_files(space, [shop_b], author="ana", now=LATER).files
    assert (report.events, report.already_there) == (2, 0)
    assert recipes(space) == ()


def test_a_name_of_a_source_in_an_older_recipe_is_not_used(taught: Workspace, tmp_path: Path):
    (saved,) = recipes(taught)
    body = to_plain(replace(saved.recipe, answers=replace(ANSWERS, source="shop-a")))
    taught.save("recipe", saved.recipe_id, body, based_on=1, author="ana", now=NOW)
    assert looked_at(taught, tmp_path, COLUMNS).answers == ANSWERS
    assert looked_at(taught, tmp_path, COLUMNS | {"bon": ["17", "18"]}).answers.source is None


def test_which_kinds_an_export_is_holds_for_the_same_columns_only(taught: Workspace, tmp_path: Path):
    (saved,) = recipes(taught)
    kind = ("generic.events",)
    body = to_plain(replace(saved.recipe, answers=replace(ANSWERS, read_as=kind)))
    taught.save("recipe", saved.recipe_id, body, based_on=1, author="ana", now=NOW)
    assert looked_at(taught, tmp_path, COLUMNS).answers.read_as == kind
    assert looked_at(taught, tmp_path, COLUMNS | {"bon": ["17", "18"]}).answers.read_as == ()


def test_a_day_joined_with_its_clock_needs_both_of_them_next_time(space: Workspace, tmp_path: Path):
    columns = {**COLUMNS, "datum": ["03/04/2026", "05/06/2026"], "uhrzeit": ["10:05", "9:30"]}
    import_files(space, [file_of(tmp_path, columns)], ANSWERS, author="ana", now=NOW)
    found = looked_at(space, tmp_path, {**columns, "bon": ["17", "18"]})
    assert found.said == "Read like last time (recipe of 3 Nov)" and found.table.question is None
    assert found.table.mapping["time"] == "datum + uhrzeit"
    without = {name: cells for name, cells in columns.items() if name != "uhrzeit"}
    assert looked_at(space, tmp_path, without).saved is None
