"""What a question is lent: a table to build expressions on, and someone to run them."""

from __future__ import annotations

from typing import Protocol

import ibis
import pyarrow as pa

# Unbound: an expression over these is a value that any engine in the conformance suite can run.
EVENTS = ibis.table(
    {
        "customer_id": "int32",
        "event": "string",
        "occurred_at": "timestamp(6)",
        "local_date": "date",
        "local_week": "date",
        "position": "int64",
        "next_event": "string",
        "next_at": "timestamp(6)",
        "next_position": "int64",
        "day_only": "boolean",
        "source": "string",
        "system": "string",
        "channel": "string",
        "device": "string",
        "amount": "float64",
        "currency": "string",
        "session_id": "string",
        "account_id": "string",
        "text": "string",
        "properties": "string",
        "event_id": "string",
        "batch_id": "string",
        "raw_ids": "array<string>",  # every id of its row, the customer's or not
    },
    name="events",
)

CUSTOMERS = ibis.table(
    {
        "customer_id": "int32",
        "key": "string",  # stable: one raw id that names this customer in every snapshot
        "label": "string",  # what a person would recognise: an e-mail, else the key's value
        "raw_ids": "array<string>",
        "systems": "array<string>",  # systems whose events or links carry one of the ids
        "first_at": "timestamp(6)",
        "last_at": "timestamp(6)",
        "events": "int64",
    },
    name="customers",
)


# Spend and traffic of reports without people; a measure that no report told is null.
CONTEXT = ibis.table(
    {
        "source": "string",
        "first_day": "date",
        "last_day": "date",  # the same day, or the end of a period that is spread over no days
        "local_week": "date",  # null where the days lie in no one week, or its days are told one by one
        "channel": "string",
        "medium": "string",  # what visits of that channel are usually tagged as
        "campaign": "string",
        "currency": "string",
        "spend": "float64",
        "impressions": "float64",
        "clicks": "float64",
        "conversions": "float64",
        "sessions": "float64",
        "users": "float64",
        "views": "float64",
    },
    name="context",
)

# One row an id, whether it was followed or not.
IDS = ibis.table(
    {
        "raw_id": "string",
        "customer_id": "int32",  # null: no customer's
        "refused": "string",  # why it was not followed; null when it was
        "would_join": "int64",  # how many customers it would have made one; null when it was followed
        "in_a_day": "int64",  # the most of them that turned up within 24 hours
        "first_at": "timestamp(6)",  # null: only link files name it
        "last_at": "timestamp(6)",
        "rows": "int64",
        "sources": "array<string>",
        "systems": "array<string>",
    },
    name="ids",
)

# One row a pair of ids and why they are linked. batch_id, row: the first row that names both.
LINKS = ibis.table(
    {
        "left": "string",
        "right": "string",
        "reason": "string",  # vocabulary.TOGETHER, IDENTIFY, ALIAS or MERGE
        "source": "string",
        "system": "string",
        "batch_id": "string",
        "row": "int64",
        "rows": "int64",
        "first_at": "timestamp(6)",
        "last_at": "timestamp(6)",
    },
    name="links",
)


class Events(Protocol):
    """The stitched events of one workspace at one version."""

    table: ibis.Table
    customers: ibis.Table
    context: ibis.Table
    ids: ibis.Table
    links: ibis.Table
    version: str  # workspace id + data hash: keys every cache, printed on every finding
    timezone: str  # the workspace's zone, as used for local_date and local_week

    @property
    def unhidden(self) -> Events:
        """The same customers with what a clean-up hides of them put back, to judge how they were tracked."""
        ...

    def run(self, expression: ibis.Table) -> pa.Table:
        """The small answer of an expression, fetched whole."""
        ...
