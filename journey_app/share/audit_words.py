"""How is one edit of the audit said, and which names may a sheet use?"""

from __future__ import annotations

from collections.abc import Sequence

from journey_app.analysis.tracking import Tellers
from journey_app.share.audit_file import CHANNELS, EVENTS, PLACE, SOURCES, Edit
from journey_app.share.auditing import Place, Sheet


def known_names(events: Sequence[str], found: Tellers) -> dict[str, tuple[str, ...]]:
    """Every event, source and channel that can tell of a place."""
    return {EVENTS: tuple(events), SOURCES: found.sources, CHANNELS: found.channels}


def change_said(edit: Edit) -> str:
    """“Support, Owner: “Ana” → “Bo”.”, and who else changed it."""
    if edit.field == PLACE:
        return f"{edit.place}: added."
    old, new = (f"“{text}”" if text else "nothing" for text in (edit.old, edit.new))
    clash = f" {edit.author or 'Somebody'} changed it too, after this sheet had left." if edit.theirs else ""
    return f"{edit.place}, {edit.field}: {old} → {new}.{clash}"


def contradicted(sheet: Sheet) -> tuple[Place, ...]:
    """The places that people say are not theirs and that the data tell of."""
    return tuple(place for place in sheet.not_ours if place.against)


def against_said(place: Place) -> str:
    return f"“{place.label}”: you said there is none, but {place.against} of it."


def hidden_said(events: int) -> str:
    """That hiding an event does not mend how it was tracked. events: how many are hidden."""
    subject = (
        "1 event that Clean-up hides counts"
        if events == 1
        else f"{events:,} events that Clean-up hides count"
    )
    return f"{subject} here too: hiding mends no tracking."


def no_goal(sheet: Sheet) -> str:
    """What the audit rests on while there is no goal."""
    return (
        f"No goal is set, so gaps and times are judged on the most frequent event, “{sheet.judged_by[0]}”: "
        "a goal sharpens this."
    )
