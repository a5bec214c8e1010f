"""Is a Parquet file whose texts are none read as far as it goes, here and in the process of its own?"""

import pyarrow as pa
import pytest

from journey_app.intake import apart
from journey_app.vocabulary import Answers
from tests.intake.conftest import outcome
from tests.intake.hostile import parquet

IDS = [b"ana", b"b\xffn", None, b"eva"]


def claimed(values: list) -> pa.Array:
    """Bytes that claim to be text."""
    return pa.array(values, pa.binary()).view(pa.string())


def log(ids: pa.Array, **more: pa.Array) -> bytes:
    times = [f"2026-03-01 10:0{n}" for n in range(4)]
    return parquet(pa.table({"user_id": ids, "event": ["Signup"] * 4, "timestamp": times, **more}))


@pytest.mark.parametrize("of", [lambda ids: ids, lambda ids: ids.dictionary_encode()], ids=["plain", "coded"])
def test_bytes_that_are_no_text_cost_their_own_cell_only(tmp_path, of):
    path = tmp_path / "upload"
    path.write_bytes(log(of(claimed(IDS))))
    (table,) = apart.prepare(path, "log.parquet", Answers())
    found = outcome(table)
    assert [event["raw_ids"] for event in found.events] == [["user_id:ana"], ["user_id:b�n"], ["user_id:eva"]]
    assert "Cells with bytes that are no text, each shown as �: 1." in found.prepared.notes


def test_bytes_that_are_no_text_inside_a_list_are_shown_too(read):
    tags = pa.ListArray.from_arrays(
        pa.array([0, 1, 2, 3, 4], pa.int32()), claimed([b"x", b"\xfe", b"y", b"z"])
    )
    found = read(log(claimed([b"ana"] * 4), tags=tags))
    cells = [row["tags"] for _, row in found.prepared.rows_as_they_are({1, 2})]
    assert cells == ['["x"]', '["\\ufffd"]']
    assert "Cells with bytes that are no text, each shown as �: 1." in found.prepared.notes
