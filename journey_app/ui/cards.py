"""How do a finding, a week's verdict, an imported file and a shared funnel look?

Words and boxes only; buttons beside them are Streamlit's. Shown through `markup.show`.
"""

from __future__ import annotations

from collections.abc import Sequence

from journey_app.analysis.funnel import Funnel, Step
from journey_app.charts import intervals, weeks
from journey_app.charts.funnel import worst_step
from journey_app.charts.text import (
    NBSP,
    UNKNOWN,
    count,
    n,
    percent,
    points,
    rate_percent,
    rate_span,
    short_day,
)
from journey_app.charts.theme import SCREEN
from journey_app.ui.markup import PillKind, pill, verdict_pill
from journey_app.ui.tags import EMPTY, Html, box, image, tag
from journey_app.vocabulary import Change, Finding, ImportReport, Interval, Rate, Verdict

EVIDENCE: dict[str, PillKind] = {"measured": "measured", "reported": "reported", "opinion": "opinion"}
SURE_FROM = 0.95


def card_head(left: str, right: str = "", title: str = "", below: str = "") -> Html:
    """The top of a card: a small line with two ends, a serif title, a caption."""
    return tag(
        "div",
        tag("p", tag("span", left), tag("span", right), cls="j-card-line"),
        tag("h3", title) if title else EMPTY,
        tag("p", below, cls="j-caption") if below else EMPTY,
        cls="j-card-head",
    )


def mini_range(track: intervals.Track, says: str) -> Html:
    """A range on its track as boxes, with its marks named below: before, target, or a dashed zero."""
    parts = [
        box("whole", left=0, width=100),
        box("range", left=track.low, width=track.high - track.low),
    ]
    for place, name in ((track.before, "before"), (track.target, "target"), (track.zero, "zero")):
        if place is not None:
            parts.append(box(f"at {name}", left=place))
    parts.append(box("dot", left=track.middle))
    for place, name in _names_apart(track):
        parts.append(tag("span", name, style=f"left:{place:.2f}%"))
    return tag("div", *parts, cls="j-mini", role="img", aria_label=says)


def _names_apart(track: intervals.Track) -> list[tuple[float, str]]:
    """Names below the marks, kept inside the card and off each other."""
    placed = [
        (at, name) for at, name in ((track.before, "before"), (track.target, "target")) if at is not None
    ]
    inside = [(min(91.0, max(9.0, at)), name) for at, name in sorted(placed)]
    if len(inside) == 2 and inside[1][0] - inside[0][0] < 20:
        centre = min(80.0, max(20.0, (inside[0][0] + inside[1][0]) / 2))
        return [(centre - 10, inside[0][1]), (centre + 10, inside[1][1])]
    return inside


def verdict_card(change: Change, verdict: Verdict) -> Html:
    """One sprint week: who, what, the own target, the result with its range, the verdict, what to do."""
    before = rate_percent(verdict.before)
    return tag(
        "div",
        card_head(
            f"Week {change.week} · {short_day(change.goes_live)}",
            change.owner,
            change.title,
            f"{change.measure.name}: {before} → {percent(change.target_share)}",
        ),
        _number(verdict.after),
        _result_range(change, verdict),
        tag("p", _baseline(verdict), cls="j-caption"),
        verdict_pill(verdict.word),
        tag("p", verdict.do, cls="j-do"),
        cls="j-verdict",
    )


def _number(rate: Rate | None) -> Html:
    span = tag("span", f" {rate_span(rate)}") if rate else EMPTY
    return tag("p", tag("b", rate_percent(rate)), span, cls="j-figure")


def _result_range(change: Change, verdict: Verdict) -> Html:
    if verdict.after is None:
        return tag("div", cls="j-mini j-mini-empty")
    before = verdict.before.share if verdict.before else None
    place = intervals.track(intervals.interval_of(verdict.after), before=before, target=change.target_share)
    return mini_range(place, intervals.describe(verdict.after, before=before, target=change.target_share))


def _baseline(verdict: Verdict) -> str:
    parts = [f"baseline {rate_percent(verdict.before)}, {n(verdict.before.of)}"] if verdict.before else []
    if verdict.after is None and verdict.result_on:
        parts.append(f"result {short_day(verdict.result_on)}")
    return " · ".join(parts) or "no baseline yet"


# ---------------------------------------------------------------- findings


def finding_heads() -> Html:
    """The column heads over the rows of findings."""
    heads = ("Finding", "Number, 95% range", "12 weeks", "Effect on goal")
    return tag("div", *(tag("span", head) for head in heads), cls="j-finding j-finding-heads")


def finding_row(finding: Finding, *, stage: int, shared: Sequence[Interval] = ()) -> Html:
    """One finding's four cells. stage: its place's number (from 0). shared: all effects on the page."""
    return tag(
        "div",
        _sentence(finding, stage),
        _finding_number(finding),
        _weeks(finding, stage),
        _effect(finding.effect, shared),
        cls="j-finding",
    )


def _sentence(finding: Finding, stage: int) -> Html:
    kind = EVIDENCE.get(finding.evidence, "cannot tell")
    swatch = tag("i", cls="j-swatch", style=f"background:{SCREEN.stage(stage)}")
    top = tag("p", swatch, tag("span", finding.place), pill(kind, finding.evidence), cls="j-place")
    return tag("div", top, tag("h3", finding.claim), cls="j-sentence")


def _finding_number(finding: Finding) -> Html:
    if finding.rate is None:
        alone = tag("p", tag("b", count(finding.customers)), cls="j-figure")
        return tag("div", alone, tag("p", "customers affected", cls="j-caption"))
    of = tag("p", tag("b", count(finding.customers)), f" customers · {n(finding.rate.of)}", cls="j-caption")
    return tag("div", _number(finding.rate), of)


def _weeks(finding: Finding, stage: int) -> Html:
    if not any(value is not None for value in finding.weeks):
        return tag("div", tag("p", UNKNOWN, cls="j-caption"))
    picture = image(weeks.sparkline(finding.weeks, SCREEN.stage(stage)), weeks.describe(finding.weeks))
    return tag("div", picture, tag("p", weeks.first_to_last(finding.weeks), cls="j-caption"), cls="j-weeks")


def _effect(effect: Interval | None, shared: Sequence[Interval]) -> Html:
    if effect is None:
        return tag("div", tag("p", "effect not known", cls="j-caption"))
    place = intervals.track(effect, zero=True, shared=shared)
    low_to_high, unit = points(effect).split(NBSP)
    words = tag("p", tag("b", low_to_high), f" {unit}", cls="j-points")
    return tag("div", mini_range(place, intervals.describe_effect(effect)), words, cls="j-effect")


# ---------------------------------------------------------------- files


def file_card(report: ImportReport, *, title: str, sure: float, note: str = "") -> Html:
    """One file: what it is, its name, how sure we are, what is kept, rows → events.

    sure: 0 to 1, how well header and values fit what we took it for.
    """
    kept = (report.rows - report.rejected) / report.rows if report.rows else 0.0
    kind: PillKind = "sure" if sure >= SURE_FROM else "unsure"
    word = "sure" if kind == "sure" else "fairly sure"
    dropped = f"{count(report.rejected)} dropped" if report.rejected else "none dropped"
    again = f"{count(report.already_there)} there already or repeated" if report.already_there else ""
    return tag(
        "div",
        tag("h3", title),
        tag("p", report.file, cls="j-caption j-file"),
        pill(kind, f"{word} · {percent(sure, 0)}"),
        _kept_bar(kept, report.rejected / report.rows if report.rows else 0.0),
        tag(
            "p",
            tag("b", count(report.rows)),
            _rows_to_events(report),
            tag("b", count(report.events)),
            " event" if report.events == 1 else " events",
        ),
        tag("p", dropped, cls="j-caption j-dropped" if report.rejected else "j-caption"),
        tag("p", again, cls="j-caption") if again else EMPTY,
        tag("p", note, cls="j-caption") if note else EMPTY,
        cls="j-filecard",
    )


def _rows_to_events(report: ImportReport) -> str:
    return " row → " if report.rows == 1 else " rows → "


def _kept_bar(kept: float, dropped: float) -> Html:
    """Kept in blue, dropped in red; a few dropped rows still show."""
    red = max(dropped * 100, 0.8) if dropped else 0.0
    blue = min(kept * 100, 100 - red - (0.8 if red else 0))
    parts = [box("kept", left=0, width=blue)]
    parts += [box("dropped", left=100 - red, width=red)] if red else []
    says = f"{percent(kept)} kept, {percent(dropped)} dropped"
    return tag("div", *parts, cls="j-keptbar", role="img", aria_label=says)


# ---------------------------------------------------------------- a shared report on a phone


def phone_funnel(funnel: Funnel) -> Html:
    """The funnel as full-width bars with kept shares between: nothing to pinch."""
    widest = max((step.customers for step in funnel.steps), default=0) or 1
    red, parts = worst_step(funnel), []
    for k, step in enumerate(funnel.steps):
        if k:
            parts.append(_between(funnel.steps[k - 1], step, hot=k - 1 == red))
        parts.append(_bar(step, k, step.customers / widest))
    still = sum(step.open for step in funnel.steps)
    note = f"{count(still)} people still have time and are not counted as lost."
    return tag("div", *parts, tag("p", note, cls="j-caption") if still else EMPTY, cls="j-phone-funnel")


def _bar(step: Step, k: int, share: float) -> Html:
    colour = SCREEN.stage(k)
    fill = tag("i", cls="fill", style=f"width:{share * 100:.2f}%;background:{colour}")
    edge = tag("i", cls="edge", style=f"background:{colour}")
    return tag("div", fill, edge, tag("span", step.event), tag("b", count(step.customers)), cls="j-bar")


def _between(before: Step, after: Step, *, hot: bool) -> Html:
    kept = tag("span", tag("b", rate_percent(after.kept)), f" kept {rate_span(after.kept)}")
    lost = tag("span", f"{count(before.lost)} lost")
    return tag("div", kept, lost, cls="j-between j-hot" if hot else "j-between")
