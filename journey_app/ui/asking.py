"""The one cache: (question, workspace version, choices) → answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from journey_app.workspace.workspace import Workspace

T = TypeVar("T")


@st.cache_data(show_spinner="Counting customers …", max_entries=400)
def _answer(
    name: str, version: str, choices: dict[str, Any], _question: Callable[..., Any], _space: Workspace
) -> Any:
    """An answer is kept under its version, so that version is what is asked: an import may come in between."""
    return _question(_space.events_at(version), **choices)


def ask(question: Callable[..., T], space: Workspace, **choices: Any) -> T:
    """The answer of a question about this workspace's events, computed once per version and choices.

    A version is unique across workspaces, so no answer leaks from one client to another.
    Raises NothingYet before the first import.
    """
    name = f"{question.__module__}.{question.__qualname__}"
    version = space.version or space.events().version
    answer: T = _answer(name, version, choices, question, space)
    return answer
