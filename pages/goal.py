"""goal."""

from journey_app import ui

space = ui.require("read")
