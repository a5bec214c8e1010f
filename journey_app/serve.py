"""How is the app started? From any directory, with every privacy and security option said aloud.

Options go in as flags too: from another directory Streamlit does not find `.streamlit/config.toml`,
and its defaults send usage statistics.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_FILES = 65_536
LOOPBACK = ("127.0.0.1", "localhost", "::1")
START_S = 60.0  # a server that does not answer by then has said why on the terminal
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def flags(address: str, port: int, upload_limit_mb: int) -> list[str]:
    """Streamlit's own options, name by name."""
    options = {
        "server.address": address,
        "server.port": str(port),
        # Always: otherwise Streamlit waits for an e-mail address on the terminal of a new machine, and
        # tells whoever has a coding tool installed to install something for it. We open the browser.
        "server.headless": "true",
        "server.showEmailPrompt": "false",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": str(upload_limit_mb),
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        "browser.gatherUsageStats": "false",
    }
    return [f"--{name}={value}" for name, value in options.items()]


def page_of(address: str, port: int) -> str:
    """Where a browser on this machine finds the app."""
    if address in LOOPBACK or address in ("0.0.0.0", "::"):
        return f"http://localhost:{port}"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def open_when_ready(page: str) -> bool:
    """Open the browser once the app answers; False where it never does, or where there is no screen."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in SCREENS):
        return False  # a browser of text would take the terminal from whoever started the app
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with direct.open(f"{page}/healthz", timeout=5):
                return webbrowser.open(page)
        except OSError:
            time.sleep(0.2)
    return False


def _allow_many_connections() -> None:
    """As many open files as this user may have: whoever holds connections shuts nobody out before that."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def serve(
    home: Path,
    workspace: str,
    *,
    address: str,
    port: int,
    upload_limit_mb: int,
    open_browser: bool,
    read_only: bool,
    behind_sign_in: bool,
) -> None:
    """Run the server until it is stopped; never returns."""
    from streamlit.web import cli

    os.environ["JOURNEY_HOME"] = str(home)
    os.environ["JOURNEY_WORKSPACE"] = workspace
    os.environ["JOURNEY_READ_ONLY"] = "1" if read_only else ""
    os.environ["JOURNEY_BEHIND_SIGN_IN"] = "1" if behind_sign_in else ""
    _allow_many_connections()
    if open_browser:
        threading.Thread(target=open_when_ready, args=(page_of(address, port),), daemon=True).start()
    # what is cleaned up at the end is cleaned up when a service manager ends the server, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.argv = [
        "streamlit",
        "run",
        str(ROOT / "journey_app" / "asgi.py"),
        *flags(address, port, upload_limit_mb),
    ]
    sys.exit(cli.main())
