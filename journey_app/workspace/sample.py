"""The made-up company's files as a workspace, imported by the same road as anybody's."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path

from journey_app.settings import Settings
from journey_app.vocabulary import Imported
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import Progress, import_files, silent
from journey_app.workspace.workspace import Workspace
from sample_data.company_facts import Truths
from sample_data.make_company import make_company

SAMPLE_NAME, SAMPLE_TITLE = "northwind", "Northwind Projects"


def import_company(
    settings: Settings,
    *,
    until: date,
    now: datetime,
    name: str = SAMPLE_NAME,
    through: date | None = None,
    keep_files: Path | None = None,
    customers: int | None = None,
    progress: Progress = silent,
) -> tuple[Workspace, Imported, Truths]:
    """Make the company's exports as of `until` and import them into a workspace of their own.

    through: only what had happened by the end of that day. keep_files: a folder that keeps the
    exports, for trying the Import page. Returns what is planted, too.
    """
    progress(0.0, "Making up a company")
    with tempfile.TemporaryDirectory(prefix="journey-sample-") as folder:
        size = {} if customers is None else {"customers": customers}
        company = make_company(Path(folder), until, through=through, **size)
        files = [(file, file.name) for file in company.files]
        if keep_files is not None:
            keep_files.mkdir(parents=True, exist_ok=True)
            for file, file_name in files:
                shutil.copyfile(file, keep_files / file_name)
        space = open_workspace(name, settings, create=True, now=now)
        imported = import_files(space, files, author="sample", now=now, progress=progress)
    return space, imported, company.truths
