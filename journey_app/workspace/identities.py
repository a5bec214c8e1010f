"""How does a person say that two ids are two people, see first what that changes, and take it back?"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.engine.embedded import let_go
from journey_app.engine.person import events_by_ids
from journey_app.errors import BadChoice, UnknownName
from journey_app.identity.rules import MANY_IDS as MANY_IDS
from journey_app.identity.stitch import SEPARATOR, Stitching
from journey_app.plain import from_plain, to_plain
from journey_app.store.documents import Document
from journey_app.temporary import TemporaryFolder
from journey_app.vocabulary import MATCHINGS, CleanUp, Cut, Shaping
from journey_app.workspace.decisions import Decided
from journey_app.workspace.rebuilding import Built, build, joined
from journey_app.workspace.reshaping import reshape
from journey_app.workspace.shaping import CUT, MATCHING, in_order
from journey_app.workspace.workspace import Workspace

# What happened, and what to do.
SAME_ID = ("That is one and the same id.", "Name two different ids of one customer.")
APART = (
    "{left} and {right} are not one customer.",
    "There is nothing to cut: choose two ids of one customer.",
)
CUT_ALREADY = ("{left} and {right} are cut from each other already.", "Nothing is left to do.")


@dataclass(frozen=True)
class Part:
    """One customer before or after a cut. raw_ids: theirs, strongest id first as their key.

    events: how many that count are theirs.
    """

    key: str
    label: str
    raw_ids: tuple[str, ...]
    events: int = 0


@dataclass(frozen=True)
class CutPreview:
    """What a cut would change.

    before: the customer there is. after: those that it becomes. nobody: ids that would be no one's,
    because no row names them alone.
    """

    cut: Cut
    before: Part
    after: tuple[Part, ...]
    nobody: tuple[str, ...]


def cut_of(left: str, right: str) -> Cut:
    """The cut of two raw ids, whichever was named first."""
    if left == right:
        raise BadChoice(*SAME_ID)
    return Cut(min(left, right), max(left, right))


def cuts(space: Workspace) -> list[Decided[Cut]]:
    """Every cut in force, by its ids."""
    found = [Decided(from_plain(Cut, d.body), d.version, d.author, d.saved_at) for d in space.store.list(CUT)]
    return sorted(found, key=lambda each: (each.value.left, each.value.right))


def preview_cut(space: Workspace, cut: Cut) -> CutPreview:
    """What the cut would change; stores nothing.

    Raises UnknownName for an id that is not here, BadChoice for ids that are not one customer.
    """
    now = space.ground
    batches = [batch.doc_id for batch in space.batches()]
    then = replace(now, shaping=_with(now.shaping, cut))
    before, after = joined(now, batches), joined(then, batches)
    whole = _insist_on_one(before, now.shaping, cut)
    parts = _holding(after, whole.raw_ids)
    told = events_by_ids(space.events(), whole.key)
    whole, parts = replace(whole, events=sum(told.values())), _with_events(parts, after, told)
    kept = {raw_id for part in parts for raw_id in part.raw_ids}
    nobody = tuple(raw_id for raw_id in whole.raw_ids if raw_id not in kept)
    return CutPreview(cut, whole, parts, nobody)


def customers_with(space: Workspace, cut: Cut) -> int:
    """How many customers would count with the cut.

    A rule may take one part and leave the other, so where a clean-up leaves something out the data are
    built once beside the workspace, which takes as long as the cut itself.
    """
    ground = space.ground
    then = replace(ground, shaping=_with(ground.shaping, cut))
    batches = [batch.doc_id for batch in space.batches()]
    if ground.shaping.clean_up == CleanUp():
        return int(joined(then, batches).customers.num_rows)
    with TemporaryFolder("cut") as folder:
        built = build(replace(then, snapshots=folder), batches)
        let_go(folder / f"{built.version}.duckdb")  # building opens it to count
        return built.customers


def cut_apart(space: Workspace, cut: Cut, *, author: str, now: datetime) -> Built:
    """Keep two ids apart from now on: after later imports, and after undoing any.

    Raises what `preview_cut` raises, and BadChoice when an import is running.
    """
    ground = space.ground
    _insist_on_one(joined(ground, [batch.doc_id for batch in space.batches()]), ground.shaping, cut)

    def write() -> None:
        if _held(space, cut):  # somebody else was quicker
            raise BadChoice(CUT_ALREADY[0].format(left=cut.left, right=cut.right), CUT_ALREADY[1])
        space.save(CUT, secrets.token_hex(20), to_plain(cut), based_on=0, author=author, now=now)

    return reshape(space, lambda shaping: _with(shaping, cut), write, author=author, now=now)


def take_back(space: Workspace, cut: Cut, *, author: str, now: datetime) -> Built:
    """Undo a cut: its ids are one customer again wherever rows link them.

    Raises UnknownName when there is no such cut.
    """
    held = _held(space, cut)
    if not held:
        known = [f"{each.value.left} and {each.value.right}" for each in cuts(space)]
        raise UnknownName("cut", f"{cut.left} and {cut.right}", known)

    def write() -> None:
        for each in held:
            space.store.delete(CUT, each.doc_id, based_on=each.version, author=author, now=now)

    return reshape(space, lambda shaping: _without(shaping, cut), write, author=author, now=now)


def matching(space: Workspace) -> Decided[str] | None:
    """How far ids are followed, as somebody chose it; None while nobody has, which is normally."""
    held = space.store.get(MATCHING, MATCHING)
    if held is None:
        return None
    return Decided(str(held.body["matching"]), held.version, held.author, held.saved_at)


def adopt(space: Workspace, wanted: str, *, based_on: int, author: str, now: datetime) -> Built:
    """Follow ids strictly, normally or loosely from now on; StaleEdit when somebody chose in between."""
    if wanted not in MATCHINGS:
        raise UnknownName("matching", wanted, MATCHINGS)
    body = {"matching": wanted}

    def write() -> None:
        space.save(MATCHING, MATCHING, body, based_on=based_on, author=author, now=now)

    return reshape(space, lambda shaping: replace(shaping, matching=wanted), write, author=author, now=now)


def _with_events(
    parts: Sequence[Part], stitched: Stitching, told: Mapping[tuple[str, ...], int]
) -> tuple[Part, ...]:
    """Each part with the events of its rows. told: the ids of rows → how many events name just these."""
    keys = dict(zip(*(stitched.customers[name].to_pylist() for name in ("customer_id", "key")), strict=True))
    rows = pa.array([SEPARATOR.join(ids) for ids in told], pa.string())
    mine = stitched.who.filter(pc.is_in(stitched.who["ids"], rows)).to_pylist()
    events: Counter[str] = Counter()
    for row in mine:
        events[keys[row["customer_id"]]] += told[tuple(row["ids"].split(SEPARATOR))]
    return tuple(replace(part, events=events[part.key]) for part in parts)


def _with(shaping: Shaping, cut: Cut) -> Shaping:
    """One cut more, in the order in which cuts are kept: it is part of what a snapshot is made from."""
    return replace(shaping, cuts=in_order([*shaping.cuts, cut]))


def _without(shaping: Shaping, cut: Cut) -> Shaping:
    return replace(shaping, cuts=tuple(each for each in shaping.cuts if each != cut))


def _held(space: Workspace, cut: Cut) -> list[Document]:
    """The documents that keep this cut: known by what they say, for their names tell nothing of the ids."""
    return [document for document in space.store.list(CUT) if from_plain(Cut, document.body) == cut]


def _insist_on_one(stitched: Stitching, shaping: Shaping, cut: Cut) -> Part:
    """The customer who holds both ids; otherwise a sentence."""
    ids = {"left": cut.left, "right": cut.right}
    if cut in shaping.cuts:
        raise BadChoice(CUT_ALREADY[0].format(**ids), CUT_ALREADY[1])
    holders = _holding(stitched, (cut.left, cut.right))
    both = next((part for part in holders if {cut.left, cut.right} <= set(part.raw_ids)), None)
    if both is None:
        here = {raw_id for part in holders for raw_id in part.raw_ids} | {r.raw_id for r in stitched.refused}
        for raw_id in (cut.left, cut.right):
            if raw_id not in here:
                raise UnknownName("id", raw_id, ())
        raise BadChoice(APART[0].format(**ids), APART[1])
    return both


def _holding(stitched: Stitching, raw_ids: Sequence[str]) -> tuple[Part, ...]:
    """The customers who hold any of these ids, by key."""
    lists = stitched.customers["raw_ids"].combine_chunks()
    hits = pc.is_in(lists.flatten(), pa.array(list(raw_ids), pa.string()))
    rows = pc.unique(pc.list_parent_indices(lists).filter(hits))
    found = stitched.customers.take(rows).to_pylist()
    return tuple(Part(row["key"], row["label"], tuple(row["raw_ids"])) for row in found)
