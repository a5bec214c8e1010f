"""How often is a verdict wrong, and how often does it see a real change?

Simulated with the product's own code:

    python -m benchmarks.verdict_tables --reps 400

Prints the tables behind docs/decisions/006 and 007: false verdicts at zero effect, the mix of words by
true effect, what week 2 is called after week 1 worked, the day-30 review, and early and second looks.
Weeks are made up as follows:
Poisson customers a day with a weekday pattern and 10 % volume noise a week; the rate has a weekday
pattern of ±5 %, 2 % noise a day and the week noise of the scene. Seeded: the same reps give the same tables.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from journey_app.analysis.measure import Day
from journey_app.decide.blocks import blocks_after, blocks_before
from journey_app.decide.review import NOT_REACHED, REACHED, TOO_CLOSE, review
from journey_app.decide.verdict import verdict
from journey_app.decide.words import word_for
from journey_app.stats.noise import Effect, level, log_rates, noise_weights
from journey_app.stats.rates import rate
from journey_app.vocabulary import Change, Goal, Measure, Sprint, Word

LIVE = date(2026, 4, 27)
MEASURE = Measure("made up", "entered", "converted", timedelta(days=1))
VOLUME = np.array([1.15, 1.15, 1.10, 1.10, 1.05, 0.75, 0.70])
WEEKDAY = 1 + 0.05 * np.sin(2 * np.pi * np.arange(7) / 7)
PREVIOUS_FOUR = "previous four weeks"


@dataclass(frozen=True)
class Scene:
    """What the made-up weeks are like. noise: relative. history: ordinary weeks before the change."""

    noise: float
    customers: int
    history: int
    share: float = 0.20
    kind: str = "plain"  # plain, none, AR, trend, campaign, t3
    worth: float = 0.05


def _week_effects(scene: Scene, weeks: int, draw: np.random.Generator) -> np.ndarray:
    """The log effect of each week, which no change caused."""
    if scene.kind == "AR":
        effects = np.empty(weeks)
        effects[0] = draw.normal(0, scene.noise)
        for week in range(1, weeks):
            effects[week] = 0.5 * effects[week - 1] + draw.normal(0, scene.noise * np.sqrt(0.75))
        return effects
    if scene.kind == "t3":
        return scene.noise * draw.standard_t(3, weeks) / np.sqrt(3)
    drift = 0.01 * np.arange(weeks) if scene.kind == "trend" else 0.0
    return draw.normal(0, scene.noise, weeks) + drift


def _days(scene: Scene, lifts: list[float], draw: np.random.Generator) -> list[Day]:
    """History, then one week per lift (true relative level, 1 = unchanged), from `LIVE` on."""
    weeks = scene.history + len(lifts)
    level = np.exp(_week_effects(scene, weeks, draw)) * np.array([1.0] * scene.history + lifts)
    volume = np.exp(draw.normal(0, 0.10, weeks))
    if scene.kind == "campaign":
        running = draw.random(weeks) < 0.15
        level, volume = level * np.where(running, 0.85, 1.0), volume * np.where(running, 2.0, 1.0)
    day_noise = 0.0 if scene.kind == "none" else 0.02
    shares = scene.share * level[:, None] * WEEKDAY * np.exp(draw.normal(0, day_noise, (weeks, 7)))
    entered = draw.poisson(scene.customers / 7 * volume[:, None] * VOLUME).ravel()
    converted = draw.binomial(entered, np.clip(shares, 0, 1).ravel())
    first = LIVE - timedelta(weeks=scene.history)
    return [
        Day(first + timedelta(days=n), int(n_in), int(n_out), int(n_in))
        for n, (n_in, n_out) in enumerate(zip(entered, converted, strict=True))
    ]


def _change(week: int) -> Change:
    live = LIVE + timedelta(weeks=week - 1)
    return Change(week, f"change {week}", "nobody", "none", MEASURE, 0.25, "S", live)


def _sprint(scene: Scene, weeks: int) -> Sprint:
    start = rate(round(1000 * scene.share), 1000)
    assert start is not None
    goal = Goal(MEASURE, ("entered", "converted"), start, 0.99, LIVE + timedelta(days=90), LIVE)
    return Sprint("made up", LIVE, goal, tuple(_change(week + 1) for week in range(weeks)), scene.worth)


def words_of_week_one(scene: Scene, effect: float, reps: int, seed: int) -> Counter[Word]:
    """What week 1 is called when the change multiplies the rate by `effect`."""
    draw, sprint = np.random.default_rng(seed), _sprint(scene, 1)
    now = LIVE + timedelta(days=8)
    return Counter(
        verdict(sprint.changes[0], sprint, _days(scene, [effect], draw), now).word for _ in range(reps)
    )


def words_of_week_two(
    scene: Scene, first: float, second: float, reps: int, seed: int, model: str = "step"
) -> Counter[Word]:
    """What week 2 is called when week 1 multiplied the rate by `first` and week 2 by `second`."""
    draw, sprint = np.random.default_rng(seed), _sprint(scene, 2)
    live, now = LIVE + timedelta(weeks=1), LIVE + timedelta(days=15)
    found: Counter[Word] = Counter()
    for _ in range(reps):
        days = _days(scene, [first, first * second], draw)
        if model == PREVIOUS_FOUR:
            found[word_for(_against_previous_four(days, live), scene.worth)] += 1
        else:
            found[verdict(sprint.changes[1], sprint, days, now).word] += 1
    return found


def _against_previous_four(days: list[Day], live: date) -> Effect:
    """What the product does not do: week 2 against four weeks that hold week 1, noise from before it."""
    counts = [block.counts for block in (*blocks_before(days, live), *blocks_after(days, live))]
    logs, variances = log_rates(counts)
    weights = noise_weights(logs[:-2], variances[:-2])
    return Effect(weights, level(logs[-5:-1], variances[-5:-1]), level(logs[-1:], variances[-1:]))


def early_harm(scene: Scene, effect: float, reps: int, seed: int) -> float:
    """How often one of the daily looks during week 1 stops the change."""
    draw, sprint = np.random.default_rng(seed), _sprint(scene, 1)
    looks = [LIVE + timedelta(days=n) for n in range(2, 8)]
    stopped = 0
    for _ in range(reps):
        days = _days(scene, [effect], draw)
        stopped += any(verdict(sprint.changes[0], sprint, days, now).word is Word.WORSE for now in looks)
    return stopped / reps


def second_look(scene: Scene, effect: float, reps: int, seed: int) -> Counter[Word]:
    """What a change is called in the end, when people wait for the further weeks it asks for."""
    draw, sprint = np.random.default_rng(seed), _sprint(scene, 1)
    now = LIVE + timedelta(days=7 * 4 + 1)
    return Counter(
        verdict(sprint.changes[0], sprint, _days(scene, [effect] * 4, draw), now).word for _ in range(reps)
    )


def reviews(scene: Scene, gain: float, progress: float, reps: int, seed: int) -> Counter[str]:
    """What day 30 says: the target is `gain` above the start, `progress` of the way was gone at once."""
    draw = np.random.default_rng(seed)
    made = _sprint(scene, 0)
    made = replace(made, goal=replace(made.goal, target_share=scene.share * (1 + gain)))
    now, lift = LIVE + timedelta(days=30), 1 + progress * gain
    return Counter(review(made, _days(scene, [lift] * 5, draw), now).state for _ in range(reps))


# ---------------------------------------------------------------- the tables

SCENARIOS = {
    "none": ("none", 0.0),
    "2%": ("plain", 0.02),
    "4%": ("plain", 0.04),
    "8%": ("plain", 0.08),
    "15%": ("plain", 0.15),
    "4%+AR": ("AR", 0.04),
    "4%+tr": ("trend", 0.04),
    "4%+camp": ("campaign", 0.04),
    "8% t(3)": ("t3", 0.08),
}
VOLUMES = (100, 1_000, 10_000, 100_000)
EFFECTS = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)


def _percent(words: Counter[Word], *named: Word) -> float:
    return 100 * sum(words[word] for word in named) / sum(words.values())


def false_verdicts(reps: int) -> Iterator[str]:
    """Improved or worse at zero effect, the worst of four volumes."""
    yield "history | " + " | ".join(SCENARIOS)
    for history in (4, 12, 26):
        cells = []
        for kind, noise in SCENARIOS.values():
            scenes = [Scene(noise, customers, history, kind=kind) for customers in VOLUMES]
            found = [words_of_week_one(scene, 1.0, reps, seed=10 + n) for n, scene in enumerate(scenes)]
            both = [_percent(words, Word.IMPROVED, Word.WORSE) for words in found]
            up = [_percent(words, Word.IMPROVED) for words in found]
            cells.append(f"{max(both):.1f} ({max(up):.1f})")
        yield f"K{history} | " + " | ".join(cells)


def word_mix(reps: int) -> Iterator[str]:
    """Improved / likely / cannot tell / no change / worse, by true effect."""
    yield "customers | " + " | ".join(f"{100 * (effect - 1):+.0f}%" for effect in EFFECTS)
    order = (Word.IMPROVED, Word.LIKELY, Word.CANNOT_TELL, Word.NO_CHANGE, Word.WORSE)
    for customers in (300, 1_000, 5_000, 50_000):
        mixes = [words_of_week_one(Scene(0.04, customers, 12), effect, reps, seed=30) for effect in EFFECTS]
        cells = ["/".join(f"{_percent(words, word):.0f}" for word in order) for words in mixes]
        yield f"{customers} | " + " | ".join(cells)


def second_weeks(reps: int) -> Iterator[str]:
    """Week 2 does nothing, week 1 did: improved/worse with the plain baseline and with the step model."""
    yield "noise, customers | week-1 effect | previous four weeks | step model"
    for noise, customers, first in (
        (0.02, 10_000, 1.2),
        (0.04, 1_000, 1.2),
        (0.04, 10_000, 1.2),
        (0.04, 10_000, 0.8),
        (0.08, 10_000, 1.4),
    ):
        scene = Scene(noise, customers, 12)
        cells = []
        for model in (PREVIOUS_FOUR, "step"):
            words = words_of_week_two(scene, first, 1.0, reps, 40, model)
            cells.append(f"{_percent(words, Word.IMPROVED):.1f}/{_percent(words, Word.WORSE):.1f}")
        yield f"{noise:.0%}, {customers} | {100 * (first - 1):+.0f}% | " + " | ".join(cells)
    words = words_of_week_two(Scene(0.04, 10_000, 12), 1.2, 1.2, reps, 41)
    yield f"power for a second +20% (4%, 10,000): {_percent(words, Word.IMPROVED):.0f}% improved"


def looks(reps: int) -> Iterator[str]:
    """Looking early for harm, and looking again after the weeks asked for."""
    for noise, customers in ((0.02, 1_000), (0.04, 1_000), (0.04, 10_000)):
        scene = Scene(noise, customers, 12)
        calm, hurt = early_harm(scene, 1.0, reps, 50), early_harm(scene, 0.7, reps, 51)
        yield f"{noise:.0%}, {customers}: stopped early at 0: {100 * calm:.1f}%, at −30%: {100 * hurt:.0f}%"
        for kind in ("plain", "AR"):
            words = second_look(replace(scene, kind=kind), 1.0, reps, 52)
            up, down = _percent(words, Word.IMPROVED), _percent(words, Word.WORSE)
            yield f"{noise:.0%}, {customers}: two looks at 0, {kind}: improved {up:.1f}%, worse {down:.1f}%"


def day_30(reps: int) -> Iterator[str]:
    """Reached, too close, not reached, by how much of the way was really gone."""
    yield "customers, target | nothing | a fifth | half (reached/too close/not reached)"
    for customers, gain in ((1_000, 0.25), (1_000, 0.50), (10_000, 0.25), (10_000, 0.50)):
        cells = []
        for progress in (0.0, 0.2, 0.5):
            said = reviews(Scene(0.04, customers, 12), gain, progress, reps, 60)
            cells.append(
                "/".join(f"{100 * said[state] / reps:.0f}" for state in (REACHED, TOO_CLOSE, NOT_REACHED))
            )
        yield f"{customers}, {100 * gain:+.0f}% | " + " | ".join(cells)


TABLES: dict[str, tuple[str, Callable[[int], Iterator[str]]]] = {
    "false": ("False verdicts at zero effect, % (improved alone)", false_verdicts),
    "mix": ("Verdict mix, 12 weeks, 4% noise, ±5%: improved/likely/cannot tell/no change/worse, %", word_mix),
    "second": ("Innocent week 2 after a real week 1: improved/worse, %", second_weeks),
    "review": ("Day-30 review, 12 weeks, 4% noise, %", day_30),
    "looks": ("Early and second looks, 12 weeks of history", looks),
}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reps", type=int, default=400, help="repetitions per cell")
    parser.add_argument("--only", choices=TABLES, help="one table instead of all")
    chosen = parser.parse_args()
    for name, (title, table) in TABLES.items():
        if chosen.only in (None, name):
            print(f"\n{title} — {chosen.reps} repetitions a cell")
            for line in table(chosen.reps):
                print(line, flush=True)


if __name__ == "__main__":
    main()
