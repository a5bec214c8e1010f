"""The made-up company as a workspace: its files imported by the same road as anybody's, its goal and sprint set."""

from __future__ import annotations

SAMPLE_NAME = "northwind"
