"""The audit's lines: measured and said side by side, owners, added places, and the sheet that leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from journey_app.analysis.audit import CHECKS, Audit, Check, Row
from journey_app.analysis.killers import Killer
from journey_app.share import audit_file, auditing
from journey_app.ui import audit_sheet, audit_words
from journey_app.ui.audit_sheet import COLUMNS, Sheet
from journey_app.vocabulary import Grade
from journey_app.workspace.decisions import Decided

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
IDS = Killer("ids do not match", 0.2411, 0.2, "share", "R", "603 of 2,501.", 603, 2501, "support")
GAP = Killer(
    "gap in the funnel", 30.0, 24, "hours", "R", "Nothing.", None, None, "segment.tracks",
    datetime.fromisoformat("2026-09-11T14:00"), datetime.fromisoformat("2026-09-12T20:00"),
)  # fmt: skip
TOOLS = {"support": "Zendesk", "segment.tracks": "Segment", "zendesk.tickets": "Zendesk"}


def row(grade: str, do: str = "Do it.") -> Row:
    return Row("support", "zendesk.tickets", dict.fromkeys(CHECKS, Check(grade, "because")), grade, do)


def said(grade: str | None, owner: str = "", note: str = "", name: str = "support") -> Decided[Grade]:
    return Decided(Grade(name, grade, owner, note), 3, "Tom", AT)


def place(grade: str, decided=None):
    return auditing.measured_place(row(grade), TOOLS, decided)


def a_sheet(*killers: Killer, places=(), has_goal=True) -> Sheet:
    return Sheet(Audit(killers, ()), tuple(places), date(2026, 11, 21), ("Paid",), has_goal, "UTC", TOOLS)


@pytest.mark.parametrize(
    ("grade", "decided", "owner"),
    [
        ("R", None, "A"),
        ("G", None, None),
        ("R", said("R"), "A"),
        ("R", said(None, "Priya"), "G"),
        ("G", said("G"), None),
    ],
)
def test_an_owner_is_missed_only_where_there_is_something_to_do(grade, decided, owner):
    assert place(grade, decided).checks[COLUMNS.index("Owner")].grade == owner


def test_a_person_who_is_less_content_than_the_data_is_to_be_asked():
    content = auditing.measured_place(row("G", "Nothing to do."), TOOLS, said("A"))
    assert content.do == "Ask Tom why it is graded amber." and content.disputed
    assert audit_sheet.grid_rows([content])[0].do == "Ask Tom why it is graded amber"
    assert not place("R", said("R")).disputed and not place("R", said(None)).disputed


def test_a_place_people_added_is_measured_by_nobody_and_still_says_what_to_do():
    added = auditing.added_place("Trade fair", said("R", name="Trade fair"))
    assert added.measured is None and {check.grade for check in added.checks[:-1]} == {None}
    assert added.do == "Say in its note what to do."
    assert auditing.added_place("Fair", said("R", note="Ask for cards.", name="Fair")).do == "Ask for cards."


def test_the_sheet_that_leaves_has_one_shape_and_every_reason():
    rows = audit_file.table([place("R", said("G", "Priya", "=1+1")), auditing.added_place("F", said(None))])
    assert list(rows[0]) == list(rows[1])
    assert (rows[0]["Disagree"], rows[0]["Owner"], rows[0]["Graded at (UTC)"]) == (
        "≠",
        "Priya",
        "2026-11-20 09:30",
    )
    assert (rows[0]["Ids match: grade"], rows[0]["Owner: grade"]) == ("R", "G")
    assert rows[0]["Ids match: why"] == "because" and rows[0]["Where"] == "Zendesk"


def test_the_claim_names_the_worst_killer_and_its_tool():
    assert audit_words.claim(a_sheet(IDS, GAP)) == (
        "Stop and fix this first: 24% of Zendesk ticket authors cannot be matched."
    )
    assert "a gap of 30\u00a0h" in audit_words.claim(a_sheet(GAP))
    amber = replace(IDS, value=0.15, grade="A")
    assert audit_words.claim(a_sheet(amber)).startswith("Nothing stops you; watch this first: 15%")
    assert audit_words.claim(a_sheet(replace(IDS, value=0.0, grade="G"))).startswith(
        "Nothing stops you: every"
    )
    assert audit_words.claim(a_sheet(replace(IDS, value=None, grade=None))).startswith("Cannot tell yet")


def test_nothing_stops_you_is_not_said_above_red_places():
    green, amber = replace(IDS, value=0.0, grade="G"), replace(IDS, value=0.15, grade="A")
    said = audit_words.claim(a_sheet(green, places=[place("R"), place("R")]))
    assert said == "Every killer that can be measured is within its limit. 2 places are red: see why below."
    said = audit_words.claim(a_sheet(amber, places=[place("R")]))
    assert said.startswith("Watch this first: 15%") and said.endswith(" 1 place is red: see why below.")
    assert audit_words.claim(a_sheet(green, places=[place("A")])).startswith("Nothing stops you: every")


def test_tiles_carry_count_and_limit_and_never_round_something_to_nothing():
    ids, gap = audit_words.tiles(a_sheet(IDS, GAP))
    assert (ids.number, ids.line) == ("24%", "603 of 2,501 ticket authors · limit 20%")
    assert (gap.number, gap.line) == ("30\u00a0h", "Segment, 11–12\u00a0Sep · limit 24\u00a0h")
    assert audit_words.number_of(replace(IDS, value=0.0001)) == "<0.1%"
    assert audit_words.number_of(replace(IDS, value=None)) == "–"


def test_a_gap_that_goes_on_has_no_end():
    (tile,) = audit_words.tiles(a_sheet(replace(GAP, ended_at=None)))
    assert tile.line.startswith("Segment, since 11\u00a0Sep")


def test_without_a_goal_it_says_what_it_rests_on():
    assert "a goal sharpens this" in audit_words.muted(a_sheet(IDS, has_goal=False))
    assert "goal" not in audit_words.muted(a_sheet(IDS, places=[place("R")]))
    assert audit_words.muted(a_sheet(IDS, places=[place("R", said("G"))])).startswith(
        "1 red, 0 amber, 0 green of 1 place"
    )
