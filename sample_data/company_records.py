"""What do the other three systems hold: HubSpot contacts, Stripe payments, Zendesk tickets?

`contacts`, `payments` and `tickets` are what happened; the `…_table` functions are what an export
shows on a given day: milestones still ahead of it are blank.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_data import company_facts as facts
from sample_data.company_facts import Calendar
from sample_data.company_lives import (
    CHANNELS,
    NEVER,
    Bools,
    days_after,
    hexes,
    moment,
    words,
)
from sample_data.company_words import (
    FIRST_NAMES,
    IMPORT_TOPICS,
    LAST_NAMES,
    OWNERS,
    STRIPE_PAYMENTS_HEADER,
    TOPICS,
    ZENDESK_TICKETS_HEADER,
)

PRICES = np.array([29.0, 79.0, 149.0])


def known_elsewhere(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Adds how other systems know each customer: in the CRM or not, the paying address, a second device."""
    many = len(people)
    paying = people["paid_at"].notna().to_numpy()
    lot = np.where(paying, rng.permutation(many), many)
    place = np.argsort(np.argsort(lot))  # payers in random order come first
    role = place < max(3, round(facts.ROLE_PAYER_SHARE * paying.sum()))
    private = ~role & (place < round((facts.ROLE_PAYER_SHARE + facts.PRIVATE_PAYER_SHARE) * paying.sum()))
    email = people["email"].to_numpy()
    shout = rng.random(many) < 0.03
    payer = np.where(shout, pd.Series(email).str.capitalize(), email)
    payer = np.where(private, "card." + email, np.where(role, facts.ROLE_MAILBOX, payer))
    second = np.where(rng.random(many) < 0.1, "a-" + hexes(rng, many, 16), "")
    return people.assign(
        in_crm=rng.random(many) < facts.IN_CRM_SHARE,
        payer_email=payer,
        own_payer=~role & ~private,
        second_anonymous_id=second,
    )


def contacts(rng: np.random.Generator, people: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Everyone in the CRM: trial users, a fifth of them known earlier, and leads who never tried."""
    users = people[people["in_crm"]]
    early = np.where(rng.random(len(users)) < 0.2, -rng.exponential(12.0, len(users)), 0.0007)
    first_day, start = moment(calendar.first_day), users["trial_at"].to_numpy()
    known_at = days_after(start, early)
    users = users.assign(at=np.where(known_at < first_day, start + np.timedelta64(60_000, "ms"), known_at))
    leads = strangers(rng, len(people) // 4, "lead").assign(
        channel=rng.integers(0, len(CHANNELS), len(people) // 4), user_id="", paid_at=NEVER, trial_at=NEVER
    )
    met = np.sort(rng.random(len(leads))) * calendar.days
    leads = leads.assign(at=days_after(np.full(len(leads), first_day), met))
    rows = pd.concat([users, leads], ignore_index=True).sort_values("at", kind="stable", ignore_index=True)
    rows = rows[rows["at"] < moment(calendar.until)]
    return rows.assign(
        record_id=(51_001 + np.arange(len(rows))).astype(str),
        owner=words(rng, OWNERS, len(rows)),
        qualified=rng.random(len(rows)) < 0.5,
    )


def strangers(rng: np.random.Generator, many: int, word: str) -> pd.DataFrame:
    """People with names and an address that no other system knows."""
    first, last = words(rng, FIRST_NAMES, many), words(rng, LAST_NAMES, many)
    number = pd.Series(np.arange(1, many + 1)).astype(str)
    names = pd.Series(first).str.lower() + "." + pd.Series(last).str.lower()
    return pd.DataFrame(
        {
            "first_name": first,
            "last_name": last,
            "email": names + f".{word}" + number + "@example.org",
            "company": "",
        }
    )


def billed(rng: np.random.Generator, payers: pd.DataFrame) -> pd.DataFrame:
    """First payments and renewals of each calendar month, before any failure: `at`, and `month` from 0."""
    months = []
    for month in range(8):
        still = payers[payers["months"] > month]
        months.append(still.assign(at=still["paid_at"] + pd.DateOffset(months=month), month=month))
    return pd.concat(months, ignore_index=True)


def payments(rng: np.random.Generator, people: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Every charge tried: paid ones, some refunded days later, and failed ones before a success or an end."""
    payers = people[people["paid_at"].notna()]
    payers = payers.assign(
        customer="cus_" + pd.Series(hexes(rng, len(payers), 14), index=payers.index),
        amount=rng.choice(PRICES, len(payers), p=[0.6, 0.3, 0.1]),
        currency=np.where(rng.random(len(payers)) < 0.12, "eur", "usd"),
    )
    good = billed(rng, payers)
    hiccup = good[rng.random(len(good)) < 0.045]
    ended = payers[rng.random(len(payers)) < 0.3]
    ended_at = days_after(ended["paid_at"].to_numpy(), ended["months"].to_numpy() * 30.4)
    bad = pd.concat(
        [hiccup.assign(at=hiccup["at"] - pd.Timedelta(hours=1)), ended.assign(at=ended_at, month=9)]
    )
    good = good.assign(failed=False)
    rows = pd.concat([good, bad.assign(failed=True)], ignore_index=True)
    rows = rows[rows["at"] < moment(calendar.until)].sort_values("at", kind="stable", ignore_index=True)
    refunded = ~rows["failed"].to_numpy() & (rng.random(len(rows)) < 0.015)
    back = days_after(rows["at"].to_numpy(), np.where(refunded, 1 + 9 * rng.random(len(rows)), np.inf))
    return rows.assign(refunded_at=back, id=hexes(rng, len(rows), 24))


def tickets(rng: np.random.Generator, people: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Tickets about failed imports, about everything else, and from addresses nobody knows (T5)."""
    failed = people[people["ticket_at"].notna()].assign(at=lambda rows: rows["ticket_at"])
    failed = failed.assign(subject=words(rng, list(IMPORT_TOPICS), len(failed)))
    some = people.iloc[rng.integers(0, len(people), round(0.09 * len(people)))]
    some = some.assign(
        at=days_after(some["trial_at"].to_numpy(), rng.exponential(15.0, len(some))),
        subject=words(rng, list(TOPICS), len(some)),
    )
    until = moment(calendar.until)
    known = pd.concat([failed, some])
    known = known[known["at"] < until]
    share = facts.UNKNOWN_REQUESTER_SHARE
    unknown = strangers(rng, round(known["email"].nunique() * share / (1 - share)), "home")
    unknown = unknown.assign(
        at=rng.choice(known["at"].to_numpy(), len(unknown)), subject=words(rng, list(TOPICS), len(unknown))
    )
    rows = pd.concat([known, unknown], ignore_index=True).sort_values("at", kind="stable", ignore_index=True)
    requester = 90_001 + pd.factorize(rows["email"])[0]
    return pd.concat([rows.assign(requester=requester.astype(str)), handling(rng, rows)], axis="columns")


def handling(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """How each ticket was answered: when replied and solved, how it came, how it was rated."""
    many = len(rows)
    reply = rng.exponential(0.2, many) + 0.004
    work = np.where(rng.random(many) < 0.93, rng.exponential(1.5, many), np.inf)
    solved = days_after(rows["at"].to_numpy(), reply + work)
    sour = rows["subject"].isin(IMPORT_TOPICS).to_numpy()
    good = rng.random(many) < np.where(sour, 0.25, 0.75)
    rated = rng.random(many) < 0.4
    return pd.DataFrame(
        {
            "id": (70_001 + np.arange(many)).astype(str),
            "reply_minutes": np.rint(reply * 1440).astype(np.int64),
            "solved_at": solved,
            "via": rng.choice(["Mail", "Web form", "Chat"], many, p=[0.6, 0.3, 0.1]),
            "rating": np.where(rated, np.where(good, "Good", "Bad"), "Offered"),
            "deleted": rng.random(many) < 0.004,
            "assignee": words(rng, OWNERS, many),
        }
    )


def minute(at: pd.Series[pd.Timestamp], shown: Bools | pd.Series[bool] | None = None) -> pd.Series[str]:
    """Moments as CRM and support desk write them, 2026-05-01 09:30; blank where unknown or not shown."""
    return (at if shown is None else at.where(shown)).dt.strftime("%Y-%m-%d %H:%M").fillna("")


def hubspot_table(rows: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """A contacts export with labels, as of `end`."""
    paying, trying = (rows["paid_at"] < end).to_numpy(), (rows["trial_at"] < end).to_numpy()
    stage = np.select([paying, trying & rows["qualified"]], ["Customer", "Marketing Qualified Lead"], "Lead")
    subscribed = ~rows["qualified"] & ~(rows["at"] >= rows["trial_at"])
    source = np.array([c[2] for c in CHANNELS], dtype=object)[rows["channel"].astype(int)]
    return pd.DataFrame(
        {
            "Record ID": rows["record_id"],
            "First Name": rows["first_name"],
            "Last Name": rows["last_name"],
            "Email": rows["email"],
            "Contact owner": rows["owner"],
            "Lifecycle Stage": np.where(subscribed & ~trying, "Subscriber", stage),
            "Lead Status": np.where(paying, "", np.where(trying, "In Progress", "New")),
            "Original Source": source,
            "Create Date": minute(rows["at"]),
            "Became a Subscriber Date": minute(rows["at"], subscribed),
            "Became a Lead Date": minute(rows["at"].where(~subscribed, rows["trial_at"].where(trying))),
            "Became a Marketing Qualified Lead Date": minute(rows["trial_at"], trying & rows["qualified"]),
            "Became a Customer Date": minute(rows["paid_at"], paying),
            "Company Name": rows["company"],
            "User ID": rows["user_id"].where(trying, ""),
        }
    )


def stripe_table(rows: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """A payments export with every column, as of `end`: a refund still ahead shows as paid."""
    failed, back = rows["failed"], rows["refunded_at"] < end
    seconds = "%Y-%m-%d %H:%M:%S"
    fee = (rows["amount"] * 0.029 + 0.30).where(~failed, 0)
    cells = {
        "id": "ch_" + rows["id"],
        "Created date (UTC)": rows["at"].dt.strftime(seconds),
        "Amount": rows["amount"].map("{:.2f}".format),
        "Amount Refunded": rows["amount"].where(back, 0).map("{:.2f}".format),
        "Currency": rows["currency"],
        "Captured": np.where(failed, "false", "true"),
        "Description": np.where(rows["month"] == 0, "Subscription creation", "Subscription update"),
        "Fee": fee.map("{:.2f}".format),
        "Mode": "Live",
        "PaymentIntent ID": "pi_" + rows["id"],
        "Payment Source Type": "card",
        "Refunded date (UTC)": rows["refunded_at"].where(back).dt.strftime(seconds).fillna(""),
        "Statement Descriptor": "NORTHWIND",
        "Status": np.select([failed, back], ["Failed", "Refunded"], "Paid"),
        "Seller Message": np.where(failed, "The bank declined the payment.", "Payment complete."),
        "Card Brand": "Visa",
        "Customer ID": rows["customer"],
        "Customer Email": rows["payer_email"],
    }
    return pd.DataFrame(cells).reindex(columns=STRIPE_PAYMENTS_HEADER, fill_value="")


def zendesk_table(rows: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """A ticket view export, as of `end`: tickets solved later are still open, unrated and not deleted."""
    solved = rows["solved_at"] < end
    name = rows["first_name"] + " " + rows["last_name"]
    minutes = ((rows["solved_at"] - rows["at"]).dt.total_seconds() // 60).where(solved).astype("Int64")
    full = minutes.astype("string").fillna("")
    tag = rows["subject"].map(TOPICS | IMPORT_TOPICS)
    assigned = minute(rows["at"] + pd.Timedelta(minutes=2), rows["at"] + pd.Timedelta(minutes=2) < end)
    replied = rows["at"] + pd.to_timedelta(rows["reply_minutes"], unit="min") < end
    cells = {
        "Summation column": "1",
        "Id": rows["id"],
        "Requester": name,
        "Requester id": rows["requester"],
        "Requester email": rows["email"],
        "Requester domain": rows["email"].str.partition("@")[2],
        "Submitter": name,
        "Assignee": rows["assignee"],
        "Group": "Support",
        "Subject": rows["subject"],
        "Tags": tag,
        "Status": np.select([solved & rows["deleted"], solved], ["Deleted", "Solved"], "Open"),
        "Priority": np.where(tag == "import", "High", "Normal"),
        "Via": rows["via"],
        "Ticket type": np.where(tag == "import", "Problem", "Question"),
        "Created at": minute(rows["at"]),
        "Updated at": minute(rows["solved_at"].where(solved, rows["at"])),
        "Assigned at": assigned,
        "Organization": rows["company"],
        "Initially assigned at": assigned,
        "Solved at": minute(rows["solved_at"], solved),
        "Satisfaction Score": rows["rating"].where(solved, "Unoffered"),
        "Replies": np.where(solved, "2", "1"),
        "First reply time in minutes": rows["reply_minutes"].astype(str).where(replied, ""),
        "First resolution time in minutes": full,
        "Full resolution time in minutes": full,
    }
    return pd.DataFrame(cells).reindex(columns=ZENDESK_TICKETS_HEADER, fill_value="")
