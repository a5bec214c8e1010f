"""What people decide is kept under its name, however long the name is."""

from datetime import UTC, datetime

import pytest

from journey_app.settings import Settings
from journey_app.vocabulary import Grade
from journey_app.workspace import decisions
from journey_app.workspace.home import open_workspace

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LONG = "The welcome letter that our partners send in the name of the company to "


@pytest.fixture
def space(tmp_path):
    return open_workspace("acme", Settings(home=tmp_path), create=True, now=NOW)


def graded(space, name, grade, based_on=0):
    decisions.save_grade(space, Grade(name, grade), based_on=based_on, author="Lena", now=NOW)


def test_two_long_names_that_begin_alike_are_two_places(space):
    graded(space, LONG + "customers", "R")
    graded(space, LONG + "suppliers", "G")
    found = decisions.grades(space)
    assert {name: held.value.grade for name, held in found.items()} == {
        LONG + "customers": "R",
        LONG + "suppliers": "G",
    }
    decisions.remove_grade(space, LONG + "customers", based_on=1, author="Lena", now=NOW)
    assert list(decisions.grades(space)) == [LONG + "suppliers"]


@pytest.mark.parametrize("name", ["", "Ünïcode / support?", "x" * 5000])
def test_any_name_can_be_graded(space, name):
    graded(space, name, "A")
    assert [held.value.grade for held in decisions.grade_history(space, name)] == ["A"]


def test_capitals_and_blanks_around_a_name_do_not_make_another_place(space):
    graded(space, "Support", "R")
    graded(space, " support ", "G", based_on=1)
    assert [held.value.grade for held in decisions.grade_history(space, "SUPPORT")] == ["R", "G"]
