"""What happened, and what to do: every sentence a person can act on.

JourneyError            something a person can put right
├── BadFile             a file that cannot be read or is not what it says (NoColumnNames: nor has names)
├── Question            we could guess, but will not: one answer is needed
├── UnknownName         an event, field, workspace … nobody knows
├── BadChoice           an option outside what makes sense
├── NothingYet          the data or decision that this needs is not there
├── StaleEdit           somebody else saved in between
└── NotAllowed          the reader may look, not change

A bug is not a JourneyError: it stays an exception and reaches the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class JourneyError(Exception):
    """Something a person can put right.

    what: one sentence, what happened. do: one sentence, what to do about it.
    """

    def __init__(self, what: str, do: str) -> None:
        self.what = what
        self.do = do
        super().__init__(f"{what} {do}")


class BadFile(JourneyError):
    """A file that cannot be read, or is not what its name says."""


class NoColumnNames(BadFile):
    """A table without a row of column names; it can be read once a person says that it has none."""


class Question(JourneyError):
    """A reading that must be asked, never guessed.

    option: the command-line option that answers it, such as "--dates".
    answers: what it accepts, each with one real value read that way.
    """

    def __init__(self, what: str, do: str, option: str, answers: dict[str, str]) -> None:
        self.option = option
        self.answers = answers
        super().__init__(what, do)


class UnknownName(JourneyError):
    """A name that nobody knows here, with the nearest one that is known."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        choices = list(dict.fromkeys(known))
        near = get_close_matches(name, choices, n=1)
        if near:
            do = f"Did you mean “{near[0]}”?"
        elif choices:
            do = f"Choose one of: {', '.join(choices[:8])}{' …' if len(choices) > 8 else ''}."
        elif kind == "customer":  # too many to be named, and nobody's business
            do = "Give an id as their exports write it; searching for a part of it finds those that hold it."
        elif kind in ("event", "import", "workspace"):
            do = "Import a file first."
        else:
            do = "There is none here yet."
        where = "here" if kind == "workspace" else "in this workspace"
        super().__init__(f"No {kind} is called “{name}” {where}.", do)


class BadChoice(JourneyError):
    """An option outside what makes sense for the question."""


class NothingYet(JourneyError):
    """The data or the decision that this needs is not there yet."""


class StaleEdit(JourneyError):
    """Somebody else saved in between; nothing was overwritten.

    theirs: what is stored now, None when they deleted it. mine: what was about to be saved.
    author, at: who saved it and when (UTC, ISO 8601).
    """

    def __init__(
        self, kind: str, theirs: object, version: int, author: str, at: str, mine: object = None
    ) -> None:
        self.theirs = theirs
        self.mine = mine
        self.version = version
        self.author = author
        self.at = at
        did = "deleted" if theirs is None else "saved"
        super().__init__(
            f"{author} {did} this {kind} while you were editing, at {at[:16].replace('T', ' ')} UTC.",
            "Both texts are kept: take theirs, or save yours as the new version.",
        )


class NoRoom(JourneyError):
    """The disk has no room left for what was to be written; nothing has changed."""


class NotAllowed(JourneyError):
    """The reader may look, but not change anything."""
