"""How is the app started? From any directory, with every privacy and security option said aloud.

Options go in as flags too: from another directory Streamlit does not find `.streamlit/config.toml`,
and its defaults send usage statistics.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def flags(address: str, port: int, upload_limit_mb: int, open_browser: bool) -> list[str]:
    """Streamlit's own options, name by name."""
    options = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "false" if open_browser else "true",
        "server.showEmailPrompt": "false",  # on a new machine the server would wait for an answer
        "server.fileWatcherType": "none",
        "server.maxUploadSize": str(upload_limit_mb),
        "server.enableXsrfProtection": "true",
        "server.enableCORS": "true",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        "browser.gatherUsageStats": "false",
    }
    return [f"--{name}={value}" for name, value in options.items()]


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
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.argv = [
        "streamlit",
        "run",
        str(ROOT / "journey_app" / "asgi.py"),
        *flags(address, port, upload_limit_mb, open_browser),
    ]
    sys.exit(cli.main())
