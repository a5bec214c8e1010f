"""Data that keep coming: sources, sync, keys, inbox."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import click

from journey_app.analysis.since import standing_in
from journey_app.cli.context import LENGTH, Context, json_option, say
from journey_app.cli.reading import answers_of, reading_options
from journey_app.errors import BadChoice
from journey_app.plain import to_plain
from journey_app.share.measured import noted
from journey_app.workspace.freshness import freshness
from journey_app.workspace.inbox import live_batches, merge_if_free, waiting
from journey_app.workspace.keys import create_key, list_keys, revoke_key
from journey_app.workspace.sources import (
    KINDS,
    USUAL,
    Source,
    remove_source,
    save_source,
    source_named,
    sources,
)
from journey_app.workspace.syncing import sync, try_source
from journey_app.workspace.workspace import Workspace

AUTHOR = "command line"


# ---------------------------------------------------------------- sources


@click.group(name="sources")
def sources_group() -> None:
    """Where new data come from by themselves."""


def _row(space: Workspace, source: Source, context: Context) -> dict[str, Any]:
    how = freshness(space, source, context.wall)
    return {
        "name": source.name,
        "kind": source.kind,
        "where": source.shown,
        "every": f"{int(source.every.total_seconds() // 60)}m",
        **to_plain(how),
    }


def _line(row: dict[str, Any]) -> str:
    last = f"last fetched {row['ok_at'][:16]} UTC" if row["ok_at"] else "never fetched"
    return f"{row['name']}: {row['state']}, {last} ({row['where']})" + (
        f"\n    {row['what']} {row['do']}" if row["what"] else ""
    )


@sources_group.command(name="add")
@click.argument("name")
@click.argument("where")
@click.option("--kind", type=click.Choice(KINDS), help="Default: https or s3 for an address, else folder.")
@click.option("--table", default="", help="Which table or view of a database.")
@click.option("--every", type=LENGTH, default="24h", show_default=True, help="How old its data may get.")
@reading_options
@json_option
@click.pass_obj
def add_command(
    context: Context,
    name: str,
    where: str,
    kind: str | None,
    table: str,
    every: timedelta | str,
    as_json: bool,
    **told: Any,
) -> None:
    """Save a source, or change the one of this name; “sync” fetches it.

    WHERE is a folder or pattern of files, an https address, s3://bucket/pattern, or the name of the
    environment variable that holds a database's address.
    """
    space = context.space(create=True)
    kind = kind or (
        "database"
        if table
        else "s3"
        if where.startswith("s3://")
        else "https"
        if "://" in where
        else "folder"
    )
    answers = answers_of(told)
    length = every if isinstance(every, timedelta) else None
    if length is None:
        raise BadChoice(
            "A source must be refreshed at some time.",
            f"Give a length such as {USUAL.total_seconds() / 3600:.0f}h.",
        )
    wanted = Source(name, kind, where, table, length, answers)
    source = save_source(space, wanted, author=AUTHOR, now=context.wall)
    row = _row(space, source, context)
    say(as_json, row, lambda: [_line(row)])


@sources_group.command(name="list")
@json_option
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """Every source: when it was tried, when it worked, when it is due, what stood in the way."""
    space = context.space()
    rows = [_row(space, source, context) for source in sources(space)]
    say(as_json, {"sources": rows}, lambda: [_line(row) for row in rows] or ["None yet."])


@sources_group.command(name="remove")
@click.argument("name")
@json_option
@click.pass_obj
def remove_command(context: Context, name: str, as_json: bool) -> None:
    """Fetch it no more; what it brought stays."""
    gone = remove_source(context.space(), name, author=AUTHOR, now=context.wall)
    say(
        as_json,
        {"removed": gone.name},
        lambda: [f"“{gone.name}” is not fetched any more; what it brought stays."],
    )


@sources_group.command(name="test")
@click.argument("name")
@json_option
@click.pass_obj
def test_command(context: Context, name: str, as_json: bool) -> None:
    """Fetch it and show how it would be read; store nothing."""
    space = context.space()
    tables = try_source(space, source_named(space, name))
    rows = [
        {
            "file": table.file,
            "recognised_as": table.recognised_as,
            "mapping": dict(table.mapping),
            "asks": str(table.problem or table.question or ""),
        }
        for table in tables
    ]
    say(
        as_json,
        {"files": rows},
        lambda: [
            f"{r['file']}: read as {r['recognised_as']}. {r['asks'] or 'Nothing to ask.'}" for r in rows
        ],
    )


@click.command(name="sync")
@click.argument("names", nargs=-1)
@json_option
@click.pass_obj
def sync_command(context: Context, names: tuple[str, ...], as_json: bool) -> None:
    """Fetch what is new from every source, or from those named, and merge live calls; for cron.

    Exit code 1 when any source failed; the others were synced all the same.
    """
    space = context.space()
    done = sync(space, names, now=context.wall, judge=standing_in) if names or sources(space) else ()
    merged = None if names else merge_if_free(space, now=context.wall)
    if merged is not None or any(each.events for each in done):
        noted(space, author=AUTHOR, now=context.wall)
    plain = {
        "sources": to_plain(done),
        "live": None if merged is None else to_plain(merged),
        "version": space.version,
    }

    def lines() -> list[str]:
        told = [
            f"{d.name}: {d.files:,} changed files, {d.events:,} new events"
            if d.ok
            else f"{d.name}: {d.what} {d.do}"
            for d in done
        ]
        told += [f"  {warning}" for d in done for warning in d.warnings]
        if merged is not None:
            told.append(f"Live calls: {merged.calls:,} merged, {merged.events:,} new events")
        elif not names and (calls := waiting(space).calls):
            told.append(f"Live calls: {calls:,} wait, for the data are being changed just now.")
        return told or ["Nothing to sync: no source is saved and no live call waits."]

    say(as_json, plain, lines)
    failed = [each for each in done if not each.ok]
    for each in failed:
        click.echo(f"{each.name}: {each.what}\n{each.do}", err=True)
    if failed:
        sys.exit(1)


# ---------------------------------------------------------------- live calls


@click.group(name="keys")
def keys_group() -> None:
    """Who may send live calls into this workspace."""


@keys_group.command(name="create")
@click.option("--title", default="tracking", show_default=True, help="What will send by it.")
@json_option
@click.pass_obj
def create_command(context: Context, title: str, as_json: bool) -> None:
    """Make a write key; it is shown only now."""
    key, made = create_key(context.space(create=True).store, title, author=AUTHOR, now=context.wall)
    say(
        as_json,
        {"key": key, "id": made.key_id, "title": made.title},
        lambda: [key, f"Its id is {made.key_id}."],
    )


@keys_group.command(name="list")
@json_option
@click.pass_obj
def keys_command(context: Context, as_json: bool) -> None:
    """Every write key, without the key."""
    rows = [to_plain(key) for key in list_keys(context.space().store)]
    say(
        as_json,
        {"keys": rows},
        lambda: (
            [f"{r['key_id']}  {r['title']}  {'revoked' if r['revoked_at'] else 'in force'}" for r in rows]
            or ["None yet."]
        ),
    )


@keys_group.command(name="revoke")
@click.argument("key_id", metavar="ID")
@json_option
@click.pass_obj
def revoke_command(context: Context, key_id: str, as_json: bool) -> None:
    """Take a write key back; within seconds nothing is taken by it."""
    ended = revoke_key(context.space().store, key_id, author=AUTHOR, now=context.wall)
    say(as_json, to_plain(ended), lambda: [f"“{ended.title}” is revoked."])


@click.group(name="inbox")
def inbox_group() -> None:
    """Live calls on their way to being events."""


@inbox_group.command(name="status")
@json_option
@click.pass_obj
def status_command(context: Context, as_json: bool) -> None:
    """How many calls wait, since when, what was refused, and how the last merge went."""
    space = context.space()
    here = waiting(space)
    tried_at, seconds, trouble = here.merge or (None, None, "")
    plain = {
        "waiting": here.calls,
        "since": here.since,
        "refused": {reason: {"calls": n, "last_at": at} for reason, (n, at) in here.refused.items()},
        "merge": None
        if here.merge is None
        else {"tried_at": tried_at, "seconds": seconds, "trouble": trouble},
        "batches": [batch.doc_id for batch in live_batches(space)],
    }

    def lines() -> list[str]:
        told = [f"{here.calls:,} calls wait" + (f", since {here.since[:19]} UTC." if here.since else ".")]
        told += [
            f"{n:,} calls refused: {reason}, last {at[:19]} UTC" for reason, (n, at) in here.refused.items()
        ]
        if tried_at:
            told.append(f"Last merge {tried_at[:19]} UTC, {seconds:.1f} s. {trouble}".strip())
        return told

    say(as_json, plain, lines)


COMMANDS = (sources_group, sync_command, keys_group, inbox_group)
