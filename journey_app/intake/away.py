"""How is a table asked that another process reads? As if it were here: whatever `Prepared` offers is carried
out where the table is, and what was told of it is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from journey_app.errors import Question
from journey_app.intake.child import TOLD, Recipe
from journey_app.intake.contract import Answers
from journey_app.intake.doctor import about_question
from journey_app.intake.nursery import Child
from journey_app.intake.prepared import WHOSE, Prepared
from journey_app.vocabulary import Observation


class ReadsIt(Protocol):
    """Who has the table read. path: its file. unchanged: whether that is still the one that was looked at."""

    path: Path

    @property
    def unchanged(self) -> bool: ...

    def told(self, recipe: Recipe) -> dict[str, Any]: ...

    def call(self, table: Away, method: str, args: tuple[Any, ...], kind: Any) -> Any: ...

    def stream(self, table: Away, method: str, args: tuple[Any, ...], kind: Any) -> Iterator[Any]: ...

    def waiting(self) -> Child | None: ...


class Away(Prepared):
    """A table that another process reads: what is known of it is here, what it does is done there."""

    _reader: ReadsIt
    _recipe: Recipe
    _told: Mapping[str, Any]
    _remarks: tuple[Observation, ...]
    _arisen: Question | None
    _settled: tuple[Observation, ...]

    def __init__(
        self,
        reader: ReadsIt,
        recipe: Recipe,
        told: Mapping[str, Any],
        remarks: tuple[Observation, ...] = (),
        arisen: Question | None = None,
        settled: tuple[Observation, ...] = (),
    ) -> None:
        """remarks, arisen, settled: what was said, asked and settled about its source on this side since."""
        self._set(_reader=reader, _recipe=recipe, path=reader.path, _remarks=remarks, _arisen=arisen)
        self._set(_settled=settled)
        self.learn(told)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def learn(self, told: Mapping[str, Any]) -> None:
        """Know what is known about the table by now: reading it all tells what could not be read."""
        self._set(_told=told, **{name: told[name] for name in TOLD if name not in PROPERTIES})
        if self._arisen is not None:
            self._set(question=self._arisen)

    @property
    def unchanged(self) -> bool:
        return self._reader.unchanged

    @property
    def checkup(self) -> tuple[Observation, ...]:
        return (*self._remarks, *self._told["checkup"], *self._settled)

    @property
    def notes(self) -> tuple[str, ...]:
        told = (*(seen.says for seen in self._remarks), *self._told["notes"])
        return (*told, *(seen.says for seen in self._settled))

    def remarked(self, seen: Observation) -> Prepared:
        remarks = (seen, *self._remarks)
        return Away(self._reader, self._recipe, self._told, remarks, self._arisen, self._settled)

    def asked(self, question: Question) -> Prepared:
        seen = (about_question(question), *self._remarks)
        return Away(self._reader, self._recipe, self._told, seen, question, self._settled)

    def unasked(self) -> Prepared:
        told = {**self._told, "question": None}
        return Away(self._reader, self._recipe, told, self._remarks, None, self._settled)

    def kept_as(
        self,
        source: str,
        system: str,
        says: Sequence[Observation],
        *,
        ids: str | None = None,
        asks: Question | None = None,
    ) -> Prepared:
        before = self._recipe.kept_as[2] if self._recipe.kept_as else None
        recipe = replace(self._recipe, kept_as=(source, system, ids or before))
        told = {**self._told, "source": source, "system": system, "settled": True}
        if ids is not None and self.id_type is not None:
            told["id_type"] = ids
        arisen = self._arisen if self._arisen and self._arisen.option != WHOSE else None
        if arisen is None and told["question"] is None:
            arisen = asks
        return Away(self._reader, recipe, told, self._remarks, arisen, tuple(says))

    @property
    def answers(self) -> Answers:
        return self._recipe.answers or self._recipe.first

    def told(self, answer: str) -> str | None:
        return dict(self.answered).get(answer)

    def request(self, method: str, args: tuple[Any, ...]) -> dict[str, Any]:
        return {"recipe": self._recipe, "call": method, "with": [_plain(arg) for arg in args]}

    def read_as(self, answers: Answers, timezone: str) -> Prepared:
        recipe = replace(self._recipe, answers=answers, timezone=timezone, kept_as=None)
        return Away(self._reader, recipe, self._reader.told(recipe))

    def let_go(self) -> None:
        """End the process that waits to be asked about this upload."""
        if (child := self._reader.waiting()) is not None:
            child.end()

    __eq__ = object.__eq__
    __hash__ = object.__hash__


def _plain(argument: Any) -> Any:
    """An argument as JSON: a set of row numbers is a list on the way."""
    return (
        sorted(argument) if isinstance(argument, Collection) and not isinstance(argument, str) else argument
    )


PROPERTIES = {name for name in TOLD if isinstance(vars(Prepared).get(name), property)}
KINDS = get_type_hints(Prepared) | {
    name: get_type_hints(vars(Prepared)[name].fget)["return"] for name in PROPERTIES
}
LOCAL = {"insist"}  # what needs nothing but what was told


def _elsewhere(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of `Prepared` as one that is carried out where the table is."""
    kind = get_type_hints(method)["return"]
    if get_origin(kind) in (Iterator, Generator):

        @wraps(method)
        def streamed(self: Away, *args: Any) -> Iterator[Any]:
            return self._reader.stream(self, name, args, get_args(kind)[0])

        return streamed

    @wraps(method)
    def called(self: Away, *args: Any) -> Any:
        return self._reader.call(self, name, args, kind)

    return called


def _as_told(name: str, doc: str | None) -> property:
    return property(lambda self: self._told[name], doc=doc)


# Whatever `Prepared` offers now or later is offered here, too.
for _name, _what in vars(Prepared).items():
    if _name.startswith("_") or _name in LOCAL or _name in vars(Away):
        continue
    if isinstance(_what, property):
        setattr(Away, _name, _as_told(_name, _what.__doc__))
    elif callable(_what):
        setattr(Away, _name, _elsewhere(_name, _what))
