"""The front door: page config, who is here, the goal strip, and the pages of the five steps."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:  # `streamlit run` puts the script's own folder there, not the project's
    sys.path.insert(0, str(ROOT))

from journey_app import ui  # noqa: E402
from journey_app.ui import frontdoor  # noqa: E402

assert ui

st.set_page_config(
    page_title="Customer journeys",
    page_icon=str(ROOT / "journey_app" / "ui" / "icon.svg"),
    layout="wide",
    initial_sidebar_state=228,
)
frontdoor.open_door(ROOT / "pages")
