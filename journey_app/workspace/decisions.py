"""What has been decided here: goal, sprints, grades — typed, with the version an edit is based on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import zip_longest
from typing import Generic, TypeVar

from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document
from journey_app.vocabulary import Goal, Grade, Sprint
from journey_app.workspace.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True)
class Decided(Generic[T]):
    """A decision and the version of it that the next edit is based on (0: none yet)."""

    value: T
    version: int
    author: str
    saved_at: datetime


def _decided(kind: type[T], document: Document) -> Decided[T]:
    return Decided(from_plain(kind, document.body), document.version, document.author, document.saved_at)


def told(space: Workspace, kind: str, doc_id: str) -> list[Document]:
    """Every version that says something of its own: forgetting a customer writes the newest one once more."""
    versions = space.store.history(kind, doc_id)
    return [
        each
        for each, after in zip_longest(versions, versions[1:])
        if after is None or replace(after, version=each.version) != each
    ]


def goal(space: Workspace) -> Decided[Goal] | None:
    """The workspace's one goal, or None."""
    document = space.store.get("goal", "goal")
    return _decided(Goal, document) if document else None


def goal_history(space: Workspace) -> list[Decided[Goal]]:
    """Every wording the goal has had, oldest first: amendments with author and date."""
    return [_decided(Goal, d) for d in told(space, "goal", "goal") if not d.deleted]


def save_goal(space: Workspace, value: Goal, *, based_on: int, author: str, now: datetime) -> None:
    """Set or amend the goal; raises StaleEdit when somebody amended it in between."""
    space.save("goal", "goal", to_plain(value), based_on=based_on, author=author, now=now)


def sprints(space: Workspace) -> list[Decided[Sprint]]:
    """All sprints, newest start first."""
    found = [_decided(Sprint, d) for d in space.store.list("sprint")]
    return sorted(found, key=lambda s: s.value.starts, reverse=True)


def save_sprint(space: Workspace, value: Sprint, *, based_on: int, author: str, now: datetime) -> None:
    """Keep a sprint; raises StaleEdit when somebody saved it in between."""
    space.save("sprint", value.sprint_id, to_plain(value), based_on=based_on, author=author, now=now)


def grades(space: Workspace) -> dict[str, Decided[Grade]]:
    """People's grades by touchpoint."""
    found = [_decided(Grade, d) for d in space.store.list("grade")]
    return {grade.value.touchpoint: grade for grade in found}


def save_grade(space: Workspace, value: Grade, *, based_on: int, author: str, now: datetime) -> None:
    """Keep a person's grade of a touchpoint; raises StaleEdit when somebody graded in between."""
    space.save("grade", slug(value.touchpoint), to_plain(value), based_on=based_on, author=author, now=now)


def grade_history(space: Workspace, touchpoint: str) -> list[Decided[Grade]]:
    """Every grade people gave a touchpoint, oldest first; what was taken away is left out."""
    return [_decided(Grade, d) for d in told(space, "grade", slug(touchpoint)) if not d.deleted]


def grade_trail(space: Workspace, touchpoint: str) -> list[Decided[Grade | None]]:
    """Every version of what people said of a touchpoint, oldest first; None where it was taken away."""
    return [
        Decided(None if d.deleted else from_plain(Grade, d.body), d.version, d.author, d.saved_at)
        for d in told(space, "grade", slug(touchpoint))
    ]


def remove_grade(space: Workspace, touchpoint: str, *, based_on: int, author: str, now: datetime) -> None:
    """Take a person's grade away (and a place that people added); raises StaleEdit like a save."""
    space.store.delete("grade", slug(touchpoint), based_on=based_on, author=author, now=now)


@dataclass(frozen=True)
class MeasuredThen:
    """What the data said of every place at one version of them. steps: what it was judged on."""

    data_version: str
    steps: tuple[str, ...]
    grades: dict[str, str | None]


def note_measured(space: Workspace, value: MeasuredThen, *, author: str, now: datetime) -> None:
    """Keep what was measured at a data version, once; the same version judged anew is the next version."""
    held = space.store.get("measured", value.data_version)
    body = to_plain(value)
    if held is not None and held.body == body:
        return
    based_on = held.version if held else 0
    space.save("measured", value.data_version, body, based_on=based_on, author=author, now=now)


def measured_history(space: Workspace) -> list[Decided[MeasuredThen]]:
    """What was measured at every data version that was noted, oldest first."""
    found = [
        _decided(MeasuredThen, version)
        for document in space.store.list("measured")
        for version in told(space, "measured", document.doc_id)
        if not version.deleted
    ]
    return sorted(found, key=lambda each: each.saved_at)


def slug(name: str) -> str:
    """A document id for any name a touchpoint can have, however long."""
    return blake2b(name.strip().casefold().encode("utf-8"), digest_size=20).hexdigest()
