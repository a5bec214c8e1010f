"""The audit's sheet: it leaves, comes back unchanged as nothing, and edited as exactly what was edited."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from journey_app.analysis.audit import Check
from journey_app.errors import BadChoice, BadFile, StaleEdit
from journey_app.share import audit_file
from journey_app.share.audit_file import (
    EVENTS,
    FIELDS,
    GRADE,
    NOT_OURS,
    NOTE,
    OWNER,
    PLACE,
    VERSION,
    Coming,
    Kept,
)  # fmt: skip
from journey_app.share.auditing import COLUMNS, Place
from journey_app.share.sheet_reading import Line, read_sheet
from journey_app.share.tables import as_csv, as_xlsx, csv_cell, plain_cell
from journey_app.vocabulary import Grade, Telling
from journey_app.workspace import decisions
from journey_app.workspace.decisions import Decided
from tests.workspace.conftest import NOW, space  # noqa: F401 — a fixture

KNOWN = {EVENTS: ("visit", "pay", "a, b"), "Sources": ("shop",), "Channels": ("ads",)}
HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["=1+1", "'=x", "''@x", "\t+x", "-", "a\r\nb", "\x07bell", "_x000D_"]),
    st.sampled_from(["5", "5.0", "1e5", "TRUE", '"', "a;b"]),
)  # fmt: skip


def place_of(grade: Grade, version: int = 1) -> Place:
    checks = tuple(Check(None, "") for _ in COLUMNS)
    return Place(
        grade.touchpoint, grade.touchpoint, "", checks, None, "", Decided(grade, version, "Ana", NOW)
    )


def kept_of(*grades: Grade) -> dict[str, Kept]:
    return {
        g.touchpoint.casefold(): Kept(g.touchpoint, g.touchpoint, {1: g}, 1, "Ana", standard=True)
        for g in grades
    }


def back(rows: list[dict], form: str) -> list[Line]:
    data = as_csv(rows) if form == "csv" else as_xlsx(rows, "Touchpoint audit")
    return read_sheet(data, f"audit.{form}", head=PLACE)


def compared(places, rows, form="csv") -> Coming:
    return audit_file.compared(places, back(rows, form), KNOWN, "here")


grades = st.builds(
    Grade,
    st.just("Support"),
    st.sampled_from(["R", "A", "G", None]),
    HOSTILE,
    HOSTILE,
    st.builds(Telling, st.sampled_from([(), ("visit",), ("visit", "pay")]), st.sampled_from([(), ("shop",)])),
    st.booleans(),
)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@given(grade=grades)
def test_a_sheet_that_nobody_edited_changes_nothing(form, grade):
    coming = compared(kept_of(grade), audit_file.table([place_of(grade)], "here"), form)
    assert (coming.rows, coming.changes) == (1, ())


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@given(grade=grades, new=st.sampled_from(["R", "A", "G", None]), owner=HOSTILE, note=HOSTILE)
def test_an_edited_sheet_changes_exactly_what_was_edited(form, grade, new, owner, note):
    (row,) = audit_file.table([place_of(grade)], "here")
    row |= {GRADE: new or "", OWNER: owner, NOTE: note}
    coming = compared(kept_of(grade), [row], form)
    wanted = {GRADE: new or "", OWNER: audit_file.survives(owner), NOTE: audit_file.survives(note)}
    was = {name: audit_file.survives(text) for name, text in audit_file.texts(grade).items()}
    assert {e.field: e.new for e in coming.edits} == {n: t for n, t in wanted.items() if t != was[n]}
    assert not coming.clashes
    for change in coming.changes:
        now = {name: audit_file.survives(text) for name, text in audit_file.texts(change.grade).items()}
        assert now == was | wanted


@given(HOSTILE)
def test_the_apostrophe_that_guards_a_cell_is_lost_on_the_way_back(text):
    assert plain_cell(csv_cell(text)) == text
    assert not csv_cell(text).startswith(("=", "+", "-", "@"))


# ---------------------------------------------------------------- two people


def moved(field_now: dict) -> dict[str, Kept]:
    """Support as it left (version 1), and as somebody made it since (version 2)."""
    left = Grade("Support", "R", "Ana", "old")
    now = Grade("Support", **({"grade": "R", "owner": "Ana", "note": "old"} | field_now))
    return {"support": Kept("Support", "Support", {1: left, 2: now}, 2, "Tom")}


def sheet(**cells) -> list[dict]:
    return [audit_file.table([place_of(Grade("Support", "R", "Ana", "old"))], "here")[0] | cells]


def test_what_somebody_else_changed_meanwhile_stays_when_the_sheet_left_it_alone():
    coming = compared(moved({"owner": "Bo"}), sheet(Note="new"))
    assert [(e.field, e.theirs) for e in coming.edits] == [(NOTE, False)]
    assert coming.changes[0].grade == Grade("Support", "R", "Bo", "new")
    assert coming.changes[0].based_on == 2


def test_the_same_field_changed_by_both_is_a_question():
    coming = compared(moved({"note": "theirs"}), sheet(Note="mine", Owner="Cy"))
    (clash,) = coming.clashes
    assert (clash.field, clash.old, clash.new, clash.author) == (NOTE, "theirs", "mine", "Tom")
    (change,) = coming.changes
    assert (change.grade.note, change.grade.owner) == ("theirs", "Cy")
    assert (change.mine.note, change.mine.owner) == ("mine", "Cy")


def test_both_changed_to_the_same_is_no_change():
    assert compared(moved({"note": "same"}), sheet(Note="same")).changes == ()


def test_a_sheet_without_versions_fills_blanks_and_asks_about_the_rest():
    places = {"support": Kept("Support", "Support", {3: Grade("Support", "R", "", "note")}, 3, "Tom")}
    row = {PLACE: "Support", GRADE: "G", OWNER: "Ana", NOTE: ""}
    coming = compared(places, [row])
    assert {(e.field, e.theirs) for e in coming.edits} == {(GRADE, True), (OWNER, False)}


# ---------------------------------------------------------------- what a sheet may say


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("was", "cell", "is_now"), [(False, "Yes", True), (False, "TRUE", True), (True, "", False)]
)
def test_that_there_is_no_such_place_is_said_and_taken_back_in_a_sheet(form, was, cell, is_now):
    held = Grade("Support", "R", "Ana", "old", not_ours=was)
    (row,) = audit_file.table([place_of(held)], "here")
    (change,) = compared(kept_of(held), [row | {NOT_OURS: cell}], form).changes
    assert change.grade == Grade("Support", "R", "Ana", "old", not_ours=is_now)
    assert [edit.field for edit in change.edits] == [NOT_OURS]


def test_a_sheet_of_before_there_was_this_column_leaves_it_alone():
    held = Grade("Support", "R", not_ours=True)
    (row,) = audit_file.table([place_of(held)], "here")
    del row[NOT_OURS]
    assert compared(kept_of(held), [row]).changes == ()


def test_that_there_is_no_such_place_is_asked_where_somebody_else_changed_it():
    coming = compared(moved({"not_ours": True}), sheet(Note="mine"))
    assert not coming.clashes and coming.changes[0].grade.not_ours
    both = {"support": Kept("Support", "Support", {1: Grade("Support", None, not_ours=True), 2: Grade("Support", None)},
                            2, "Tom", standard=True)}  # fmt: skip
    (row,) = audit_file.table([place_of(Grade("Support", None, not_ours=True))], "here")
    assert compared(both, [row]).changes == (), "it was left as it had left"


def test_an_unknown_touchpoint_becomes_a_place_that_people_added():
    (change,) = compared({}, [{PLACE: "Trade fair", GRADE: "amber", EVENTS: "visit; pay"}]).changes
    assert change.added and change.grade == Grade("Trade fair", "A", telling=Telling(("visit", "pay")))
    (bare,) = compared({}, [{PLACE: "Fair", GRADE: ""}]).changes
    assert [edit.field for edit in bare.edits] == [PLACE]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({PLACE: "Support", GRADE: "B"}, "Row 2, Human: “B” is not a grade; write R, A, G or nothing."),
        ({PLACE: "Support", NOT_OURS: "perhaps"}, "Row 2, Not ours: “perhaps” is neither yes nor no."),
        ({PLACE: "Fair", NOT_OURS: "yes"}, "“Fair” is no standard touchpoint"),
        (
            {PLACE: "Support", EVENTS: "vist"},
            "nothing is called “vist” in this workspace. Did you mean “visit”?",
        ),
        ({PLACE: "Support", OWNER: "x" * 61}, "Owner: 61 characters, of at most 60."),
        ({PLACE: "Support", GRADE: "R", VERSION: "9"}, "this workspace has no version 9 of “Support”."),
        ({PLACE: "Support", GRADE: "R", VERSION: "new"}, "“new” is not a number"),
        ({PLACE: "Support", GRADE: "R", "Workspace": "other"}, "exported from another workspace"),
        ({PLACE: "", GRADE: "R"}, "Row 2 names no touchpoint."),
        ({PLACE: "x" * 61, GRADE: "R"}, "a name has at most 60 characters."),
        ({PLACE: "Support", "Measured": "R"}, "so it changes nothing"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(row, sentence):
    with pytest.raises(BadFile) as said:
        compared(kept_of(Grade("Support", None)), [row])
    assert sentence in str(said.value)


def test_every_fault_is_told_at_once():
    rows = [{PLACE: "Support", GRADE: "B"}, {PLACE: "Sales", GRADE: "C"}, {PLACE: "support", GRADE: "R"}]
    with pytest.raises(BadFile) as said:
        compared(kept_of(Grade("Support", None), Grade("Sales", None)), rows)
    assert "Row 2" in said.value.what and "Row 3" in said.value.what and "Rows 2 and 4" in said.value.what


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "has no column “Touchpoint”"),
        (b"a,b\n1,2\n", "has no column “Touchpoint”"),
        (b"PK\x03\x04 broken", "no workbook that can be read"),
        (b"\x00\xff\xfe" * 50, "has no column “Touchpoint”"),
        (b"Touchpoint,Owner,Owner\nx,y,z\n", "two columns called “Owner”"),
        (b"Touchpoint,Owner\n" + b"x,y\n" * 2500, "over 2,000 rows"),
        (b"x" * 6_000_000, "6,000,000 bytes"),
    ],
)
def test_what_is_no_such_sheet_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(BadFile) as said:
        read_sheet(data, "audit.csv", head=PLACE)
    assert sentence in str(said.value)


@pytest.mark.parametrize("text", ["Touchpoint;Owner\nSupport;Zoë\n", "\n\nTouchpoint\tOwner\nSupport\tZoë\n"])
def test_what_spreadsheets_make_of_a_csv_is_read(text):
    for encoding in ("utf-8", "cp1252", "utf-8-sig"):
        (line,) = read_sheet(text.encode(encoding), "audit.csv", head=PLACE)
        assert line.cells == {PLACE: "Support", OWNER: "Zoë"}


def test_numbers_that_a_spreadsheet_made_are_read_as_they_look():
    book = Workbook()
    for row in ([PLACE, NOTE, VERSION], ["Support", 5, 1.0], [None, None, None]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    (line,) = read_sheet(out.getvalue(), "audit.xlsx", head=PLACE)
    assert line.cells == {PLACE: "Support", NOTE: "5", VERSION: "1"}


def test_a_damaged_workbook_is_a_sentence_whatever_is_damaged():
    book = Workbook()
    for row in ([PLACE, NOTE], *([f"Place {n}", "a note"] for n in range(20))):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    rng, refused = random.Random(7), 0
    for _turn in range(150):
        data = bytearray(out.getvalue())
        for at in rng.sample(range(2, len(data)), rng.choice((1, 4, 30))):
            data[at] = rng.randrange(256)
        try:
            read_sheet(bytes(data), "audit.xlsx", head=PLACE)
        except BadFile:
            refused += 1
    assert refused > 50


# ---------------------------------------------------------------- stored whole or not at all


def coming_for(*changes) -> Coming:
    return Coming(len(changes), tuple(changes))


def change(name: str, based_on: int, **words) -> audit_file.Change:
    value = Grade(name, "R", **words)
    edit = audit_file.Edit(name, GRADE, "", "R")
    return audit_file.Change(name, name, based_on, value, value, (edit,), False)


def test_a_save_in_between_stores_nothing_of_the_sheet(space):  # noqa: F811
    decisions.save_grade(space, Grade("Sales", "G"), based_on=0, author="Tom", now=NOW)
    both = coming_for(change("Support", 0), change("Sales", 0))
    with pytest.raises(StaleEdit):
        audit_file.store(space, both, author="Ana", now=NOW)
    assert {name: held.value.grade for name, held in decisions.grades(space).items()} == {"Sales": "G"}
    assert audit_file.store(space, coming_for(change("Support", 0)), author="Ana", now=NOW) == 1


def test_a_question_is_asked_before_anything_is_stored(space):  # noqa: F811
    edit = audit_file.Edit("Support", NOTE, "theirs", "mine", "Tom", True)
    here, mine = Grade("Support", "R", "", "theirs"), Grade("Support", "R", "", "mine")
    asked = coming_for(audit_file.Change("Support", "Support", 0, here, mine, (edit,), False))
    with pytest.raises(BadChoice):
        audit_file.store(space, asked, author="Ana", now=NOW)
    assert audit_file.store(space, asked, clashes="theirs", author="Ana", now=NOW) == 0
    assert audit_file.store(space, asked, clashes="mine", author="Ana", now=NOW) == 1
    assert decisions.grades(space)["Support"].value.note == "mine"


def test_every_field_that_people_edit_is_in_the_sheet():
    (row,) = audit_file.table([place_of(Grade("Support", None))], "here")
    assert set(FIELDS) <= set(row) and row[VERSION] == 1
