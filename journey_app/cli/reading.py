"""How is a file to be read? The options that say so, the same for `import` and for a saved source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from journey_app.errors import BadChoice
from journey_app.vocabulary import EPOCHS, OURS, SYSTEMS, Answers
from journey_app.workspace.placing import checked_source

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--map", "pairs", multiple=True, help="ours=theirs, such as --map customer=client_no (repeatable)."
    ),
    click.option("--timezone", help="The clock of times without a zone, such as Europe/Berlin."),
    click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="How to read 03/04/2026."),
    click.option("--source", help="What to call this source in the data."),
    click.option(
        "--system",
        type=click.Choice(SYSTEMS),
        help="What kind of place a log tells of that no export is known by.",
    ),
    click.option(
        "--ids",
        help="Whose numbers the customers of a log have: user (your user ids), own, or the name of a source.",
    ),
    click.option(
        "--as",
        "read_as",
        multiple=True,
        help="Which kind of export it is, such as stripe.payments (repeatable).",
    ),
    click.option(
        "--header-row", type=click.IntRange(0), help="The row of column names; 0 when no row holds any."
    ),
    click.option("--delimiter", help="What separates cells: , ; | tab or fixed."),
    click.option("--decimal", type=click.Choice([",", "."]), help="The decimal mark of amounts."),
    click.option("--epoch", type=click.Choice(EPOCHS), help="What plain numbers in a time column count."),
    click.option(
        "--drop-duplicates", is_flag=True, help="Leave rows out that are exactly like an earlier one."
    ),
    click.option("--midnight-is-a-day", is_flag=True, help="00:00 means that the time of day is not known."),
    click.option(
        "--one-per",
        metavar="COLUMN",
        help="The column with the id of an order whose rows are one event; COLUMN@time: its numbers are used "
        "again, so only the rows at one time; none: every row is one.",
    ),
    click.option(
        "--amount-of", type=click.Choice(["row", "order"]), help="Whose amount each row of an order holds."
    ),
)


def reading_options(command: Command) -> Command:
    """Every option that says how a file is read; `answers_of` takes what they were given."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def answers_of(told: Mapping[str, Any]) -> Answers:
    """What the options of `reading_options` say. Raises BadChoice for a mapping or a name that is none."""
    rest = {name: value for name, value in told.items() if name != "pairs"}
    if rest["source"] is not None:
        rest["source"] = checked_source(rest["source"])
    return Answers(map=_mapping(told["pairs"]), **rest)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    """--map ours=theirs, several times."""
    mapping = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or ours not in OURS:
            raise BadChoice(
                f"“{pair}” is not a mapping.", f"Write ours=theirs, ours being one of: {', '.join(OURS)}."
            )
        mapping[ours] = theirs
    return mapping
