"""Which files are there to be stored, how would each be read, and what stands in the way of any?

All files are looked at before it is said: whoever brings five learns at once what four of them need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from journey_app.errors import BadFile, JourneyError
from journey_app.intake.apart import Heard, let_go, prepare, unheard
from journey_app.intake.contract import Answers
from journey_app.intake.limits import MEGABYTE, Caps, Limits
from journey_app.intake.prepared import Prepared
from journey_app.intake.source import display_label
from journey_app.workspace.keeping import copied
from journey_app.workspace.placing import placed
from journey_app.workspace.remembering import Recalled, tables_recalled
from journey_app.workspace.troubles import Troubles
from journey_app.workspace.workspace import Workspace

Progress = Callable[[float, str], None]


def silent(_share: float, _sentence: str) -> None:
    """For callers that show no progress."""


def prepare_file(
    space: Workspace, path: Path, name: str, answers: Answers, heard: Heard = unheard
) -> tuple[Prepared, ...]:
    """How each table of a file would be read, within the bounds an operator set; stores nothing.

    The file is read in a process of its own. heard: told how many bytes have been read so far.
    """
    return prepare(
        path,
        name,
        answers,
        timezone=space.timezone,
        limits=Limits.of(space.settings),
        caps=Caps.of(space.settings),
        heard=heard,
    )


def recalled_files(
    space: Workspace,
    files: Sequence[tuple[Path, str]],
    answers: Answers,
    recipes: bool,
    progress: Progress = silent,
    *,
    folder: Path | None = None,
    unseen: bool = False,
) -> list[Recalled]:
    """Every table of some files, read as a person says and, where `recipes`, as they said before.

    folder: where the files are copied to first, as they are now, whoever goes on writing them. unseen:
    whether their events will be stored though nobody has seen them, so that what must be confirmed counts.
    All files are looked at; then it raises what one needs, or NotAllFiles with all that several do.
    """
    troubles, found, numbers = Troubles(), list[Recalled](), list[int]()
    try:
        for number, (path, name) in enumerate(files):
            label = display_label(name)
            with troubles.of(label):
                copy = _copy(path, name, folder / str(number)) if folder else _there(path)
                tables = prepare_file(space, copy, name, answers, looking(label, progress))
                new = list(tables_recalled(space, iter(tables), answers, recipes))
                found += new
                numbers += [number + 1] * len(new)
                troubles.note_all((each.table.file, in_the_way(each.table, unseen)) for each in new)
            if troubles:  # nothing will be stored: neither processes nor copies are kept for it
                _let_go(found)
                _emptied(folder)
        troubles.insist()
        settled = placed(space, [each.table for each in found])
        for number, table in zip(numbers, settled, strict=True):
            troubles.note(number, table.file, table.question)
        troubles.insist()
    except BaseException:
        _let_go(found)
        raise
    return [replace(each, table=table) for each, table in zip(found, settled, strict=True)]


def _let_go(found: list[Recalled]) -> None:
    let_go([each.table for each in found])
    found.clear()


def _there(path: Path) -> Path:
    """Raises BadFile where there is no file."""
    if not path.is_file():
        raise BadFile(f"There is no file “{path}”.", "Check the name and the folder.")
    return path


def _copy(path: Path, name: str, target: Path) -> Path:
    copied(_there(path), target, name)
    return target


def _emptied(folder: Path | None) -> None:
    for copy in folder.iterdir() if folder else ():
        copy.unlink()


def in_the_way(table: Prepared, unseen: bool) -> JourneyError | None:
    """Why a table cannot be stored yet; None when it can."""
    return table.problem or table.question or (table.unconfirmed if unseen else None)


def looking(label: str, progress: Progress, share: float = 0.0) -> Heard:
    """Says how much of a file has been read while it is looked at."""
    return lambda read: progress(share, f"Looking at {label}, {read // MEGABYTE:,} MB read")
