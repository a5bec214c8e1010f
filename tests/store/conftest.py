"""A store for each test, and a clock that only moves when told."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from journey_app.store.documents import open_store

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.sqlite"


@pytest.fixture
def store(file):
    opened = open_store(file)
    yield opened
    opened.close()


@pytest.fixture
def postgres_url():
    url = os.environ.get("JOURNEY_TEST_POSTGRES")
    if not url:
        pytest.skip("set JOURNEY_TEST_POSTGRES to the address of an empty database to run this")
    return url


def without(word: str) -> Callable[[Any], Any]:
    """A JSON value without a word, as forgetting cleans it."""

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(word, "(gone)")
        if isinstance(value, list):
            return [cleaned(each) for each in value]
        if isinstance(value, dict):
            return {name: cleaned(each) for name, each in value.items()}
        return value

    return cleaned
