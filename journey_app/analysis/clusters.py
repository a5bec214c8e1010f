"""Which kinds of customers are there, by what they do in their first week?

Source: docs/decisions/009-clusters.md
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, pairwise_distances, silhouette_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from journey_app.analysis.clock import Clock
from journey_app.analysis.stages import Entry, check_steps, stages, window_over
from journey_app.analysis.weekone import ACTED, EXTRAS, WeekOne, entered_query, week_one
from journey_app.engine.base import Events
from journey_app.errors import NothingYet, UnknownName
from journey_app.stats.rates import rate
from journey_app.vocabulary import SYSTEMS, Measure, Rate

FEWEST = 300
KINDS = (3, 4, 5, 6)
SAMPLE = 2_000  # for choosing how many kinds; pairs of customers grow with its square
HALF = 5_000  # customers in each of the two fits that stability compares
STARTS = 10
TIMES = 1.5  # a feature names a cluster when its mean is this many times the rest's
IN_NAME = 2


@dataclass(frozen=True)
class Model:
    """How a customer is told to belong to a cluster: the nearest centre, after standardising.

    means, spreads: by feature, of log counts. centres: by cluster, in the order of the clusters.
    """

    features: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Cluster:
    """One kind of customer. number: from 1, largest first. share: of all clustered customers.

    more, less: the features that set it apart. converted: to the goal, among those whose window
    is over; rest: the same for everyone else. first_steps: the most common first four different events.
    """

    number: int
    name: str
    customers: int
    share: float
    more: tuple[str, ...]
    less: tuple[str, ...]
    converted: Rate | None
    rest: Rate | None
    first_steps: tuple[str, ...]


@dataclass(frozen=True)
class Clusters:
    """All kinds, largest first, and how much to believe in them.

    stability: 0 (another half of the customers would give other kinds) to 1 (the same).
    separation: mean silhouette, −1 to 1. The last four are what `members` needs to find who is who.
    """

    clusters: tuple[Cluster, ...]
    customers: int
    stability: float
    separation: float
    model: Model
    steps: tuple[str, ...]
    without: tuple[str, ...]
    systems: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """Somebody in a cluster: stable key and how people know them."""

    key: str
    label: str


def clusters(
    events: Events, steps: Sequence[str], *, clock: Clock, measure: Measure | None = None, seed: int = 0
) -> Clusters:
    """Group customers who entered at `steps[0]` and whose first week is over, by what they did in it.

    The goal (the measure's outcome, else the last step) is no feature: it is what one wants explained.
    How often each kind reaches it is told beside the rest, as an association.
    Raises NothingYet with fewer than 300 such customers, UnknownName when a step is not there.
    """
    check_steps(events, steps, fewest=1)
    without = (measure.outcome,) if measure else tuple(steps[1:][-1:])
    week = week_one(events, steps, now=clock.now, without=without)
    systems: tuple[str, ...] = ACTED
    if len(week.features) == len(EXTRAS):  # nothing but entering: a shop has only its books
        systems = SYSTEMS
        week = week_one(events, steps, now=clock.now, without=without, systems=systems)
    if len(week.ids) < FEWEST:
        raise NothingYet(
            f"{len(week.ids)} customers are too few to tell kinds apart.",
            f"This needs {FEWEST} customers whose first week is over.",
        )
    with threadpool_limits(1):  # more threads add up in any order, and wait for each other when it is busy
        model, separation = _fit(week, seed)
        stability = _stability(_standard(model, week), len(model.centres), seed)
    labels = _assign(model, week)
    won, decided = _outcomes(events, measure, clock)
    found = _described(week, labels, np.isin(week.ids, won), np.isin(week.ids, decided))
    return Clusters(found, len(week.ids), stability, separation, model, tuple(steps), without, systems)


def members(events: Events, found: Clusters, number: int, *, clock: Clock) -> tuple[Member, ...]:
    """Who is in cluster `number`: as many as it says when `clock` is the same.

    With newer data the kinds hold still and newer customers join the nearest one.
    Raises UnknownName when there is no such cluster.
    """
    if not 1 <= number <= len(found.clusters):
        raise UnknownName("cluster", str(number), (str(one.number) for one in found.clusters))
    names = found.model.features[: -len(EXTRAS)]
    week = week_one(
        events, found.steps, now=clock.now, without=found.without, names=names, systems=found.systems
    )
    mine = set(week.ids[_assign(found.model, week) == number - 1].tolist())
    entered = entered_query(events.table, found.steps[0], clock.now)
    people = events.customers.join(entered, events.customers.customer_id == entered.who)
    rows = events.run(people.select("customer_id", "key", "label").order_by("key")).to_pylist()
    return tuple(Member(row["key"], row["label"]) for row in rows if row["customer_id"] in mine)


# ---------------------------------------------------------------- fitting


def _fit(week: WeekOne, seed: int) -> tuple[Model, float]:
    """k-means with the number of kinds that separates a sample best; kinds numbered by size."""
    logs = week.scaled()
    spreads = logs.std(axis=0)
    spreads[spreads == 0] = 1.0  # the same for everyone: standardises to 0 and tells nobody apart
    points = (logs - logs.mean(axis=0)) / spreads
    kinds, separation = _how_many(points, seed)
    fitted = KMeans(kinds, n_init=STARTS, random_state=seed).fit(points)
    sizes = np.bincount(fitted.labels_, minlength=kinds)
    order = np.lexsort((fitted.cluster_centers_[:, 0], -sizes))
    return Model(
        week.features,
        tuple(logs.mean(axis=0).tolist()),
        tuple(spreads.tolist()),
        tuple(tuple(centre.tolist()) for centre in fitted.cluster_centers_[order]),
    ), separation


def _how_many(points: np.ndarray, seed: int) -> tuple[int, float]:
    """The number of kinds with the largest mean silhouette on a seeded sample, and that silhouette."""
    chosen = np.random.default_rng(seed).permutation(len(points))[:SAMPLE]
    sample = points[chosen]
    distances, different = pairwise_distances(sample), len(np.unique(sample, axis=0))
    scores: dict[int, float] = {}
    for kinds in (kinds for kinds in KINDS if kinds <= different):
        labels = KMeans(kinds, n_init=STARTS, random_state=seed).fit_predict(sample)
        scores[kinds] = float(silhouette_score(distances, labels, metric="precomputed"))
    if not scores:
        raise NothingYet(
            "All customers do nearly the same in their first week.",
            "Import events that tell what they do, not only that they came.",
        )
    best = max(scores, key=lambda kinds: scores[kinds])
    return best, scores[best]


def _standard(model: Model, week: WeekOne) -> np.ndarray:
    return (week.scaled() - np.array(model.means)) / np.array(model.spreads)


def _assign(model: Model, week: WeekOne) -> np.ndarray:
    """The nearest centre of each customer, from 0."""
    if not len(week.ids):
        return np.empty(0, dtype=np.int64)
    return pairwise_distances(_standard(model, week), np.array(model.centres)).argmin(axis=1)


def _stability(points: np.ndarray, kinds: int, seed: int) -> float:
    """How alike two halves of the customers would sort everyone: the adjusted Rand index.

    Source: Hubert & Arabie (1985), Journal of Classification 2:193–218.
    """
    shuffled = np.random.default_rng(seed + 1).permutation(len(points))
    halves = shuffled[: len(points) // 2][:HALF], shuffled[len(points) // 2 :][:HALF]
    sorted_by = [
        KMeans(kinds, n_init=STARTS, random_state=seed).fit(points[half]).predict(points) for half in halves
    ]
    return float(adjusted_rand_score(*sorted_by))


# ---------------------------------------------------------------- describing


def _outcomes(events: Events, measure: Measure | None, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Customers who reached the goal in time, and all whose window is over (who reached it among them)."""
    if measure is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    entered, won = stages(
        events.table, [measure.start, measure.outcome], measure.within, "ordered", Entry(where=measure.where)
    )
    over = [
        stage.filter(window_over(stage, measure.within, clock.now)).select("customer_id")
        for stage in (won, entered)
    ]
    ids = [events.run(people)["customer_id"].to_numpy() for people in over]
    return ids[0], ids[1]


def _described(
    week: WeekOne, labels: np.ndarray, won: np.ndarray, decided: np.ndarray
) -> tuple[Cluster, ...]:
    found: list[Cluster] = []
    for number in range(labels.max() + 1):
        inside = labels == number
        more, less = _apart(week, inside)
        firsts = Counter(few for few, mine in zip(week.firsts, inside, strict=True) if mine)
        found.append(
            Cluster(
                number=number + 1,
                name=_name(more, less, {one.name for one in found}),
                customers=int(inside.sum()),
                share=float(inside.mean()),
                more=more,
                less=less,
                converted=rate(int((won & inside).sum()), int((decided & inside).sum())),
                rest=rate(int((won & ~inside).sum()), int((decided & ~inside).sum())),
                first_steps=min(firsts, key=lambda few: (-firsts[few], few)),
            )
        )
    return tuple(found)


def _apart(week: WeekOne, inside: np.ndarray) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Features with a mean 1.5 times the rest's or more, and those with as much less; clearest first."""
    mine, others = week.raw[inside].mean(axis=0), week.raw[~inside].mean(axis=0)
    spread = week.raw.std(axis=0)
    apart = np.divide(mine - others, spread, out=np.zeros_like(mine), where=spread > 0)
    order = np.argsort(-np.abs(apart), kind="stable")
    more = tuple(week.features[n] for n in order if apart[n] > 0 and mine[n] >= TIMES * others[n])
    less = tuple(week.features[n] for n in order if apart[n] < 0 and others[n] >= TIMES * mine[n])
    return more, less


def _name(more: tuple[str, ...], less: tuple[str, ...], taken: set[str]) -> str:
    """Two features say what a kind is; as many more as it needs to have a name of its own."""
    word, features = ("Many", more) if more else ("Few", less)
    if not features:
        word, features = "Like most", ()
    for length in range(min(IN_NAME, len(features)), len(features) + 1):
        name = f"{word}: {', '.join(features[:length])}" if length else word
        if name not in taken:
            return name
    return next(f"{name} ({n})" for n in range(2, len(taken) + 3) if f"{name} ({n})" not in taken)
