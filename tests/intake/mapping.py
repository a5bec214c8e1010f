"""How well are logs nobody described understood? `python -m tests.intake.mapping` prints the score."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from journey_app.intake.prepare import prepare
from journey_app.intake.prepared import Prepared
from journey_app.vocabulary import Answers

KEYS = Path(__file__).parents[1] / "mapping"
DATASETS = Path(__file__).parents[2] / ".." / "shared" / "datasets"


@dataclass
class Score:
    """Of the columns that are a field: found, missed, and taken for something they are not.

    silent: what was taken wrongly where nothing is asked before the table is stored. shown: the same
    where a person is asked first. not_asked: what no column says and was concluded all the same.
    """

    file: str
    fields: int = 0
    found: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)


def answer_keys() -> list[dict]:
    return [tomllib.loads(path.read_text("utf-8")) for path in sorted(KEYS.glob("*.toml"))]


def roles(table: Prepared) -> dict[str, str]:
    """Column → what it was taken for."""
    plan, header = table._plan, table.header
    if table.recognised_as == "generic.milestones":
        taken = {header[event.at]: "milestone" for event in plan.events}
        taken |= {header[place]: "status" for event in plan.events for place in event.name_columns}
        taken |= {header[rule.columns[0]]: "customer" for rule in plan.ids[:1]}
        return taken | {header[columns[0]]: name for name, columns in plan.fields.items()}
    return {theirs: ours for ours, theirs in table.mapping.items()}


def score(key: dict) -> Score:
    """One answer key against what the recogniser says of its file."""
    path = DATASETS / key["file"]
    table = prepare(path, path.name, Answers())[0]
    columns: dict[str, str] = key["columns"]
    if set(columns) != set(table.header):
        raise ValueError(f"{key['file']}: the key names other columns than the file has")
    result, taken = Score(key["file"]), roles(table)
    asked = bool(table.missing) or table.unconfirmed is not None
    for column, role in columns.items():
        got = taken.get(column, "property")
        if role != "property":
            result.fields += 1
            (result.found if got == role else result.missed).append(f"{column} = {role}")
        if got not in (role, "property"):
            (result.shown if asked else result.silent).append(f"{column} = {got}, not {role}")
    for name in key.get("ask", ()):
        if not asked:
            result.not_asked.append(name)
    if "event_is" in key and [e.name for e in table._plan.events] != [key["event_is"]]:
        result.silent.append(f"every row is not “{key['event_is']}”")
    return result


def main() -> None:
    scores = [score(key) for key in answer_keys()]
    for one in scores:
        print(f"{one.file}: {len(one.found)} of {one.fields} fields")
        for word in ("missed", "shown", "silent", "not_asked"):
            for what in getattr(one, word):
                print(f"    {word}: {what}")
    fields, found = sum(s.fields for s in scores), sum(len(s.found) for s in scores)
    wrong = sum(len(s.silent) + len(s.not_asked) for s in scores)
    print(f"{found} of {fields} fields found ({found / fields:.0%}); wrong in silence: {wrong}")


if __name__ == "__main__":
    main()
