"""How does the audit leave as a sheet, and what would a sheet that comes back change?

Every row carries the version that its words are from, so a sheet can be compared field by field with
what was there when it left: only what was edited in it is an edit, and only where somebody else edited
the same field since is there a question to answer.
Source: docs/decisions/015-what-the-audit-grades.md
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from journey_app.analysis.grades import AMBER, GREEN, RED
from journey_app.errors import BadChoice, BadFile, NotAllowed
from journey_app.share.auditing import COLUMNS, Place, Sheet, minute
from journey_app.share.sheet_reading import Line
from journey_app.share.tables import storable
from journey_app.vocabulary import Grade, Telling
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

PLACE, VERSION, WORKSPACE = "Touchpoint", "Based on version", "Workspace"
GRADE, OWNER, NOTE = "Human", "Owner", "Note"
NOT_OURS = "Not ours"
EVENTS, SOURCES, CHANNELS, OF = "Events", "Sources", "Channels", "Should pass here"
FIELDS = (GRADE, NOT_OURS, OWNER, NOTE, EVENTS, SOURCES, CHANNELS, OF)
LISTS = (EVENTS, SOURCES, CHANNELS)
GRADE_WORDS = {
    **{word: grade for grade, words in {RED: ("r", "red"), AMBER: ("a", "amber"), GREEN: ("g", "green")}.items()
       for word in words},
    **dict.fromkeys(("", "-", "–", "none", "no grade"), None),
}  # fmt: skip
YES = "yes"
YES_OR_NO = {**dict.fromkeys((YES, "y", "true", "x", "1"), YES),
             **dict.fromkeys(("", "no", "n", "false", "0", "-", "–"), "")}  # fmt: skip
LONGEST = {OWNER: 60, NOTE: 500}
LONGEST_NAME = 60
SEPARATOR = "; "
MINE, THEIRS = "mine", "theirs"
CELL = 32_767  # what a workbook's cell can hold


# ---------------------------------------------------------------- out


def table(places: Sequence[Place], workspace: str = "") -> list[dict[str, Any]]:
    """The audit as rows of one shape, for a sheet that people can share, edit and bring back."""
    return [_row(place, workspace) for place in places]


def _row(place: Place, workspace: str) -> dict[str, Any]:
    said = place.said
    fields = texts(said.value if said else Grade(place.key, None))
    checks = list(zip(COLUMNS, place.checks, strict=True))
    steps = place.repair.steps if place.repair else ()
    return {
        PLACE: place.label,
        "Where": place.where,
        "Measured": place.measured or "",
        GRADE: fields[GRADE],
        NOT_OURS: fields[NOT_OURS],
        "Disagree": "≠" if place.disputed else "",
        OWNER: fields[OWNER],
        NOTE: fields[NOTE],
        "What to do": place.do,
        "How": "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)),
        "How is known from": f"{place.repair.tool}, {place.repair.known_from}" if place.repair else "",
        "Graded by": said.author if said else "",
        "Graded at (UTC)": minute(said.saved_at) if said else "",
        **{name: fields[name] for name in (*LISTS, OF)},
        **{f"{name}: grade": check.grade or "" for name, check in checks},
        **{f"{name}: why": check.reason for name, check in checks},
        VERSION: said.version if said else 0,
        WORKSPACE: workspace,
    }


def texts(grade: Grade) -> dict[str, str]:
    """The fields that people edit, as the cells of a row."""
    telling = grade.telling
    return {
        GRADE: grade.grade or "",
        NOT_OURS: YES if grade.not_ours else "",
        OWNER: grade.owner,
        NOTE: grade.note,
        EVENTS: SEPARATOR.join(telling.events),
        SOURCES: SEPARATOR.join(telling.sources),
        CHANNELS: SEPARATOR.join(telling.channels),
        OF: telling.of,
    }


def survives(text: str) -> str:
    """What of a text comes back from a file: no control characters, one kind of line end, no blank ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return storable(lines)[:CELL].strip()


# ---------------------------------------------------------------- back in


@dataclass(frozen=True)
class Kept:
    """One place as the workspace has it. versions: what each version said, None where it was taken away.

    version: the newest, 0 when nobody ever said anything. new: the audit does not have it yet.
    standard: a standard touchpoint, of which people may say that it is not theirs.
    """

    key: str
    label: str
    versions: Mapping[int, Grade | None]
    version: int = 0
    author: str = ""
    new: bool = False
    standard: bool = False

    def as_of(self, version: int) -> Grade:
        return self.versions.get(version) or Grade(self.key, None)


@dataclass(frozen=True)
class Edit:
    """One field of one place. author: who wrote the old words, empty when nobody did.

    theirs: True where somebody else changed this field after the sheet had left: then it is a
    question which of the two counts.
    """

    place: str
    field: str
    old: str
    new: str
    author: str = ""
    theirs: bool = False


@dataclass(frozen=True)
class Change:
    """One place as it will be. grade: with the sheet's words where nobody else changed them; mine: everywhere."""

    key: str
    label: str
    based_on: int
    grade: Grade
    mine: Grade
    edits: tuple[Edit, ...]
    added: bool


@dataclass(frozen=True)
class Coming:
    """What a sheet would change. rows: how many places it names."""

    rows: int
    changes: tuple[Change, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(edit for change in self.changes for edit in change.edits)

    @property
    def clashes(self) -> tuple[Edit, ...]:
        return tuple(edit for edit in self.edits if edit.theirs)


def kept(space: Workspace, sheet: Sheet) -> dict[str, Kept]:
    """Every place of the audit, and every place that once was graded, with all its versions, by name."""
    found: dict[str, Kept] = {}
    for place in sheet.places:
        name = place.label.strip().casefold()
        found[name] = replace(_kept(space, place.key, place.label), standard=sheet.may_be_not_ours(place))
    return found


def _kept(space: Workspace, key: str, label: str) -> Kept:
    trail = decisions.grade_trail(space, key)
    if not trail:
        return Kept(key, label, {})
    newest = trail[-1]
    versions = {each.version: each.value for each in trail}
    return Kept(key, label, versions, newest.version, newest.author)


def compare(
    space: Workspace, sheet: Sheet, lines: Sequence[Line], known: Mapping[str, Collection[str]]
) -> Coming:
    """What these lines of a sheet would change; nothing is stored.

    known: EVENTS, SOURCES and CHANNELS that are here. Raises BadFile with every fault at once.
    """
    places = kept(space, sheet)
    for line in lines:
        name = line.cells.get(PLACE, "").strip()
        if name and name.casefold() not in places:
            places[name.casefold()] = replace(_kept(space, name, name), new=True)
    return compared(places, lines, known, sheet.workspace)


def compared(
    places: Mapping[str, Kept], lines: Sequence[Line], known: Mapping[str, Collection[str]], workspace: str
) -> Coming:
    """The same from what is kept; pure."""
    _insist_on_columns(lines)
    faults: list[str] = []
    changes: list[Change] = []
    seen: dict[str, int] = {}
    for line in lines:
        name = line.cells.get(PLACE, "").strip()
        if not name:
            if any(line.cells.get(field, "").strip() for field in FIELDS):
                faults.append(f"Row {line.number} names no touchpoint.")
            continue
        if name.casefold() in seen:
            faults.append(f"Rows {seen[name.casefold()]} and {line.number} are both “{name}”.")
            continue
        seen[name.casefold()] = line.number
        held = places.get(name.casefold(), Kept(name, name, {}, new=True))
        change, wrong = _change(held, line, known, workspace)
        faults += [f"Row {line.number}, {each}" for each in wrong]
        if change is not None:
            changes.append(change)
    if faults:
        shown = " ".join(faults[:8]) + (f" And {len(faults) - 8} more." if len(faults) > 8 else "")
        raise BadFile(shown, "Correct the sheet and bring it again; nothing was changed.")
    return Coming(len(seen), tuple(changes))


def _insist_on_columns(lines: Sequence[Line]) -> None:
    present = set(lines[0].cells) if lines else set()
    if not present & set(FIELDS):
        raise BadFile(
            f"None of the columns {', '.join(FIELDS)} is in this sheet, so it changes nothing.",
            "Export the audit, edit those columns and bring that file.",
        )


def _change(
    held: Kept, line: Line, known: Mapping[str, Collection[str]], workspace: str
) -> tuple[Change | None, list[str]]:
    """What one row changes, and what is wrong with it."""
    base, wrong = _base(held, line, workspace)
    added = held.new
    now = held.as_of(held.version)
    current, before = texts(now), texts(base) if base is not None else None
    edits: list[Edit] = []
    merged, mine = now, now
    for name in (name for name in FIELDS if name in line.cells):
        new = _as_written(name, survives(line.cells[name]))
        if (before is not None and new == survives(before[name])) or new == survives(current[name]):
            continue
        if before is None and not new:
            continue  # an empty cell of a sheet that does not know its version takes nothing away
        fault = _fault(name, new, known) or _fault_of_place(held, name, new)
        if fault:
            wrong.append(fault)
            continue
        unknown_ground = before is None and bool(current[name])
        moved = before is not None and survives(before[name]) != survives(current[name])
        edit = Edit(held.label, name, current[name], new, held.author, unknown_ground or moved)
        edits.append(edit)
        mine = _with(mine, name, new)
        if not edit.theirs:
            merged = _with(merged, name, new)
    if added and not edits and not held.versions:
        edits.append(Edit(held.label, PLACE, "", held.label))
    if added and len(held.key) > LONGEST_NAME:
        wrong.append(f"{PLACE}: a name has at most {LONGEST_NAME} characters.")
    if wrong or not edits:
        return None, wrong
    return Change(held.key, held.label, held.version, merged, mine, tuple(edits), added), wrong


def _base(held: Kept, line: Line, workspace: str) -> tuple[Grade | None, list[str]]:
    """What the place said when the sheet left; None when the sheet does not know."""
    other = line.cells.get(WORKSPACE, "").strip()
    if other and workspace and other != workspace:
        return None, [f"{WORKSPACE}: this sheet was exported from another workspace."]
    text = line.cells.get(VERSION, "").strip().removesuffix(".0")
    if not text:
        return (None if held.versions else Grade(held.key, None)), []
    if not text.isdecimal() or len(text) > 9:
        return None, [f"{VERSION}: “{text}” is not a number; leave that column as it was exported."]
    version = int(text)
    if version > held.version:
        return None, [f"{VERSION}: this workspace has no version {version} of “{held.label}”."]
    return held.as_of(version), []


def _as_written(name: str, text: str) -> str:
    """A cell as the audit itself would write it: “amber” is A, and lists are told apart in one way."""
    if name == GRADE and text.casefold() in GRADE_WORDS:
        return GRADE_WORDS[text.casefold()] or ""
    if name == NOT_OURS:
        return YES_OR_NO.get(text.casefold(), text)
    return SEPARATOR.join(_listed(text)) if name in LISTS else text


def _fault(name: str, text: str, known: Mapping[str, Collection[str]]) -> str:
    """What is wrong with a cell, empty when nothing is."""
    if name == GRADE and text.casefold() not in GRADE_WORDS:
        return f"{name}: “{text}” is not a grade; write R, A, G or nothing."
    if name == NOT_OURS and text.casefold() not in YES_OR_NO:
        return f"{name}: “{text}” is neither yes nor no."
    if name in LONGEST and len(text) > LONGEST[name]:
        return f"{name}: {len(text):,} characters, of at most {LONGEST[name]}."
    if name in LISTS or name == OF:
        there = list(known[EVENTS if name == OF else name])
        strange = [each for each in ([text] if name == OF else _listed(text)) if each and each not in there]
        if strange:
            near = get_close_matches(strange[0], there, n=1)
            meant = f" Did you mean “{near[0]}”?" if near else ""
            return f"{name}: nothing is called “{strange[0]}” in this workspace.{meant}"
    return ""


def _fault_of_place(held: Kept, name: str, text: str) -> str:
    if name == NOT_OURS and text and not held.standard:
        return f"{name}: “{held.label}” is no standard touchpoint; take its row out of the audit instead."
    return ""


def _listed(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in text.replace("\n", ";").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _with(grade: Grade, name: str, text: str) -> Grade:
    """The grade with one cell's words."""
    telling = grade.telling
    if name == GRADE:
        return replace(grade, grade=GRADE_WORDS[text.casefold()])
    if name == NOT_OURS:
        return replace(grade, not_ours=bool(text))
    if name == OWNER:
        return replace(grade, owner=text)
    if name == NOTE:
        return replace(grade, note=text)
    changed: dict[str, Telling] = {
        EVENTS: replace(telling, events=_listed(text)),
        SOURCES: replace(telling, sources=_listed(text)),
        CHANNELS: replace(telling, channels=_listed(text)),
        OF: replace(telling, of=text),
    }
    return replace(grade, telling=changed[name])


def store(space: Workspace, coming: Coming, *, clashes: str | None = None, author: str, now: datetime) -> int:
    """Keep what a sheet changes, all of it in one transaction; returns how many fields were changed.

    clashes: MINE or THEIRS for the fields that somebody else changed too. Raises BadChoice when there
    are such and none is said, StaleEdit when somebody saved since the sheet was compared: then nothing
    was stored, and comparing again shows what is new.
    """
    if space.store.read_only:
        raise NotAllowed(
            "This workspace is open for reading only.", "Open it for writing to bring a sheet in."
        )
    if coming.clashes and clashes not in (MINE, THEIRS):
        first = coming.clashes[0]
        raise BadChoice(
            f"{first.author or 'Somebody'} changed {first.field} of “{first.place}” after this sheet had left.",
            "Say whose words count: the sheet's, or those that are here.",
        )
    fields = 0
    with space.store.transaction():
        for change in coming.changes:
            value = change.mine if clashes == MINE else change.grade
            taken = [edit for edit in change.edits if clashes == MINE or not edit.theirs]
            if not taken:
                continue
            decisions.save_grade(space, value, based_on=change.based_on, author=author, now=now)
            fields += len(taken)
    return fields
