"""Photograph every page on the made-up company, light and dark: `make screenshots`.

Pictures go to build/screenshots; `--docs` also renews the ones the documentation shows.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.browser import FLAGS, installed
from tests.e2e.conftest import ROOT, command_line, open_page, running

PAGES = (
    "findings",
    "goal",
    "import",
    "cleanup",
    "audit",
    "funnel",
    "paths",
    "friction",
    "customers",
    "sprint",
    "share",
    "welcome",
)
SIZE = {"width": 1280, "height": 800}
IN_DOCS = ("findings-light", "funnel-light", "paths-dark", "sprint-light")


def photograph(out: Path, until: str | None) -> None:
    """Serve the sample from a home of its own and take every page twice."""
    path = installed()
    assert path, "no browser"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        command_line(home, "sample", *(["--until", until] if until else []))
        with running(home, workspace="northwind") as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=SIZE, color_scheme=scheme)
                page = context.new_page()
                for name in PAGES:
                    open_page(page, f"{app.url}/{name}")
                    page.wait_for_timeout(800)  # charts fade in
                    page.screenshot(path=out / f"{name}-{scheme}.png")
                context.close()
            browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--until", help="the day after the sample's last day, YYYY-MM-DD")
    chosen = parser.parse_args()
    out = ROOT / "build" / "screenshots"
    photograph(out, chosen.until)
    if chosen.docs:
        for name in IN_DOCS:
            shutil.copyfile(out / f"{name}.png", ROOT / "docs" / "pictures" / f"{name}.png")
    print(f"{2 * len(PAGES)} pictures in build/screenshots")


if __name__ == "__main__":
    main()
