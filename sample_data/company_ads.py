"""What did the made-up company pay for its visitors? Two reports without people, as their tools write them.

Nothing is planted here: spend and visits follow the weekday and wobble a little, and bring nobody.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from sample_data.company_facts import Calendar
from sample_data.company_lives import CHANNELS

ADS, VISITS = "google_ads_report.csv", "ga4_report.csv"
CURRENCY = "EUR"
# campaign, euros a day, euros a click, shown for each click: at the standard size of the company
CAMPAIGNS = (("Brand", 38.0, 0.9, 9), ("Project tool", 152.0, 2.6, 31))
WEEKEND, WOBBLE = 0.62, 0.12
VISITS_A_TRIAL = 14.0
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def write_reports(
    folder: Path, calendar: Calendar, *, through: date, trials: int, scale: float, seed: int
) -> tuple[Path, ...]:
    """Write both reports of the days to `through` (included).

    trials: of the whole calendar, for how many visits there are. scale: of the company's standard size.
    They have a chance of their own, so that no other file depends on them.
    """
    rng = np.random.default_rng([seed, calendar.until.toordinal(), trials, calendar.days, 18])
    every = [calendar.first_day + timedelta(days=k) for k in range(calendar.days)]
    shown = sum(day <= through for day in every)
    busy = np.array([WEEKEND if day.weekday() >= 5 else 1.0 for day in every])
    ads = _ads(rng, every, busy * scale)[: shown * len(CAMPAIGNS)]
    visits = _visits(rng, every, busy * trials / calendar.days)[: shown * len(CHANNELS)]
    return _write_ads(folder / ADS, ads, every[0], through), _write_visits(
        folder / VISITS, visits, every[0], through
    )


def _ads(rng: np.random.Generator, days: list[date], busy: np.ndarray) -> list[list[str]]:
    """Rows of a campaign report, day by day."""
    rows: list[list[str]] = []
    for day, level in zip(days, busy, strict=True):
        for name, euros, click, shown in CAMPAIGNS:
            cost = euros * level * max(0.3, rng.normal(1.0, WOBBLE))
            clicks = int(rng.poisson(cost / click))
            impressions = clicks * shown + int(rng.integers(0, shown))
            rows.append(
                [day.isoformat(), name, CURRENCY, f"{cost:,.2f}", f"{impressions:,}", f"{clicks:,}", "--"]
            )
    return rows


def _visits(rng: np.random.Generator, days: list[date], busy: np.ndarray) -> list[list[str]]:
    """Rows of an exploration: sessions by day and channel."""
    return [
        [day.strftime("%Y%m%d"), channel[2], str(int(rng.poisson(level * channel[3] * VISITS_A_TRIAL)))]
        for day, level in zip(days, busy, strict=True)
        for channel in CHANNELS
    ]


def _write_ads(file: Path, rows: list[list[str]], first: date, last: date) -> Path:
    header = ["Day", "Campaign", "Currency code", "Cost", "Impr.", "Clicks", "Conversions"]
    cost, impressions, clicks = (
        sum(float(row[place].replace(",", "")) for row in rows) for place in (3, 4, 5)
    )
    total = ["Total: Account", "--", CURRENCY, f"{cost:,.2f}", f"{impressions:,.0f}", f"{clicks:,.0f}", "--"]
    above = f'Campaign report\n"{_in_words(first)} - {_in_words(last)}"\n'
    file.write_text(above + _csv(header, [*rows, total]), encoding="utf-8", newline="")
    return file


def _write_visits(file: Path, rows: list[list[str]], first: date, last: date) -> Path:
    line = "# ----------------------------------------\n"
    above = f"{line}# Northwind Projects\n# Free form-Channels\n# {first:%Y%m%d}-{last:%Y%m%d}\n{line}\n"
    # The line of totals has one cell more than the header, as in the tool's own files.
    totals = f",,{sum(int(row[2]) for row in rows)},Grand total\n"
    header, _, body = _csv(["Date", "Session default channel group", "Sessions"], rows).partition("\n")
    file.write_text(f"{above}{header}\n{totals}{body}", encoding="utf-8", newline="")
    return file


def _csv(header: list[str], rows: list[list[str]]) -> str:
    return pd.DataFrame(rows, columns=header).to_csv(index=False, lineterminator="\n")


def _in_words(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
