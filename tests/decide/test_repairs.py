"""The repair steps: for every red thing, in the tool it comes from, three at most, and known from somewhere."""

from __future__ import annotations

import pytest

from journey_app.analysis.audit import CHECKS, Check, Row
from journey_app.decide.repairs import MOST_STEPS, VISITS, repair, repairs

ENTRIES = [
    (key, check, known)
    for key, entry in repairs().items()
    for check, known in entry.items()
    if check not in ("title", "sources")
]


def row(place: str, where: str, about: str | None, *systems: str) -> Row:
    return Row(place, where, dict.fromkeys(CHECKS, Check("R", "because")), "R", "Do it.", about, systems)


@pytest.mark.parametrize(
    ("key", "check", "known"), ENTRIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_entry_is_short_and_says_where_it_is_known_from(key, check, known):
    assert check in (*CHECKS, VISITS)
    assert set(known) == {"steps", "known_from"}
    assert 1 <= len(known["steps"]) <= MOST_STEPS
    assert all(step.endswith(".") and len(step) < 120 for step in known["steps"])
    assert known["known_from"].startswith(("documentation: ", "memory", "general practice", "public code"))


@pytest.mark.parametrize(
    ("place", "where", "about", "systems", "tool", "check"),
    [
        ("support", "zendesk.tickets, segment.tracks", "ids", ("support",), "Zendesk", "ids"),
        ("support", "desk.csv", "ids", ("support",), "Support desk", "ids"),
        ("site", "segment.pages", "ids", ("product",), "Segment", "visits"),
        ("Trial started", "segment.tracks", "ids", ("product",), "Segment", "visits"),
        ("Payment succeeded", "stripe.payments", "ids", ("billing",), "Stripe", "ids"),
        ("site", "stripe.payments", "ids", ("billing",), "Stripe", "ids"),
        ("reviews", "", "tracked", (), "Reviews", "tracked"),
        ("Trade fair", "fair.list", "ids", ("other",), "Any tool", "ids"),
        ("Trade fair", "", "tracked", (), "Any tool", "tracked"),
        ("billing", "stripe.payments", "fresh", ("billing",), "Any tool", "fresh"),
        ("sales", "segmentation.csv", "times", ("crm",), "Any tool", "times"),
    ],
)  # fmt: skip
def test_the_steps_are_those_of_the_tool_then_of_its_kind(place, where, about, systems, tool, check):
    found = repair(row(place, where, about, *systems), first_step="Trial started")
    assert found is not None
    assert (found.tool, found.check) == (tool, check)


def test_nothing_to_do_has_no_steps():
    assert repair(row("site", "segment.pages", None, "product")) is None


@pytest.mark.parametrize("about", CHECKS)
def test_whatever_turns_red_has_steps(about):
    assert repair(row("anything", "unheard.of", about, "other")) is not None
