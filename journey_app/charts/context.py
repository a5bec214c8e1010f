"""What was spent and how much traffic came, drawn above who entered and who converted, on one axis of weeks.

A row of bars per channel and a row per line, each on its own scale from 0. A week of which no report tells
anything has a “–”, never a bar of no height; one of which some days are told has a paler bar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import altair as alt

from journey_app.analysis.context import MEASURES, SPANS, Beside, Channel, Cost, Numbers, Span
from journey_app.charts.canvas import Canvas, Row
from journey_app.charts.text import NBSP, UNKNOWN, count, short_day, shorten
from journey_app.charts.theme import SCREEN, Palette

NAMES, LEFT, RIGHT, SUMS = 157.0, 171.0, 858.0, 874.0
HEADER, ROW, GAP, BETWEEN, FOOT = 26.0, 40.0, 14.0, 26.0, 30.0
MOST_CHANNELS, MOST_WEEKS, MOST_FEET, MOST_NAMED = 4, 26, 10, 3
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


def _said(channel: Channel, measure: str, value: float | None, whole: bool = True) -> str:
    """“EUR 412.50”, “at least 1,024 clicks” where not all of it is told."""
    if value is None:
        return UNKNOWN
    said = money(channel.currency, value) if measure == "spend" else f"{count(round(value))} {measure}"
    return said if whole else f"at least {said}"


def _said_of(channel: Channel, measure: str, numbers: Numbers) -> str:
    return _said(channel, measure, getattr(numbers, measure), measure not in numbers.untold)


def not_all_of(whose: Sequence[str]) -> str:
    """“not all of “Brand” and “Autumn” is told”; of many, the first."""
    names = [f"“{shorten(name, 40)}”" for name in whose[:MOST_NAMED]]
    more = [f"{count(len(whose) - MOST_NAMED)} more"] if len(whose) > MOST_NAMED else []
    *first, last = [*names, *more]
    return f"not all of {', '.join(first)} and {last} is told" if first else f"not all of {last} is told"


def _shown(answer: Beside) -> tuple[Span, ...]:
    return answer.spans[-MOST_WEEKS:]


def context_chart(
    answer: Beside, steps: Sequence[str] = (), *, colours: Palette = SCREEN
) -> alt.LayerChart | None:
    """Bars per channel above, entries and conversions below; None when no report tells single weeks.

    steps: those of the funnel, in order; its first and last have their colours of the funnel's picture.
    """
    spans, channels = _shown(answer), answer.channels[:MOST_CHANNELS]
    if not spans or not channels:
        return None
    lines = bool(steps) and any(span.entered is not None for span in spans)
    below = HEADER + len(channels) * (ROW + GAP)
    canvas = Canvas(below + (BETWEEN + 2 * (ROW + GAP) if lines else 0) + FOOT - GAP, colours)
    x = _places(spans)
    _head(canvas, 8, _heading(answer, channels))
    for k, channel in enumerate(channels):
        _bars(canvas, answer, spans, channel, x, HEADER + k * (ROW + GAP))
    if lines:
        waiting = any(span.open for span in spans)
        dashed = " (dashed: some still open)" if waiting else ""
        _head(canvas, below + 6, f"CUSTOMERS BY {answer.by.upper()} OF ENTRY{dashed}")
        last = colours.stage(len(steps) - 1)
        _line(canvas, spans, x, below + BETWEEN, "entered", steps[0], colours.stage(0))
        _line(canvas, spans, x, below + BETWEEN + ROW + GAP, "converted", steps[-1], last)
    _feet(canvas, spans, x, canvas.height - 12)
    return canvas.done()


def _head(canvas: Canvas, y: float, text: str) -> None:
    canvas.words([{"x": LEFT, "y": y, "text": text}], canvas.colours.muted, fontSize=11, fontWeight=600)


def _label(canvas: Canvas, top: float, name: str, about: str, total: str, peak: str) -> None:
    """What a row is, at its left, and how much it comes to, at its right."""
    colours = canvas.colours
    strong, small = {"fontSize": 13, "fontWeight": 600}, {"fontSize": 11.5}
    for y, left, right, color, style in (
        (top + 12, name, total, colours.ink, strong),
        (top + 29, about, peak, colours.muted, small),
    ):
        canvas.words([{"x": NAMES, "y": y, "text": shorten(left, 26)}], color, align="right", **style)
        canvas.words([{"x": SUMS, "y": y, "text": right}], color, **style)


def _heading(answer: Beside, channels: Sequence[Channel]) -> str:
    more = len(answer.channels) - len(channels)
    weeks = len(answer.spans) - len(_shown(answer))
    rest = [f"{more} more in the table"] if more else []
    rest += [f"the newest {MOST_WEEKS} of {len(answer.spans)} {answer.by}s"] if weeks else []
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
) -> None:
    colours, measure, foot = canvas.colours, drawn_measure(answer, channel), top + ROW
    color = colours.accent if measure == "spend" else colours.muted
    numbers = [span.told.get(channel, Numbers()) for span in spans]
    values = [getattr(each, measure) for each in numbers]
    known = [value for value in values if value is not None]
    most = max(known, default=0.0) or 1.0
    whole: list[Row] = []
    partly: list[Row] = []
    unknown: list[Row] = []
    for k, (span, value) in enumerate(zip(spans, values, strict=True)):
        if value is None:
            unknown.append({"x": x(k, 0.5), "y": foot - 6, "text": UNKNOWN})
            continue
        height = max(ROW * max(value, 0.0) / most, 1.0 if value else 0.0)
        bar = {"x": x(k, 0.14), "x2": x(k, 0.86), "y": foot - height, "y2": foot, "color": color}
        days, all_days = span.days.get(channel, 0), SPANS[answer.by].days
        missing = f", {days} of {all_days} days told" if days < all_days else ""
        if whose := numbers[k].untold.get(measure):
            missing += f", {not_all_of(whose)}"
        said = _said_of(channel, measure, numbers[k])
        says = f"{channel_name(channel)}, {short_day(span.starts)}: {said}{missing}"
        (partly if missing else whole).append({**bar, "says": says.replace(NBSP, " ")})
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": foot, "y2": foot}], colours.line, strokeWidth=1)
    canvas.boxes(whole, tooltip=True, cornerRadius=1.5)
    canvas.boxes(partly, tooltip=True, cornerRadius=1.5, opacity=0.45)
    canvas.words(unknown, colours.muted, align="center", fontSize=11)
    all_told = not any(measure in each.untold for each in numbers)
    total = _said(channel, measure, sum(known) if known else None, all_told)
    peak = f"most {_said(channel, measure, max(known, default=None), all_told)}"
    _label(canvas, top, channel_name(channel), f"{_from(channel)} · {measure}", total, peak)


def _line(
    canvas: Canvas,
    spans: Sequence[Span],
    x: Callable[[int, float], float],
    top: float,
    name: str,
    title: str,
    color: str,
) -> None:
    """Entries or conversions, from 0; dashed where customers still have time to convert."""
    foot = top + ROW
    known = {k: getattr(span, name) for k, span in enumerate(spans) if getattr(span, name) is not None}
    most = max(known.values(), default=0) or 1
    spots = {k: {"x": x(k, 0.5), "y": foot - (ROW - 4) * value / most} for k, value in known.items()}
    waits = {k for k in known if name == "converted" and spans[k].open}
    pieces = {
        k: {**spots[k], "x2": spots[k + 1]["x"], "y2": spots[k + 1]["y"]} for k in spots if k + 1 in spots
    }
    canvas.lines([{"x": LEFT, "x2": RIGHT, "y": foot, "y2": foot}], canvas.colours.line, strokeWidth=1)
    canvas.lines([piece for k, piece in pieces.items() if k + 1 not in waits], color, strokeWidth=2)
    dashed = [piece for k, piece in pieces.items() if k + 1 in waits]
    canvas.lines(dashed, color, strokeWidth=2, strokeDash=[3, 4])
    canvas.dots(list(spots.values()), color, size=26)
    word = "entered" if name == "entered" else "so far" if waits else "converted"
    peak = f"most {count(max(known.values(), default=None))}"
    about = "first step" if name == "entered" else "last step, in time"
    _label(canvas, top, title, about, f"{count(sum(known.values()))} {word}", peak)


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
    least = "at least " if cost.untold else ""
    spent = f"{name}: {least}{money(code, cost.spend)} on {_days(cost)}"
    if cost.untold:
        spent += f" ({not_all_of(cost.untold)})"
    if cost.entered is None:
        return f"{spent}; no customer's channel can be told to be this one."
    if not cost.entered:
        return f"{spent}, and nobody entered by it."
    each = (
        f"{spent}, {least}{money(code, cost.per_entry)} for each of {count(cost.entered)} who entered by it"
    )
    if not cost.converted:
        return f"{each}; none of them converted."
    return f"{each}, {least}{money(code, cost.per_conversion)} for each of {count(cost.converted)} who converted."


def not_whole_lines(answer: Beside) -> list[str]:
    """Of each channel, whose numbers are not all told in some span, one line a channel: its sums are the least."""
    lines = []
    for channel in answer.channels:
        lacking: dict[str, dict[str, None]] = {}
        for span in answer.spans:
            for name, whose in span.told.get(channel, Numbers()).untold.items():
                lacking.setdefault(name, {}).update(dict.fromkeys(whose))
        if lacking:
            said = "; ".join(f"of {name} {not_all_of(list(whose))}" for name, whose in lacking.items())
            lines.append(
                f"{_from(channel)}, {channel_name(channel)}: {said}, so its sums are the least they can be."
            )
    return lines


def _days(cost: Cost) -> str:
    """“84 days, 3 Mar to 25 May 2026, each over for everyone who entered on it”."""
    days = f"{count(cost.days)} day{'' if cost.days == 1 else 's'}"
    if cost.first_day is None or cost.last_day is None:
        return days
    return f"{days}, {_range(cost.first_day, cost.last_day)}, each over for everyone who entered on it"


def _range(first: date, last: date) -> str:
    if first == last:
        return _long_day(first)
    return f"{short_day(first) if first.year == last.year else _long_day(first)} to {_long_day(last)}"


def context_claim(answer: Beside) -> str:
    """The one sentence: what the channel that cost most cost, beside who came by it."""
    known = [cost for cost in answer.costs if cost.per_entry is not None]
    if known:
        best = known[0]
        name, code = channel_name(best.channel), best.channel.currency
        when = f", {_range(best.first_day, best.last_day)}" if best.first_day and best.last_day else ""
        least = "at least " if best.untold else ""
        return (
            f"Beside {count(best.entered)} customers who entered by {name}{when}, {least}{money(code, best.spend)} "
            f"was spent: {least}{money(code, best.per_entry)} each."
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
            _said_of(total.channel, name, total.numbers)
            for name in DRAWN
            if getattr(total.numbers, name) is not None
        ]
        days = f"{_long_day(total.first_day)} to {_long_day(total.last_day)}"
        told += [f"of {name} {not_all_of(whose)}" for name, whose in total.numbers.untold.items()]
        lines.append(
            f"{_from(total.channel)}, {channel_name(total.channel)}, {days} together: {', '.join(told) or UNKNOWN}."
        )
    return lines


def _long_day(when: date) -> str:
    return f"{short_day(when)}{NBSP}{when.year}"


def describe(answer: Beside, steps: Sequence[str] = ()) -> str:
    """The picture in words: each channel's weeks, then who entered and converted."""
    spans, parts = _shown(answer), []
    for channel in answer.channels[:MOST_CHANNELS]:
        measure = drawn_measure(answer, channel)
        weeks = (
            f"{short_day(span.starts)} {_said_of(channel, measure, span.told.get(channel, Numbers()))}"
            for span in spans
        )
        parts.append(f"{channel_name(channel)} ({_from(channel)}), {measure}: {', '.join(weeks)}")
    people = (
        f"{short_day(span.starts)} {count(span.entered)} and {count(span.converted)}"
        for span in spans
        if span.entered is not None
    )
    if steps:
        parts.append(f"{steps[0]} and {steps[-1]}: {', '.join(people) or UNKNOWN}")
    return f"By {answer.by}, oldest first. {'. '.join(parts)}.".replace(NBSP, " ")


def table_of(answer: Beside) -> list[dict[str, str | int | float | None]]:
    """Every number as rows: each span and channel, then what was told of longer periods.

    Where some are the least they can be, a column says which and why.
    """
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
    if not any(row["At least"] for row in rows):
        for row in rows:
            del row["At least"]
    return rows


def _told(channel: Channel, numbers: Numbers) -> dict[str, str | float | None]:
    measures = {name.capitalize(): getattr(numbers, name) for name in MEASURES}
    least = "; ".join(f"{name.capitalize()}: {not_all_of(whose)}" for name, whose in numbers.untold.items())
    return {
        "Source": _from(channel),
        "Channel": channel.channel,
        "Currency": channel.currency,
        **measures,
        "At least": least or None,
    }
