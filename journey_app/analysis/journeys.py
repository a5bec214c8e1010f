"""When did each customer on the way reach each step, and how did those in trouble fare against the others?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from journey_app.analysis.worth import gap_worth, rate_at
from journey_app.vocabulary import Interval

CONFIDENCE = 0.95
MICROSECONDS = 1e6  # in a second


@dataclass(frozen=True)
class Hit:
    """Customers who met one trouble, and when (microseconds)."""

    ids: np.ndarray
    at: np.ndarray


@dataclass(frozen=True)
class Journeys:
    """Customers on the way, ids ascending, and when they reached each step.

    at: people × steps, microseconds, nan when never.
    """

    ids: np.ndarray
    at: np.ndarray

    @property
    def reached(self) -> tuple[int, ...]:
        """How many reached each step."""
        return tuple(int(count) for count in (~np.isnan(self.at)).sum(axis=0))

    def took(self, step: int) -> np.ndarray:
        """Seconds from a step to the next, nan for those who did not take it."""
        return (self.at[:, step + 1] - self.at[:, step]) / MICROSECONDS

    def usual(self, step: int, share: float) -> timedelta | None:
        """How long that share of those who take a step need at most; None when nobody does."""
        took = self.took(step)
        took = took[~np.isnan(took)]
        return timedelta(seconds=float(np.quantile(took, share))) if len(took) else None

    def stood(self, hit: Hit) -> np.ndarray:
        """The step (from 0, never the last) each of them had reached when it happened."""
        reached = self.at[self._rows(hit.ids)] <= hit.at[:, None]
        return np.clip(reached.sum(axis=1) - 1, 0, self.at.shape[1] - 2)

    def stand(self, hit: Hit) -> int:
        """The step at which most of them stood."""
        return int(np.bincount(self.stood(hit)).argmax())

    def worth(
        self, hit: Hit, stand: int, among: Hit | None = None, confidence: float = CONFIDENCE
    ) -> Interval | None:
        """Points of the goal's share if all of them did as well as those who were spared.

        Compared are those hit while standing at `stand` and the customers who came to stand there
        and were never hit; with `among`, only those of them who met that, too, while standing there.
        None when there is nobody to compare, or when being hit clearly costs nothing.
        """
        inside = self._those(hit.ids[self.stood(hit) == stand])
        spared = ~np.isnan(self.at[:, stand]) & ~self._those(hit.ids)
        if among is not None:
            spared &= self._those(among.ids[self.stood(among) == stand])
        return self.compared(inside, spared, len(hit.ids), confidence)

    def compared(
        self, worse: np.ndarray, better: np.ndarray, customers: int, confidence: float = CONFIDENCE
    ) -> Interval | None:
        """Points of the goal's share if `customers` reached it as often as `better` instead of `worse`.

        worse, better: true for the people of each group. None as in `worth`.
        """
        if not worse.any() or not better.any():
            return None
        won = ~np.isnan(self.at[:, -1])
        rates = [rate_at(int((won & group).sum()), int(group.sum()), confidence) for group in (worse, better)]
        found = gap_worth(rates[0], rates[1], customers, len(self.ids))
        return found if found.high > 0 else None

    def _rows(self, ids: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.ids, ids)

    def _those(self, ids: np.ndarray) -> np.ndarray:
        chosen = np.zeros(len(self.ids), dtype=bool)
        chosen[self._rows(ids)] = True
        return chosen


def journeys(answer: pa.Table, steps: int) -> Journeys:
    """From the answer of `trouble.journeys_query`."""
    ids = answer["customer_id"].to_numpy()
    at = np.column_stack([_microseconds(answer[f"at{step}"]) for step in range(steps)])
    order = np.argsort(ids)
    return Journeys(ids[order], at[order])


def hits(answer: pa.Table) -> dict[str, Hit]:
    """From customer_id, place, at: the customers of each place, by its name."""
    places = np.array(answer["place"].to_pylist(), dtype=object)
    ids, at = answer["customer_id"].to_numpy(), _microseconds(answer["at"])
    return {name: Hit(ids[places == name], at[places == name]) for name in sorted(set(places))}


def _microseconds(column: pa.ChunkedArray) -> np.ndarray:
    """Moments as whole microseconds, nan where null: exact, so that equal times compare as equal."""
    moments = column.cast(pa.timestamp("us")).to_numpy()
    return np.where(np.isnat(moments), np.nan, moments.astype("int64").astype(float))
