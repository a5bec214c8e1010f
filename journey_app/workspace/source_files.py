"""Which files of a source are not as they were when it was looked at last?

What has changed is copied or fetched into a folder of one sync (docs/decisions/017-saved-sources.md).
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from journey_app.errors import BadFile
from journey_app.intake import buckets
from journey_app.intake.fetching import MEGABYTE, fetch
from journey_app.store.tables import export_table
from journey_app.workspace.gathering import Progress
from journey_app.workspace.keeping import content_of, copied
from journey_app.workspace.sources import Source, before_wildcards, insist_inside, pattern_of
from journey_app.workspace.workspace import Workspace

MOST_FILES = 200


@dataclass(frozen=True)
class Found:
    """A file of a source. mark: what tells it from its next version. etag, modified: of an address.

    same: it was written anew with what it held before, which is noted and not read.
    """

    path: Path
    label: str
    mark: str
    etag: str = ""
    modified: str = ""
    same: bool = False


def changed_files(
    space: Workspace, source: Source, known: Mapping[str, Any], folder: Path, progress: Progress
) -> Iterator[Found]:
    """The files of a source that are not as they were. known: label → mark, etag and modified of the last time."""
    if source.kind == "https":
        yield from _of_address(space, source, known, folder)
    elif source.kind == "database":
        label = _label(space, source, source.table)
        target = folder / "table.csv"

        def say(rows: int) -> None:
            progress(0.1, f"{rows:,} rows of {source.table} read")

        export_table(source.where, source.table, target, most_mb=space.settings.upload_limit_mb, progress=say)
        yield from _if_changed(target, label, known)
    elif source.kind == "s3":
        yield from _of_bucket(space, source, known, folder, progress)
    else:
        yield from _of_folder(space, source, known, folder)


def _of_folder(space: Workspace, source: Source, known: Mapping[str, Any], folder: Path) -> Iterator[Found]:
    """Files are called by where they lie below the part without wildcards: two folders may hold the same name.

    Each is copied first, for whoever writes into the folder may go on with it.
    """
    pattern = pattern_of(space.settings, source.where)
    root = Path(*before_wildcards(Path(pattern)))
    found = (Path(p) for p in glob.iglob(pattern, recursive=True))  # noqa: PTH207 — wildcards anywhere
    some = islice(
        (path for path in found if path.is_file() and not path.name.startswith(".")), MOST_FILES + 1
    )
    files = sorted(some)
    if not files:
        raise BadFile(f"There is no file at “{source.where}”.", "Check the folder, or what writes into it.")
    if len(files) > MOST_FILES:
        raise BadFile(
            f"“{source.where}” stands for more than {MOST_FILES} files.",
            "Give a pattern such as *.csv, or move old files away: what they brought stays.",
        )
    for number, path in enumerate(files):
        insist_inside(space.settings, path)
        at = path.stat()
        if at.st_size > space.settings.upload_limit_mb * MEGABYTE:
            raise BadFile(
                f"“{path.name}” is larger than {space.settings.upload_limit_mb:,} MB.",
                "Export a shorter period.",
            )
        name = path.name if path == root else path.relative_to(root).as_posix()
        label = _label(space, source, name)
        # notes of older versions called a file by its bare name
        had = known.get(label) or known.get(_label(space, source, path.name), {})
        quick = f"{at.st_size}-{at.st_mtime_ns}"
        if had.get("modified") != quick:
            copy = folder / f"file-{number}"
            mark = copied(path, copy, path.name)
            yield Found(copy, label, mark, modified=quick, same=had.get("mark") == mark)


def _of_bucket(
    space: Workspace, source: Source, known: Mapping[str, Any], folder: Path, progress: Progress
) -> Iterator[Found]:
    settings = space.settings
    bucket = buckets.checked_bucket(source.where)
    storage = buckets.opened(settings.source_s3_endpoint, settings.source_s3_region)
    objects = buckets.listed(storage, bucket)
    if not objects:
        raise BadFile(
            f"There is no file at “{source.where}”.", "Check the pattern, or what writes into the bucket."
        )
    if len(objects) > MOST_FILES:
        raise BadFile(
            f"“{source.where}” stands for {len(objects):,} files; {MOST_FILES} is the most.",
            "Give a pattern of fewer, such as 2026-11/*.csv, or move old files away: what they brought stays.",
        )
    new = [
        each
        for each in objects
        if known.get(_label(space, source, each.name), {}).get("modified") != each.version
    ]
    if sum(each.size for each in new) > settings.unpacked_limit_mb * MEGABYTE:
        raise BadFile(
            f"The new files of “{source.name}” are together larger than {settings.unpacked_limit_mb:,} MB.",
            "Give a pattern of fewer, such as 2026-11/*.csv.",
        )
    for number, each in enumerate(new):
        target = folder / f"object-{number}"
        progress(0.1, f"Fetching {each.name}")
        buckets.download(storage, bucket, each, target, most_mb=settings.upload_limit_mb)
        yield from _if_changed(target, _label(space, source, each.name), known, modified=each.version)


def _of_address(space: Workspace, source: Source, known: Mapping[str, Any], folder: Path) -> Iterator[Found]:
    had: Mapping[str, str] = next(iter(known.values()), {})
    target = folder / "file"
    came = fetch(
        source.where,
        target,
        etag=had.get("etag", ""),
        modified=had.get("modified", ""),
        most_mb=space.settings.upload_limit_mb,
    )
    if came.changed:
        label = _label(space, source, came.name)
        yield from _if_changed(target, label, known, etag=came.etag, modified=came.modified)


def _if_changed(
    path: Path, label: str, known: Mapping[str, Any], *, etag: str = "", modified: str = ""
) -> Iterator[Found]:
    mark = content_of(path)
    yield Found(path, label, mark, etag, modified, same=known.get(label, {}).get("mark") == mark)


def _label(space: Workspace, source: Source, name: str) -> str:
    """What a file is called here: never by a name or an address of somebody who asked to be forgotten."""
    return str(space.batch_files.forgotten().named(f"{source.name} › {name}"))
