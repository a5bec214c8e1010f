"""Which customer is meant, and which of the ids here are theirs, however they are spelled?

An address or a number may stand as an id of another kind, or in another spelling, as somebody else's:
that is the same person, and found with them. Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journey_app.engine.embedded import Snapshot
from journey_app.engine.forgotten import Forgotten
from journey_app.engine.mentions import ids_holding
from journey_app.engine.person import Found, holding, shared_ids, with_id
from journey_app.errors import BadChoice, UnknownName
from journey_app.intake.ids import number, one_spelling, spellings
from journey_app.workspace.tombstones import person
from journey_app.workspace.wording import Wording, pieces_of
from journey_app.workspace.workspace import Workspace

SHORTEST_EXTRA = 3


@dataclass(frozen=True)
class Whose:
    """One customer, and every id here that is theirs.

    shared: those of raw_ids that other customers use too. spelled: those that are theirs because they
    spell an address or number of theirs, though no row says so. alike: ids of others that hold one of
    theirs in a longer one, and stay. names: what else names them in texts.
    """

    key: str
    label: str
    raw_ids: tuple[str, ...]
    shared: tuple[str, ...]
    spelled: tuple[str, ...]
    alike: tuple[str, ...]
    names: tuple[str, ...]
    wording: Wording

    def hashed(self, key: bytes) -> Forgotten:
        """They, as hashes."""
        own = [raw for raw in self.raw_ids if raw not in self.shared]
        return person(key, own, self.shared, self.names, self.alike)


def whose(space: Workspace, wanted: str, also: Sequence[str] = ()) -> Whose:
    """The one customer who has this id. also: their name, or what else names them in texts.

    Raises UnknownName when nobody has it, BadChoice when several have.
    """
    names = _names(also)
    snapshot = space.events()
    first, found, shared = _one(snapshot, wanted)
    listed = list(dict.fromkeys(raw for each in found for raw in each.raw_ids))
    batches = [batch.doc_id for batch in space.batches()]
    here = ids_holding(space.batch_files, batches, pieces_of(listed))
    same = _same(here, listed)
    raw_ids = tuple(dict.fromkeys([*listed, *same]))
    shared |= _shared(snapshot, found, raw_ids)
    values = [each for raw in raw_ids for each in spellings(_value(raw))]
    alike = tuple(
        raw for raw in here if raw not in raw_ids and any(value in _value(raw).lower() for value in values)
    )
    wording = Wording(raw_ids, names, tuple(dict.fromkeys(map(_value, alike))))
    spelled = tuple(raw for raw in raw_ids if raw not in first.raw_ids)
    return Whose(first.key, first.label, raw_ids, tuple(sorted(shared)), spelled, alike, names, wording)


def _names(also: Sequence[str]) -> tuple[str, ...]:
    names = tuple(" ".join(word.split()) for word in also if word.strip())
    for name in names:
        if len(name) < SHORTEST_EXTRA:
            raise BadChoice(f"“{name}” is too short to look for everywhere.", "Give the whole name.")
    return names


def _one(snapshot: Snapshot, wanted: str) -> tuple[Found, list[Found], set[str]]:
    """The customer who is meant, all customers that are the same person, and the ids that others use too."""
    if not wanted.strip():
        raise BadChoice("Nobody was named.", "Give one of the customer's ids, such as an e-mail address.")
    named = with_id(snapshot, wanted) or with_id(snapshot, number(wanted.strip()))
    found = named or [
        each for each in holding(snapshot, pieces_of([f":{wanted}"])) if _same(each.raw_ids, [f":{wanted}"])
    ]
    if not found:
        raise UnknownName("customer", wanted, [])
    same, shared = _joined(snapshot, found[0])
    if not {each.customer_id for each in found} <= {each.customer_id for each in same}:
        ids = [
            raw
            for each in found
            for raw in each.raw_ids
            if _value(raw).casefold() == wanted.strip().casefold()
        ] or [raw for each in found for raw in _same(each.raw_ids, [f":{wanted}"])]
        raise BadChoice(
            f"{len(found)} customers have the id “{wanted}”.",
            f"Say which kind of id it is: {', '.join(ids[:5])}.",
        )
    return found[0], same, shared


def _joined(snapshot: Snapshot, first: Found) -> tuple[list[Found], set[str]]:
    """They, with every customer who has an id that spells one of theirs which nobody else uses."""
    found = [first]
    while True:
        ids = [raw for each in found for raw in each.raw_ids]
        shared = _shared(snapshot, found, ids)
        own = [raw for raw in ids if raw not in shared]
        known = {each.customer_id for each in found}
        more = [
            each
            for each in holding(snapshot, pieces_of(own))
            if each.customer_id not in known
            and set(_same(each.raw_ids, own)) - _shared(snapshot, [*found, each], each.raw_ids)
        ]
        if not more:
            return found, shared
        found += more


def _shared(snapshot: Snapshot, found: Sequence[Found], ids: Sequence[str]) -> set[str]:
    """Those of these ids that others use too, in any of their spellings."""
    used = shared_ids(snapshot, [each.customer_id for each in found], ids)
    return {raw for raw in ids if raw in used} | set(_same(ids, list(used)))


def _same(ids: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Those of these ids that spell one of theirs."""
    spelled = {one_spelling(_value(raw)) for raw in theirs} - {None}
    return [raw for raw in ids if one_spelling(_value(raw)) in spelled]


def _value(raw: str) -> str:
    return raw.partition(":")[2]
