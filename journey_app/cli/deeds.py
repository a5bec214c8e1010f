"""Deeds on data: import, imports, undo, recipes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from journey_app.analysis.since import standing_in
from journey_app.cli.context import Context, json_option, new_file, say, writing
from journey_app.cli.reading import answers_of, reading_options
from journey_app.errors import BadFile
from journey_app.plain import to_plain
from journey_app.share.measured import noted
from journey_app.share.tables import as_csv
from journey_app.vocabulary import Answers, Imported, ImportReport, Rate
from journey_app.workspace import decisions
from journey_app.workspace.importing import goal_moved, import_files, undo
from journey_app.workspace.previewing import Preview, SeenEvent, previews_of, rejected_of_files
from journey_app.workspace.remembering import Saved, forget_recipe, recipes, source_in
from journey_app.workspace.uploads import uploads
from journey_app.workspace.workspace import Workspace

SHOWN = 5  # events of a file in a preview
INTERRUPTED = 130  # 128 and the number of the signal that Ctrl-C sends


def _files(paths: tuple[Path, ...]) -> list[tuple[Path, str]]:
    """Raises BadFile where none of them is there: then not even a workspace is made for them."""
    if not any(path.is_file() for path in paths):
        raise BadFile(
            f"There is no file {', '.join(f'“{path}”' for path in paths)}.", "Check the name and the folder."
        )
    return [(path, path.name) for path in paths]


def _report(report: ImportReport) -> dict[str, object]:
    return {
        "file": report.file,
        "recognised_as": report.recognised_as,
        "rows": report.rows,
        "events": report.events,
        "rejected": report.rejected,
        "already_there": report.already_there,
        "batch": report.batch,
        "rejects": to_plain(report.rejects),
        "notes": list(report.notes),
        "checkup": to_plain(report.checkup),
        "kept": report.kept,
    }


def _imported(imported: Imported) -> dict[str, object]:
    return {
        "files": [_report(report) for report in imported.files],
        "customers": imported.customers,
        "events": imported.events,
        "version": imported.version,
    }


def _import_lines(imported: Imported) -> list[str]:
    lines = []
    for r in imported.files:
        if r.kept:
            lines.append(f"{r.file}: {r.recognised_as}, a summary without people. {r.kept}")
            lines += [f"    {note}" for note in r.notes if note != r.kept]
            continue
        lines.append(
            f"{r.file}: read as {r.title or r.recognised_as}, {r.rows:,} rows → {r.events:,} new events"
            f" ({r.already_there:,} already there, {r.rejected:,} rows not used)"
        )
        lines += [f"    {x.rows:,} rows: {x.reason}{_first(x.first_rows)}" for x in r.rejects]
        lines += [f"    {note}" for note in r.notes]
    return [*lines, f"The workspace holds {imported.events:,} events of {imported.customers:,} customers."]


def _preview_lines(preview: Preview) -> list[str]:
    """How a file would be read, and its newest events as they would be kept."""
    said = _import_lines(Imported((preview.report,), 0, 0, ""))[:-1]
    if preview.newest:
        said.append("    Its newest events, with times in UTC:")
    return [*said, *(f"      {_event_line(event)}" for event in preview.newest[:SHOWN])]


def _event_line(event: SeenEvent) -> str:
    when = f"{event.at:%Y-%m-%d}" if event.day_only else f"{event.at:%Y-%m-%d %H:%M:%S}"
    money = "" if event.amount is None else f"  {event.amount:,.2f} {event.currency or ''}".rstrip()
    return f"{when}  {event.customer}  {event.event}{money}"


def _first(rows: tuple[int, ...], most: int = 5) -> str:
    """Which rows, as “ (row 2, 5)”; nothing where no row may be named."""
    told = ", ".join(map(str, rows[:most])) + (" …" if len(rows) > most else "")
    return f" (row {told})" if rows else ""


def _progress_on_stderr() -> Callable[[float, str], None]:
    """A line each time something else is done, or another tenth of it; nothing is drawn over."""
    last: tuple[str, int] | None = None

    def show(share: float, sentence: str) -> None:
        nonlocal last
        now = (sentence.split(",")[0], int(share * 10))
        if now != last:
            click.echo(f"{sentence} …", err=True)
            last = now

    return show


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@reading_options
@click.option("--no-recipe", is_flag=True, help="Do not read files as their like were read last time.")
@click.option("--dry-run", is_flag=True, help="Show how it would be read; store nothing.")
@click.option(
    "--rejected",
    "rejects",
    type=click.Path(path_type=Path),
    help="Also write every row that is not used here, as CSV: its number, the column, why, its cells.",
)
@json_option
@click.pass_obj
def import_command(
    context: Context,
    files: tuple[Path, ...],
    no_recipe: bool,
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
    **told: Any,
) -> None:
    """Read exports and keep their events. The same file again adds nothing."""
    answers, by_recipe = answers_of(told), not no_recipe
    found = _files(files)
    space = context.space(create=True)
    show = _progress_on_stderr()
    with stopping(space), new_file(rejects) as out:
        if out is not None and rejects is not None:
            rows = rejected_of_files(space, found, answers, recipes=by_recipe, now=context.wall)
            with writing(rejects):
                out.write(as_csv(rows))
        _read_or_store(context, space, found, answers, by_recipe, show, dry_run, as_json)


@contextmanager
def stopping(space: Workspace) -> Iterator[None]:
    """Ctrl-C says what became of the data, and ends with 130 as shells expect."""
    before = space.version
    try:
        yield
    except KeyboardInterrupt:
        stored = space.version != before
        click.echo(
            "Stopped; it was stored just before." if stored else "Stopped; nothing was stored.", err=True
        )
        sys.exit(INTERRUPTED)


def _read_or_store(
    context: Context,
    space: Workspace,
    found: list[tuple[Path, str]],
    answers: Answers,
    by_recipe: bool,
    show: Callable[[float, str], None],
    dry_run: bool,
    as_json: bool,
) -> None:
    if dry_run:
        previews = previews_of(space, found, answers, progress=show, recipes=by_recipe, now=context.wall)
        files = [_report(p.report) | {"newest": to_plain(p.newest[:SHOWN])} for p in previews]
        plain = {"files": files, "customers": None, "events": None, "version": None}
        say(as_json, plain, lambda: [line for preview in previews for line in _preview_lines(preview)])
        return
    imported = import_files(
        space,
        found,
        answers,
        author="command line",
        now=context.wall,
        progress=show,
        recipes=by_recipe,
        judge=standing_in,
    )
    noted(space, author="command line", now=context.wall)
    say(as_json, _imported(imported), lambda: _import_lines(imported))


def _brought(report: Mapping[str, Any]) -> str:
    """What an import brought: events, or of a report without people what is kept of it."""
    return str(report.get("kept") or f"{report['events']:,} events")


@click.command(name="imports")
@json_option
@click.pass_obj
def imports_command(context: Context, as_json: bool) -> None:
    """The imports in force, oldest first, with what each changed in the goal when it was stored."""
    space = context.space()
    there = {upload.batch for upload in uploads(space) if upload.bytes is not None}
    rows = [
        {
            "batch": b.doc_id,
            "saved_at": b.saved_at.isoformat(),
            **b.body["report"],
            "source": source_in(b.body),
            "system": b.body["system"],
            "live": "live" in b.body,
            "upload_kept": b.doc_id in there,
            **_goal_moved(space, b.doc_id),
        }
        for b in space.batches()
    ]
    say(as_json, {"imports": rows}, lambda: [line for row in rows for line in _import_row(row)])


def _import_row(row: Mapping[str, Any]) -> list[str]:
    line = f"{row['batch']}  {row['saved_at'][:16]}  {row['file']}  {_brought(row)}  ({row['source']}, {row['system']})"
    goal = row["goal"]
    if goal is None:
        return [line]
    since = "; the goal has changed since" if goal["changed_since"] else ""
    name = goal["measure"]["name"]
    return [line, f"    goal “{name}”: {_share(row['goal_before'])} → {_share(row['goal_after'])}{since}"]


def _goal_moved(space: Workspace, batch: str) -> dict[str, Any]:
    """What an import did to the goal, as it was counted then; null without a goal then.

    docs/decisions/023-what-an-import-did-to-the-goal.md
    """
    moved = goal_moved(space, batch)
    if moved is None:
        return {"goal_before": None, "goal_after": None, "goal": None}
    held = decisions.goal(space)
    return {
        "goal_before": rate_plain(moved.before.rate if moved.before else None),
        "goal_after": rate_plain(moved.after.rate if moved.after else None),
        "goal": {
            **to_plain(moved),
            "changed_since": held is None or held.value.measure != moved.measure,
        },
    }


def rate_plain(rate: Rate | None) -> dict[str, Any] | None:
    """A rate as JSON, with its share."""
    return None if rate is None else {**to_plain(rate), "share": rate.share}


def _share(rate: dict[str, Any] | None) -> str:
    return "–" if rate is None else f"{rate['share']:.1%} (n {rate['of']:,})"


@click.command(name="undo")
@click.argument("batch")
@json_option
@click.pass_obj
def undo_command(context: Context, batch: str, as_json: bool) -> None:
    """Take one import out again."""
    space = context.space()
    left = undo(space, batch, author="command line", now=context.wall)
    noted(space, author="command line", now=context.wall)
    say(as_json, _imported(left), lambda: _import_lines(left))


@click.group(name="recipes")
def recipes_command() -> None:
    """What was answered about files, kept for the next ones like them."""


def _recipe(saved: Saved) -> dict[str, object]:
    return {"id": saved.recipe_id, "saved_at": saved.saved_at.isoformat(), **to_plain(saved.recipe)}


def _recipe_line(saved: Saved) -> str:
    told = {
        name: value
        for name, value in to_plain(saved.recipe.answers).items()
        if value not in (None, False, {})
    }
    said = ", ".join(f"{name} {value}" for name, value in told.items())
    return f"{saved.recipe_id}  {saved.saved_at:%Y-%m-%d}  {saved.recipe.file}: {said}"


@recipes_command.command(name="list")
@json_option
@click.pass_obj
def recipes_list(context: Context, as_json: bool) -> None:
    """Every recipe, the oldest first."""
    found = recipes(context.space())
    plain = {"recipes": [_recipe(saved) for saved in found]}
    say(as_json, plain, lambda: [_recipe_line(saved) for saved in found] or ["None yet."])


@recipes_command.command(name="forget")
@click.argument("recipe_id", metavar="ID")
@json_option
@click.pass_obj
def recipes_forget(context: Context, recipe_id: str, as_json: bool) -> None:
    """Read files by a recipe no more."""
    gone = forget_recipe(context.space(), recipe_id, author="command line", now=context.wall)
    say(as_json, _recipe(gone), lambda: [f"Forgotten: {_recipe_line(gone)}"])


COMMANDS = (import_command, imports_command, undo_command, recipes_command)
