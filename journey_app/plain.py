"""Frozen answers and decisions as plain JSON values, and back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

import cattrs

T = TypeVar("T")


def converter() -> cattrs.Converter:
    """Durations are seconds, moments ISO 8601: what a JSON reader expects. Each call makes one to teach more."""
    made = cattrs.Converter()
    made.register_unstructure_hook(timedelta, lambda value: value.total_seconds())
    made.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    made.register_unstructure_hook(datetime, lambda value: value.isoformat())
    made.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    made.register_unstructure_hook(date, lambda value: value.isoformat())
    made.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    made.register_unstructure_hook(Enum, lambda value: value.value)
    return made


_CONVERT = converter()


def to_plain(value: Any) -> Any:
    """A dataclass (or a list, dict … of them) as values that json.dumps takes."""
    return _CONVERT.unstructure(value)


def from_plain(kind: type[T], value: Any) -> T:
    """The dataclass that `to_plain` took apart.

    Raises ValueError when the value was made by a version of the app whose dataclass was another.
    """
    try:
        return _CONVERT.structure(value, kind)
    except (cattrs.BaseValidationError, KeyError, TypeError) as error:
        raise ValueError(f"not a {kind.__name__} as this version knows it") from error
