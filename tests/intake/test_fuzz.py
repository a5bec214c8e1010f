"""Whatever comes in, only sentences for people come out."""

import gzip
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_app.errors import JourneyError
from journey_app.intake.limits import Limits
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake import fuzz
from tests.intake.conftest import EXPORTS
from tests.intake.test_bad_files import workbook, zipped

SMALL = Limits(unpacked_bytes=2**22, workbook_bytes=2**22, record_chars=2**16, line_chars=2**16, cells=10**5)
BOOK = workbook([["user_id", "event", "time"], ["ana", "visit", "2026-05-01"]])
GOOD = [file.read_bytes() for file in sorted(EXPORTS.iterdir())] + [
    BOOK,
    gzip.compress((EXPORTS / "segment_tracks.csv").read_bytes()),
    zipped(**{"a.csv": (EXPORTS / "stripe_payments.csv").read_bytes()}),
    b'[{"user_id": 1, "event": "a", "time": 1777888800, "x": {"y": [1, 2]}}]',
    b'PAR1"user_id,event,time',
]
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "ana", "2026-05-01", "03/04/2026", "31/12/99 1:00 PM", "1777888800", "1,5", "=1+1", '"']
    ),
)


@st.composite
def mutated(draw):
    """A good file with some bytes changed, cut out or repeated."""
    data = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(["set", "cut", "insert", "end"]))
        if kind == "set" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=20))
        else:
            del data[at:]
    return bytes(data)


@st.composite
def tables(draw):
    header = draw(
        st.lists(st.sampled_from(["user_id", "event", "time", "amount", "Email", "id", "x"]), min_size=2)
    )
    rows = draw(st.lists(st.lists(CELLS, min_size=1, max_size=len(header) + 1), max_size=8))
    mark = draw(st.sampled_from([",", ";", "\t"]))
    return "\n".join(mark.join(row) for row in [header, *rows]).encode("utf-8", "replace")


@settings(max_examples=150, deadline=5000, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=400), mutated(), mutated(), tables(), tables()))
def test_only_journey_errors_come_out(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        try:
            for table in prepare(path, "x.csv", Answers(), limits=SMALL):
                assert 0 <= table.confidence <= 1
                for chunk in table.chunks():
                    assert chunk.events.num_rows <= 40 * max(1, chunk.rows)
        except JourneyError as error:
            assert error.what and error.do


def test_five_hundred_inputs_of_every_format_and_none_takes_long():
    ends, faults = fuzz.run(0, 500, seed=0)
    assert not faults, faults[0]
    assert ends["read"] > 100 and ends["BadFile"] > 100, "both ways must be gone"
