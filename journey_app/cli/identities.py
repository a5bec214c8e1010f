"""Who is one customer, and what a person decides about it: identities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from journey_app.analysis.catalog import totals
from journey_app.analysis.identities import (
    KnownId,
    Pair,
    chained,
    identity,
    pairs,
    refusals_by_reason,
    refused,
    which_id,
)
from journey_app.analysis.series import goal_clock
from journey_app.analysis.whatif import Reading, reading
from journey_app.cli.context import Context, json_option, now_option, say
from journey_app.errors import UnknownName
from journey_app.plain import to_plain
from journey_app.vocabulary import MATCHINGS
from journey_app.workspace import decisions
from journey_app.workspace import identities as deeds
from journey_app.workspace.left_out import insist_not_left_out
from journey_app.workspace.matching import events_under
from journey_app.workspace.rebuilding import Built
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"


class _ShowByDefault(click.Group):
    """`identities ID` is `identities show ID`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["show", *args])


@click.group(cls=_ShowByDefault)
def identities() -> None:
    """Which ids are one customer, and why. `identities ID` shows who that is."""


@identities.command(name="show")
@click.argument("raw_id", metavar="ID")
@json_option
@click.pass_obj
def show(context: Context, raw_id: str, as_json: bool) -> None:
    """Who is behind ID (email:ana@example.com, or only its value), over which ids, and why they are one."""
    space = context.space()
    events = space.events()
    found = identity(events, _id_here(space, raw_id))

    def lines() -> list[str]:
        ids = [f"  {each.raw_id}  {_rows(each.rows)}, {', '.join(each.sources)}" for each in found.ids]
        links = [line for pair in pairs(found.links) for line in _pair(pair)]
        beside = [f"  {_off(each)}" for each in found.beside if each.refused]
        return [
            f"{found.label}: {found.events:,} events",
            *ids,
            "Linked by:",
            *links,
            *_if("Not followed:", beside),
        ]

    say(as_json, {**to_plain(found), "version": space.version}, lines)


def _id_here(space: Workspace, wanted: str) -> str:
    """The raw id that is meant. One that the clean-up leaves out is a sentence of its own."""
    try:
        return which_id(space.events(), wanted)
    except UnknownName:
        insist_not_left_out(space, wanted)
        raise


def _pair(pair: Pair) -> list[str]:
    """Two ids in one line, and each reason that links them below."""
    more = "" if pair.followed else " (not followed)"
    reasons = [
        f"    {link.reason}, {link.source}, {_rows(link.rows)}, the first one row {link.row:,} of {link.batch_id}"
        for link in pair.reasons
    ]
    return [f"  {pair.left} – {pair.right}: {_rows(pair.rows)}{more}", *reasons]


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _if(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *lines] if lines else []


def _off(each: KnownId) -> str:
    day = f", {each.in_a_day:,} of them within a day" if each.in_a_day else ""
    return f"{each.raw_id}: {each.refused}, seen with {each.would_join or 0:,}{day}"


@identities.command(name="refused")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@json_option
@click.pass_obj
def refused_command(context: Context, limit: int, as_json: bool) -> None:
    """Ids that were not followed, and why: those that would have joined most customers first."""
    events = context.space().events()
    found, counts = refused(events, limit), refusals_by_reason(events)
    plain = {"refused": to_plain(found), "by_reason": counts, "version": events.version}
    say(as_json, plain, lambda: [_off(each) for each in found] or ["Every id was followed."])


@identities.command(name="chains")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@json_option
@click.pass_obj
def chains_command(context: Context, limit: int, as_json: bool) -> None:
    """Customers made of unusually many ids, to look at: nothing was refused, and a cut parts them."""
    events = context.space().events()
    found = chained(events, deeds.MANY_IDS, limit)
    plain = {"chains": to_plain(found), "more_than": deeds.MANY_IDS, "version": events.version}
    none = [f"No customer has more than {deeds.MANY_IDS} user ids, addresses and phone numbers."]
    say(as_json, plain, lambda: [f"{each.key}  {each.ids:,} ids" for each in found] or none)


@identities.command(name="cut")
@click.argument("left")
@click.argument("right")
@click.option("--dry-run", is_flag=True, help="Show what it would change; cut nothing.")
@json_option
@click.pass_obj
def cut_command(context: Context, left: str, right: str, dry_run: bool, as_json: bool) -> None:
    """LEFT and RIGHT are two people: keep them apart, also after later imports."""
    space = context.space()
    ends = (_id_here(space, each) for each in (left, right))
    preview = deeds.preview_cut(space, deeds.cut_of(*ends))
    before = totals(space.events()).customers
    if dry_run:  # counting may take as long as the cut, and the sentences do not say it
        after = deeds.customers_with(space, preview.cut) if as_json else before
    else:
        after = deeds.cut_apart(space, preview.cut, author=AUTHOR, now=context.wall).customers

    def lines() -> list[str]:
        head = f"{preview.before.label} {'would become' if dry_run else 'is now'}"
        number = len(preview.after)
        becomes = "one customer still" if number == 1 else f"{number} customers"
        nobody = [
            f"{', '.join(preview.nobody)} {'would be' if dry_run else 'is'} nobody's: no row names it alone, so"
            " its events stay where they are."
        ] * bool(preview.nobody)
        parts = [
            f"  {part.label}: {_events(part.events)}, {', '.join(part.raw_ids)}" for part in preview.after
        ]
        asked = ["Nothing was changed. Leave --dry-run out to do it."] * dry_run
        return [f"{head} {becomes} ({_events(preview.before.events)}):", *parts, *nobody, *asked]

    plain = {
        "cut": to_plain(preview.cut),
        "before": to_plain(preview.before),
        "after": to_plain(preview.after),
        "nobody": list(preview.nobody),
        "customers_before": before,
        "customers_after": after,
        "version": space.version,
    }
    say(as_json, plain, lines)


def _events(number: int) -> str:
    return f"{number:,} event{'' if number == 1 else 's'}"


@identities.command(name="uncut")
@click.argument("left")
@click.argument("right")
@json_option
@click.pass_obj
def uncut_command(context: Context, left: str, right: str, as_json: bool) -> None:
    """Take a cut back: rows may join LEFT and RIGHT again."""
    space = context.space()
    built = deeds.take_back(space, _cut_named(space, left, right), author=AUTHOR, now=context.wall)
    _built(as_json, built)


def _cut_named(space: Workspace, left: str, right: str) -> Any:
    """A cut by the ids it was made with, types left away or not: they need not be in the data any more."""
    wanted = {left, right}
    for held in deeds.cuts(space):
        ends = (held.value.left, held.value.right)
        if all(wanted & {end, end.partition(":")[2]} for end in ends):
            return held.value
    return deeds.cut_of(left, right)


def _built(as_json: bool, built: Built) -> None:
    said = {"customers": built.customers, "version": built.version}
    say(as_json, said, lambda: [f"The workspace holds {built.customers:,} customers."])


@identities.command(name="cuts")
@json_option
@click.pass_obj
def cuts_command(context: Context, as_json: bool) -> None:
    """Every cut in force."""
    rows = [
        {**to_plain(held.value), "author": held.author, "saved_at": held.saved_at.isoformat()}
        for held in deeds.cuts(context.space())
    ]
    say(
        as_json,
        {"cuts": rows},
        lambda: (
            [f"{r['left']}  {r['right']}  {r['author']}, {r['saved_at'][:16]}" for r in rows]
            or ["Nothing is cut."]
        ),
    )


@identities.command(name="what-if")
@now_option
@json_option
@click.pass_obj
def what_if(context: Context, now: date | None, as_json: bool) -> None:
    """Customers, match rates and the goal under strict, normal and loose matching, side by side."""
    space = context.space()
    held, chosen = decisions.goal(space), space.ground.shaping.matching
    found: dict[str, Reading] = {}
    for matching in MATCHINGS:
        with events_under(space, matching) as events:
            clock = goal_clock(events, held.value, now) if held else None
            found[matching] = reading(events, held.value.measure if held else None, clock)
    rows = [_reading(name, each, name == chosen) for name, each in found.items()]

    def line(row: dict[str, Any]) -> str:
        goal = row["goal"]
        rate = f"  goal {goal['share']:.1%} ({goal['low']:.1%}–{goal['high']:.1%})" if goal else ""
        mark = "  ← in force" if row["in_force"] else ""
        return f"{row['matching']:<7}{row['customers']:>10,} customers, {row['known']:,} known{rate}{mark}"

    say(as_json, {"matchings": rows, "version": space.version}, lambda: [line(row) for row in rows])


def _reading(name: str, found: Reading, in_force: bool) -> dict[str, Any]:
    plain = to_plain(found)
    goal = None if found.goal is None else {**plain["goal"], "share": found.goal.share}
    return {"matching": name, "in_force": in_force, **plain, "goal": goal}


@identities.command(name="matching")
@click.argument("wanted", metavar="[strict|normal|loose]", required=False, type=click.Choice(MATCHINGS))
@json_option
@click.pass_obj
def matching_command(context: Context, wanted: str | None, as_json: bool) -> None:
    """How far ids are followed; with a word, from now on."""
    space = context.space()
    if wanted is not None and wanted != space.ground.shaping.matching:
        held = deeds.matching(space)
        based_on = held.version if held else 0
        deeds.adopt(space, wanted, based_on=based_on, author=AUTHOR, now=context.wall)
    chosen = space.ground.shaping.matching
    say(as_json, {"matching": chosen, "version": space.version}, lambda: [f"Matching is {chosen}."])


COMMANDS = (identities,)
