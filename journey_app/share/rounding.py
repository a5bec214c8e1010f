"""How is a number of people written, so that no group under five can be worked out from a report?

Every count is rounded to the nearest five, so all sums and differences of what is shown are multiples of
five; one to four is “fewer than 5”. A share of fewer than 500 people is made of rounded counts too: with
its range it would give the exact ones away. Of more, a range of one decimal leaves ten people or more open.
Sources: HESA Services, rounding and suppression to anonymise statistics;
docs/decisions/002-a-shared-report-is-a-plain-page.md
"""

from __future__ import annotations

import re

from journey_app.charts import text
from journey_app.stats.rates import rate
from journey_app.vocabulary import Finding, Rate

FEWEST = 5  # a smaller group could be a person; its number is not written
EXACT_FROM = 500
_NUMBERS = re.compile(r"“[^”]*”|\b\d[\d,]*\b")  # of a claim, its names aside


def rounded(number: int) -> int:
    """13 → 15: the nearest five."""
    return FEWEST * ((number + FEWEST // 2) // FEWEST)


def few(number: int) -> bool:
    """Whether it is somebody, and fewer than may be named."""
    return 0 < number < FEWEST


def people(number: int) -> str:
    """A count of customers as it may be read; a small one is not written out."""
    return f"fewer than {FEWEST}" if few(number) else text.count(rounded(number))


def tells_on_few(share: Rate) -> bool:
    """Whether a share with its n would let one work out a group that is too small to name."""
    return share.of < FEWEST or few(share.count) or few(share.of - share.count)


def shown(share: Rate | None) -> Rate | None:
    """A rate as it may be read; None when it, or the rest of it, is fewer than FEWEST people."""
    if share is None or tells_on_few(share):
        return None
    return share if share.of >= EXACT_FROM else rate(rounded(share.count), rounded(share.of))


def claim_of(finding: Finding) -> str:
    """A finding's sentence with its own counts rounded."""
    told = finding.rate
    exact = {finding.customers} | ({told.count, told.of, told.of - told.count} if told else set())
    spelled = {text.count(number): people(number) for number in exact}
    return _NUMBERS.sub(lambda found: spelled.get(found[0], found[0]), finding.claim)
