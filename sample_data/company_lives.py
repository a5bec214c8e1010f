"""What did each customer of the made-up company do, and when?

People are rows; a moment that never came is NaT. Shares are kept exactly in every week (see `picked`),
so that the planted facts hold for every date and seed instead of most of them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sample_data import company_facts as facts
from sample_data.company_facts import Calendar, Feature
from sample_data.company_words import COMPANY_KINDS, FIRST_NAMES, LAST_NAMES

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]

DAY = 86_400_000  # milliseconds
NEVER = np.datetime64("NaT", "ms")
HOUR_WEIGHTS = np.array([1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 11, 12, 11, 10, 8, 6, 5, 5, 4, 3, 2.5])
WEEKDAY_WEIGHTS = np.array([1.14, 1.18, 1.16, 1.12, 0.98, 0.68, 0.74])  # Monday first
CHANNELS = (
    # source, medium, HubSpot's name for it, share of customers
    ("google", "organic", "Organic Search", 0.30),
    ("google", "cpc", "Paid Search", 0.24),
    ("linkedin", "paid-social", "Paid Social", 0.14),
    ("newsletter", "email", "Email Marketing", 0.10),
    ("partner-blog", "referral", "Referrals", 0.08),
    ("", "", "Direct Traffic", 0.14),
)


def moment(value: object) -> np.datetime64:
    """A date or naive UTC datetime as numpy reads it, in milliseconds."""
    return np.datetime64(str(value).replace(" ", "T"), "ms")


def days_after(start: Moments, days: Floats) -> Moments:
    """`start` plus a fractional number of days; NaT where either is missing."""
    known = np.isfinite(days)
    ahead = np.where(known, days, 0.0) * DAY
    return np.where(known, start + ahead.astype("timedelta64[ms]"), NEVER)


def week_of(moments: Moments) -> Ints:
    """The number of the Monday week (1970-01-05 begins week 0)."""
    return (moments.astype("datetime64[D]").astype(np.int64) - 4) // 7


def weekly_noise(rng: np.random.Generator, weeks: Ints, spread: float) -> Floats:
    """One factor around 1 for each week, the same for everybody in it; relative sd `spread`."""
    first = weeks.min()
    factors = np.exp(np.clip(rng.normal(0, spread, weeks.max() - first + 1), -1.5 * spread, 1.5 * spread))
    return factors[weeks - first]


def picked(rng: np.random.Generator, score: Floats, stratum: Ints, share: Floats) -> Bools:
    """This share of every stratum, lowest scores first; a fraction of a person is drawn by lot.

    score, stratum, share: one value per person; share is equal within a stratum. Independent draws
    would let chance hide a planted fact in one of every twenty companies.
    """
    order = np.lexsort((score, stratum))
    _, size = np.unique(stratum, return_counts=True)
    place = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    lot = np.repeat(rng.random(len(size)), size)
    chosen = np.empty(len(order), dtype=np.bool_)
    chosen[order] = place + lot < share[order] * np.repeat(size, size)
    return chosen


def trial_times(rng: np.random.Generator, calendar: Calendar, customers: int) -> Moments:
    """When each trial starts, ascending: weekday pattern, weeks and days that differ a little, no growth."""
    days = moment(calendar.first_day).astype("datetime64[D]") + np.arange(calendar.days)
    weekday = (days.astype(np.int64) + 3) % 7
    weight = WEEKDAY_WEIGHTS[weekday] * weekly_noise(rng, week_of(days), facts.WEEK_NOISE)
    weight *= np.exp(rng.normal(0, 0.03, len(days)))
    filled = np.rint(np.cumsum(weight) / weight.sum() * customers).astype(np.int64)
    day = np.repeat(days, np.diff(filled, prepend=0))
    hour = rng.choice(24, len(day), p=HOUR_WEIGHTS / HOUR_WEIGHTS.sum())
    within = (hour + rng.random(len(day))) / 24
    return np.sort(days_after(day.astype("datetime64[ms]"), within))


def words(rng: np.random.Generator, choices: list[str], size: int) -> NDArray[np.object_]:
    return np.array(choices, dtype=object)[rng.integers(0, len(choices), size)]


def hexes(rng: np.random.Generator, size: int, digits: int) -> NDArray[np.object_]:
    """Random lower-case hexadecimal names of an even number of digits."""
    text = rng.bytes(size * digits // 2).hex()
    return np.array([text[at : at + digits] for at in range(0, size * digits, digits)], dtype=object)


def newcomers(rng: np.random.Generator, calendar: Calendar, customers: int) -> pd.DataFrame:
    """Who starts a trial: one row each in order of start, with names, ids, device and channel."""
    number = np.arange(customers)
    first, last = words(rng, FIRST_NAMES, customers), words(rng, LAST_NAMES, customers)
    domain = np.where(rng.random(customers) < 0.8, "@example.com", "@example.org")
    names = pd.Series(first) + "." + pd.Series(last)
    channel = rng.choice(len(CHANNELS), customers, p=[c[3] for c in CHANNELS])
    people = pd.DataFrame(
        {
            "user_id": "u" + pd.Series(100_001 + number).astype(str),
            "first_name": first,
            "last_name": last,
            "email": names.str.lower() + pd.Series(number + 1).astype(str) + domain,
            "company": pd.Series(last) + " " + words(rng, COMPANY_KINDS, customers),
            "anonymous_id": "a-" + pd.Series(hexes(rng, customers, 16)),
            "device": np.where(rng.random(customers) < facts.MOBILE_SHARE, "mobile", "desktop"),
            "channel": channel,
            "trial_at": trial_times(rng, calendar, customers),
        }
    )
    return people.assign(week=week_of(people["trial_at"].to_numpy()), eager=rng.normal(size=customers))


def project_days(rng: np.random.Generator, people: pd.DataFrame) -> Floats:
    """Days from the trial to the first project; infinite for those who never create one."""
    week = people["week"].to_numpy()
    share = facts.PROJECT_SHARE * weekly_noise(rng, week, facts.WEEK_NOISE)
    creates = picked(rng, rng.normal(size=len(people)), week, share)
    days = np.minimum(np.exp(rng.normal(np.log(0.03), 2.0, len(people))), 12.0)
    return np.where(creates, days, np.inf)


def first_use_days(
    rng: np.random.Generator, people: pd.DataFrame, project: Floats, feature: Feature, lift: Floats
) -> Floats:
    """Days from the trial to the first use of a feature; infinite for those who never use it.

    lift: factor on the share, one per person, equal within a week. Only people with a project within
    a day and a half can be early, so features follow the project and the week's share stays exact.
    """
    week = people["week"].to_numpy()
    able = project < 1.5
    score = -0.3 * people["eager"].to_numpy() + 0.95 * rng.normal(size=len(people)) + np.where(able, 0, 10)
    early = picked(rng, score, week, feature.share * lift * weekly_noise(rng, week, feature.noise)) & able
    late = ~early & np.isfinite(project) & (rng.random(len(people)) < feature.late)
    begin = np.where(able, project, 0)
    soon = begin + (feature.days * 0.99 - begin) * rng.beta(1, 4, len(people))
    later = np.maximum(begin, feature.days) + 0.1 + rng.exponential(3.0, len(people))
    return np.where(early, soon, np.where(late, later, np.inf))


def invited_days(
    rng: np.random.Generator, people: pd.DataFrame, project: Floats, calendar: Calendar
) -> Floats:
    """Days from the trial to the first invitation; T1, the drop on mobile after the release, is made here."""
    project_at = days_after(people["trial_at"].to_numpy(), project)
    mobile = (people["device"] == "mobile").to_numpy()
    after = project_at >= moment(calendar.release_day)
    share = np.where(mobile, facts.INVITED_MOBILE, facts.INVITED_DESKTOP)
    share = np.where(mobile & after, facts.INVITED_MOBILE_AFTER, share)
    has = np.isfinite(project)
    week = np.where(has, week_of(np.where(has, project_at, people["trial_at"].to_numpy())), -1)
    noise = np.where(has, weekly_noise(rng, np.where(has, week, people["week"]), facts.WEEK_NOISE), 1)
    score = -0.3 * people["eager"].to_numpy() + 0.95 * rng.normal(size=len(people))
    early = picked(rng, score, week * 4 + 2 * mobile + after, np.where(has, share * noise, 0))
    late = has & ~early & (rng.random(len(people)) < 0.06)
    soon = project + 0.002 + 2.95 * rng.beta(1, 4, len(people))
    later = project + 3.1 + rng.exponential(3.0, len(people))
    return np.where(early, soon, np.where(late, later, np.inf))


def paid_days(rng: np.random.Generator, people: pd.DataFrame, features: Ints, invited: Bools) -> Floats:
    """Days from the trial to the first payment; T2, paying by features used in week one, is made here.

    Nobody pays in the first week, so what they did in it comes before.
    """
    many, week = features >= 3, people["week"].to_numpy()
    share = np.zeros(len(people))
    for (has_many, has_invited), value in facts.PAID_SHARE.items():
        share[(many == has_many) & (invited == has_invited)] = value
    share *= weekly_noise(rng, week, facts.WEEK_NOISE)
    pays = picked(rng, rng.normal(size=len(people)), week * 4 + 2 * many + invited, share)
    late = ~pays & (rng.random(len(people)) < facts.LATE_PAID_SHARE)
    soon = 7.05 + 6.85 * rng.beta(3, 1.6, len(people))
    later = 15.0 + 30 * rng.beta(1, 2, len(people))
    return np.where(pays, soon, np.where(late, later, np.inf))


def failed_import_days(rng: np.random.Generator, people: pd.DataFrame, project: Floats) -> Floats:
    """Days from the trial to a failed import; infinite for those spared."""
    week = people["week"].to_numpy()
    score = rng.normal(size=len(people)) + np.where(project < 1.5, 0, 10)
    share = facts.IMPORT_FAILED_SHARE * weekly_noise(rng, week, facts.WEEK_NOISE)
    hit = picked(rng, score, week, share) & (project < 1.5)
    return np.where(hit, np.where(hit, project, 0) + 0.005 + rng.exponential(0.8, len(people)), np.inf)


def ticket_days(rng: np.random.Generator, people: pd.DataFrame, failed: Floats) -> Floats:
    """Days from the trial to the ticket about a failed import; T7 is made here."""
    hit = np.isfinite(failed)
    stratum = np.where(hit, people["week"].to_numpy(), -1)
    share = np.where(hit, facts.TICKET_AFTER_FAILURE_SHARE, 0.0)
    writes = picked(rng, rng.normal(size=len(people)), stratum, share)
    return np.where(writes, failed + 0.02 + 2.9 * rng.beta(1, 4, len(people)), np.inf)


def lives(rng: np.random.Generator, calendar: Calendar, customers: int) -> pd.DataFrame:
    """Everyone who starts a trial, with the moment of each first thing they do (`<thing>_at`, NaT: never)."""
    people = newcomers(rng, calendar, customers)
    start = people["trial_at"].to_numpy()
    project = project_days(rng, people)
    first = {facts.INVITED: invited_days(rng, people, project, calendar)}
    for feature in facts.FIRST_USES:
        lift = np.ones(customers)
        for week in facts.sprint_weeks(calendar):
            if week.outcome == feature.event:
                lift = np.where(start >= moment(week.goes_live), 1 + week.lift, 1.0)
        first[feature.event] = first_use_days(rng, people, project, feature, lift)
    in_week_one = np.array([first[name] < 7 for name in facts.FEATURES])
    paid = paid_days(rng, people, in_week_one.sum(axis=0), first[facts.INVITED] < 7)
    failed = failed_import_days(rng, people, project)
    ahead = {facts.PROJECT: project, **first, "paid": paid, facts.IMPORT_FAILED: failed}
    ahead["ticket"] = ticket_days(rng, people, failed)
    people = people.assign(**{f"{name}_at": days_after(start, days) for name, days in ahead.items()})
    return people.assign(months=rng.geometric(0.07, customers))


def insiders(rng: np.random.Generator, calendar: Calendar) -> pd.DataFrame:
    """The company's own test accounts: they try everything within hours and never pay."""
    many = len(facts.INTERNAL_EMAILS)
    morning = 1 + np.arange(many) * (calendar.days - 14) // many + 3 / 8
    start = days_after(np.full(many, moment(calendar.first_day)), morning + rng.random(many) / 3)
    people = pd.DataFrame(
        {
            "user_id": [f"u{900_001 + number}" for number in range(many)],
            "first_name": "Test",
            "last_name": [f"Account {number + 1}" for number in range(many)],
            "email": facts.INTERNAL_EMAILS,
            "company": "Northwind Projects",
            "anonymous_id": "a-" + pd.Series(hexes(rng, many, 16)),
            "device": "desktop",
            "channel": len(CHANNELS) - 1,
            "trial_at": start,
            "months": 0,
        }
    )
    tried = {name: 0.01 * (place + 1) for place, name in enumerate((facts.PROJECT, *facts.FEATURES))}
    return people.assign(
        **{f"{name}_at": days_after(start, np.full(many, days)) for name, days in tried.items()},
        **{f"{name}_at": np.full(many, NEVER) for name in ("paid", facts.IMPORT_FAILED, "ticket")},
    )
