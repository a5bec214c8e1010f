"""What do earlier imports tell about the next one, and about the data?

A recipe is what a person answered about one file, kept for the next one like it: for a file with the
same columns whatever their order, and for one that gained some or lost a few that nothing relied on.
What a file's source is called is never part of it: two shops export the same columns.
Source: docs/decisions/019-what-settles-a-date.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from journey_app.errors import JourneyError, UnknownName
from journey_app.intake.apart import read_as
from journey_app.intake.cells import normal_name
from journey_app.intake.clocks import parts_of
from journey_app.intake.lines import AND_TIME
from journey_app.intake.prepared import Prepared
from journey_app.intake.times import REASONS
from journey_app.plain import from_plain, to_plain
from journey_app.vocabulary import Answers, Fix, Observation
from journey_app.workspace.workspace import Workspace

KIND = "recipe"
BEFORE_RECIPES = "mapping"  # what older versions kept: the answers alone
NO_TIME = frozenset(REASONS.values())
NOTHING_SAID = Answers()
MAIN = ("customer", "event", "time")
ALIKE = 0.6  # the least share of all their column names that two files must have in common
CLEARER = 0.1  # how much more alike the best recipe must be than the next one with other answers


@dataclass(frozen=True)
class Recipe:
    """What was answered about a file, and by which columns the next one like it is known.

    columns: its column names as they were found, for comparing. relied: those the answers and the
    main columns need. mapping: ours → theirs as it was read.
    """

    file: str
    title: str
    recognised_as: str
    answers: Answers
    columns: tuple[str, ...]
    relied: tuple[str, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """A recipe in its drawer."""

    recipe_id: str
    recipe: Recipe
    saved_at: datetime
    author: str


@dataclass(frozen=True)
class Recalled:
    """A table with what was answered about its like. saved: the recipe it was read by, None for none.

    remark: why a recipe that came near was not used.
    """

    table: Prepared
    answers: Answers
    saved: Saved | None = None
    remark: str = ""

    @property
    def said(self) -> str:
        """“Read like last time (recipe of 3 Nov)”, empty without one."""
        return f"Read like last time (recipe of {_day(self.saved.saved_at)})" if self.saved else ""


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"


def recipes(space: Workspace) -> tuple[Saved, ...]:
    """Every recipe that is kept, the oldest first."""
    saved = (
        Saved(d.doc_id, from_plain(Recipe, d.body), d.saved_at, d.author) for d in space.store.list(KIND)
    )
    return tuple(sorted(saved, key=lambda each: (each.saved_at, each.recipe_id)))


def forget_recipe(space: Workspace, recipe_id: str, *, author: str, now: datetime) -> Saved:
    """Never use a recipe again. Raises UnknownName where there is none of this name."""
    known = {each.recipe_id: each for each in recipes(space)}
    document = space.store.get(KIND, recipe_id)
    if document is None or recipe_id not in known:
        raise UnknownName("recipe", recipe_id, known)
    space.store.delete(KIND, recipe_id, based_on=document.version, author=author, now=now)
    return known[recipe_id]


def remember(space: Workspace, table: Prepared, answers: Answers, *, author: str, now: datetime) -> None:
    """Keep the answers a table was read by for every later one like it; the newest ones count."""
    answers = _lasting(answers)
    if answers == NOTHING_SAID:
        return
    document = space.store.get(KIND, table.fingerprint)
    body = to_plain(_recipe(table, answers))
    body["file"] = space.batch_files.forgotten().named(body["file"])
    if document is not None and {**document.body, "file": ""} == {**body, "file": ""}:
        return
    based_on = document.version if document else 0
    space.save(KIND, table.fingerprint, body, based_on=based_on, author=author, now=now)


def _lasting(answers: Answers) -> Answers:
    """The answers that hold for other files, too: a source's name says which file this one is.

    Whose numbers its customers have goes with the source. Recipes of older versions still hold a name.
    """
    return replace(answers, source=None, ids=None)


def _recipe(table: Prepared, answers: Answers) -> Recipe:
    names = tuple(sorted({normal_name(name) for name in table.first_names}))
    main = [table.mapping[ours] for ours in MAIN if ours in table.mapping]
    named = [name for name in (*main, *answers.map.values()) if not name.startswith("=")]
    needed = {normal_name(part) for name in named for part in parts_of(name, table.first_names)}
    one_per = answers.one_per or ""
    needed |= {normal_name(one_per), normal_name(one_per.removesuffix(AND_TIME))} & set(names)
    if answers.decimal and "amount" in table.mapping:
        needed.add(normal_name(table.mapping["amount"]))
    return Recipe(
        table.file, table.title, table.recognised_as, answers, names, tuple(sorted(needed)), table.mapping
    )


def recalled(space: Workspace, table: Prepared, said: Answers = NOTHING_SAID) -> Recalled:
    """A table read as its like was read last time, where that is beyond doubt.

    said: what a person says this time; it counts before what they said then.
    """
    exact = _of_before(space, table)
    found, remark = (exact, "") if exact else _alike(space, table)
    if found is None:
        return Recalled(table, said, None, remark)
    answers = over(_pinned(found.recipe, table), said)
    if answers == said:
        return Recalled(table, said)
    try:
        read = answered_anew(space, table, answers)
    except JourneyError as error:
        return Recalled(table, said, None, f"An earlier answer does not fit this file: {error.what}")
    if read.missing or read.recognised_as != (found.recipe.recognised_as or read.recognised_as):
        return Recalled(table, said, None, f"The recipe of {_day(found.saved_at)} does not fit this file.")
    result = Recalled(read, answers, found)
    fix = Fix("recipe", "--no-recipe", {"": "read it as found"})
    return replace(
        result, table=read.remarked(Observation("recipe", f"{result.said}.", brief="as last time", fix=fix))
    )


def over(before: Answers, said: Answers) -> Answers:
    """What was answered before, with what is said now in its place."""
    new = {f.name: getattr(said, f.name) for f in fields(Answers) if getattr(said, f.name)}
    if said.header_row is not None:
        new["header_row"] = said.header_row
    return replace(before, **{**new, "map": {**before.map, **said.map}})


def answered_with(answers: Answers, fix: Fix, value: str) -> Answers:
    """The answers with what one fix of a check-up says."""
    told: dict[str, Any] = {fix.answer: value}
    if fix.answer == "header_row":
        told = {fix.answer: int(value)}
    elif fix.answer in ("drop_duplicates", "midnight_is_a_day"):
        told = {fix.answer: value == "true"}
    return replace(answers, **told)


def _of_before(space: Workspace, table: Prepared) -> Saved | None:
    """The recipe for exactly these columns."""
    document = space.store.get(KIND, table.fingerprint)
    if document is not None:
        recipe = from_plain(Recipe, document.body)
        return Saved(document.doc_id, recipe, document.saved_at, document.author)
    old = space.store.get(BEFORE_RECIPES, table.fingerprint)
    if old is None:
        return None
    answers = from_plain(Answers, old.body)
    recipe = Recipe(table.file, table.title, "", answers, (), ())
    return Saved(old.doc_id, recipe, old.saved_at, old.author)


def _alike(space: Workspace, table: Prepared) -> tuple[Saved | None, str]:
    """The one recipe whose columns are nearly these, and all those it needs; else why none is used."""
    names = {normal_name(name) for name in table.first_names}
    ranked = sorted(
        ((share, saved) for saved in recipes(space) if (share := _likeness(saved.recipe, names)) >= ALIKE),
        key=lambda pair: -pair[0],
    )
    if not ranked:
        return None, ""
    best = ranked[0]
    for share, other in ranked[1:]:
        differs = _pinned(other.recipe, table) != _pinned(best[1].recipe, table)
        if differs and best[0] - share < CLEARER:
            days = " and ".join(dict.fromkeys((_day(best[1].saved_at), _day(other.saved_at))))
            return None, f"Several recipes fit this file (of {days}) and differ, so none was used."
    return best[1], ""


def _likeness(recipe: Recipe, names: set[str]) -> float:
    """The share of both files' column names that both have; 0 where one that is needed is not there.

    A recipe that says where the table stands in its file is only for files exactly like it.
    """
    if recipe.answers.header_row is not None or recipe.answers.delimiter is not None:
        return 0.0
    if not recipe.relied or not set(recipe.relied) <= names:
        return 0.0
    return 2 * len(names & set(recipe.columns)) / (len(names) + len(recipe.columns))


def _pinned(recipe: Recipe, table: Prepared) -> Answers:
    """The answers of a recipe; of a log that nobody described, with every main column it was read by.

    Otherwise a new column could be taken for what an old one was. Which kinds of export a file is
    holds for the same columns only.
    """
    answers = _lasting(recipe.answers)
    same = {normal_name(name) for name in table.first_names} == set(recipe.columns)
    if same or not recipe.columns:
        return answers
    answers = replace(answers, read_as=())
    if not recipe.recognised_as.startswith("generic"):
        return answers
    main = {ours: theirs for ours, theirs in recipe.mapping.items() if ours in MAIN}
    return replace(answers, map={**main, **answers.map})


def tables_recalled(
    space: Workspace, tables: Iterator[Prepared], said: Answers, use: bool
) -> Iterator[Recalled]:
    """Each table as a person says, and as they said before where `use`."""
    for table in tables:
        yield recalled(space, table, said) if use else Recalled(table, said)


def answered_anew(space: Workspace, table: Prepared, answers: Answers) -> Prepared:
    """The same table read by other answers; raises what `prepare` raises about answers."""
    return read_as(table, answers, timezone=space.timezone)


def source_in(body: Mapping[str, Any]) -> str:
    """The source of an import in force; older ones did not note it."""
    return str(body.get("source", body["report"]["recognised_as"]))


def untimed(space: Workspace) -> dict[str, int]:
    """source → rows that the imports in force left out because no time could be read.

    Such a row has no id by which it could be known again. Where most events of an import were here
    already, it is an export of the same again, so of it and what was before the greater number counts.
    Source: docs/decisions/015-what-the-audit-grades.md
    """
    counts: dict[str, int] = {}
    for document in space.batches():
        report, source = document.body["report"], source_in(document.body)
        lost = sum(r["rows"] for r in report["rejects"] if r["reason"] in NO_TIME)
        before = counts.get(source, 0)
        again = report["already_there"] > report["events"]
        counts[source] = max(before, lost) if again else before + lost
    return {source: count for source, count in counts.items() if count}
