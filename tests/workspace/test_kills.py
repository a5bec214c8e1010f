"""Killed at any moment, an import is there whole or not at all."""

import os
from pathlib import Path

import pytest

from tests.workspace import kills


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 needs a POSIX system")
def test_kill_9_leaves_the_old_data_or_the_new_never_a_mix(tmp_path: Path):
    seen = kills.run(tmp_path, 10, seed=4)
    assert sum(seen.values()) == 10
    assert any("killed" in what and "old" in what for what in seen), (
        "no kill came early enough to prove anything"
    )
