"""The audit page: what to fix first, people's grades beside what is measured, and no grade overwritten."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from journey_app.analysis.clock import clock
from journey_app.analysis.series import goal_clock
from journey_app.charts.text import short_day
from journey_app.plain import to_plain
from journey_app.share import audit_file
from journey_app.ui import audit_history, audit_sheet, audit_words
from journey_app.ui.door import wall
from journey_app.ui.sheets import as_xlsx
from journey_app.vocabulary import Grade
from journey_app.workspace import decisions
from journey_app.workspace.importing import import_files
from tests.cli.conftest import run
from tests.ui.dialogs import open_dialog
from tests.ui.page_home import NAME, NOW, open_page

pytestmark = pytest.mark.xdist_group("pages")


@pytest.fixture
def page(monkeypatch, tmp_path):
    return lambda **how: open_page(monkeypatch, tmp_path, "audit", **how)


def graded(space, grade="G", owner="Priya", based_on=0, author="Lena"):
    value = Grade("support", grade, owner, "seen on Friday")
    decisions.save_grade(space, value, based_on=based_on, author=author, now=NOW)


def without_goal(space):
    for kind, name in (("goal", "goal"), ("sprint", "sprint-1")):
        held = space.store.get(kind, name)
        space.store.delete(kind, name, based_on=held.version, author="test", now=NOW)


def choose(opened, label):
    opened.field("selectbox", "Place").set_value(label).run()
    assert not opened.app.exception


def test_the_worst_killer_is_the_headline(page):
    said = page().words()
    assert "Stop and fix this first:" in said and "limit 20%" in said


def test_a_row_shows_every_check_with_its_reason(page):
    opened = page()
    choose(opened, "Billing")
    said = opened.words()
    assert "are not known in" in said and "Complete to" in said and "not graded by a person yet" in said


def test_a_click_on_the_chart_chooses_the_row_and_the_list_can_choose_another(page):
    opened = page()
    opened.app.session_state["audit.picture"] = {"selection": {"row": [{"touchpoint": "Support"}]}}
    opened.app.run()
    assert opened.field("selectbox", "Place").value == "Support"
    choose(opened, "Sales")
    assert opened.field("selectbox", "Place").value == "Sales", "an old click does not come back"


GRADING = (
    "sheet = audit_sheet.sheet(space, date(2026, 11, 22))\n"
    'place = st.session_state.setdefault("place", sheet.place("Support"))\n'
    "grading.grade_dialog(space, place)"
)
ADDING = "grading.add_dialog(space, ['Support', 'support'])"


def test_grading_saves_grade_owner_and_note(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, GRADING)
    opened.field("text_input", "Owner").set_value("Priya")
    opened.field("text_area", "Note").set_value("asked Tom")
    opened.app.segmented_control[0].set_value("G")
    opened.click("Save this grade")
    assert decisions.grades(opened.space)["support"].value == Grade("support", "G", "Priya", "asked Tom")


def test_a_person_s_grade_stands_beside_the_measured_one(page):
    opened = page(change=graded)
    choose(opened, "Support")
    assert "People see 1 of them differently." in opened.words()
    assert "Lena says green, owner Priya" in opened.words()


def test_somebody_who_graded_in_between_is_not_overwritten(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, GRADING, change=graded)
    graded(opened.space, grade="A", based_on=1, author="Tom")
    opened.field("text_area", "Note").set_value("mine")
    opened.click("Save this grade")
    held = decisions.grades(opened.space)["support"]
    assert (held.author, held.value.grade) == ("Tom", "A")
    assert "Tom saved this grade while you were editing" in opened.words()
    opened.click("Save mine as the new version")
    assert decisions.grades(opened.space)["support"].value.note == "mine"


def test_the_last_change_can_be_taken_back_and_that_is_a_version_too(monkeypatch, tmp_path):
    def twice(space):
        graded(space)
        graded(space, grade="R", based_on=1)

    opened = open_dialog(monkeypatch, tmp_path, GRADING, change=twice)
    opened.click("Take back the last change")
    held = decisions.grades(opened.space)["support"]
    assert (held.value.grade, held.version) == ("G", 3)


def test_the_only_grade_can_be_taken_away(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, GRADING, change=graded)
    opened.click("Take this grade away")
    assert decisions.grades(opened.space) == {}


def test_a_place_of_one_s_own_is_added(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, ADDING)
    opened.field("text_input", "Name of the place").set_value("Trade fair")
    opened.click("Add this place")
    assert list(decisions.grades(opened.space)) == ["Trade fair"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("SUPPORT", "is in the audit already"), (" ", "has no name yet")]
)
def test_a_place_needs_a_name_of_its_own(monkeypatch, tmp_path, name, sentence):
    opened = open_dialog(monkeypatch, tmp_path, ADDING)
    opened.field("text_input", "Name of the place").set_value(name)
    opened.click("Add this place")
    assert sentence in opened.words() and decisions.grades(opened.space) == {}


def test_an_added_place_stands_among_the_others(page):
    def fair(space):
        value = Grade("Trade fair", "R", "", "")
        decisions.save_grade(space, value, based_on=0, author="Lena", now=NOW)

    opened = page(change=fair)
    choose(opened, "Trade fair")
    assert "Say in its note what to do." in opened.words()


def test_without_a_goal_it_still_measures_and_says_what_a_goal_adds(page):
    said = page(change=without_goal).words()
    assert "a goal sharpens this" in said and "Trial started, " not in said


def test_without_a_goal_the_command_line_says_what_the_page_says(page):
    opened = page(change=without_goal)
    said = run(opened.home, "audit", "--json", workspace=NAME)
    assert said.code == 0, said.err
    sheet = audit_sheet.sheet(opened.space, wall().date())
    assert said.json["killers"] == to_plain(sheet.audit.killers)
    assert said.json["hidden"] == sheet.audit.hidden
    told = {each["touchpoint"]: (each["grade"], each["do"]) for each in said.json["rows"]}
    assert told == {place.key: (place.measured, place.do) for place in sheet.places}
    assert (said.json["has_goal"], said.json["judged_by"]) == (False, list(sheet.judged_by))
    text = run(opened.home, "audit", workspace=NAME).out
    assert audit_words.no_goal(sheet) in text and audit_words.no_goal(sheet) in opened.words()


def test_the_history_tells_what_was_measured_and_said_and_what_was_taken_away(page):
    def lived(space):
        graded(space)
        graded(space, grade="R", based_on=1)
        decisions.remove_grade(space, "support", based_on=2, author="Bo", now=NOW)
        before = decisions.MeasuredThen("a", ("Visit",), {"support": "G", "email": "A"})
        after = decisions.MeasuredThen("b", ("Visit",), {"support": "G", "email": "R"})
        for each in (before, after):
            decisions.note_measured(space, each, author="app", now=NOW + timedelta(days=each is after))

    opened = page(change=lived)
    rows = audit_history.changes(opened.space, audit_sheet.sheet(opened.space, NOW.date()))
    said = [(row["Place"], row["By"], row["Was"], row["Is"], row["Note"]) for row in rows]
    red, green, amber = "red", "green", "amber"
    assert said[0] == ("Email", audit_history.MEASURED, amber, red, "")
    assert ("Support", "Bo", red, "–", "taken away") in said
    assert ("Support", "Lena", green, red, "seen on Friday") in said
    assert ("Support", audit_history.MEASURED, green, green, "") not in said
    assert [list(table.value.columns) for table in opened.app.dataframe][-1][:2] == ["When (UTC)", "Place"]


def test_the_sheet_that_leaves_holds_every_place(page):
    opened = page(change=graded)
    sheet = audit_sheet.sheet(opened.space, NOW.date())
    workbook = load_workbook(io.BytesIO(as_xlsx(audit_file.table(sheet.places), "Audit"))).active
    names = [row[0].value for row in workbook.iter_rows(min_row=2)]
    assert names == [place.label for place in sheet.places] and "Support" in names
    assert "Priya" in [cell.value for row in workbook for cell in row]


def test_a_reader_sees_the_audit_and_cannot_grade(page):
    opened = page(read_only=True)
    assert "Stop and fix this first:" in opened.words()
    assert not [
        button.label for button in opened.app.button if "Grade" in button.label or "Add" in button.label
    ]


def test_a_red_killer_stands_on_every_page_with_numbers_until_it_is_fixed(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "paths")
    assert "ticket authors cannot be matched" in opened.words() and "Numbers rest on it." in opened.words()


def test_the_row_in_focus_says_why_it_is_red_and_how_it_is_mended(page):
    opened = page()
    choose(opened, "Support")
    said = opened.words()
    assert "Red when over 20% of the customers are not matched" in said
    assert "How, in Zendesk" in said and "Requester external id" in said


def test_the_audit_speaks_of_the_goals_last_day_and_not_of_another_sources(page, tmp_path):
    later = tmp_path / "visits.csv"
    days = "".join(f"a{day}@example.org,Fair visited,2026-11-{day}T23:30:00Z\n" for day in range(20, 30))
    later.write_text(f"email,event,time\n{days}")

    def visited(space):
        import_files(space, [(later, later.name)], author="test", now=NOW + timedelta(days=9))

    opened = page(change=visited)
    events = opened.space.events()
    until = goal_clock(events, decisions.goal(opened.space).value).last_day
    assert until < clock(events).last_day
    assert f"judged on data to {short_day(until)}" in opened.words()


CHOOSING = (
    "sheet = audit_sheet.sheet(space, date(2026, 11, 22))\n"
    'kept = st.session_state.setdefault("sheet", sheet)\n'
    "choosing_places.ours_dialog(space, kept)"
)


def not_ours(space, *places):
    for place in places:
        value = Grade(place, "R", "Priya", "", not_ours=True)
        decisions.save_grade(space, value, based_on=0, author="Lena", now=NOW)


def test_places_that_are_not_ours_count_nowhere_and_are_said(page):
    opened = page()
    before = opened.words()
    not_ours(opened.space, "support", "reviews")
    opened.app.run()
    said = opened.words()
    assert "of 12 places" in before and "of 10 places" in said and "2 more are not yours." in said
    assert "ticket authors cannot be matched" in before and "ticket authors cannot be matched" not in said
    assert "“Support”: you said there is none, but" in said and "“Reviews”: you said" not in said
    assert "People see" not in said, "a grade of a place that is not ours disputes nothing"
    assert opened.field("selectbox", "Place").options[-2:] == ["Support", "Reviews"]
    choose(opened, "Support")
    assert "Lena says not ours, owner Priya" in opened.words() and "How, in Zendesk" not in opened.words()


def test_a_killer_of_a_place_that_is_not_ours_stands_on_no_page(monkeypatch, tmp_path):
    opened = open_page(monkeypatch, tmp_path, "paths", change=lambda space: not_ours(space, "support"))
    assert "ticket authors cannot be matched" not in opened.words()


def test_there_is_no_such_place_is_one_tick_of_a_grade_and_taken_back_like_one(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, GRADING, change=graded)
    opened.field("checkbox", "We have no such place").check()
    opened.click("Save this grade")
    held = decisions.grades(opened.space)["support"]
    assert (held.value, held.version) == (Grade("support", "G", "Priya", "seen on Friday", not_ours=True), 2)
    opened.app.session_state["place"] = audit_sheet.sheet(opened.space, NOW.date()).place("Support")
    opened.app.run()
    assert "The data says" not in opened.words() and "You said there is none, but" in opened.words()
    rows = audit_history.changes(opened.space, audit_sheet.sheet(opened.space, NOW.date()))
    assert ("Support", "green", "not ours") in [(row["Place"], row["Was"], row["Is"]) for row in rows]


def test_who_says_so_too_late_is_asked(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, GRADING, change=graded)
    graded(opened.space, grade="A", based_on=1, author="Tom")
    opened.field("checkbox", "We have no such place").check()
    opened.click("Save this grade")
    assert not decisions.grades(opened.space)["support"].value.not_ours
    assert "Tom saved this grade while you were editing" in opened.words()
    assert "We have no such place" in [radio.label for radio in opened.app.radio]


def test_a_goal_step_has_no_such_tick(monkeypatch, tmp_path):
    step = GRADING.replace('"Support"', "decisions.goal(space).value.steps[0]")
    opened = open_dialog(monkeypatch, tmp_path, f"from journey_app.workspace import decisions\n{step}")
    assert not opened.app.checkbox


def test_several_places_are_said_at_once_and_all_or_nothing(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, CHOOSING)
    assert all(box.value for box in opened.app.checkbox) and len(opened.app.checkbox) == 8
    for label in ("Email", "Reviews"):
        opened.field("checkbox", label).uncheck()
    opened.click("Save")
    held = decisions.grades(opened.space)
    assert {name for name, said in held.items() if said.value.not_ours} == {"email", "reviews"} == set(held)


def test_somebody_who_graded_meanwhile_is_kept_and_nothing_is_stored(monkeypatch, tmp_path):
    opened = open_dialog(monkeypatch, tmp_path, CHOOSING)
    graded(opened.space, author="Tom")
    for label in ("Email", "Support"):
        opened.field("checkbox", label).uncheck()
    opened.click("Save")
    assert not [said for said in decisions.grades(opened.space).values() if said.value.not_ours]
    assert "Tom saved this grade while you were editing" in opened.words()
    assert "Nothing was stored" in opened.words()
