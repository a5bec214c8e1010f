"""Does the made-up company hold what it promises? Plain arithmetic on its raw files, not the product."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from journey_app.errors import BadChoice
from sample_data.company_facts import StepChange, Truths
from sample_data.make_company import Company, make_company

UNTIL = date(2026, 11, 1)
SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"
MAIL = re.compile(r"@(?<=[\w.+-]@)([\w.-]+)")  # looks back from the @: fast on 60 MB, and no decorators
IP = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
WEB = re.compile(r"https?://([\w.-]+)")


@dataclass(frozen=True)
class Files:
    """The five files as text tables, and the moments in them."""

    company: Company
    tracks: pd.DataFrame
    identifies: pd.DataFrame
    contacts: pd.DataFrame
    payments: pd.DataFrame
    tickets: pd.DataFrame

    @property
    def truths(self) -> Truths:
        return self.company.truths

    def first(self, event: str) -> pd.DataFrame:
        """Each user's first time: `at` and `device` by user id."""
        rows = self.tracks[(self.tracks["event_text"] == event) & (self.tracks["user_id"] != "")]
        rows = rows.dropna(subset="at").sort_values("at").drop_duplicates("user_id")
        return rows.set_index("user_id")[["at", "context_device_type"]].set_axis(["at", "device"], axis=1)

    def email_of(self) -> pd.Series:
        known = self.identifies[self.identifies["user_id"] != ""].drop_duplicates("user_id")
        return known.set_index("user_id")["email"]


def read(company: Company) -> Files:
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in company.files]
    tracks, identifies, contacts, payments, tickets = tables
    tracks["at"] = pd.to_datetime(tracks["timestamp"], format="ISO8601", errors="coerce")
    payments["at"] = pd.to_datetime(payments["Created date (UTC)"])
    tickets["at"] = pd.to_datetime(tickets["Created at"])
    return Files(company, tracks, identifies, contacts, payments, tickets)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return read(make_company(tmp_path_factory.mktemp("company"), UNTIL))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return make_company(tmp_path_factory.mktemp("small"), UNTIL, customers=2_000)


def converted(files: Files, start: str, outcome: str, within: timedelta) -> pd.DataFrame:
    """Everyone who did `start` and whose window is over: at, device, done."""
    entered = files.first(start)
    entered = entered[entered["at"] + within <= pd.Timestamp(UNTIL)]
    delay = files.first(outcome)["at"].reindex(entered.index) - entered["at"]
    return entered.assign(done=(delay > timedelta(0)) & (delay <= within))


def paid_within(files: Files, within: timedelta) -> pd.Series:
    """Of the trials whose window is over: who paid in time, found through the e-mail address."""
    trials = files.first("Trial started")
    trials = trials[trials["at"] + within <= pd.Timestamp(UNTIL)]
    good = files.payments[files.payments["Status"].isin(["Paid", "Refunded"])]
    first = good.groupby(good["Customer Email"].str.lower())["at"].min()
    delay = files.email_of().reindex(trials.index).map(first) - trials["at"]
    return delay <= within


def own_people(files: Files, users: pd.Index) -> pd.Index:
    inside = files.truths.dirt.internal_domain
    return users[~files.email_of().reindex(users).fillna("").str.endswith(inside)]


# ---------------------------------------------------------------- the company at large


def test_the_same_date_and_seed_give_the_same_bytes(small: Company, tmp_path: Path):
    again = make_company(tmp_path / "again", UNTIL, customers=2_000)
    other = make_company(tmp_path / "other", UNTIL, customers=2_000, seed=8)
    assert [f.read_bytes() for f in again.files] == [f.read_bytes() for f in small.files]
    assert [f.read_bytes() for f in again.reports] == [f.read_bytes() for f in small.reports]
    assert again.truths == small.truths
    assert all(a.read_bytes() != b.read_bytes() for a, b in zip(other.files, small.files, strict=True))


def test_data_fill_every_day_and_end_in_the_last_hour(files: Files):
    at = files.tracks["at"].dropna()
    assert at.min().date() == files.truths.first_day == UNTIL - timedelta(days=180)
    assert at.max() >= pd.Timestamp(UNTIL) - timedelta(hours=1)
    assert at.max() < pd.Timestamp(UNTIL)
    assert at.dt.date.nunique() == 180


def test_trials_come_evenly_with_a_weekday_pattern_and_some_week_noise(files: Files):
    started = pd.to_datetime(
        files.identifies.drop_duplicates("user_id")["timestamp"], format="ISO8601"
    ).dropna()
    weeks = started.dt.to_period("W").value_counts().sort_index().iloc[1:-1]
    assert weeks.mean() == pytest.approx(780, rel=0.02)
    assert 0.01 < weeks.std() / weeks.mean() < 0.04
    assert weeks.iloc[-8:].mean() == pytest.approx(weeks.iloc[:8].mean(), rel=0.04)
    days = started.dt.day_of_week.value_counts().sort_index()
    assert days[[5, 6]].mean() < 0.7 * days[[0, 1, 2, 3]].mean()
    assert files.truths.trials == 20_000


# ---------------------------------------------------------------- planted truths


def test_t1_after_the_release_phones_stop_inviting(files: Files):
    drop = files.truths.drop
    assert drop.release_day == UNTIL - timedelta(days=45)
    assert (drop.share_before, drop.share_after, drop.other_share) == (0.52, 0.28, 0.54)
    steps = converted(files, drop.start, drop.outcome, drop.within)
    day = steps["at"].dt.date
    calm = (day < files.truths.gap.starts_at.date() - timedelta(days=4)) | (
        (day > files.truths.gap.ends_at.date()) & (day < drop.release_day)
    )
    share = steps.assign(after=day >= drop.release_day)[calm | (day >= drop.release_day)]
    share = share.groupby(["device", "after"])["done"].mean()
    assert share[drop.device, False] == pytest.approx(drop.share_before, abs=0.02)
    assert share[drop.device, True] == pytest.approx(drop.share_after, abs=0.02)
    assert share[drop.other_device, False] == pytest.approx(drop.other_share, abs=0.02)
    assert share[drop.other_device, True] == pytest.approx(drop.other_share, abs=0.02)


def test_t2_three_features_in_week_one_pay_three_times_as_often(files: Files):
    cohort = files.truths.cohort
    paid = paid_within(files, cohort.paid_within)
    paid = paid[own_people(files, paid.index)]
    trial_at = files.first("Trial started")["at"].reindex(paid.index)
    used = sum(
        (files.first(feature)["at"].reindex(paid.index) - trial_at < cohort.features_within).astype(int)
        for feature in cohort.features
    )
    many = paid[used >= cohort.needed]
    few = paid[used < cohort.needed]
    assert many.mean() == pytest.approx(cohort.paid_share_with, abs=0.02)
    assert few.mean() == pytest.approx(cohort.paid_share_without, abs=0.01)
    assert 2.6 < many.mean() / few.mean() < 3.4
    assert 0.12 <= paid.mean() <= 0.14
    assert paid.mean() == pytest.approx(cohort.paid_share, abs=0.01)


def test_t3_two_payers_share_a_browser_and_many_share_a_mailbox(files: Files):
    never = files.truths.never_merge
    shared = files.identifies[files.identifies["anonymous_id"] == never.anonymous_id]
    assert set(shared["user_id"]) == set(never.user_ids)
    assert set(shared["email"]) == set(never.emails)
    browsed = files.tracks[files.tracks["anonymous_id"] == never.anonymous_id]
    assert set(browsed["user_id"]) - {""} == set(never.user_ids)
    paid = files.payments[files.payments["Status"].isin(["Paid", "Refunded"])]
    by_email = paid.groupby(paid["Customer Email"].str.lower())["Customer ID"].nunique()
    assert [by_email[email] for email in never.emails] == [1, 1]
    assert set(never.emails) <= set(files.contacts["Email"])
    assert by_email.drop("", errors="ignore").nlargest(2).tolist() == [never.role_customers, 1]
    assert never.role_customers >= 20
    assert never.role_mailbox not in set(files.contacts["Email"]) | set(files.identifies["email"])


def test_t4_tracking_is_silent_for_thirty_hours_and_the_rest_goes_on(files: Files):
    gap = files.truths.gap
    assert gap.ends_at - gap.starts_at == timedelta(hours=30)
    assert gap.starts_at.isoformat() == "2026-08-21T14:10:00"
    moments = files.tracks["at"].dropna().sort_values()
    silence = moments.diff()
    assert silence.nlargest(2).iloc[0] > timedelta(hours=29, minutes=50)
    assert silence.nlargest(2).iloc[1] < timedelta(hours=3)
    assert not moments.between(gap.starts_at, gap.ends_at, inclusive="left").any()
    assert gap.rows_lost > 1_000
    for other in (
        files.payments["at"],
        files.tickets["at"],
        pd.to_datetime(files.contacts["Create Date"]),
        pd.to_datetime(files.identifies["timestamp"], format="ISO8601"),
    ):
        assert other.between(gap.starts_at, gap.ends_at).sum() >= 5


def test_t5_a_quarter_of_the_requesters_is_unknown_and_the_rest_matches(files: Files):
    matching = files.truths.matching
    product, crm = set(files.identifies["email"]), set(files.contacts["Email"])
    billing = set(files.payments["Customer Email"].str.lower())
    requesters = files.tickets["Requester email"].loc[lambda email: email != ""].drop_duplicates()
    unknown = ~requesters.isin(product | crm | billing)
    assert (len(requesters), unknown.sum()) == (matching.requesters, matching.unknown_requesters)
    assert matching.unknown_requester_share == 0.24
    assert unknown.mean() == pytest.approx(matching.unknown_requester_share, abs=0.005)
    good = files.payments[files.payments["Status"].isin(["Paid", "Refunded"])]
    payers = good[good["Customer ID"] != ""].drop_duplicates("Customer ID")
    matched = payers["Customer Email"].str.lower().isin(product & crm | product)
    assert len(payers) == matching.payers
    assert 0.97 < matched.mean() < 0.99
    emails = files.email_of()
    in_crm = emails.isin(crm) | emails.index.isin(files.contacts["User ID"])
    assert 0.955 < in_crm.mean() < 0.985


def weekly(files: Files, change: StepChange) -> pd.Series:
    """The change's own measure by the Monday of entering."""
    entered = converted(files, change.start, change.outcome, change.within)
    return entered.groupby(entered["at"].dt.to_period("W").dt.start_time.dt.date)["done"].mean()


def test_t6_week_one_of_the_sprint_works(files: Files):
    change = files.truths.week_one
    assert change.goes_live == files.truths.sprint_start == date(2026, 10, 12)
    assert (change.base_share, change.lift) == (0.25, 0.60)
    weeks = weekly(files, change)
    before = [weeks[change.goes_live - timedelta(weeks=w)] for w in range(1, 5)]
    after = [weeks[change.goes_live + timedelta(weeks=w)] for w in range(2)]
    assert sum(before) / 4 == pytest.approx(change.base_share, rel=0.04)
    assert max(before) / min(before) < 1.12
    assert all(share == pytest.approx(change.base_share * 1.6, rel=0.06) for share in after)


def test_t6_week_two_does_nothing(files: Files):
    change = files.truths.week_two
    weeks = weekly(files, change)
    before = [weeks[change.goes_live - timedelta(weeks=w)] for w in range(1, 6)]
    assert (change.base_share, change.lift) == (0.22, 0)
    assert all(share == pytest.approx(change.base_share, rel=0.06) for share in before)
    assert weeks[change.goes_live] == pytest.approx(sum(before) / 5, rel=0.06)


@pytest.mark.parametrize("day", range(7))
def test_t6_both_sprint_weeks_are_over_whatever_day_it_is(day: int, tmp_path: Path):
    until = UNTIL + timedelta(days=day)
    truths = make_company(tmp_path, until, customers=500, days=100).truths
    assert truths.sprint_start.weekday() == 0
    assert truths.week_two.goes_live + timedelta(days=7) + truths.week_two.within <= until
    assert until - truths.sprint_start <= timedelta(days=23)
    assert truths.gap.ends_at.date() < truths.sprint_start - timedelta(weeks=4)


def test_t7_failed_imports_lead_to_tickets(files: Files):
    friction = files.truths.friction
    failed = files.first(friction.event)
    failed = failed[failed["at"] + friction.within <= pd.Timestamp(UNTIL)]
    asked = files.tickets.merge(
        failed.assign(email=files.email_of().reindex(failed.index)).reset_index(),
        left_on="Requester email",
        right_on="email",
    )
    delay = asked["at_x"] - asked["at_y"]
    wrote = asked[(delay >= timedelta(0)) & (delay <= friction.within)]["user_id"].nunique()
    assert 1_500 < friction.customers < 2_000
    assert friction.ticket_share == 0.20
    assert wrote / len(failed) == pytest.approx(friction.ticket_share, abs=0.03)


# ---------------------------------------------------------------- dirt


def test_twins_and_junk_are_as_many_as_said(files: Files):
    dirt = files.truths.dirt
    lacks = {
        "segment_tracks.csv": lambda t: (
            (t["anonymous_id"] + t["user_id"] == "") | (t["timestamp"] == "") | (t["event"] == "")
        ),
        "segment_identifies.csv": lambda t: t["anonymous_id"] + t["user_id"] + t["email"] == "",
        "hubspot_contacts.csv": lambda t: t["Record ID"] + t["Email"] == "",
        "stripe_payments.csv": lambda t: t["Customer ID"] + t["Customer Email"] == "",
        "zendesk_tickets.csv": lambda t: t["Requester id"] + t["Requester email"] == "",
    }
    for path in files.company.files:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert table.duplicated().sum() == dirt.duplicates[path.name] > 0, path.name
        assert lacks[path.name](table).sum() == dirt.junk[path.name] > 0, path.name


def test_crawlers_and_test_accounts_are_there_to_be_left_out(files: Files):
    dirt = files.truths.dirt
    crawled = files.tracks["context_user_agent"].str.contains("Bot")
    assert crawled.sum() == dirt.bot_rows > 50
    inside = files.identifies[files.identifies["email"].str.endswith(dirt.internal_domain)]
    assert set(inside["email"]) == set(dirt.internal_emails)
    assert files.tracks["user_id"].isin(inside["user_id"]).sum() > 100
    assert (files.tickets["Status"] == "Deleted").sum() >= 3


# ---------------------------------------------------------------- exports of two weeks


def test_last_weeks_export_is_part_of_this_weeks(small: Company, tmp_path: Path):
    last = make_company(tmp_path, UNTIL, customers=2_000, through=UNTIL - timedelta(days=8))
    for before, after in ((last.tracks, small.tracks), (last.identifies, small.identifies)):
        assert after.read_bytes().startswith(before.read_bytes())
        assert before.stat().st_size < after.stat().st_size
    for file, key in (("contacts", "Record ID"), ("payments", "id"), ("tickets", "Id")):
        before = pd.read_csv(getattr(last, file), dtype=str, keep_default_na=False)
        after = pd.read_csv(getattr(small, file), dtype=str, keep_default_na=False)
        assert before[key].tolist() == after[key].tolist()[: len(before)]
        dates = [name for name in before if re.search(r"(^| )[Dd]ate|Created|Solved", name)]
        told = before[dates].where(before[dates] != "")
        same = told.eq(after[dates].iloc[: len(before)]) | told.isna()
        assert same.all(axis=None), f"{file}: a date changed between the two exports"
        stamps = told.stack().dropna()
        assert stamps.max() < str(UNTIL - timedelta(days=7)), f"{file}: a date lies after the export"
    assert last.truths.last_day == UNTIL - timedelta(days=8)
    assert last.truths.trials < small.truths.trials


def test_last_weeks_reports_tell_the_same_of_the_days_before(small: Company, tmp_path: Path):
    earlier = make_company(tmp_path, UNTIL, customers=2_000, through=UNTIL - timedelta(days=8))
    for before, after in zip(earlier.reports, small.reports, strict=True):
        rows = [
            {row for row in path.read_text().splitlines() if row.startswith("2026")}
            for path in (before, after)
        ]
        assert rows[0] < rows[1] and len(rows[1] - rows[0]) in (7 * 2, 7 * 6)


def test_reports_cover_every_day_and_add_up_to_their_totals(small: Company):
    ads, visits = small.reports
    spent = pd.read_csv(ads, skiprows=2, thousands=",")
    assert spent[spent["Day"] != "Total: Account"]["Day"].nunique() == 180
    assert spent["Cost"].iloc[:-1].sum().round(2) == spent["Cost"].iloc[-1]
    lines = visits.read_text().splitlines()
    assert lines[7] == f",,{sum(int(line.split(',')[2]) for line in lines[8:])},Grand total"


def test_an_export_of_the_last_day_is_the_whole_export(small: Company, tmp_path: Path):
    same = make_company(tmp_path, UNTIL, customers=2_000, through=UNTIL - timedelta(days=1))
    assert [f.read_bytes() for f in same.files] == [f.read_bytes() for f in small.files]


@pytest.mark.parametrize(
    "wrong",
    [{"customers": 100}, {"days": 60}, {"through": UNTIL}, {"through": UNTIL - timedelta(days=400)}],
    ids=str,
)
def test_numbers_that_leave_no_room_are_refused(wrong: dict, tmp_path: Path):
    with pytest.raises(BadChoice):
        make_company(tmp_path, UNTIL, **({"customers": 500} | wrong))
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- nobody real


MADE_UP = {"example.com", "example.org", "example.net"}


def strange_addresses(text: str) -> set[str]:
    """Addresses that could be somebody's: hosts other than example.com/.org/.net, IPs outside 192.0.2.x."""
    hosts = [host.rstrip(".") for host in MAIL.findall(text) + WEB.findall(text)]
    places = {host for host in hosts if ".".join(host.casefold().split(".")[-2:]) not in MADE_UP}
    return places | {ip for ip in IP.findall(text) if not ip.startswith("192.0.2.")}


def test_the_search_for_strange_addresses_finds_them():
    text = (
        "a@mail.invalid b@example.com http://web.invalid/x https://www.example.org http://example.com.invalid "
        "10.0.0.1 192.0.2.7 V/1.2"
    )
    assert strange_addresses(text) == {"mail.invalid", "web.invalid", "example.com.invalid", "10.0.0.1"}


def test_only_made_up_addresses_are_written(files: Files):
    for path in (*files.company.files, *files.company.reports):
        assert strange_addresses(path.read_text()) == set(), path.name


def test_only_made_up_addresses_stand_in_the_folder():
    texts = [
        f
        for f in SAMPLE_DATA.rglob("*")
        if f.suffix in {".py", ".md", ".csv", ".tsv", ".json", ".ndjson", ".jsonl"}
    ]
    assert texts
    for path in texts:
        assert strange_addresses(path.read_text(encoding="utf-8", errors="replace")) == set(), path.name
