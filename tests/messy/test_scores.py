"""The messy files people really send: none is read wrong in silence, and no fewer are read than before."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.messy_scores import SHARED, answer_key, files, independent, scores

# What the command printed when the key was written; better is welcome, worse is not.
EXACTLY_AT_LEAST, REFUSED_AT_MOST = 240, 161


@pytest.fixture(scope="module", autouse=True)
def messy_files() -> None:
    if not (SHARED / "datasets" / "messy_frictionless").is_dir():
        pytest.skip("the messy files are not beside this checkout")


def test_nothing_is_wrong_in_silence_and_the_score_does_not_sink():
    found = scores()
    counts = Counter(score.word for score in found)
    assert [score for score in found if score.word == "wrong in silence"] == []
    assert counts["read exactly"] >= EXACTLY_AT_LEAST
    assert counts["refused"] <= REFUSED_AT_MOST
    assert all(score.why for score in found if score.word != "read exactly")


def test_the_key_fits_the_second_reading_and_names_every_file_that_is_there():
    key, there = answer_key(), dict(files())
    assert {name.partition(" › ")[0] for name in key} == set(there)
    for name in ("dirty_csv/sep_line.csv", "messy_csvkit_examples/mac_newlines.csv"):
        told = key[name]
        rows = independent(there[name], told, there[name].name)[told.get("header", 1) :]
        assert len(rows) == told["rows"]
        assert all(rows[r][c].startswith(text) for r, c, text in told["cells"])
