"""A report without people is kept as what it says, and as nothing more."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from journey_app.errors import BadChoice, BadFile, Question, UnknownName
from journey_app.intake.periods import days_in, period_in
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import dataset

HEAD = 'Campaign report\n"1 September 2026 - 3 September 2026"\n'
NAMES = "Day,Campaign,Currency code,Cost,Impr.,Clicks,Conversions\n"


def rows_of(table):
    return table.context.rows.to_pylist()


def ads(prepared, *lines, names=NAMES, **answers):
    return prepared(HEAD + names + "".join(f"{line}\n" for line in lines), "ads.csv", **answers)


def test_a_day_of_a_campaign_is_one_row_and_its_ad_groups_are_added(prepared):
    table = ads(
        prepared,
        "2026-09-01,Brand,EUR,12.50,900,30,1.50",
        "2026-09-01,Brand,EUR,1.25,100,3,0.50",
        '2026-09-02,Other,EUR,"1,020.50","10,500",88,--',
    )
    first, second = rows_of(table)
    assert first["first_day"] == first["last_day"] == date(2026, 9, 1)
    assert (first["spend"], first["impressions"], first["clicks"], first["conversions"]) == (
        13.75,
        1000,
        33,
        2,
    )
    assert (first["channel"], first["medium"], first["currency"]) == ("paid search", "cpc", "EUR")
    assert second["spend"] == 1020.5 and second["conversions"] is None
    assert table.context.kept == "Kept as spend: 2 days, 2 campaigns, EUR 1,034.25, 121 clicks."


def test_what_is_not_told_is_unknown_and_never_zero(prepared):
    table = ads(prepared, "2026-09-01,Brand,EUR,--,< 10,0,--")
    row = rows_of(table)[0]
    assert (row["spend"], row["impressions"], row["clicks"]) == (None, None, 0)
    assert any("not told exactly" in note and note.endswith("1.") for note in table.context.notes)


def test_totals_are_left_out_wherever_they_stand(prepared):
    table = ads(
        prepared,
        "2026-09-01,--,EUR,99.00,900,30,1",
        "2026-09-01,Brand,EUR,12.50,900,30,1",
        "Total: Search,--,EUR,12.50,900,30,1",
        "2026-09-02,Brand,EUR,10.00,900,30,1",
        "Gesamt: Konto,--,EUR,22.50,900,30,1",
    )
    assert sum(row["spend"] for row in rows_of(table)) == 22.5
    assert table.context.left_out == ()


def test_a_total_in_the_column_of_campaigns_is_no_campaign(prepared):
    names = "Campaign,Currency code,Cost,Impr.,Clicks\n"
    lines = [f"{name},EUR,1.50,9,3" for name in ("Brand", "Total: Search", "Other")]
    assert [row["campaign"] for row in rows_of(ads(prepared, *lines, names=names))] == ["Brand", "Other"]


def test_a_campaign_whose_name_begins_like_a_total_is_kept(prepared):
    names = "Campaign,Day,Currency code,Cost,Impr.,Clicks\n"
    lines = [f"{name},2026-09-01,EUR,1.50,9,3" for name in ("Gesamtkampagne", "Total body", "Brand")]
    assert len(rows_of(ads(prepared, *lines, names=names))) == 3


def test_an_empty_column_of_currencies_is_asked_about_as_none(prepared):
    assert ads(prepared, "2026-09-01,Brand,,1.50,9,3,1").question.option == "--map"


@pytest.mark.parametrize(
    ("lines", "spend"),
    [
        (['2026-09-01,Brand,EUR,"1.234,50",900,30,1'], 1234.5),
        (["2026-09-01,Brand,EUR,1'234.50,900,30,1"], 1234.5),
        # Nobody is shown an advertisement 1.234 times: so the point groups thousands, and 1.500 is a fortune.
        (["2026-09-01,Brand,EUR,1.500,1.234,30,1"], 1500.0),
        (['2026-09-01,Brand,EUR,1.500,"1,234",30,1'], 1.5),
    ],
)
def test_counts_prove_how_money_is_written(prepared, lines, spend):
    assert rows_of(ads(prepared, *lines))[0]["spend"] == spend


def test_numbers_that_prove_both_marks_are_refused(prepared):
    with pytest.raises(BadFile, match=r"1,234\.50 and others as 1\.234,50") as refused:
        ads(prepared, "2026-09-01,Brand,EUR,12.50,900,30,1", '2026-09-02,Brand,EUR,"12,50",900,30,1')
    assert "number format" in refused.value.do


def test_money_without_a_currency_is_asked_for_and_an_answer_is_taken(prepared):
    names = "Day,Campaign,Cost,Impr.,Clicks\n"
    line = "2026-09-01,Brand,12.50,900,30"
    with pytest.raises(Question, match="currency") as asked:
        ads(prepared, line, names=names).insist()
    assert asked.value.option == "--map" and "currency==EUR" in asked.value.do
    told = ads(prepared, line, names=names, map={"currency": "=chf"})
    assert told.question is None and rows_of(told)[0]["currency"] == "CHF"
    with pytest.raises(BadChoice, match="no currency"):
        ads(prepared, line, names=names, map={"currency": "=euros"})
    with pytest.raises(UnknownName, match="Money"):
        ads(prepared, line, names=names, map={"currency": "Money"})
    signed = ads(prepared, "2026-09-01,Brand,€12.50,900,30", names=names)
    assert rows_of(signed)[0]["currency"] == "EUR"


def test_currencies_are_never_added(prepared):
    table = ads(prepared, "2026-09-01,Brand,EUR,1.50,9,3,1", "2026-09-01,Brand,USD,2.50,9,3,1")
    assert [(row["currency"], row["spend"]) for row in rows_of(table)] == [("EUR", 1.5), ("USD", 2.5)]
    assert "EUR 1.50, USD 2.50" in table.context.kept


def test_a_sign_in_the_column_of_currencies_is_its_code(prepared):
    table = ads(prepared, "2026-09-01,Brand,€,1.50,9,3,1", "2026-09-02,Brand,EUR,2.50,9,3,1")
    assert [row["currency"] for row in rows_of(table)] == ["EUR", "EUR"]


def test_days_that_read_both_ways_are_asked_about(prepared):
    lines = ["03/04/2026,Brand,EUR,12.50,900,30,1", "04/04/2026,Brand,EUR,12.50,900,30,1"]
    assert ads(prepared, *lines).question.option == "--dates"
    day_first = ads(prepared, *lines, dates="dmy")
    assert rows_of(day_first)[0]["first_day"] == date(2026, 4, 3)
    proven = ads(prepared, *lines, "13/04/2026,Brand,EUR,12.50,900,30,1")
    assert proven.question is None and rows_of(proven)[-1]["first_day"] == date(2026, 4, 13)


def test_a_row_whose_day_cannot_be_read_is_named(prepared):
    table = ads(prepared, "2026-09-01,Brand,EUR,12.50,900,30,1", "soon,Brand,EUR,12.50,900,30,1")
    assert table.context.left_out == ((5, "Day", "the day cannot be read"),)


def test_a_report_of_no_readable_day_is_refused(prepared):
    with pytest.raises(BadFile, match="“Day” holds none that can be read") as refused:
        ads(prepared, "soon,Brand,EUR,12.50,900,30,1")
    assert "2026-09-01" in refused.value.do


def test_weeks_and_months_have_their_last_day(prepared):
    week = ads(prepared, "2026-08-31,Brand,EUR,1.50,9,3", names=NAMES.replace("Day", "Week"))
    month = ads(prepared, "2026-12-01,Brand,EUR,1.50,9,3", names=NAMES.replace("Day", "Month"))
    assert rows_of(week)[0]["last_day"] == date(2026, 9, 6)
    assert rows_of(month)[0]["last_day"] == date(2026, 12, 31)


def test_a_report_without_days_is_one_period_and_one_without_any_date_is_refused(prepared):
    names = "Campaign,Currency code,Cost,Impr.,Clicks\n"
    table = ads(prepared, "Brand,EUR,12.50,900,30", names=names)
    row = rows_of(table)[0]
    assert (row["first_day"], row["last_day"]) == (date(2026, 9, 1), date(2026, 9, 3))
    assert any("spread over none" in note for note in table.notes)
    with pytest.raises(BadFile, match="which days it covers"):
        prepared(f"Campaign report\n{names}Brand,EUR,12.50,900,30\n")


GA4 = """
# ----------------------------------------
# My property
# 20260723-20260724
# ----------------------------------------

"""


def test_visitors_are_never_added_up_nor_visits_over_pages(prepared):
    pages = "Date,Page path,Active users,Sessions,Views\n20260723,/,40,50,90\n20260723,/b,10,12,20\n"
    table = prepared(GA4.lstrip() + pages)
    row = rows_of(table)[0]
    assert (row["users"], row["sessions"], row["views"]) == (None, None, 110)
    assert any("sessions and users" in note for note in table.context.notes)
    channels = "Date,Session default channel group,Session campaign,Active users,Sessions\n"
    both = prepared(f"{GA4.lstrip()}{channels}20260723,Email,a,40,50\n20260723,Email,a,10,12\n")
    assert (rows_of(both)[0]["users"], rows_of(both)[0]["sessions"]) == (None, 62)


def test_a_further_table_in_the_file_is_not_read_as_more_of_the_first(prepared):
    two = "Date,Sessions\n20260723,50\n20260724,60\n\nSession manual source,Sessions\ngoogle,70\n"
    table = prepared(GA4.lstrip() + two)
    assert [row["sessions"] for row in rows_of(table)] == [50, 60]
    assert [fault[2].split(";")[0] for fault in table.context.left_out] == [
        "a further table in the same file"
    ] * 2


def test_a_report_that_counts_nothing_we_keep_says_what_to_export(prepared):
    with pytest.raises(BadFile, match="nobody's steps"):
        prepared(f"{GA4.lstrip()}Date,Bounce rate\n20260723,0.4\n")


def test_somebody_who_names_event_and_time_reads_it_as_a_log(prepared):
    table = ads(
        prepared, "2026-09-01,u1,EUR,1,9,3,1", map={"customer": "Campaign", "event": "=Seen", "time": "Day"}
    )
    assert table.context is None and table.recognised_as == "generic.events"


def test_what_was_prepared_travels_between_processes(prepared):
    context = ads(prepared, "2026-09-01,Brand,EUR,1.50,9,3,1").context
    assert pickle.loads(pickle.dumps(context)) == context


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ("google_ads/campaign_report.csv", "Kept as spend: 2 days, 1 campaign, CAD 1,032.84, 95 clicks."),
        ("google_ads/campaign_report_excel_utf16.csv", "Kept as spend: 2 days, 1 campaign, CAD 1,032.84."),
        ("google_ads/campaign_report_fr.csv", "Kept as spend: 2 days, 1 campaign, CAD 1,032.84, 95 clicks."),
        ("meta_ads/meta_report.csv", "Kept as spend: 1 day, 1 campaign, USD 1,234.56, 960 clicks."),
        ("ga4/standard_report.csv", "Kept as traffic: 1 period, 8,114 views."),
        ("ga4/explore_free_form.csv", "Kept as traffic: 2 days, 117,466 views."),
    ],
)
def test_published_shapes_are_kept_to_the_cent(place, kept):
    path = dataset(f"samples/{place}")
    table = prepare(path, path.name, Answers())[0]
    assert table.context.kept == kept and table.context.left_out == ()


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("September 1, 2026 - September 3, 2026", ["2026-09-01", "2026-09-03"]),
        ("1 sept. 2026 - 2 sept. 2026", ["2026-09-01", "2026-09-02"]),
        ("1. März 2026 - 31. Dezember 2026", ["2026-03-01", "2026-12-31"]),
        ("1 de enero de 2026 - 2 de agosto de 2026", ["2026-01-01", "2026-08-02"]),
        ("1 juin 2026 – 1 juil. 2026", ["2026-06-01", "2026-07-01"]),
        ("# 20260723-20260922", ["2026-07-23", "2026-09-22"]),
        ("2026-09-01 to 2026-09-30", ["2026-09-01", "2026-09-30"]),
        ("13.09.2026 - 30.09.2026", ["2026-09-13", "2026-09-30"]),
        ("03/04/2026", []),
        ("31 February 2026, 99999999", []),
    ],
)
def test_the_days_a_line_names(line, days):
    assert [day.isoformat() for day in days_in(line)] == days


def test_three_dates_are_no_period():
    assert period_in(["2026-09-01 to 2026-09-30", "made on 2026-10-02"]) is None
    assert period_in(["03/04/2026 - 05/04/2026"], "dmy") == (date(2026, 4, 3), date(2026, 4, 5))


@pytest.mark.parametrize("called", ["Currency", "Währung", "Devise", "Moneda"])
def test_a_column_of_currencies_is_known_by_what_people_call_it(prepared, called):
    read = ads(
        prepared, "2026-09-01,Brand,12.50,900,30,CHF", names=f"Day,Campaign,Cost,Impr.,Clicks,{called}\n"
    )
    assert read.question is None and rows_of(read)[0]["currency"] == "CHF"
