"""The same in code: the command and the Python lines that give the numbers of a page."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import streamlit as st


def the_same_in_code(workspace: str, command: Sequence[str], python: str) -> None:
    """Folded at the end of a page. command: words after the workspace. python: lines using `space`."""
    with st.expander("The same in code"):
        words = ["python", "-m", "journey_app", "--workspace", workspace, *command]
        st.code(shlex.join(words), language="bash")
        opening = f"from journey_app.workspace.home import open_workspace\n\nspace = open_workspace({workspace!r})\n"
        st.code(opening + python, language="python")
