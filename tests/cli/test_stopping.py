"""Ctrl-C in the middle of an import leaves nothing and says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has another Ctrl-C")


def heed_ctrl_c() -> None:
    """As in a terminal: what a script starts in the background is deaf to Ctrl-C, and so are its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_in_the_middle_leaves_nothing_and_says_so(tmp_path):
    home, file = tmp_path / "home", tmp_path / "log.csv"
    rows = "".join(f"u{n % 900},Seen,2026-03-02 09:00:00,{n}\n" for n in range(600_000))
    file.write_text("user_id,event,timestamp,number\n" + rows)
    command = [sys.executable, "-m", "journey_app", "--home", str(home), "import", str(file)]
    pipe = subprocess.PIPE
    running = subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=ROOT, text=True, preexec_fn=heed_ctrl_c)
    assert running.stderr is not None
    while "Reading" not in running.stderr.readline():
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    out, said = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert "Stopped; nothing was stored." in said and "Traceback" not in said
    left = [f for f in home.rglob("*") if f.is_file() and not f.name.startswith("state.sqlite")]
    assert left == []
