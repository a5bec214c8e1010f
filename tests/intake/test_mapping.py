"""Logs nobody described, against answer keys written before the recogniser."""

import pytest

from tests.intake import mapping
from tests.intake.conftest import dataset


@pytest.fixture(scope="module")
def scores():
    dataset("datasets")
    return [mapping.score(key) for key in mapping.answer_keys()]


def test_nine_of_ten_fields_are_found(scores):
    assert len(scores) == 17
    found = sum(len(score.found) for score in scores)
    assert found >= 0.9 * sum(score.fields for score in scores), [score.missed for score in scores]


def test_nothing_is_taken_wrongly_in_silence(scores):
    assert [(score.file, score.silent) for score in scores if score.silent] == []


def test_what_no_column_says_is_asked(scores):
    assert [(score.file, score.not_asked) for score in scores if score.not_asked] == []
