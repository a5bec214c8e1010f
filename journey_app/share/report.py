"""The frozen document as one self-contained HTML file: no script, nothing fetched, readable on a phone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from journey_app.charts import text
from journey_app.share.frozen import Frozen
from journey_app.vocabulary import Word

SIGNS = {
    Word.IMPROVED.value: ("▲", "Improved", "green"),
    Word.LIKELY.value: ("△", "Likely improved", "plain"),
    Word.NO_CHANGE.value: ("=", "No change", "plain"),
    Word.CANNOT_TELL.value: ("?", "Cannot tell", "amber"),
    Word.WORSE.value: ("▼", "Worse", "red"),
    Word.RUNNING.value: ("●", "Running", "blue"),
    Word.BLOCKED.value: ("■", "Blocked", "red"),
    Word.PLANNED.value: ("○", "Planned", "plain"),
}
PACES = {
    "behind": ("▲", "Behind pace", "amber"),
    "ahead": ("●", "Ahead of pace", "green"),
    "on pace": ("●", "On pace", "green"),
    "too close to tell": ("?", "Too close to tell", "amber"),
    "reached": ("●", "Reached", "green"),
}


def report_html(frozen: Frozen, faces: str = "") -> str:
    """One HTML document; every string of the frozen document is escaped by the template.

    faces: @font-face rules of our own, for a page whose server has the fonts; a file goes without.
    """
    template = _environment().get_template("report.html")
    return template.render(
        r=frozen,
        faces=Markup(faces),
        track=_track(frozen),
        signs=SIGNS,
        pace=PACES.get(frozen.pace, ("?", "Cannot tell yet", "plain")),
    )


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    made.filters.update(percent=text.percent, day=text.short_day, moment=_moment, points=_bare_points)
    return made


def _moment(at: datetime) -> str:
    return f"{text.short_day(at.date())} {at.year}, {at:%H:%M} UTC"


def _bare_points(share: float) -> str:
    return f"{share * 100:.1f}"


def _track(frozen: Frozen) -> dict[str, float]:
    """Where things stand on the goal's track, in % of its width."""
    told = (frozen.start_share, frozen.target_share, frozen.needed_today)
    shares = [share for share in told if share is not None]
    if frozen.start_share is None:
        shares.append(0.0)
    if frozen.now and frozen.now.low is not None and frozen.now.high is not None:
        shares += [frozen.now.low, frozen.now.high]
    low, high = min(shares), max(shares)
    length = (high - low) or 1.0

    def at(share: float | None) -> float:
        return round((((share if share is not None else low) - low) / length) * 100, 2)

    return {
        "start": at(frozen.start_share),
        "target": at(frozen.target_share),
        "needed": at(frozen.needed_today),
        "now": at(frozen.now.share) if frozen.now else -1.0,
        "low": at(frozen.now.low) if frozen.now else 0.0,
        "high": at(frozen.now.high) if frozen.now else 0.0,
    }
