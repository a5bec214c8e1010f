"""Which browser will the tests drive? An installed one, else Playwright's own, else Debian's package.

Prints its path on stdout (nothing when none can be had) and says on stderr which it is.
    python tests/e2e/browser.py [--install]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# No sandbox as root in a container; nothing that calls home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed() -> str | None:
    """A browser that is already on this machine."""
    named = os.environ.get("JOURNEY_BROWSER")
    if named and Path(named).exists():
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    return str(MAC) if MAC.exists() else playwrights_own()


def playwrights_own() -> str | None:
    """The browser Playwright downloaded, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _quietly(*command: str, seconds: int) -> bool:
    try:
        done = subprocess.run(command, stdout=sys.stderr, stderr=sys.stderr, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {command[0]}: {error}", file=sys.stderr)
        return False
    return done.returncode == 0


def fetched() -> str | None:
    """Download Playwright's browser, else install Debian's where this user may."""
    print("No browser is installed; trying Playwright's download …", file=sys.stderr)
    if _quietly(sys.executable, "-m", "playwright", "install", "chromium", seconds=300):
        return playwrights_own()
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Playwright's download cannot be had; trying Debian's package …", file=sys.stderr)
        _quietly("apt-get", "update", "-qq", seconds=300)
        if _quietly("apt-get", "install", "-y", "-qq", "chromium", seconds=600):
            return installed()
    return None


def main() -> None:
    found = installed() or (fetched() if "--install" in sys.argv else None)
    if found:
        print(f"Browser tests drive {found}", file=sys.stderr)
        print(found)
    else:
        print("NO BROWSER CAN BE HAD HERE: THE BROWSER TESTS ARE LEFT OUT.", file=sys.stderr)


if __name__ == "__main__":
    main()
