"""What is a change judged on: which weeks before, which after, and is it enough?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, inf

from journey_app.analysis.gaps import Gap
from journey_app.analysis.measure import Day
from journey_app.decide.blocks import (
    ONE_DAY,
    WEEK,
    Block,
    blocks_after,
    blocks_before,
    gap_in,
    is_over,
    pooled,
)
from journey_app.stats.noise import BASELINE_WEEKS, HISTORY_WEEKS, Effect, log_rates
from journey_app.stats.stepmodel import step_effect
from journey_app.vocabulary import Change, Measure, Rate

LEAST_AFTER = 10  # conversions, and as many who did not: below, the log scale is too kind
LEAST_BEFORE = 40  # the same over the four baseline weeks
LONGEST_WAIT_WEEKS = 4


@dataclass(frozen=True)
class Series:
    """The daily numbers of one measure, and what is known about holes in them.

    now: first local day that the data do not fully cover. zone: in which `gaps` become local days.
    """

    measure: Measure
    days: Sequence[Day]
    now: date
    gaps: Sequence[Gap] = ()
    zone: str = "UTC"

    def gap_in(self, block: Block) -> Gap | None:
        return gap_in(block, self.measure, self.gaps, self.zone)

    def usable(self, block: Block) -> bool:
        """Tracked, decided, and somebody was there."""
        over = is_over(block, self.measure.within, self.now)
        return over and block.customers > 0 and self.gap_in(block) is None


@dataclass(frozen=True)
class Evidence:
    """The weeks of one comparison, oldest first.

    before: ordinary weeks, up to 26. earlier: the weeks since then, of this sprint and of sprints before
    it, None where a week could not be measured. after: the weeks judged. left_out: ordinary weeks dropped.
    """

    before: tuple[Block, ...]
    earlier: tuple[Block | None, ...]
    after: tuple[Block, ...]
    left_out: int = 0

    @property
    def baseline(self) -> Rate | None:
        """The last four ordinary weeks together."""
        return pooled(self.before[-BASELINE_WEEKS:])

    @property
    def week_before(self) -> Rate | None:
        """The latest earlier week that was measured; None when no change lies behind the baseline."""
        measured = [block for block in self.earlier if block is not None]
        return pooled(measured[-1:])

    @property
    def outcome(self) -> Rate | None:
        return pooled(self.after)


@dataclass(frozen=True)
class Lack:
    """Why the numbers are too few. weeks: how many more after would do, None when waiting does not help."""

    reason: str
    weeks: int | None = None


def gather(
    series: Series,
    live: date,
    others: Sequence[Change] = (),
    weeks: int = 1,
    length: int = 7,
    elsewhere: Sequence[Change] = (),
) -> Evidence:
    """The weeks to compare for a change that went live on `live`.

    others: the sprint's other changes; those live before make their weeks "earlier", and weeks of a
    change that was rolled back are left out. weeks: how many after. length: days of each week, for an
    early look. elsewhere: changes of other sprints; they moved the level just as much, so the ordinary
    weeks are the latest stretch without any change that holds four clean ones.
    Source: docs/decisions/007-step-model.md.
    """
    own = [change for change in others if change.goes_live < live]
    reach = live - HISTORY_WEEKS * WEEK
    past = [change for change in elsewhere if reach <= change.goes_live < live]
    moves = {change.goes_live for change in own}
    moves |= {change.goes_live for change in past if not change.rolled_back}
    # An early look takes a few days of each week; whether a week is ordinary is asked of all seven.
    blocks = [
        block
        for block in blocks_before(series.days, live, 2 * HISTORY_WEEKS, length)
        if not _undone(block, [*own, *past])
    ]
    ordinary, since = _ordinary(series, blocks, [*sorted(moves), live])
    clean = [block for block in ordinary if series.usable(block)]
    earlier = tuple(block if series.usable(block) else None for block in since)
    left_out = len(ordinary) - len(clean)
    return Evidence(tuple(clean), earlier, blocks_after(series.days, live, weeks, length), left_out)


def _ordinary(
    series: Series, blocks: Sequence[Block], moves: Sequence[date]
) -> tuple[list[Block], list[Block]]:
    """The latest stretch between two moves with four clean weeks, and every week after it.

    moves: days on which the level may have stepped, oldest first, the last of them the one judged.
    Without such a stretch it is the one before the first move, whatever it holds.
    """
    spans = [(date.min, moves[0]), *pairwise(moves)]
    stretches = [
        [block for block in blocks if begins <= block.first and block.first + WEEK <= ends][-HISTORY_WEEKS:]
        for begins, ends in spans
    ]
    enough = [sum(map(series.usable, stretch)) >= BASELINE_WEEKS for stretch in stretches]
    chosen = max((number for number, holds in enumerate(enough) if holds), default=0)
    return stretches[chosen], [block for block in blocks if block.first + WEEK > spans[chosen][1]]


def _undone(block: Block, changes: Sequence[Change]) -> bool:
    """Whether a change that was rolled back was live in the block's week."""
    return any(
        change.rolled_back and change.goes_live < block.first + WEEK and block.first < change.goes_live + WEEK
        for change in changes
    )


def lack(evidence: Evidence) -> Lack | None:
    """What is missing before anything may be said; None when there is enough."""
    if len(evidence.before) < BASELINE_WEEKS:
        dropped = (
            f" ({evidence.left_out} left out: not fully tracked, or nobody came)" if evidence.left_out else ""
        )
        found = f"Only {len(evidence.before)} clean weeks before the change{dropped}"
        return Lack(f"{found}; {BASELINE_WEEKS} are needed.")
    before, after = evidence.baseline, evidence.outcome
    if before is None or after is None:
        return Lack("Nobody entered in the week judged.")
    if _fewer(before) < LEAST_BEFORE:
        return Lack(
            f"Too few customers in the four weeks before: {before.count:,} converted of {before.of:,}; "
            f"at least {LEAST_BEFORE} must have converted and {LEAST_BEFORE} not."
        )
    if _fewer(after) < LEAST_AFTER:
        return Lack(
            f"Too few customers after: {after.count:,} converted of {after.of:,}; "
            f"at least {LEAST_AFTER} must have converted and {LEAST_AFTER} not.",
            _weeks_until(after, len(evidence.after)),
        )
    return None


def _fewer(found: Rate) -> int:
    return min(found.count, found.of - found.count)


def _weeks_until(after: Rate, seen: int) -> int | None:
    """How many more weeks like these until the least is there."""
    if _fewer(after) == 0:
        return None
    needed = ceil(LEAST_AFTER * seen / _fewer(after))
    return needed - seen if needed <= LONGEST_WAIT_WEEKS else None


def effect_of(evidence: Evidence) -> Effect:
    """The effect that the weeks after show; ask `lack` first.

    Source: docs/decisions/006-verdict-words.md, 007-step-model.md.
    """
    seen = [block for block in evidence.earlier if block is not None]
    logs, variances = log_rates([block.counts for block in (*evidence.before, *seen, *evidence.after)])
    known = iter(zip(logs[len(evidence.before) :], variances[len(evidence.before) :], strict=True))
    # A sprint week without numbers has no say in the level, yet the level may have stepped in it.
    sprint = [(0.0, inf) if block is None else next(known) for block in evidence.earlier]
    ordinary = list(zip(logs, variances, strict=True))[: len(evidence.before)]
    y, v = zip(*ordinary, *sprint, *known, strict=True)
    return step_effect(y, v, earlier=len(sprint), after=len(evidence.after))


def result_day(live: date, within: timedelta, weeks: int = 1) -> date:
    """The day from which a change can be judged: its weeks, then the window of the last who entered."""
    return live + weeks * WEEK + -(-within // ONE_DAY) * ONE_DAY
