"""How far is an id followed? Every limit and every known exception, in one place, with its reason.

Source: docs/decisions/003-who-is-one-customer.md, docs/decisions/012-cuts-and-matchings.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from journey_app.vocabulary import ALIAS, IDENTIFY, MERGE, NOBODY

# Which rows may join: those in which a tool says outright that two ids are one person.
STATED = (IDENTIFY, ALIAS, MERGE)
# Which of them may join two anonymous ids: those that exist only to say so.
EXPLICIT = (ALIAS, MERGE)
JUNK = ("", *NOBODY)


@dataclass(frozen=True)
class Cap:
    """How many different ids of one kind an id may sit with before it joins nobody.

    normal, loose: by matching (strict counts as normal). why: the reason, for whoever wants to move it.
    """

    normal: int
    loose: int
    why: str


PERSON = "user_id, email or phone"
RECORD = "record of one tool"
CAPS = {
    PERSON: Cap(
        3, 10, "a person has a work and a private address and an old account; four are a team or a till"
    ),
    RECORD: Cap(10, 30, "a buyer without an account gets a new record with each order"),
    "person beside a role mailbox": Cap(
        1, 3, "info@ of a one-man shop is a customer; with a second name behind it, it is a team"
    ),
    "record beside a role mailbox": Cap(3, 10, "a few orders of one small shop, not a shared desk's tickets"),
    "person on one device": Cap(
        1, 3, "an anonymous id never joins two known customers, loosely it joins a household"
    ),
    "id in alias and merge rows": Cap(
        100, 100, "a tool merges a person's old browsers by the dozen; hundreds are its own accident"
    ),
}

# From more user ids, addresses and phone numbers on, a customer is worth a look: no cap allows an id more of
# one kind, so more than that of all three kinds only hang together over others, as a chain does. Nothing is
# refused for it: a chain may be one person over many years.
MANY_IDS = 3 * CAPS[PERSON].normal

# Addresses that belong to a desk or a test, not to one person, whoever they are written by.
ROLES = (
    "abuse", "account", "accounting", "accounts", "admin", "administrator", "billing", "buchhaltung", "careers",
    "contact", "customerservice", "demo", "dev", "enquiries", "feedback", "finance", "hallo", "hello", "help",
    "helpdesk", "hr", "info", "invoice", "invoices", "it", "jobs", "kontakt", "mail", "mailer-daemon", "marketing",
    "newsletter", "no-reply", "noreply", "office", "order", "orders", "payments", "postmaster", "press", "qa",
    "reception", "rechnung", "sales", "service", "shop", "support", "team", "test", "tester", "testing",
    "webmaster",
)  # fmt: skip
THROWAWAY = (
    "10minutemail.com", "guerrillamail.com", "mailinator.com", "sharklasers.com", "temp-mail.org", "trashmail.com",
    "yopmail.com",
)  # fmt: skip
_DESK = "|".join(map(re.escape, ROLES))
_BIN = "|".join(map(re.escape, THROWAWAY))
ROLE_MAILBOX = rf"^email:(?:(?:{_DESK})(?:\+[^@]*)?@.*|.*@(?:{_BIN}))$"
