"""The words, how often they are wrong when nothing changed, and how often they see what did."""

import numpy as np
import pytest

from benchmarks.verdict_tables import Scene, early_harm, words_of_week_one, words_of_week_two
from journey_app.decide.words import SURE_AGAIN, leans_worse, word_for
from journey_app.stats.noise import NOISES, Effect, Level
from journey_app.vocabulary import Word

REPS = 400


def certain(mean, sd):
    """An effect without doubt about the noise: one normal on the log scale."""
    weights = np.zeros_like(NOISES)
    weights[0] = 1.0
    zero, here = np.zeros_like(NOISES), np.full_like(NOISES, mean)
    return Effect(weights, Level(zero, zero), Level(here, np.full_like(NOISES, sd**2)))


@pytest.mark.parametrize(
    ("sds_above_zero", "word"),
    [
        (1.97, Word.IMPROVED),
        (1.95, Word.LIKELY),
        (1.29, Word.LIKELY),
        (1.27, Word.CANNOT_TELL),
        (-1.95, Word.CANNOT_TELL),
        (-1.97, Word.WORSE),
    ],
)
def test_the_limits(sds_above_zero, word):
    assert word_for(certain(0.1 * sds_above_zero, 0.1), worth=0.05) is word


def test_a_second_look_is_stricter():
    assert word_for(certain(0.2, 0.1), worth=0.05) is Word.IMPROVED
    assert word_for(certain(0.2, 0.1), worth=0.05, sure=SURE_AGAIN) is Word.LIKELY
    assert word_for(certain(-0.2, 0.1), worth=0.05, sure=SURE_AGAIN) is Word.CANNOT_TELL


def test_certain_but_tiny_is_no_change():
    assert word_for(certain(0.02, 0.005), worth=0.05) is Word.NO_CHANGE
    assert word_for(certain(-0.02, 0.005), worth=0.05) is Word.NO_CHANGE
    assert word_for(certain(0.02, 0.005), worth=0.02) is Word.IMPROVED


def test_leaning_worse():
    assert leans_worse(certain(-0.13, 0.1))
    assert not leans_worse(certain(-0.12, 0.1))


# Seeded, small: benchmarks/verdict_tables.py runs the same with as many repetitions as one likes.


def share(words, *named):
    return sum(words[word] for word in named) / sum(words.values())


def test_when_nothing_changed_improved_is_rare():
    words = words_of_week_one(Scene(noise=0.04, customers=1000, history=12), effect=1.0, reps=REPS, seed=1)
    assert share(words, Word.IMPROVED) <= 0.06
    assert share(words, Word.WORSE) <= 0.06


def test_a_change_that_does_nothing_is_not_paid_for_week_one():
    scene = Scene(noise=0.04, customers=1000, history=12)
    words = words_of_week_two(scene, first=1.20, second=1.0, reps=REPS, seed=2)
    assert share(words, Word.IMPROVED) <= 0.05
    assert share(words, Word.WORSE) <= 0.05


def test_the_plain_model_would_have_paid_for_week_one():
    """Why week 2 needs its own model: the same weeks against the four before them."""
    scene = Scene(noise=0.02, customers=10_000, history=12)
    plain = words_of_week_two(scene, first=1.20, second=1.0, reps=100, seed=3, model="previous four weeks")
    step = words_of_week_two(scene, first=1.20, second=1.0, reps=100, seed=3)
    assert share(plain, Word.IMPROVED) > 0.85
    assert share(step, Word.IMPROVED) <= 0.05


def test_a_real_gain_is_usually_seen():
    words = words_of_week_one(Scene(noise=0.04, customers=5000, history=12), effect=1.20, reps=100, seed=4)
    assert share(words, Word.IMPROVED) > 0.70


def test_daily_looks_for_harm_seldom_cry_wolf():
    calm = early_harm(Scene(noise=0.04, customers=10_000, history=12), effect=1.0, reps=100, seed=5)
    hurt = early_harm(Scene(noise=0.04, customers=10_000, history=12), effect=0.7, reps=60, seed=6)
    assert calm <= 0.06
    assert hurt > 0.80
