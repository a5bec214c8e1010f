"""Which processes work for another one? Read from /proc."""

from __future__ import annotations

from pathlib import Path

READS = b"journey_app.intake.child"


def _said(pid: int) -> tuple[int, str, list[bytes]] | None:
    """Parent, state and command line of a process; None when it has ended."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(parts[1]), parts[0], Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None


def alive(pid: int) -> bool:
    said = _said(pid)
    return said is not None and said[1] != "Z"


def descendants(pid: int) -> list[int]:
    """All processes below one, nearest first."""
    parents = {
        int(folder.name): said[0]
        for folder in Path("/proc").glob("[0-9]*")
        if (said := _said(int(folder.name))) is not None
    }
    found, level = [], [pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return found


def readers(pid: int) -> list[int]:
    """The processes below one that read uploads, less the mother that they are forked from."""
    below = {child: said for child in descendants(pid) if (said := _said(child)) is not None}
    reading = {child for child, (_, state, command) in below.items() if READS in command and state != "Z"}
    mothers = {below[child][0] for child in reading}
    return sorted(
        child for child in reading if child not in mothers and not _is_mother(below[child][2], child, below)
    )


def _is_mother(command: list[bytes], pid: int, below: dict[int, tuple[int, str, list[bytes]]]) -> bool:
    """Only a mother is given the number of a socket by a process that is no mother itself."""
    given = command[command.index(READS) + 1 :]
    parent = below.get(below[pid][0])
    forked = parent is not None and READS in parent[2]
    return bool(given and given[0].isdigit()) and not forked
