"""How is one customer forgotten: out of every file here, for good, and whole or not at all?

Everything is prepared beside what is there and counts with one commit; what lies on the disk from
before is removed after it (`unfinished`). It is the one deed that replaces batches and erases texts.
Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from journey_app.engine import mentions
from journey_app.engine.forgotten import Forgotten
from journey_app.errors import BadChoice, NotAllowed
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document
from journey_app.vocabulary import CleanUp, Goal, Grade, ImportReport, Shaping, Sprint
from journey_app.workspace.decisions import slug
from journey_app.workspace.gathering import Progress, silent
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.rebuilding import Built, build, point_to, switching
from journey_app.workspace.remembering import Recipe
from journey_app.workspace.replaced import WAS
from journey_app.workspace.shaping import CUT
from journey_app.workspace.sources import Source
from journey_app.workspace.theirs import Person, looked
from journey_app.workspace.tombstones import bury, key_of
from journey_app.workspace.unfinished import Unfinished, finish, leave_to_do
from journey_app.workspace.whose import Whose, whose
from journey_app.workspace.workspace import IMPORT, Workspace

# What the bodies of documents are, as far as words of people may stand in them.
FORMS: Mapping[str, type] = {
    "batch": ImportReport,
    "goal": Goal,
    "sprint": Sprint,
    "grade": Grade,
    "clean_up": CleanUp,
    "recipe": Recipe,
    "source": Source,
}


@dataclass(frozen=True)
class _Deed:
    """One forgetting. people: they, as hashes by the workspace's own key. gone: what goes."""

    space: Workspace
    who: Whose
    people: Forgotten
    gone: Person
    author: str
    now: datetime

    @property
    def cleaned(self) -> Callable[[Any], Any]:
        """A JSON value without their words."""
        return self.who.wording.cleaned


def forget(
    space: Workspace,
    wanted: str,
    also: Sequence[str] = (),
    *,
    author: str,
    now: datetime,
    progress: Progress = silent,
) -> Person:
    """Take a customer out of batches, links, uploads, decisions and snapshots, for good.

    Returns what went. Raises what `theirs.look` raises, BadChoice when an import is running, and
    Unfinished when they are forgotten and something of theirs is still on the disk. A
    stop or a crash at any moment leaves everything, or nothing once this workspace is used again.
    """
    if space.store.read_only:
        raise NotAllowed("This view is for reading; nobody was forgotten.", "Ask an owner to do it.")
    with alone(space.store, IMPORT, now=now) as lease:
        progress(0.05, "Looking through everything")
        who = whose(space, wanted, also)
        people = who.hashed(key_of(space.store, now=now))
        deed = _Deed(space, who, people, looked(space, who), author, now)
        written: dict[str, str] = {}  # old batch → the one that takes its place
        try:
            _write_without(deed, written, progress)
            built = _build_without(deed, written, progress)
            progress(0.9, "Switching to the new data")
            _switch(deed, written, built, lease)
        except BaseException:
            _discard_unused(space, written)
            raise
        progress(0.95, "Removing what lies on the disk")
        left = finish(space, lease, deed.cleaned, now=now)
    progress(1.0, "Done")
    if left:
        raise Unfinished(deed.gone, left)
    return deed.gone


def _write_without(deed: _Deed, written: dict[str, str], progress: Progress) -> None:
    """Write every batch that knows them anew, beside the old one; `written` holds what was done so far."""
    batches = deed.space.batches()
    for at, batch in enumerate(batches):
        progress(0.1 + 0.5 * at / len(batches), "Writing the data without them")
        replaced = mentions.without(
            deed.space.batch_files, batch.doc_id, deed.people, deed.who.wording.out_of
        )
        if replaced is not None:
            written[batch.doc_id] = replaced[0]


def _build_without(deed: _Deed, written: Mapping[str, str], progress: Progress) -> Built:
    """The snapshot as it will be. Raises BadChoice where a decision could not be read without their words."""
    progress(0.65, "Joining customers and sorting events")
    space = deed.space
    shaping = _shaping_without(space.ground.shaping, deed.cleaned, deed.who.raw_ids)
    _insist_readable(space, deed.cleaned)
    batches = sorted(written.get(b.doc_id, b.doc_id) for b in space.batches())
    return build(replace(space.ground, shaping=shaping), batches)


def _switch(deed: _Deed, written: Mapping[str, str], built: Built, lease: Lease) -> None:
    """Let it count: words, batches, tombstone, pointer and what is left to do, in one transaction."""
    space, author, now = deed.space, deed.author, deed.now
    with switching(space.store, lease, space.ground, built):
        space.store.erase_words(
            deed.cleaned,
            gone={CUT: _names(deed.who.raw_ids)},
            named={
                "grade": lambda body: slug(str(body.get("touchpoint", ""))),
                "source": lambda body: str(body.get("name", "")),
            },
            now=deed.now,
        )
        for old in space.batches():
            if old.doc_id in written:
                _replace_batch(space, old, written[old.doc_id], author=author, now=now)
        bury(space.store, deed.people, author=author, now=now)
        point_to(space.store, built, author=author, now=now)
        leave_to_do(space, [kept for _name, kept in deed.gone.uploads], author=author, now=now)


def _discard_unused(space: Workspace, written: Mapping[str, str]) -> None:
    """Being stopped comes as an exception too, also right after the commit: only the state knows."""
    in_force = {b.doc_id for b in space.batches()}
    for new in written.values():
        if new not in in_force:
            space.batch_files.discard(new)


def _shaping_without(shaping: Shaping, cleaned: Callable[[Any], Any], raw_ids: Sequence[str]) -> Shaping:
    """What will shape the data once their words are out of the decisions; a cut that names them is none."""
    theirs = _names(raw_ids)
    cuts = tuple(cut for cut in shaping.cuts if not theirs(to_plain(cut)))
    return replace(from_plain(Shaping, cleaned(to_plain(replace(shaping, cuts=())))), cuts=cuts)


def _names(raw_ids: Sequence[str]) -> Callable[[Any], bool]:
    """Whether a cut is between one of these ids and another; ids that only look alike are other people's."""
    return lambda body: bool({body.get("left"), body.get("right")} & set(raw_ids))


def _insist_readable(space: Workspace, cleaned: Callable[[Any], Any]) -> None:
    """Raise BadChoice where a decision could not be read any more without their words."""
    for document in space.store.mentions(cleaned):
        kind = FORMS.get(document.kind)
        body = document.body["report"] if document.kind == "batch" else document.body
        if kind is None or document.deleted or document.kind == CUT:
            continue
        try:
            from_plain(kind, body)
        except ValueError:
            continue  # it was written by an older version, and cannot become worse
        try:
            from_plain(kind, cleaned(body))
        except ValueError as error:
            raise BadChoice(
                f"An id of theirs is a word that a decision ({document.kind}) is written with.",
                "Nothing was changed. Take that decision back first, or give their name with “also” only.",
            ) from error


def _replace_batch(space: Workspace, old: Document, new: str, *, author: str, now: datetime) -> None:
    """The same import without them: same day, same author, same report; its raw file goes."""
    report = {**old.body["report"], "batch": new}
    body = {**old.body, "report": report, WAS: old.doc_id}
    space.store.put("batch", new, body, based_on=0, author=old.author, now=old.saved_at)
    space.store.delete("batch", old.doc_id, based_on=old.version, author=author, now=now)
