"""What intake hands on: the shapes of events, links and rejects."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from journey_app.vocabulary import Answers as Answers

# The NORMALISED columns of vocabulary.py, less batch_id, plus what makes an event_id where the
# source has none: the hash of its content. The engine numbers equal hashes within a file.
EVENTS = pa.schema(
    [
        ("event_id", pa.string()),  # null where the source has no id of its own
        ("content_hash", pa.string()),
        ("event", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("day_only", pa.bool_()),
        ("source", pa.string()),
        ("system", pa.string()),
        ("channel", pa.string()),
        ("device", pa.string()),
        ("amount", pa.float64()),
        ("currency", pa.string()),
        ("text", pa.string()),
        ("session_id", pa.string()),
        ("account_id", pa.string()),
        ("properties", pa.string()),
        ("raw_ids", pa.list_(pa.string())),
        ("ordinal", pa.int64()),
        ("row", pa.int64()),
        (
            "one_of",
            pa.string(),
        ),  # the order that the row is a line of, null where a row is an event by itself
        ("adds_up", pa.bool_()),  # its amount is that of the row, not one of the order repeated in each row
        ("at_once", pa.bool_()),  # all rows of an order have one time: at another its number is used again
    ]
)

# A row that only says "these ids are one person" (Segment identifies, CRM contacts, customer lists).
LINKS = pa.schema(
    [
        ("raw_ids", pa.list_(pa.string())),
        ("source", pa.string()),
        ("system", pa.string()),
        ("row", pa.int64()),
        (
            "reason",
            pa.string(),
        ),  # vocabulary.IDENTIFY, ALIAS or MERGE; batches from before it had one have none
    ]
)

# ordinal = (rank of the source, row number, place of the milestone in its preset)
RANK_SHIFT, ROW_SHIFT = 48, 8


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, read.

    rejects: (row number, column, reason) for each row that gave no event and no link.
    share_done: how much of the file has been read, 0 to 1.
    """

    events: pa.Table
    links: pa.Table
    rows: int
    rejects: tuple[tuple[int, str, str], ...]
    share_done: float
