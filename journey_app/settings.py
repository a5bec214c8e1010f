"""One frozen set of settings, units in the names, read from the environment once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from journey_app.errors import BadChoice

# What a whole number may be; anything from 1 on, where nothing is said.
LEAST = {"MEMORY_LIMIT_MB": 64, "PARSE_MEMORY_MB": 64}
MOST = {"THREADS": 1_024}
MOST_OF_ANY = 1_000_000_000
BROWSER_COOKIE = "journey_browser"  # a random number that tells one browser from another
ON, OFF = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")


def default_home() -> Path:
    """Where workspaces live when nobody says otherwise: never inside the clone."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "journey_app"


@dataclass(frozen=True)
class Settings:
    """What an operator may set. Every field is `JOURNEY_<NAME>` in the environment."""

    home: Path
    workspace: str = "default"
    memory_limit_mb: int = 1024  # what one engine connection may hold before it spills to disk
    threads: int = 2
    spill_limit_mb: int = 8192
    upload_limit_mb: int = 1024
    unpacked_limit_mb: int = 4096  # what a .zip, .gz or .xlsx may grow to
    query_limit_s: int = 60
    parse_memory_mb: int = 1024  # what the process that reads one upload may hold
    parse_cpu_s: int = 1800  # processor time it may take in all
    parse_silence_s: int = 25  # how long it may go on without getting on
    read_only: bool = False  # everybody looks, nobody changes (a projector, a demo)
    user_header: str = ""  # the request header in which that proxy names who signed in
    sources: str = (
        ""  # kinds of saved sources: folder, https, database, s3, or none; empty: see workspace.sources
    )
    source_folder: str = ""  # the only folder that folder sources may lie in; empty: anywhere
    source_s3_endpoint: str = ""  # address of the S3-style storage; empty: Amazon's
    source_s3_region: str = ""  # where its buckets lie; empty: us-east-1
    live_origins: str = ""  # web pages that may send calls: addresses with commas between, or *
    live_calls_per_s: int = 1000  # what one write key may send for long; ten seconds of it at once
    behind_sign_in: bool = False  # a proxy in front signs people in: whoever gets through is an owner

    @classmethod
    def from_environment(cls) -> Settings:
        """Read `JOURNEY_*` once; unset or empty means the default above.

        Raises BadChoice for a number or a switch that makes no sense.
        """
        return cls(
            home=Path(os.environ.get("JOURNEY_HOME") or default_home()),
            workspace=os.environ.get("JOURNEY_WORKSPACE", cls.workspace),
            memory_limit_mb=_number("MEMORY_LIMIT_MB", cls.memory_limit_mb),
            threads=_number("THREADS", cls.threads),
            spill_limit_mb=_number("SPILL_LIMIT_MB", cls.spill_limit_mb),
            upload_limit_mb=_number("UPLOAD_LIMIT_MB", cls.upload_limit_mb),
            unpacked_limit_mb=_number("UNPACKED_LIMIT_MB", cls.unpacked_limit_mb),
            query_limit_s=_number("QUERY_LIMIT_S", cls.query_limit_s),
            parse_memory_mb=_number("PARSE_MEMORY_MB", cls.parse_memory_mb),
            parse_cpu_s=_number("PARSE_CPU_S", cls.parse_cpu_s),
            parse_silence_s=_number("PARSE_SILENCE_S", cls.parse_silence_s),
            read_only=_switch("READ_ONLY"),
            user_header=os.environ.get("JOURNEY_USER_HEADER", ""),
            sources=os.environ.get("JOURNEY_SOURCES", ""),
            source_folder=os.environ.get("JOURNEY_SOURCE_FOLDER", ""),
            source_s3_endpoint=os.environ.get("JOURNEY_SOURCE_S3_ENDPOINT", ""),
            source_s3_region=os.environ.get("JOURNEY_SOURCE_S3_REGION", ""),
            live_origins=os.environ.get("JOURNEY_LIVE_ORIGINS", ""),
            live_calls_per_s=_number("LIVE_CALLS_PER_S", cls.live_calls_per_s),
            behind_sign_in=_switch("BEHIND_SIGN_IN"),
        )


def _number(name: str, default: int) -> int:
    told = os.environ.get(f"JOURNEY_{name}", "").strip() or str(default)
    least, most = LEAST.get(name, 1), MOST.get(name, MOST_OF_ANY)
    digits = told.isascii() and told.isdigit() and len(told) <= len(str(MOST_OF_ANY))
    if not digits or not least <= int(told) <= most:
        raise BadChoice(
            f"JOURNEY_{name} is “{told[:40]}”, which is no whole number from {least:,} to {most:,}.",
            f"Give it such a number, or leave it away for {default:,}.",
        )
    return int(told)


def _switch(name: str) -> bool:
    told = os.environ.get(f"JOURNEY_{name}", "").strip().lower()
    if told not in (*ON, *OFF):
        raise BadChoice(
            f"JOURNEY_{name} is “{told[:40]}”, which says neither yes nor no.", "Set it to 1 or 0."
        )
    return told in ON
