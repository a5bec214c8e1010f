"""What reports without people say beside the funnel: context."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import click

from journey_app.analysis.context import MEASURES, SPANS, Beside, Channel, Numbers
from journey_app.analysis.context import beside as beside_question
from journey_app.cli.context import LENGTH, Context, clock_of, json_option, length, now_option, say
from journey_app.decide.phrase import plural
from journey_app.errors import NothingYet
from journey_app.plain import to_plain
from journey_app.workspace import decisions
from journey_app.workspace.workspace import Workspace

NO_REPORTS = ("No report of spend or traffic has been imported.", "Import one: Google Ads, Meta Ads or GA4.")


def _funnel_of(
    space: Workspace, steps: tuple[str, ...], within: timedelta | None
) -> tuple[tuple[str, ...], timedelta | None]:
    """The steps that were named, else those of the goal with its window, else none."""
    held = decisions.goal(space)
    if steps or held is None:
        return steps, within
    return held.value.steps, held.value.measure.within


def _row(channel: Channel, numbers: Numbers) -> dict[str, object]:
    return {**to_plain(channel), **to_plain(numbers)}


def _plain(answer: Beside) -> dict[str, object]:
    return {
        "by": answer.by,
        "spans": [
            {
                "starts": span.starts.isoformat(),
                "entered": span.entered,
                "converted": span.converted,
                "open": span.open,
                "told": [_row(channel, numbers) for channel, numbers in span.told.items()],
            }
            for span in answer.spans
        ],
        "totals": [
            {
                "first_day": total.first_day.isoformat(),
                "last_day": total.last_day.isoformat(),
                **_row(total.channel, total.numbers),
            }
            for total in answer.totals
        ],
        "costs": [
            {**to_plain(cost.channel), **{k: v for k, v in to_plain(cost).items() if k != "channel"}}
            for cost in answer.costs
        ],
    }


def _number(value: float | int | None) -> str:
    return "–" if value is None else f"{value:,.2f}".removesuffix(".00")


def _named(numbers: Numbers) -> str:
    told = ((name, getattr(numbers, name)) for name in MEASURES)
    return ", ".join(_measure(name, value, numbers) for name, value in told if value is not None)


def _measure(name: str, value: float, numbers: Numbers) -> str:
    """“clicks 30”, or “clicks at least 30 (not all of Brand, Autumn is told)”."""
    whose = numbers.untold.get(name, ())
    return f"{name} {_least(value, whose)}{_whose(whose)}"


def _least(value: float | None, whose: Sequence[str]) -> str:
    return f"at least {_number(value)}" if whose and value is not None else _number(value)


def _whose(whose: Sequence[str]) -> str:
    return f" (not all of {', '.join(whose)} is told)" if whose else ""


def _lines(answer: Beside) -> list[str]:
    lines = []
    for span in answer.spans:
        lines.append(f"{span.starts}  entered {_number(span.entered)}, converted {_number(span.converted)}")
        for channel, numbers in span.told.items():
            lines.append(f"    {_channel(channel)}: {_named(numbers)}")
    for total in answer.totals:
        days = f"{total.first_day} to {total.last_day} together"
        lines.append(f"{days}: {_channel(total.channel)}: {_named(total.numbers)}")
    for cost in answer.costs:
        if not cost.days:  # none is over for everyone who entered on it
            continue
        lines.append(
            f"{_channel(cost.channel)}, {plural(cost.days, 'day')}: {_least(cost.spend, cost.untold)} spent"
            f"{_whose(cost.untold)}, "
            f"{_number(cost.entered)} entered ({_least(cost.per_entry, cost.untold)} each), "
            f"{_number(cost.converted)} converted ({_least(cost.per_conversion, cost.untold)} each)"
        )
    return [*lines, "Side by side only: it does not show that the spend brought them."]


def _channel(channel: Channel) -> str:
    parts = (channel.channel or "all channels", channel.currency, channel.source)
    return " · ".join(part for part in parts if part)


@click.command(name="context")
@click.argument("steps", nargs=-1)
@click.option("--by", type=click.Choice(list(SPANS)), default="week", show_default=True)
@click.option(
    "--window", type=LENGTH, default="14d", show_default=True, help="Time from entering; none: no limit."
)
@now_option
@json_option
@click.pass_obj
def context_command(
    context: Context,
    steps: tuple[str, ...],
    by: str,
    window: timedelta | str,
    now: date | None,
    as_json: bool,
) -> None:
    """What was spent and how much traffic came, beside who entered and converted (of the goal, or of STEPS)."""
    space = context.space()
    steps, within = _funnel_of(space, steps, length(window))
    events = space.events()
    clock = clock_of(space, steps, now) if steps else None
    answer = beside_question(events, steps, within, clock=clock, by=by)
    if answer is None:
        raise NothingYet(*NO_REPORTS)
    say(as_json, {**_plain(answer), "steps": list(steps), "version": events.version}, lambda: _lines(answer))


COMMANDS = (context_command,)
