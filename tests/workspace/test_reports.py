"""A report without people is imported, listed, corrected and taken back like any other file."""

from __future__ import annotations

from datetime import date

import pytest

from journey_app.errors import BadChoice, Question
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


def in_dollars(text):
    return text.replace("EUR", "USD")


def kept_rows(space):
    events = space.events()
    rows = events.run(events.context.order_by("source", "first_day", "campaign", "currency")).to_pylist()
    return [
        (row["source"], row["first_day"].day, row["campaign"], row["currency"], row["spend"]) for row in rows
    ]


def files_of(space):
    return sorted(
        file.name for folder in ("batches", "uploads") for file in (space.folder / folder).iterdir()
    )


def test_an_account_in_another_currency_wipes_out_nothing(space, put):
    both = report((1, "12.50"), (2, "11.00"))
    put(space, both, "ads.csv")
    rows, files = kept_rows(space), files_of(space)
    with pytest.raises(BadChoice) as refused:
        put(space, in_dollars(both), "us.csv")
    assert "2 days in USD" in refused.value.what and "in EUR already" in refused.value.what
    assert "--source NAME" in refused.value.do and "take the earlier import back" in refused.value.do
    with pytest.raises(BadChoice, match="2 days in USD"):
        preview_files(space, [(space.folder.parent.parent / "us.csv", "us.csv")])
    assert (kept_rows(space), files_of(space)) == (rows, files)
    put(space, in_dollars(both), "us.csv", answers=Answers(source="US account"))
    assert kept_rows(space) == [
        ("US account", 1, "Brand", "USD", 12.5),
        ("US account", 2, "Brand", "USD", 11.0),
        *rows,
    ]


def test_two_accounts_dropped_together_are_refused_together(space, tmp_path):
    files = []
    for name, text in (("ads.csv", report((1, "12.50"))), ("us.csv", in_dollars(report((1, "12.50"))))):
        (tmp_path / name).write_text(text)
        files.append((tmp_path / name, name))
    with pytest.raises(BadChoice, match="1 day in USD"):
        import_files(space, files, author="ana", now=NOW)
    with pytest.raises(BadChoice, match="1 day in USD"):
        preview_files(space, files)
    assert space.batches() == [] and files_of(space) == []


def test_a_wrong_currency_is_put_right_by_taking_its_import_back(space, put):
    wrong = put(space, in_dollars(report((1, "12.50"))), "ads.csv").files[0]
    undo(space, wrong.batch, author="ana", now=NOW)
    put(space, report((1, "12.50")), "ads.csv")
    assert [row[3] for row in kept_rows(space)] == ["EUR"]


def test_other_days_and_campaigns_may_be_in_another_currency(space, put):
    put(space, report((1, "12.50")), "ads.csv")
    put(space, in_dollars(report((2, "12.50"))), "later.csv")
    put(space, in_dollars(report((1, "4.00"), campaign="Autumn")), "other.csv")
    assert [row[1:4] for row in kept_rows(space)] == [
        (1, "Autumn", "USD"),
        (1, "Brand", "EUR"),
        (2, "Brand", "USD"),
    ]


def test_a_report_without_campaigns_in_another_currency_wipes_out_none(space, put):
    put(space, report((1, "12.50")), "ads.csv")
    whole = in_dollars(report((1, "99.00"))).replace("Campaign,", "").replace(",Brand", "")
    with pytest.raises(BadChoice, match="1 day in USD"):
        put(space, whole, "whole.csv")


def test_the_same_bytes_by_another_name_bring_no_old_amounts_back(space, put):
    old = report((2, "100.00"), (3, "100.00"))
    put(space, old, "ads.csv")
    put(space, report((2, "90.00"), (3, "80.00")), "corrected.csv")
    again = put(space, old, "ads (1).csv").files[0]
    assert again.notes == ("This very file was imported before; nothing was added.",)
    assert spent(space) == {2: 90.0, 3: 80.0} and len(space.batches()) == 2
    (space.folder.parent.parent / "copy.csv").write_text(old)
    shown = preview_files(space, [(space.folder.parent.parent / "copy.csv", "copy.csv")])[0]
    assert any("imported before" in note for note in shown.notes)


def test_the_same_bytes_are_no_second_account(space, put):
    put(space, report((1, "12.50")), "ads.csv")
    with pytest.raises(BadChoice, match="here already, read otherwise"):
        put(space, report((1, "12.50")), "copy.csv", answers=Answers(source="second account"))


def corrections(report):
    return [(seen.says, seen.count) for seen in report.checkup if seen.kind == "told before"]


def test_what_a_later_export_corrects_is_said_with_its_sums(space, put, tmp_path):
    first = put(space, report((1, "5.00"), (2, "100.00"), (3, "100.00")), "ads.csv").files[0]
    (tmp_path / "b.csv").write_text(report((2, "90.00"), (3, "80.00"), (4, "7.00")))
    shown = preview_files(space, [(tmp_path / "b.csv", "b.csv")])[0]
    told = import_files(space, [(tmp_path / "b.csv", "b.csv")], author="ana", now=NOW).files[0]
    says = "2 days that were told before have other amounts: EUR 200.00 → 170.00; the newer import counts."
    assert corrections(first) == [] and corrections(shown) == corrections(told) == [(says, 2)]
    assert says in told.notes


def test_an_export_that_tells_the_same_again_corrects_nothing(space, put):
    put(space, report((1, "5.00")), "ads.csv")
    assert corrections(put(space, report((1, "5.00"), (2, "6.00")), "more.csv").files[0]) == []


def test_corrected_counts_are_said_and_money_that_is_not_told_any_more(space, put):
    put(space, report((1, "5.00")), "ads.csv")
    fewer = put(space, report((1, "5.00")).replace(",30", ",31"), "clicks.csv").files[0]
    assert corrections(fewer) == [
        ("1 day that was told before has other numbers: clicks 30 → 31; the newer import counts.", 1)
    ]
    costless = report((1, "5.00")).replace("Currency code,Cost,", "").replace("EUR,5.00,", "")
    ((says, _),) = corrections(put(space, costless, "costless.csv").files[0])
    assert "EUR 5.00 → none told, clicks 31 → 30" in says
