"""How long does joining a million ids take, with and without cuts, and against the same rules as loops?

    python benchmarks/stitching.py [--ids 1000000]

Made-up people: each has a user id, an address and a browser, a third also a customer record, every tenth a
second browser joined by an alias row; some addresses are role mailboxes, some browsers are tills. Prints
seconds of processor time for each matching, with 1,000 cuts, and how many times as long the loops of
tests/by_hand.py take on a tenth of it (scaled).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from journey_app.identity.stitch import stitch
from journey_app.vocabulary import ALIAS, IDENTIFY, MATCHINGS, TOGETHER, Cut
from tests import by_hand

SEED = 20261124
DESKS = 50


def people(count: int) -> pa.Table:
    """About three ids a person, in about two sets of ids each."""
    chance = random.Random(SEED)
    rows: list[list[str]] = []
    reasons: list[str] = []

    def row(reason: str, *ids: str) -> None:
        rows.append(list(ids))
        reasons.append(reason)

    for n in range(count):
        user, mail, browser = (
            f"user_id:u{n}",
            f"email:p{n}@example.com",
            f"anonymous_id:{chance.getrandbits(64):x}",
        )
        row(IDENTIFY, user, mail, browser)
        row(TOGETHER, browser)
        if n % 3 == 0:
            row(TOGETHER, f"stripe_customer:cus_{n}", mail)
        if n % 10 == 0:
            row(ALIAS, browser, f"anonymous_id:{chance.getrandbits(64):x}")
        if n % 100 == 0:
            row(TOGETHER, user, f"email:info@shop{n % DESKS}.example")
            row(TOGETHER, user, f"anonymous_id:till{n % DESKS}")
    size = len(rows)
    return pa.table(
        {
            "raw_ids": pa.array(rows, pa.list_(pa.string())),
            "system": pa.array(["product"] * size, pa.string()),
            "reason": pa.array(reasons, pa.string()),
            "first_at": pa.array(
                [chance.randrange(90 * 86_400) * 1_000_000 for _ in range(size)], pa.timestamp("us")
            ),
            "seen": pa.array([1] * size, pa.int64()),
        }
    )


def seconds(sets: pa.Table, cuts: list[Cut], matching: str) -> float:
    began = time.process_time()
    stitch(sets, cuts, matching)
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ids", type=int, default=1_000_000)
    count = int(parser.parse_args().ids / 3.44)
    sets = people(count)
    different = len(sets["raw_ids"].combine_chunks().flatten().unique())
    print(f"{different:,} ids in {len(sets):,} sets")
    for matching in MATCHINGS:
        print(f"{seconds(sets, [], matching):8.2f} s  {matching}")
    cuts = [Cut(f"email:p{n}@example.com", f"user_id:u{n}") for n in range(0, count, max(1, count // 1000))]
    print(f"{seconds(sets, cuts, 'normal'):8.2f} s  normal, {len(cuts):,} cuts")
    part = people(count // 10)
    ours = seconds(part, [], "normal")
    began = time.process_time()
    by_hand.groups(part["raw_ids"].to_pylist(), reasons=part["reason"].to_pylist())
    print(
        f"{(time.process_time() - began) / ours:8.1f} times as long take the loops, on a tenth of the people"
    )


if __name__ == "__main__":
    main()
