"""What would a small company's exports look like if we knew the truth behind them?

Northwind Projects, a made-up maker of a project tool, trial to paid: four systems, five CSV files in the
shape of the real exports, two reports without people, and `Truths`, everything that was planted. The same
`until` and seed give the same bytes.

    python -m sample_data.make_company --until 2026-11-01 --out DIR
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from journey_app.errors import BadChoice
from sample_data import company_facts as facts
from sample_data.company_ads import write_reports
from sample_data.company_facts import Calendar, Truths
from sample_data.company_lives import insiders, lives, moment
from sample_data.company_product import identifies, identifies_table, in_gap, tracks, tracks_table
from sample_data.company_records import (
    contacts,
    hubspot_table,
    known_elsewhere,
    payments,
    stripe_table,
    tickets,
    zendesk_table,
)

TRACKS, IDENTIFIES, CONTACTS = "segment_tracks.csv", "segment_identifies.csv", "hubspot_contacts.csv"
PAYMENTS, TICKETS = "stripe_payments.csv", "zendesk_tickets.csv"
FILES = (TRACKS, IDENTIFIES, CONTACTS, PAYMENTS, TICKETS)
# rows at full size: written twice, and without what makes them an event
TWINS = {TRACKS: 60, IDENTIFIES: 20, CONTACTS: 8, PAYMENTS: 6, TICKETS: 5}
JUNK = {TRACKS: 24, IDENTIFIES: 6, CONTACTS: 6, PAYMENTS: 4, TICKETS: 4}
# which cells a junk row lacks; where there are several ways, they take turns
BLANKS: dict[str, tuple[tuple[str, ...], ...]] = {
    TRACKS: (
        ("anonymous_id", "user_id"),
        ("timestamp", "original_timestamp", "sent_at", "received_at"),
        ("event", "event_text"),
    ),
    IDENTIFIES: (("anonymous_id", "user_id", "email"),),
    CONTACTS: (("Record ID", "Email", "User ID"),),
    PAYMENTS: (("Customer ID", "Customer Email"),),
    TICKETS: (("Requester", "Requester id", "Requester email", "Requester domain", "Submitter"),),
}
ID_COLUMN = {TRACKS: "id", IDENTIFIES: "id", CONTACTS: "record_id", PAYMENTS: "id", TICKETS: "id"}


@dataclass(frozen=True)
class Company:
    """The five files of one export, two reports without people, and what is true about the five."""

    folder: Path
    tracks: Path
    identifies: Path
    contacts: Path
    payments: Path
    tickets: Path
    truths: Truths
    reports: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return self.tracks, self.identifies, self.contacts, self.payments, self.tickets


def make_company(
    folder: Path,
    until: date,
    *,
    customers: int = facts.STANDARD_CUSTOMERS,
    days: int = 180,
    seed: int = 7,
    through: date | None = None,
) -> Company:
    """Write the company's five exports and two reports into `folder` (made if missing) and say what is in them.

    until:     the day of the export; data end at midnight before it (UTC).
    customers: trials started over all `days`; 500 or more. days: 100 or more.
    through:   write the exports as they looked at the end of that day instead; earlier exports hold a
               part of the rows of later ones, with the milestones that had happened.

    Raises BadChoice when a number leaves no room for what is planted.
    """
    calendar = Calendar(until, days)
    _check(calendar, customers, through)
    rng = np.random.default_rng([seed, until.toordinal(), customers, days])
    people = share_a_computer(known_elsewhere(rng, lives(rng, calendar, customers)), calendar)
    own = insiders(rng, calendar).assign(in_crm=True, second_anonymous_id="")
    everyone = pd.concat([people, own], ignore_index=True)
    happened = {
        TRACKS: tracks(rng, everyone, calendar),
        IDENTIFIES: identifies(rng, everyone, calendar),
        CONTACTS: contacts(rng, everyone, calendar),
        PAYMENTS: payments(rng, people, calendar),
        TICKETS: tickets(rng, people, calendar),
    }
    end = moment((through or until - timedelta(days=1)) + timedelta(days=1))
    lost = happened[TRACKS][in_gap(happened[TRACKS]["at"], calendar)]
    happened[TRACKS] = happened[TRACKS].drop(index=lost.index).reset_index(drop=True)
    scale = customers / facts.STANDARD_CUSTOMERS
    soiled = {name: soil(rng, rows, name, scale) for name, rows in happened.items()}
    seen = {name: rows[rows["at"] < end].reset_index(drop=True) for name, rows in soiled.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in seen.items():
        export(name, rows, end).to_csv(folder / name, index=False, lineterminator="\n")
    truths = what_is_true(calendar, people, seen, end, int((lost["at"] < end).sum()))
    tracked, identified, known, paid, asked = (folder / name for name in FILES)
    last = through or until - timedelta(days=1)
    reports = write_reports(folder, calendar, through=last, trials=customers, scale=scale, seed=seed)
    return Company(folder, tracked, identified, known, paid, asked, truths, reports)


def _check(calendar: Calendar, customers: int, through: date | None) -> None:
    if calendar.days < facts.SHORTEST_DAYS:
        raise BadChoice(
            f"{calendar.days} days are too few for what is planted in the made-up company.",
            f"Ask for {facts.SHORTEST_DAYS} days or more.",
        )
    if customers < facts.FEWEST_CUSTOMERS:
        raise BadChoice(
            f"{customers} customers are too few for what is planted in the made-up company.",
            f"Ask for {facts.FEWEST_CUSTOMERS} customers or more.",
        )
    if through and not calendar.first_day <= through < calendar.until:
        raise BadChoice(
            f"The made-up company has no data on {through}.",
            f"Choose a day from {calendar.first_day} to {calendar.until - timedelta(days=1)}.",
        )


def share_a_computer(people: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """T3: the first two payers on desktop who are well known everywhere get one browser between them."""
    settled = people["trial_at"] >= moment(calendar.first_day + timedelta(days=7))
    fit = (people["device"] == "desktop") & people["own_payer"] & people["in_crm"] & settled
    fit &= people["paid_at"] < moment(calendar.release_day)
    fit &= people["second_anonymous_id"] == ""
    two = people.index[fit][:2]
    one_browser = people["anonymous_id"].where(~people.index.isin(two), people.at[two[0], "anonymous_id"])
    return people.assign(anonymous_id=one_browser, shares_computer=people.index.isin(two))


def soil(rng: np.random.Generator, rows: pd.DataFrame, name: str, scale: float) -> pd.DataFrame:
    """Adds exact twins right after some rows, and junk rows that `export` will blank.

    Columns added: dirt ("", "twin" or "junk"), and way, the number of its entry in BLANKS (-1: none).
    """
    twins, junk = max(2, round(TWINS[name] * scale)), max(2, round(JUNK[name] * scale))
    at = rng.choice(len(rows), twins + junk, replace=False)
    broken = rows.iloc[at[twins:]].assign(dirt="junk", way=np.arange(junk) % len(BLANKS[name]))
    broken[ID_COLUMN[name]] = broken[ID_COLUMN[name]] + "0"
    pieces = [rows.assign(dirt="", way=-1), rows.iloc[at[:twins]].assign(dirt="twin", way=-1), broken]
    return pd.concat(pieces).sort_index(kind="stable").reset_index(drop=True)


def export(name: str, rows: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """One file as it looked at `end`, junk rows blanked."""
    as_of: dict[str, Callable[[pd.DataFrame, np.datetime64], pd.DataFrame]] = {
        TRACKS: lambda rows, _: tracks_table(rows),
        IDENTIFIES: lambda rows, _: identifies_table(rows),
        CONTACTS: hubspot_table,
        PAYMENTS: stripe_table,
        TICKETS: zendesk_table,
    }
    table = as_of[name](rows, end)
    for way, columns in enumerate(BLANKS[name]):
        table.loc[(rows["way"] == way).to_numpy(), list(columns)] = ""
    return table


def what_is_true(
    calendar: Calendar, people: pd.DataFrame, seen: dict[str, pd.DataFrame], end: np.datetime64, lost: int
) -> Truths:
    """The planted facts, with counts of the rows as written."""
    clean = {name: rows[rows["dirt"] == ""] for name, rows in seen.items()}
    paid = clean[PAYMENTS][~clean[PAYMENTS]["failed"]].drop_duplicates("customer")
    payer_emails = paid["payer_email"].str.lower()
    two = people[people["shares_computer"]]
    week_one, week_two = facts.sprint_weeks(calendar)
    failed = clean[TRACKS][clean[TRACKS]["event"] == facts.IMPORT_FAILED]["user_id"].nunique()
    asked = clean[TICKETS]["email"].drop_duplicates()
    known = set(clean[IDENTIFIES]["email"]) | set(clean[CONTACTS]["email"]) | set(payer_emails)
    return Truths(
        trials=int((people["trial_at"] < end).sum()),
        first_day=calendar.first_day,
        last_day=end.astype("datetime64[D]").item() - timedelta(days=1),
        drop=facts.device_drop(calendar),
        cohort=facts.feature_cohort(),
        never_merge=facts.NeverMerge(
            anonymous_id=str(two["anonymous_id"].iloc[0]),
            user_ids=(str(two["user_id"].iloc[0]), str(two["user_id"].iloc[1])),
            emails=(str(two["email"].iloc[0]), str(two["email"].iloc[1])),
            role_mailbox=facts.ROLE_MAILBOX,
            role_customers=int(paid["payer_email"].eq(facts.ROLE_MAILBOX).sum()),
        ),
        gap=facts.TrackingGap(TRACKS, calendar.gap_starts_at, calendar.gap_ends_at, lost),
        matching=facts.Matching(
            requesters=len(asked),
            unknown_requesters=int((~asked.isin(known)).sum()),
            unknown_requester_share=facts.UNKNOWN_REQUESTER_SHARE,
            trial_users_in_crm_share=facts.IN_CRM_SHARE,
            payers=len(paid),
            payers_matched_share=1 - facts.ROLE_PAYER_SHARE - facts.PRIVATE_PAYER_SHARE,
        ),
        sprint_start=calendar.sprint_start,
        week_one=week_one,
        week_two=week_two,
        friction=facts.Friction(
            facts.IMPORT_FAILED, failed, timedelta(days=3), facts.TICKET_AFTER_FAILURE_SHARE
        ),
        dirt=dirt_of(seen),
    )


def dirt_of(seen: dict[str, pd.DataFrame]) -> facts.Dirt:
    """What an import should drop or leave out, counted."""
    return facts.Dirt(
        duplicates={name: int((rows["dirt"] == "twin").sum()) for name, rows in seen.items()},
        junk={name: int((rows["dirt"] == "junk").sum()) for name, rows in seen.items()},
        bot_rows=int((seen[TRACKS]["device"] == "bot").sum()),
        internal_emails=facts.INTERNAL_EMAILS,
        internal_domain=facts.INTERNAL_DOMAIN,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Write the exports of the made-up company Northwind Projects."
    )
    parser.add_argument("--until", type=date.fromisoformat, required=True, help="day of the export")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--through", type=date.fromisoformat, help="write them as they looked after this day")
    parser.add_argument("--customers", type=int, default=facts.STANDARD_CUSTOMERS)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    try:
        company = make_company(
            asked.out,
            asked.until,
            customers=asked.customers,
            days=asked.days,
            seed=asked.seed,
            through=asked.through,
        )
    except BadChoice as error:
        parser.error(str(error))
    print("\n".join(str(file) for file in (*company.files, *company.reports)))


if __name__ == "__main__":
    main()
