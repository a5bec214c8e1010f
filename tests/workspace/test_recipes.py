"""What was answered about a file counts for the next one like it, and for no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_app.errors import Question, UnknownName
from journey_app.vocabulary import Answers
from journey_app.workspace.importing import import_files, prepare_file
from journey_app.workspace.remembering import Recalled, forget_recipe, over, recalled, recipes, remember
from journey_app.workspace.workspace import Workspace

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
    assert found.table.events_preview()["occurred_at"][0].as_py() == datetime.fromisoformat("2026-03-04")
    assert found.table.checkup[0].says == "Read like last time (recipe of 3 Nov)."


def test_new_columns_and_one_unused_less_change_nothing(taught: Workspace, tmp_path: Path):
    next_month = {name: COLUMNS[name] for name in ("was", "datum", "kasse", "wer")}
    next_month |= {"user_id": ["a", "b"], "bon": ["17", "18"]}
    found = looked_at(taught, tmp_path, next_month)
    assert found.saved is not None
    assert found.table.mapping["customer"] == "wer"  # not user_id, whatever its name
    assert found.table.events_preview()["event"].to_pylist() == ["Kauf", "Besuch"]


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


def test_what_a_source_is_called_is_for_one_file_only(space, tmp_path):
    """Two shops export the same columns and count their orders from 1."""
    for shop, customer in (("shop-a", "ana"), ("shop-b", "zoe")):
        file = tmp_path / f"{shop}.csv"
        file.write_text(f"id,customer,event,timestamp\n1,{customer},Paid,2026-03-01 10:00\n")
        said = Answers(map={"customer": "customer"}, source="shop-a") if shop == "shop-a" else Answers()
        brought = import_files(space, [(file, file.name)], said, author="me", now=NOW)
        assert brought.files[0].events == 1, shop
    assert brought.events == 2
    assert all(saved.recipe.answers.source is None for saved in recipes(space))
