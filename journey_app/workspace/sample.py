"""The made-up company's files as a workspace, imported by the same road as anybody's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path

from journey_app.errors import BadChoice
from journey_app.settings import Settings
from journey_app.temporary import TemporaryFolder
from journey_app.vocabulary import Imported
from journey_app.workspace.gathering import Progress, silent
from journey_app.workspace.home import create_workspace, list_workspaces, open_workspace, take_away
from journey_app.workspace.importing import import_files
from journey_app.workspace.leasing import Lease, alone
from journey_app.workspace.workspace import Workspace
from sample_data.company_facts import Truths
from sample_data.make_company import make_company

SAMPLE_NAME, SAMPLE_TITLE = "northwind", "Northwind Projects"
BEING_MADE = (
    "Somebody is making the made-up company just now.",
    "Wait half a minute, then open it.",
)


def is_ready(settings: Settings, name: str = SAMPLE_NAME) -> bool:
    """Whether the made-up company is there with its data: one that was given up half way is not."""
    if name not in list_workspaces(settings):
        return False
    space = open_workspace(name, settings)
    try:
        return space.version is not None
    finally:
        space.store.close()


@contextmanager
def company_import(
    settings: Settings,
    *,
    until: date,
    now: datetime,
    name: str = SAMPLE_NAME,
    through: date | None = None,
    keep_files: Path | None = None,
    customers: int | None = None,
    progress: Progress = silent,
) -> Iterator[tuple[Workspace, Imported, Truths]]:
    """Make the company's exports as of `until`, import them, and lend the workspace to be set up.

    through: only what had happened by the end of that day. keep_files: a folder that keeps the
    exports, for trying the Import page. Lends what is planted, too. A workspace that was made for this
    stays only when everything inside succeeds. Raises BadChoice when one with data has that name.
    """
    progress(0.0, "Making up a company")
    with TemporaryFolder("sample") as folder:
        size = {} if customers is None else {"customers": customers}
        company = make_company(Path(folder), until, through=through, **size)
        files = [(file, file.name) for file in (*company.files, *company.reports)]
        if keep_files is not None:
            keep_files.mkdir(parents=True, exist_ok=True)
            for file, file_name in files:
                shutil.copyfile(file, keep_files / file_name)
        with _to_be_filled(settings, name, now) as space:
            imported = import_files(space, files, author="sample", now=now, progress=progress)
            yield space, imported, company.truths


@contextmanager
def _to_be_filled(settings: Settings, name: str, now: datetime) -> Iterator[Workspace]:
    """A workspace without data, for as long as nobody else makes the company in it."""
    try:
        create_workspace(SAMPLE_TITLE, "UTC", "EUR", settings, now=now, name=name)
        made_here = True
    except BadChoice:
        made_here = False
    space = open_workspace(name, settings)
    with alone(space.store, "sample", now=now, busy=BEING_MADE) as lease:
        if space.version is not None:
            raise BadChoice(
                f"There is a workspace called “{name}” already.", "Open it, or give another name."
            )
        try:
            yield space
        except BaseException:
            if made_here:
                _give_up(space, lease)
            raise


def _give_up(space: Workspace, lease: Lease) -> None:
    """Take away what this has made, unless somebody else has gone on with it meanwhile."""
    if lease.renew():
        space.store.close()
        with suppress(BadChoice):  # open elsewhere: what has no data is filled the next time
            take_away(space.folder, lease)
