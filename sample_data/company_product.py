"""What does the product's tracking hold: the Segment tables `tracks` and `identifies`?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_data import company_facts as facts
from sample_data.company_facts import Calendar
from sample_data.company_lives import (
    CHANNELS,
    DAY,
    Floats,
    Ints,
    Moments,
    days_after,
    hexes,
    moment,
)

WHO = ["user_id", "anonymous_id", "device", "channel"]
PATHS = {
    facts.PRICING: "/pricing",
    facts.TRIAL: "/trial",
    facts.PROJECT: "/app/projects/new",
    facts.INVITED: "/app/team",
    facts.IMPORTED: "/app/import",
    facts.IMPORT_FAILED: "/app/import",
    facts.INTEGRATED: "/app/integrations",
    facts.REPORT: "/app/reports",
    facts.TASK: "/app/tasks",
    facts.CHECKOUT: "/checkout",
    facts.HELP: "/help",
}
AGENTS = {
    "desktop": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0",
    "mobile": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile Safari/604.1",
    "bot": "Mozilla/5.0 (compatible; SampleCrawlerBot/2.1; +https://example.com/bot)",
}
# how often a feature is used again in the weeks of the trial, and a week while paying
AGAIN = {
    facts.INVITED: (0.6, 0.02),
    facts.IMPORTED: (0.3, 0.03),
    facts.INTEGRATED: (0.1, 0.01),
    facts.REPORT: (1.2, 0.4),
    facts.TASK: (3.5, 1.2),
}


def acts(people: pd.DataFrame, event: str, at: Moments, rows: Ints | None = None) -> pd.DataFrame:
    """One tracked act per person (or per entry of `rows`) with a known moment."""
    rows = np.arange(len(people)) if rows is None else rows
    known = ~np.isnat(at)
    return people[WHO].iloc[rows[known]].assign(event=event, at=at[known])


def visits_before(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Pricing page views of later customers, when only the browser was known; one in seven has none."""
    times = np.where(rng.random(len(people)) < 0.86, 1 + rng.poisson(0.5, len(people)), 0)
    rows = np.repeat(np.arange(len(people)), times)
    before = -0.002 - rng.exponential(2.5, len(rows))
    seen = acts(people, facts.PRICING, days_after(people["trial_at"].to_numpy()[rows], before), rows)
    return seen.assign(user_id="")


def visitors(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Pricing page views of people who never start a trial, and of a crawler; at the hours customers keep."""
    many = len(people)
    strangers = pd.DataFrame(
        {
            "user_id": "",
            "anonymous_id": "a-" + pd.Series(hexes(rng, many, 16)),
            "device": np.where(rng.random(many) < facts.MOBILE_SHARE, "mobile", "desktop"),
            "channel": rng.choice(len(CHANNELS), many, p=[c[3] for c in CHANNELS]),
        }
    )
    strangers.iloc[: max(2, many // 100), 2] = "bot"
    seen_at = days_after(rng.permutation(people["trial_at"].to_numpy()), rng.uniform(-0.12, 0.12, many))
    return acts(strangers, facts.PRICING, seen_at)


def used_again(
    rng: np.random.Generator, people: pd.DataFrame, feature: str, calendar: Calendar
) -> pd.DataFrame:
    """Later uses of a feature: some in the trial, then week by week for as long as the customer pays."""
    first = people[f"{feature}_at"].to_numpy()
    in_trial, a_week = AGAIN[feature]
    used = ~np.isnat(first)
    rows = np.repeat(np.arange(len(people)), rng.poisson(np.where(used, in_trial, 0)))
    trial = acts(people, feature, days_after(first[rows], 0.01 + rng.exponential(4.0, len(rows))), rows)
    paid = people["paid_at"].to_numpy()
    begin = np.fmax(first, paid)
    stay = np.minimum((moment(calendar.until) - begin) / np.timedelta64(DAY, "ms"), people["months"] * 30.4)
    days: Floats = np.nan_to_num(np.where(used & ~np.isnat(paid), stay, 0)).clip(0)
    rows = np.repeat(np.arange(len(people)), rng.poisson(days / 7 * a_week))
    paying = acts(people, feature, days_after(begin[rows], rng.random(len(rows)) * days[rows]), rows)
    return pd.concat([trial, paying])


def on_second_device(rng: np.random.Generator, people: pd.DataFrame, tracked: pd.DataFrame) -> pd.DataFrame:
    """Some customers do half of their later work on another device, which has another anonymous id."""
    second = people.set_index("user_id")["second_anonymous_id"]
    other = tracked["user_id"].map(second).to_numpy()
    moved = (other != "") & (rng.random(len(tracked)) < 0.5)
    swap = tracked["device"].map({"desktop": "mobile", "mobile": "desktop"})
    return tracked.assign(
        anonymous_id=tracked["anonymous_id"].where(~moved, other),
        device=tracked["device"].where(~moved, swap),
    )


def checkouts(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Payers open the checkout hours before paying; some others open it and leave, teams more often."""
    many = len(people)
    paid = people["paid_at"].to_numpy()
    opened = days_after(paid, -0.002 - np.minimum(rng.exponential(0.3, many), 3.0))
    team = people[f"{facts.INVITED}_at"].notna().to_numpy()
    leaves = np.isnat(paid) & (rng.random(many) < np.where(team, 0.32, 0.06))
    left = days_after(people["trial_at"].to_numpy(), np.where(leaves, 2 + 11 * rng.random(many), np.inf))
    return acts(people, facts.CHECKOUT, np.fmax(opened, left))


def help_views(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """One in five looks for help in the trial, and every second one whose import failed."""
    many = len(people)
    asks = np.where(rng.random(many) < 0.2, 0.02 + rng.exponential(2.0, many), np.inf)
    helpless = np.where(rng.random(many) < 0.5, 0.002 + rng.exponential(0.02, many), np.inf)
    return pd.concat(
        [
            acts(people, facts.HELP, days_after(people["trial_at"].to_numpy(), asks)),
            acts(people, facts.HELP, days_after(people[f"{facts.IMPORT_FAILED}_at"].to_numpy(), helpless)),
        ]
    )


def tracks(rng: np.random.Generator, people: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Every tracked act of the whole time in order, the tracking gap not yet cut out."""
    firsts = (facts.PROJECT, *facts.FEATURES, facts.IMPORT_FAILED)
    again = pd.concat([used_again(rng, people, feature, calendar) for feature in facts.FEATURES])
    pieces = [
        visits_before(rng, people),
        visitors(rng, people),
        acts(people, facts.TRIAL, people["trial_at"].to_numpy()),
        *(acts(people, event, people[f"{event}_at"].to_numpy()) for event in firsts),
        on_second_device(rng, people, again),
        checkouts(rng, people),
        help_views(rng, people),
    ]
    all_acts = pd.concat(pieces, ignore_index=True)
    inside = (all_acts["at"] >= moment(calendar.first_day)) & (all_acts["at"] < moment(calendar.until))
    all_acts = all_acts[inside].sort_values("at", kind="stable", ignore_index=True)
    return all_acts.assign(id=hexes(rng, len(all_acts), 20), host=rng.integers(1, 255, len(all_acts)))


def identifies(rng: np.random.Generator, people: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Who turned out to be whom: one row when the trial starts, one more for a second device."""
    columns = ["user_id", "anonymous_id", "email"]
    first = people[columns].assign(at=people["trial_at"] + pd.Timedelta(seconds=1))
    second = people[people["second_anonymous_id"] != ""]
    second = second[columns].assign(
        anonymous_id=second["second_anonymous_id"],
        at=days_after(second["trial_at"].to_numpy(), 0.2 + 3 * rng.random(len(second))),
    )
    both = pd.concat([first, second], ignore_index=True)
    both = both[both["at"] < moment(calendar.until)].sort_values("at", kind="stable", ignore_index=True)
    return both.assign(id=hexes(rng, len(both), 20))


def in_gap(at: pd.Series[pd.Timestamp], calendar: Calendar) -> pd.Series[bool]:
    """Which moments fall into the tracking gap (T4)."""
    return (at >= moment(calendar.gap_starts_at)) & (at < moment(calendar.gap_ends_at))


def clock(at: pd.Series[pd.Timestamp], later_ms: int = 0) -> np.ndarray:
    """Moments as the warehouse writes them: 2026-05-01 09:30:00.250."""
    shown = (at + pd.Timedelta(milliseconds=later_ms)).to_numpy().astype("datetime64[ms]")
    text = np.datetime_as_string(shown, unit="ms")
    letters = text.view("U1").reshape(len(text), -1)
    letters[:, 10] = " "
    return text.astype(object)


def tracks_table(rows: pd.DataFrame) -> pd.DataFrame:
    """`tracks` as the warehouse holds it: the human name in event_text, its slug in event, no properties."""
    names = list(PATHS)
    event = pd.Categorical(rows["event"], categories=names)
    agents = pd.Categorical(rows["device"], categories=list(AGENTS))
    channel = rows["channel"].to_numpy()
    slugs = [name.lower().replace(" ", "_") for name in names]
    addresses = np.array([f"https://example.com{path}" for path in PATHS.values()], dtype=object)
    moment_text = clock(rows["at"])
    return pd.DataFrame(
        {
            "id": "m-" + rows["id"],
            "anonymous_id": rows["anonymous_id"],
            "user_id": rows["user_id"],
            "received_at": clock(rows["at"], 900),
            "sent_at": clock(rows["at"], 400),
            "original_timestamp": moment_text,
            "timestamp": moment_text,
            "event": np.array(slugs, dtype=object)[event.codes],
            "event_text": rows["event"],
            "context_campaign_source": np.array([c[0] for c in CHANNELS], dtype=object)[channel],
            "context_campaign_medium": np.array([c[1] for c in CHANNELS], dtype=object)[channel],
            "context_device_type": rows["device"].replace("bot", "desktop"),
            "context_ip": np.array([f"192.0.2.{host}" for host in range(256)], dtype=object)[rows["host"]],
            "context_page_url": addresses[event.codes],
            "context_user_agent": np.array(list(AGENTS.values()), dtype=object)[agents.codes],
        }
    )


def identifies_table(rows: pd.DataFrame) -> pd.DataFrame:
    """`identifies` as the warehouse holds it."""
    moment_text = clock(rows["at"])
    return pd.DataFrame(
        {
            "id": "i-" + rows["id"],
            "anonymous_id": rows["anonymous_id"],
            "user_id": rows["user_id"],
            "email": rows["email"],
            "received_at": clock(rows["at"], 900),
            "sent_at": clock(rows["at"], 400),
            "original_timestamp": moment_text,
            "timestamp": moment_text,
        }
    )
