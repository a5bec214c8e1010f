"""Is a number that pandas or a workbook made a float still the same customer and the same moment?"""

import io
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest

IDS = [10000000001, 10000000002, None, 12345678901, 2**53 - 1]
CLEAN = [f"user_id:{one}" for one in IDS if one]
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def parquet(frame: pd.DataFrame) -> bytes:
    into = io.BytesIO()
    frame.to_parquet(into)
    return into.getvalue()


def workbook(frame: pd.DataFrame) -> bytes:
    book = openpyxl.Workbook()
    for row in (list(frame.columns), *frame.astype(object).where(frame.notna(), None).to_numpy().tolist()):
        book.active.append(row)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def customers(found) -> list[str]:
    return [event["raw_ids"][0] for event in found.events]


def log(times: list) -> pd.DataFrame:
    return pd.DataFrame({"user_id": IDS, "event": ["Signup"] * len(IDS), "timestamp": times})


def csv_of(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


@pytest.mark.parametrize("written", [csv_of, parquet, workbook])
def test_ids_with_a_gap_are_the_ids_of_a_clean_file(read, written):
    frame = log(["2026-03-01 10:00"] * len(IDS))
    assert frame["user_id"].dtype == "float64"
    found = read(written(frame), map={"customer": "user_id"})
    assert customers(found) == CLEAN
    clean = frame.assign(user_id=frame["user_id"].astype("Int64"))
    assert customers(read(csv_of(clean), map={"customer": "user_id"})) == CLEAN


def test_what_a_csv_lost_its_fraction_of_is_said_and_shown_as_it_was(read):
    found = read(csv_of(log(["2026-03-01 10:00"] * len(IDS))), map={"customer": "user_id"})
    said = "“user_id” holds whole numbers written like 10000000001.0; they are read without “.0”."
    assert said in found.prepared.notes
    ((_, row),) = found.prepared.rows_as_they_are({2})
    assert row["user_id"] == "10000000001.0"


def test_ids_that_are_no_whole_numbers_stay_apart_from_those_that_are(read):
    found = read("user_id,event,timestamp\n1.0,a,2026-03-01 10:00\n1.1,a,2026-03-01 10:00\n")
    assert customers(found) == ["user_id:1", "user_id:1.1"]


def test_milliseconds_with_a_gap_are_times(read):
    millis = [AT.timestamp() * 1000 + more for more in (0, 1000, 2000.5, 3000)]
    frame = pd.DataFrame({"user_id": list("abcde"), "event": ["E"] * 5, "timestamp": [*millis, None]})
    found = read(parquet(frame))
    assert [at.replace(microsecond=0, tzinfo=UTC) - AT for at in found.column("occurred_at")] == [
        pd.Timedelta(seconds=n) for n in range(4)
    ]


def test_a_number_that_a_float_cannot_hold_is_still_told_as_rounded(prepared):
    from journey_app.errors import BadFile

    frame = log(["2026-03-01 10:00"] * len(IDS)).assign(user_id=[2.0**60 + n * 2**20 for n in range(5)])
    with pytest.raises(BadFile, match="a spreadsheet rounded"):
        prepared(parquet(frame), map={"customer": "user_id"})
