"""A report without people is imported, listed, corrected and taken back like any other file."""

from __future__ import annotations

from datetime import date

import pytest

from journey_app.errors import Question
from journey_app.vocabulary import Answers
from journey_app.workspace.importing import import_files, undo
from tests.workspace.conftest import NOW, log, preview_files

HEAD = 'Campaign report\n"1 - 3 September 2026"\nDay,Campaign,Currency code,Cost,Impr.,Clicks\n'


def report(*costs, campaign="Brand"):
    return HEAD + "".join(f"2026-09-{day:02d},{campaign},EUR,{cost},900,30\n" for day, cost in costs)


def spent(space):
    events = space.events()
    return {row["first_day"].day: row["spend"] for row in events.run(events.context).to_pylist()}


def test_what_is_kept_is_said_and_no_event_is_made_up(space, put):
    done = put(space, report((1, "12.50"), (2, "11.00")), "ads.csv")
    said = done.files[0]
    assert (said.rows, said.events, said.rejected) == (2, 0, 0)
    assert said.kept == "Kept as spend: 2 days, 1 campaign, EUR 23.50, 60 clicks."
    assert any("nobody's steps" in note for note in said.notes)
    assert (done.events, done.customers) == (0, 0) and spent(space) == {1: 12.5, 2: 11.0}


def test_the_same_report_again_adds_nothing(space, put):
    first = put(space, report((1, "12.50")), "ads.csv")
    again = put(space, report((1, "12.50")), "ads.csv")
    assert again.files[0].notes == ("This very file was imported before; nothing was added.",)
    assert again.version == first.version and len(space.batches()) == 1


def test_a_later_export_corrects_and_taking_it_back_restores(space, put):
    put(space, report((1, "12.50"), (2, "11.00")), "ads.csv")
    later = put(space, report((2, "13.75"), (3, "9.00")), "ads.csv")
    assert spent(space) == {1: 12.5, 2: 13.75, 3: 9.0}
    undo(space, later.files[0].batch, author="ana", now=NOW)
    assert spent(space) == {1: 12.5, 2: 11.0}
    assert len(list(space.batch_files.folder.glob("*.context.parquet"))) == 1


def test_reports_and_journeys_may_be_dropped_together(space, tmp_path):
    files = []
    for name, text in (("log.csv", log(40)), ("ads.csv", report((1, "12.50")))):
        (tmp_path / name).write_text(text)
        files.append((tmp_path / name, name))
    done = import_files(space, files, author="ana", now=NOW)
    assert [(f.events > 0, bool(f.kept)) for f in done.files] == [(True, False), (False, True)]
    assert done.events == 40 and spent(space) == {1: 12.5}


def test_a_second_account_keeps_its_own_name(space, put):
    put(space, report((1, "12.50")), "ads.csv")
    put(space, report((1, "4.00")), "ads.csv", answers=Answers(source="second account"))
    events = space.events()
    rows = events.run(events.context.select("source", "spend")).to_pylist()
    assert {row["source"]: row["spend"] for row in rows} == {"google_ads.report": 12.5, "second account": 4.0}


def test_a_preview_says_the_same_and_stores_nothing(space, tmp_path):
    (tmp_path / "ads.csv").write_text(report((1, "12.50")))
    shown = preview_files(space, [(tmp_path / "ads.csv", "ads.csv")])
    assert shown[0].kept == "Kept as spend: 1 day, 1 campaign, EUR 12.50, 30 clicks."
    assert space.version is None and not list(space.batch_files.folder.iterdir())


def test_an_open_question_stores_nothing(space, put):
    with pytest.raises(Question, match="currency"):
        put(space, report((1, "12.50")).replace("Currency code", "Note"), "ads.csv")
    assert space.batches() == []


def test_days_are_kept_as_the_report_writes_them(space, put):
    put(space, report((1, "12.50")), "ads.csv")
    events = space.events()
    assert events.run(events.context)["local_week"].to_pylist() == [date(2026, 8, 31)]


def test_an_export_of_fewer_columns_corrects_what_it_tells_and_erases_nothing(space, put):
    put(space, report((1, "12.50"), (2, "11.00")), "ads.csv")
    narrower = report((1, "13.00")).replace(",Clicks", "").replace(",900,30", ",950")
    put(space, narrower, "fewer.csv")
    events = space.events()
    rows = events.run(
        events.context.order_by("first_day").select("spend", "impressions", "clicks")
    ).to_pylist()
    assert [tuple(row.values()) for row in rows] == [(13.0, 950.0, 30.0), (11.0, 900.0, 30.0)]
