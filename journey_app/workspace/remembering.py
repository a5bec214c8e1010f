"""What do earlier imports tell about the next one, and about the data?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from journey_app.intake.apart import read_as
from journey_app.intake.prepare import Prepared
from journey_app.intake.times import REASONS
from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Answers
from journey_app.workspace.workspace import Workspace

KIND = "mapping"
NO_TIME = frozenset(REASONS.values())


def remembered(space: Workspace, fingerprint: str) -> Answers | None:
    """What was answered the last time a table with these column names was imported."""
    document = space.store.get(KIND, fingerprint)
    return from_plain(Answers, document.body) if document else None


def remember(space: Workspace, fingerprint: str, answers: Answers, *, author: str, now: datetime) -> None:
    """Keep the answers for every later table with these column names; the newest ones count."""
    document = space.store.get(KIND, fingerprint)
    body = to_plain(answers)
    if document is not None and document.body == body:
        return
    based_on = document.version if document else 0
    space.save(KIND, fingerprint, body, based_on=based_on, author=author, now=now)


def answered_anew(space: Workspace, table: Prepared, answers: Answers) -> Prepared:
    """The same table read by other answers; raises what `prepare` raises about answers."""
    return read_as(table, answers, timezone=space.timezone)


def untimed(space: Workspace) -> dict[str, int]:
    """source → rows that the imports in force left out because no time could be read."""
    counts: Counter[str] = Counter()
    for document in space.batches():
        report = document.body["report"]
        source = document.body.get("source", report["recognised_as"])
        counts[source] += sum(r["rows"] for r in report["rejects"] if r["reason"] in NO_TIME)
    return {source: count for source, count in counts.items() if count}
