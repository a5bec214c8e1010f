"""A log with planted faults, on the way trial → project → invite → paid within 14 days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from journey_app.stats.rates import rate
from journey_app.vocabulary import Goal, Measure
from tests.analysis.logs import row
from tests.conftest import moment

STEPS = ("trial", "project", "invite", "paid")
GOAL = Goal(
    Measure("trial to paid", "trial", "paid", timedelta(days=14)),
    STEPS,
    rate(12, 100),
    0.18,
    date(2026, 12, 31),
    date(2026, 6, 1),
)
DAYS = 100
HOUR = timedelta(hours=1)


def made_up(
    customers: int = 2000, seed: int = 11, mobile_share: float = 0.3, faults: bool = True
) -> list[dict]:
    """Rows. project 80 %, invite 60 % (mobile: `mobile_share`), paid 30 % of those.

    A fifth of those with a project read the help and a quarter as many of them invite; half read
    it four times in a day, which changes nothing more.

    With faults: a tenth meet “import failed” at the project, a third of them write a ticket (others
    1 in 50) and half as many invite; a tenth press “retry” four times in a day instead of once and
    half as many invite.
    """
    rng = np.random.default_rng(seed)
    rows: list[dict] = []
    for n in range(customers):
        who, at = f"c{n}", moment(1) + timedelta(days=float(rng.uniform(0, DAYS - 15)))
        device = "mobile" if rng.random() < 0.5 else "desktop"

        def add(event: str, hours: float, who=who, start=at, device=device, **fields: object) -> None:
            rows.append(row(who, event, start + hours * HOUR, device=device, **fields))

        add("trial", 0)
        if rng.random() >= 0.8:
            continue
        add("project", 1)
        inviting = 0.6 if device == "desktop" else mobile_share
        failed, circling = (rng.random() < 0.1, rng.random() < 0.1) if faults else (False, False)
        if failed:
            add("import failed", 2)
        if circling or rng.random() < 0.3:
            for press in range(4 if circling else 1):
                add("retry", 2.2 + press / 60)
        reading = rng.random() < 0.2
        if reading:
            for page in range(4 if rng.random() < 0.5 else 1):
                add("help read", 3 + page / 60)
        if rng.random() < (1 / 3 if failed else 0.02):
            add("ticket opened", 10, system="support", source="desk")
        if rng.random() >= inviting * 0.5 ** (failed + circling + 2 * reading):
            continue
        add("invite", 12 + 24 * float(rng.exponential(0.5)))
        if rng.random() < 0.3:
            add("paid", 220, system="billing", source="till")
    for source, system in (("diary", "product"), ("till", "billing"), ("desk", "support")):
        rows.append(row("end", "end of day", moment(DAYS, "23:30"), source=source, system=system))
    return rows
