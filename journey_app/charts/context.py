"""What was spent and how much traffic came, drawn above who entered and who converted, on one axis of weeks.

A row of bars per channel, each on its own scale; below, two lines on a common one. A week of which no
report tells anything has a “–”, never a bar of no height.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

import altair as alt

from journey_app.analysis.context import MEASURES, Beside, Channel, Cost, Numbers, Span
from journey_app.charts.canvas import Canvas, Row
from journey_app.charts.text import NBSP, UNKNOWN, count, short_day, shorten
from journey_app.charts.theme import SCREEN, Palette

NAMES, LEFT, RIGHT, SUMS = 157.0, 171.0, 858.0, 874.0
HEADER, ROW, GAP, LINES, FOOT = 26.0, 40.0, 14.0, 104.0, 26.0
MOST_CHANNELS, MOST_WEEKS, MOST_FEET = 4, 26, 10
DRAWN = ("spend", "sessions", "clicks", "views", "impressions", "conversions", "users")
CAUTION = (
    "Side by side, by the channel named when they entered: it does not show that the spend brought them."
)


def money(code: str | None, amount: float | None) -> str:
    """“EUR 412.50”, “EUR 12,041” from a thousand up; the currency is never left out where it is known."""
    if amount is None:
        return UNKNOWN
    shown = f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:,.2f}"
    return f"{code}{NBSP}{shown}" if code else shown


def channel_name(channel: Channel) -> str:
    return channel.channel or "all channels"


def _from(channel: Channel) -> str:
    """Who tells it: “google ads”."""
    return channel.source.split(".")[0].replace("_", " ")


def drawn_measure(answer: Beside, channel: Channel) -> str:
    """What the bars of a channel show: what it cost, else its visits, else what is told of it."""
    told = [span.told[channel] for span in answer.spans if channel in span.told]
    return next((name for name in DRAWN if any(getattr(n, name) is not None for n in told)), "spend")


def _said(channel: Channel, measure: str, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return money(channel.currency, value) if measure == "spend" else f"{count(round(value))} {measure}"


def _shown(answer: Beside) -> tuple[Span, ...]:
    return answer.spans[-MOST_WEEKS:]


def context_chart(
    answer: Beside, *, entry: str, outcome: str, colours: Palette = SCREEN
) -> alt.LayerChart | None:
    """Bars per channel above, entries and conversions below; None when no report tells single weeks.

    entry, outcome: what the first and the last step are called.
    """
    spans, channels = _shown(answer), answer.channels[:MOST_CHANNELS]
    if not spans or not channels:
        return None
    lines = any(span.entered is not None for span in spans)
    top = HEADER + len(channels) * (ROW + GAP)
    canvas = Canvas(top + (LINES + 22 if lines else 0) + FOOT, colours)
    x = _places(spans)
    canvas.words(
        [{"x": LEFT, "y": 8, "text": _heading(answer, channels)}], colours.muted, fontSize=11, fontWeight=600
    )
    for k, channel in enumerate(channels):
        _bars(canvas, answer, spans, channel, x, HEADER + k * (ROW + GAP), k)
    if lines:
        head = f"CUSTOMERS BY {answer.by.upper()} OF ENTRY (dashed: some still open)"
        canvas.words([{"x": LEFT, "y": top + 6, "text": head}], colours.muted, fontSize=11, fontWeight=600)
        _lines(canvas, spans, x, top + 20, entry, outcome)
    _feet(canvas, spans, x, canvas.height - FOOT + 14)
    return canvas.done()


def _heading(answer: Beside, channels: Sequence[Channel]) -> str:
    more = len(answer.channels) - len(channels)
    weeks = len(answer.spans) - len(_shown(answer))
    rest = [f"{more} more in the table"] if more else []
    rest += [f"the newest {MOST_WEEKS} of {len(answer.spans)}"] if weeks else []
    return f"PER {answer.by.upper()}" + (f" ({', '.join(rest)})" if rest else "")


def _places(spans: Sequence[Span]) -> Callable[[int, float], float]:
    """The place of the k-th span; `within` runs from 0 to 1 along it."""
    pitch = (RIGHT - LEFT) / max(len(spans), 8)
    return lambda k, within: LEFT + pitch * (k + within)


def _bars(
    canvas: Canvas,
    answer: Beside,
    spans: Sequence[Span],
    channel: Channel,
    x: Callable[[int, float], float],
    top: float,
    number: int,
) -> None:
    colours, measure, foot = canvas.colours, drawn_measure(answer, channel), top + ROW
    values = [getattr(span.told.get(channel, Numbers()), measure) for span in spans]
    known = [value for value in values if value is not None]
    most = max(known, default=0.0) or 1.0
    boxes, unknown = [], []
    for k, (span, value) in enumerate(zip(spans, values, strict=True)):
        if value is None:
            unknown.append({"x": x(k, 0.5), "y": foot - 6, "text": UNKNOWN})
            continue
        says = f"{channel_name(channel)}, {answer.by} of {short_day(span.starts)}: {_said(channel, measure, value)}"
        boxes.append(
            {
                "x": x(k, 0.14),
                "x2": x(k, 0.86),
                "y": foot - max(ROW * max(value, 0.0) / most, 1.0 if value else 0.0),
                "y2": foot,
                "color": colours.stage(number + 1),
                "says": says.replace(NBSP, " "),
            }
        )
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": foot, "y2": foot}], colours.line, strokeWidth=1)
    canvas.boxes(boxes, tooltip=True, cornerRadius=1.5)
    canvas.words(unknown, colours.muted, align="center", fontSize=11)
    names = {"x": NAMES, "y": top + 12, "text": shorten(channel_name(channel), 24)}
    about = {"x": NAMES, "y": top + 29, "text": shorten(f"{_from(channel)} · {measure}", 28)}
    canvas.words([names], colours.ink, align="right", fontSize=13, fontWeight=600)
    canvas.words([about], colours.muted, align="right", fontSize=11.5)
    total = _said(channel, measure, sum(known) if known else None)
    canvas.words([{"x": SUMS, "y": top + 12, "text": total}], colours.ink, fontSize=13, fontWeight=600)
    peak = f"most {_said(channel, measure, max(known, default=None))}"
    canvas.words([{"x": SUMS, "y": top + 29, "text": peak}], colours.muted, fontSize=11)


def _lines(
    canvas: Canvas,
    spans: Sequence[Span],
    x: Callable[[int, float], float],
    top: float,
    entry: str,
    outcome: str,
) -> None:
    """Entries and conversions on one scale from 0; dashed where customers still have time."""
    colours, foot = canvas.colours, top + LINES - 14
    most = max((span.entered for span in spans if span.entered is not None), default=0) or 1
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": foot, "y2": foot}], colours.line, strokeWidth=1)
    series = (("entered", entry, colours.muted, False), ("converted", outcome, colours.accent, True))
    for name, title, color, waits in series:
        spots = [
            (k, span, foot - (LINES - 20) * getattr(span, name) / most)
            for k, span in enumerate(spans)
            if getattr(span, name) is not None
        ]
        whole: list[Row] = []
        dashed: list[Row] = []
        for (k, _span, y), (after, ends, y2) in pairwise(spots):
            if after == k + 1:
                piece = {"x": x(k, 0.5), "x2": x(after, 0.5), "y": y, "y2": y2}
                (dashed if waits and ends.open else whole).append(piece)
        canvas.lines(whole, color, strokeWidth=2)
        canvas.lines(dashed, color, strokeWidth=2, strokeDash=[3, 4])
        canvas.dots([{"x": x(k, 0.5), "y": y} for k, _span, y in spots], color, size=26)
        total = sum(getattr(span, name) for _k, span, _y in spots)
        y = top + 12 if name == "entered" else top + 52
        canvas.words(
            [{"x": NAMES, "y": y, "text": shorten(title, 24)}],
            color,
            align="right",
            fontSize=13,
            fontWeight=600,
        )
        word = (
            "entered"
            if name == "entered"
            else "so far"
            if any(s.open for _k, s, _y in spots)
            else "converted"
        )
        canvas.words(
            [{"x": SUMS, "y": y, "text": f"{count(total)} {word}"}], colours.ink, fontSize=13, fontWeight=600
        )


def _feet(canvas: Canvas, spans: Sequence[Span], x: Callable[[int, float], float], y: float) -> None:
    every = 1 + (len(spans) - 1) // MOST_FEET
    days = [
        {"x": x(k, 0.5), "y": y, "text": short_day(span.starts)}
        for k, span in enumerate(spans)
        if (len(spans) - 1 - k) % every == 0
    ]
    canvas.words(days, canvas.colours.ink, align="center", fontSize=11)


def cost_line(cost: Cost) -> str:
    """“Paid search: EUR 4.10 for each of 2,310 who entered, EUR 31.20 for each of 280 who converted.”"""
    name = channel_name(cost.channel)
    name = f"{name[:1].upper()}{name[1:]}"
    code = cost.channel.currency
    if cost.spend is None:
        return f"{name}: no day is over yet for everyone who entered on it."
    spent = f"{name}: {money(code, cost.spend)} on {_days(cost)}"
    if cost.entered is None:
        return f"{spent}; no customer's channel can be told to be this one."
    if not cost.entered:
        return f"{spent}, and nobody entered by it."
    each = f"{spent}, {money(code, cost.per_entry)} for each of {count(cost.entered)} who entered by it"
    if not cost.converted:
        return f"{each}; none of them converted."
    return f"{each}, {money(code, cost.per_conversion)} for each of {count(cost.converted)} who converted."


def _days(cost: Cost) -> str:
    return f"{count(cost.days)} day{'' if cost.days == 1 else 's'}"


def context_claim(answer: Beside) -> str:
    """The one sentence: what the channel that cost most cost, beside who came by it."""
    known = [cost for cost in answer.costs if cost.per_entry is not None]
    if known:
        best = known[0]
        name, code = channel_name(best.channel), best.channel.currency
        return (
            f"Beside {count(best.entered)} customers who entered by {name}, {money(code, best.spend)} was spent: "
            f"{money(code, best.per_entry)} each."
        )
    spans = len(answer.spans)
    if not spans:
        return "The reports here tell whole periods only, which are spread over no weeks."
    names = ", ".join(channel_name(channel) for channel in answer.channels[:3])
    return f"Reports tell of {names} in {spans} {answer.by}{'' if spans == 1 else 's'}."


def total_lines(answer: Beside) -> list[str]:
    """What was told of several days together, one line each."""
    lines = []
    for total in answer.totals:
        told = [
            _said(total.channel, name, getattr(total.numbers, name))
            for name in DRAWN
            if getattr(total.numbers, name) is not None
        ]
        days = f"{_long_day(total.first_day)} to {_long_day(total.last_day)}"
        lines.append(
            f"{_from(total.channel)}, {channel_name(total.channel)}, {days} together: {', '.join(told) or UNKNOWN}."
        )
    return lines


def _long_day(when: date) -> str:
    return f"{short_day(when)}{NBSP}{when.year}"


def describe(answer: Beside, *, entry: str, outcome: str) -> str:
    """The picture in words: each channel's weeks, then who entered and converted."""
    spans, parts = _shown(answer), []
    for channel in answer.channels[:MOST_CHANNELS]:
        measure = drawn_measure(answer, channel)
        weeks = (
            f"{short_day(span.starts)} {_said(channel, measure, getattr(span.told.get(channel, Numbers()), measure))}"
            for span in spans
        )
        parts.append(f"{channel_name(channel)} ({_from(channel)}), {measure}: {', '.join(weeks)}")
    people = (
        f"{short_day(span.starts)} {count(span.entered)} and {count(span.converted)}"
        for span in spans
        if span.entered is not None
    )
    parts.append(f"{entry} and {outcome}: {', '.join(people) or UNKNOWN}")
    return f"By {answer.by}, oldest first. {'. '.join(parts)}.".replace(NBSP, " ")


def table_of(answer: Beside) -> list[dict[str, str | int | float | None]]:
    """Every number as rows: each span and channel, then what was told of longer periods."""
    rows: list[dict[str, str | int | float | None]] = []
    for span in answer.spans:
        people = {"Entered": span.entered, "Converted": span.converted, "Still open": span.open}
        for channel in answer.channels:
            if channel in span.told:
                rows.append(
                    {
                        "From": span.starts.isoformat(),
                        "To": None,
                        **_told(channel, span.told[channel]),
                        **people,
                    }
                )
    for total in answer.totals:
        days = {"From": total.first_day.isoformat(), "To": total.last_day.isoformat()}
        rows.append(
            {
                **days,
                **_told(total.channel, total.numbers),
                "Entered": None,
                "Converted": None,
                "Still open": None,
            }
        )
    return rows


def _told(channel: Channel, numbers: Numbers) -> dict[str, str | float | None]:
    measures = {name.capitalize(): getattr(numbers, name) for name in MEASURES}
    return {"Source": _from(channel), "Channel": channel.channel, "Currency": channel.currency, **measures}
