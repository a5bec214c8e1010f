"""What do reports without people tell of a place that no event tells of?

Source: docs/decisions/015-what-the-audit-grades.md, docs/decisions/018-spend-and-traffic-beside-the-funnel.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
from ibis import _

from journey_app.analysis.tracking import is_paid
from journey_app.engine.base import Events

COUNTED = ("impressions", "clicks", "sessions", "users", "views")
OF_PLACE = {"ads": ("impressions", "clicks"), "site": ("sessions", "users", "views")}


@dataclass(frozen=True)
class Reported:
    """What reports tell of one place. ends: source, in text order → its last day. tells: what they count, as
    `Numbers` calls it.

    spend: by source and currency (None: not told), never added up, since two may pay for the same ads.
    """

    ends: Mapping[str, date]
    first_day: date
    tells: tuple[str, ...]
    spend: Mapping[tuple[str, str | None], float]

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self.ends)

    @property
    def last_day(self) -> date:
        return max(self.ends.values())


def reported(events: Events) -> dict[str, Reported]:
    """place → what reports tell of it; only ads (what costs money, or came by a paid channel) and the site."""
    rows = events.run(reports_query(events.context)).to_pylist()
    paid = [
        row for row in rows if row["spend"] is not None or is_paid(row["channel"]) or is_paid(row["medium"])
    ]
    visits = [row for row in rows if any(row[name] for name in OF_PLACE["site"])]
    return {place: _told(place, mine) for place, mine in (("ads", paid), ("site", visits)) if mine}


def reports_query(context: ibis.Table) -> ibis.Table:
    """source, channel, medium, currency, first_day, last_day, spend, and whether each of COUNTED was told."""
    told = {name: context[name].notnull().any() for name in COUNTED}
    return context.group_by("source", "channel", "medium", "currency").aggregate(
        first_day=_.first_day.min(), last_day=_.last_day.max(), spend=_.spend.sum(), **told
    )


def _told(place: str, rows: list[dict[str, Any]]) -> Reported:
    spend: dict[tuple[str, str | None], float] = {}
    for row in sorted(rows, key=lambda row: (row["source"], row["currency"] or "")):
        if place == "ads" and row["spend"] is not None:
            key = (row["source"], row["currency"])
            spend[key] = spend.get(key, 0.0) + row["spend"]
    sources = sorted({row["source"] for row in rows})
    return Reported(
        ends={each: max(row["last_day"] for row in rows if row["source"] == each) for each in sources},
        first_day=min(row["first_day"] for row in rows),
        tells=tuple(name for name in OF_PLACE[place] if any(row[name] for row in rows)),
        spend=spend,
    )
