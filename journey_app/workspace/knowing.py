"""What is known about one customer, as a file they can read: every id, event and decision, and where from."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from journey_app.store.documents import Document
from journey_app.workspace.theirs import Person, look, rows_of
from journey_app.workspace.tombstones import TOMBSTONE
from journey_app.workspace.waiting import calls_of
from journey_app.workspace.whose import whose
from journey_app.workspace.workspace import Workspace

OURS_ALONE = (
    "batch_id",
    "ordinal",
    "raw_ids",
    "properties",
    "event_id",
)  # of no meaning outside, or told apart


@dataclass(frozen=True)
class Known:
    """Everything that is known about one customer.

    ids: raw id → the files it came in. events: oldest first, each once, with its file. links: rows that
    only said which ids are theirs. waiting: calls that are no events yet. decisions: what names them, in every version.
    """

    person: Person
    asked_at: datetime
    ids: dict[str, list[str]]
    events: tuple[dict[str, Any], ...]
    links: tuple[dict[str, Any], ...]
    waiting: tuple[dict[str, Any], ...]
    decisions: tuple[dict[str, Any], ...]


def known(space: Workspace, wanted: str, also: Sequence[str] = (), *, now: datetime) -> Known:
    """Everything about the customer who has this id, left-out events included. Raises what `look` raises."""
    who = whose(space, wanted, also)
    people = who.hashed(secrets.token_bytes(32))
    ids: dict[str, list[str]] = {raw: [] for raw in who.raw_ids}
    events: dict[tuple[str, str], dict[str, Any]] = {}
    links: list[dict[str, Any]] = []
    for batch in space.batches():
        file = str(batch.body["report"]["file"])
        rows = rows_of(space, batch.doc_id, who, people)
        theirs, joins = rows.events.to_pylist(), rows.links.to_pylist()
        for row in theirs:
            events.setdefault((row["source"], row["event_id"]), _told(row, file))
        links += [{"ids": row["raw_ids"], "source": row["source"], "file": file} for row in joins]
        for row in (*theirs, *joins):
            for raw in row["raw_ids"]:
                if raw in ids and file not in ids[raw]:
                    ids[raw].append(file)
    decided = [_said(d) for d in space.store.mentions(who.wording.cleaned) if d.kind != TOMBSTONE]
    in_order = sorted(events.values(), key=lambda event: str(event["occurred_at"]))
    calls = tuple(calls_of(space, people))
    return Known(look(space, wanted, also), now, ids, tuple(in_order), tuple(links), calls, tuple(decided))


def _told(row: dict[str, Any], file: str) -> dict[str, Any]:
    """An event without what is empty or says nothing outside."""
    plain = {name: value for name, value in row.items() if value is not None and name not in OURS_ALONE}
    plain["occurred_at"] = row["occurred_at"].replace(tzinfo=UTC).isoformat()
    details = json.loads(row["properties"] or "{}")
    return {**plain, **({"details": details} if details else {}), "ids": row["raw_ids"], "file": file}


def _said(document: Document) -> dict[str, Any]:
    return {
        "what": document.kind,
        "version": document.version,
        "author": document.author,
        "saved_at": document.saved_at.isoformat(),
        "text": document.body,
    }


def as_plain(answer: Known) -> dict[str, Any]:
    """One JSON document; its keys are an interface."""
    return {
        "customer": answer.person.label,
        "asked_at": answer.asked_at.isoformat(),
        "ids": [
            {"id": raw, "files": files, "shared": raw in answer.person.shared}
            for raw, files in answer.ids.items()
        ],
        "events": list(answer.events),
        "links": list(answer.links),
        "waiting": list(answer.waiting),
        "decisions": list(answer.decisions),
        "uploads": [name for name, _kept in answer.person.uploads],
        "not_searched": list(answer.person.elsewhere),
    }


def as_zip(answer: Known) -> bytes:
    """The same as a ZIP: a text to read, and the JSON for a machine."""
    plain = as_plain(answer)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("what-is-known.txt", "\n".join(as_lines(answer)) + "\n")
        archive.writestr("what-is-known.json", json.dumps(plain, ensure_ascii=False, indent=2))
    return out.getvalue()


def as_lines(answer: Known) -> list[str]:
    """The same as lines of text."""
    plain = as_plain(answer)
    lines = [
        f"What is known about {plain['customer']}",
        f"Asked on {plain['asked_at'][:16].replace('T', ' ')} UTC",
        "",
    ]
    lines += [
        "Ids",
        *(f"  {each['id']}   from {', '.join(each['files']) or 'a decision'}" for each in plain["ids"]),
        "",
    ]
    lines.append(f"Events ({len(plain['events'])})")
    for event in plain["events"]:
        rest = {
            k: v for k, v in event.items() if k not in ("occurred_at", "event", "file", "ids", "day_only")
        }
        details = ", ".join(f"{k}: {v}" for k, v in rest.items())
        lines.append(
            f"  {event['occurred_at'][:19].replace('T', ' ')}  {event['event']}  ({details}; from {event['file']})"
        )
    lines += ["", f"Rows that say which ids are theirs ({len(plain['links'])})"]
    lines += [f"  {', '.join(row['ids'])}   from {row['file']}" for row in plain["links"]]
    if plain["waiting"]:
        lines += ["", f"Calls that are no events yet ({len(plain['waiting'])})"]
        lines += [f"  {json.dumps(row, ensure_ascii=False)}" for row in plain["waiting"]]
    lines += ["", f"Decisions and notes that name them ({len(plain['decisions'])})"]
    lines += [
        f"  {d['saved_at'][:10]}  {d['what']} by {d['author']}: {json.dumps(d['text'], ensure_ascii=False)}"
        for d in plain["decisions"]
    ]
    lines += ["", "Raw files kept that hold them", *(f"  {name}" for name in plain["uploads"] or ["none"])]
    return lines
