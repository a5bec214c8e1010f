"""Is what happened told by the same column as in earlier files of this name?

Whether a column called “name” holds events or people is seen from its values, and a short file may show less
than a long one. Rows that were read one way and come again another way would count twice.
Source: docs/decisions/026-which-source-an-unknown-log-is.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from journey_app.errors import Question
from journey_app.intake.apart import answers_of, read_as
from journey_app.intake.cells import normal_name
from journey_app.intake.clues import NAMES, SAYS_STATE, key_of
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import Observation

Columns = tuple[str, ...]  # as `placing.columns_of`
LOG = "generic.events"
OPTION = "--map"
EVENT = "event="


def read_as_earlier(
    table: Prepared, mine: Columns, earlier: Sequence[Columns]
) -> tuple[Prepared, Question | None]:
    """The table with its event in the column of earlier files, or as it is and what to ask where it cannot be.

    mine: what it is known by as it was found. earlier: of the files it is more of, the newest first. What a person
    says of the event counts before that, and so does a column whose very name says that it is one.
    """
    if table.recognised_as != LOG or table.told("map event"):
        return table, None
    table = table.unasked() if table.question and table.question.option == OPTION else table
    like = next((columns for columns in earlier if _but_event(columns) == _but_event(mine)), None)
    if like is None or like == mine or _says_so(table.mapping.get("event", "")):
        return table, None
    before = next((one.removeprefix(EVENT) for one in like if one.startswith(EVENT)), None)
    if before is None:
        return table, _asked(table) if key_of(table.mapping["event"]) in NAMES["person"] else None
    column = next((name for name in table.header if normal_name(name) == before), None)
    return table if column is None else _with_event(table, column), None


def _with_event(table: Prepared, column: str) -> Prepared:
    answers = answers_of(table)
    answers = replace(answers, map={**answers.map, "event": column})
    zone = table.told("workspace zone")
    assert zone is not None
    read = read_as(table, answers, timezone=zone)
    for seen in table.checkup:
        read = read.remarked(seen) if seen.kind == "recipe" else read
    says = (
        f"“{column}” is what happened, as in earlier files of this name, though this file alone does not show it: "
        "if another column says it, name it with --map event=COLUMN."
    )
    return read.remarked(Observation("columns", says, "note", f"event by “{column}”, as before"))


def _asked(table: Prepared) -> Question:
    column = table.mapping["event"]
    answer = f"event={column}"
    return Question(
        f"In earlier files like “{table.file}” no column said what happened, so each row was a “Purchase”; in this "
        f"one “{column}” seems to say it. Rows that are in both would count twice.",
        f"Take the earlier imports back first, then say {OPTION} {answer} for each of them; where this file holds "
        f"none of their rows, say {OPTION} {answer} for it alone.",
        OPTION,
        {answer: f"“{column}” says what happened"},
    )


def _but_event(columns: Columns) -> Columns:
    return tuple(one for one in columns if not one.startswith(EVENT))


def _says_so(column: str) -> bool:
    """Whether a column is called like an event and nothing else."""
    key = key_of(column)
    return key in NAMES["event"] and key not in SAYS_STATE and key not in NAMES["person"]
