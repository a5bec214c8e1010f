"""What stands in the way of several files, each with its sentence and what to do about it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from journey_app.errors import JourneyError, NoRoom, Question

FOR_ALL = (
    "What is answered counts for every file of a command; import files that need different answers "
    "one by one."
)


class NotAllFiles(JourneyError):
    """Some of several files, or several tables of one, cannot be read or need an answer.

    troubles: (the file or table, what stands in its way), in the order they were given.
    """

    def __init__(self, files: int, of: int, troubles: Sequence[tuple[str, JourneyError]]) -> None:
        self.troubles = tuple(troubles)
        of_them = f"{files} of the {of} files" if of > 1 else f"{len(troubles)} tables of the file"
        verbs = "cannot be read or needs" if of_them.startswith("1 ") else "cannot be read or need"
        lines = [f"{label}: {error.what} {error.do}" for label, error in troubles]
        if sum(isinstance(error, Question) for _label, error in troubles) > 1:
            lines.append(FOR_ALL)
        super().__init__(f"{of_them} {verbs} an answer, so nothing was stored.", "\n".join(lines))


@dataclass
class Troubles:
    """What has been found so far. files: how many were looked at, one of which may hold several tables."""

    files: int = 0
    _found: list[tuple[int, str, JourneyError]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._found)

    def note_all(self, told: Iterable[tuple[str, JourneyError | None]]) -> None:
        """Keep what stands in the way of the tables of the file that is looked at; None where nothing does."""
        for label, error in told:
            self.note(self.files, label, error)

    def note(self, number: int, label: str, error: JourneyError | None) -> None:
        """Keep what stands in the way of a table of the file that was looked at as the `number`th, from 1."""
        if error is not None:
            self._found.append((number, label, error))

    @contextmanager
    def of(self, label: str) -> Iterator[None]:
        """Look at one file; what it raises is noted, and the next one can be looked at.

        A full disk is no file's trouble: it is raised at once.
        """
        self.files += 1
        try:
            yield
        except NoRoom:
            raise
        except JourneyError as error:
            self.note_all([(label, error)])

    def insist(self) -> None:
        """Raise what was found: one file's own sentence as it is, several as one `NotAllFiles`."""
        if not self._found:
            return
        if self.files == 1 and len(self._found) == 1:
            raise self._found[0][2]
        bad = len({number for number, _label, _error in self._found})
        raise NotAllFiles(bad, self.files, [(label, error) for _number, label, error in self._found])
