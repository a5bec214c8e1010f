"""Which values does the pattern of a rule fit? Each distinct value is looked at once, within a bound.

RE2 takes time in proportion to a text, but also to the size of the pattern once its repeats are written out,
and DuckDB can be interrupted only between two thousand rows. So a pattern that comes out too large is
refused unseen, and the others are tried on few letters before they are tried on many.
Source: docs/decisions/013-what-does-not-count.md
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import duckdb

from journey_app.errors import BadChoice
from journey_app.vocabulary import LeaveOut

IDS, EVENT, BOT, BUSY, FAST, PROPERTY = "ids", "event", "bot", "busy", "fast", "property:"
LONGEST_PATTERN = 20_000
LOOKING_S, BUILDING_S = 10.0, 30.0  # a person waits for the one; a build must not fail for a busy machine

# What RE2 compiles at most, in instructions, and how many of them a rule may have: a list of ids of
# LONGEST_PATTERN letters has about 30,000. With more, RE2 has no room for its fast way, and a text of 100,000
# letters takes minutes. Measured with DuckDB 2.0: “[0-9]” is one instruction, “.” is 12, “\\pL” 1,563.
_MOST_OF_ALL, MOST_INSTRUCTIONS = 699_000, 35_000
_MOST_A_LETTER = 12  # where nothing is repeated by number and no class of all the world's letters is named
_GROWS = re.compile(r"\{|\\[pP]|\[:")

_A_SEARCH = 32  # letters that cost as much as beginning a search
_FIRST, _PROBE = 1 << 14, 1 << 13  # letters
_BREATH_S = 0.5  # what one query over values shall take, about: a whole one cannot be interrupted
_TELLING_S = 0.5  # after so long what is left can be told from what was done

Run = Callable[[str], list[tuple]]


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def has_pattern(rule: LeaveOut) -> bool:
    """Whether a person's pattern says what this rule takes."""
    return rule.what not in (BOT, BUSY, FAST)


def check_pattern(pattern: str) -> None:
    """Raise BadChoice for a pattern that says nothing, cannot be read or is too large to be looked for."""
    if not pattern or len(pattern) > LONGEST_PATTERN or not is_text(pattern):
        raise BadChoice(
            "The rule says nothing to look for, or too much.", "Give an address, a name or a pattern."
        )
    reason = _unreadable(pattern)
    if reason:
        raise BadChoice(
            f"“{pattern[:60]}” is not a pattern that can be read ({reason}).",
            "Put a backslash before signs that are meant as they are, such as \\( or \\+.",
        )
    if _too_large(pattern):
        raise BadChoice(
            f"“{pattern[:60]}” is too large a pattern: with its repeats written out, looking for it takes too "
            "long.",
            "Repeat less often than {1000}, or leave the repeats away.",
        )


def is_text(text: str) -> bool:
    """Whether a database can hold it."""
    return "\0" not in text and text == text.encode(errors="replace").decode()


@lru_cache(maxsize=1024)
def _unreadable(pattern: str) -> str:
    """Why RE2 cannot read it, empty when it can."""
    try:
        with duckdb.connect(":memory:") as con:
            con.execute("select regexp_matches('', $pattern, 'i')", {"pattern": pattern})
    except duckdb.Error as error:
        return str(error).splitlines()[0].rpartition("Error: ")[2]
    return ""


@lru_cache(maxsize=1024)
def _too_large(pattern: str) -> bool:
    """Whether RE2 has no room for it beside a filling that leaves just MOST_INSTRUCTIONS; takes a second."""
    if not _GROWS.search(pattern) and len(pattern) * _MOST_A_LETTER <= MOST_INSTRUCTIONS:
        return False
    filling = "[0-9]{1000}" * ((_MOST_OF_ALL - MOST_INSTRUCTIONS) // 1000)
    return bool(_unreadable(f"{filling}|{pattern}"))


class Fits:
    """Finds the values that patterns fit, over two relations, and keeps them as temporary tables.

    run: runs a query and fetches its rows. rows, people: as in `cleaning`. name: how the tables begin,
    another for each that lives on one connection.
    """

    def __init__(self, run: Run, rows: str, people: str, budget_s: float, name: str = "fits") -> None:
        self._run, self._rows, self._people = run, rows, people
        self._budget_s, self._name = budget_s, name
        self._conditions: dict[LeaveOut, str] = {}
        self._sets = ""

    def conditions(self, rules: Iterable[LeaveOut]) -> Mapping[LeaveOut, str]:
        """For each of these rules that has a pattern, a condition on a row; never null.

        Raises BadChoice, with the rule, for a pattern that would take too long.
        """
        for rule in rules:
            if has_pattern(rule) and rule not in self._conditions:
                self._conditions[rule] = self._condition(rule, f"{self._name}_{len(self._conditions)}")
        return self._conditions

    def _condition(self, rule: LeaveOut, table: str) -> str:
        if rule.what == IDS:
            self._look(f"select distinct unnest(raw_ids) as value from {self._id_sets()}", rule, table)
            self._run(
                f"""create temp table {table}_sets as select distinct raw_ids
                    from (select raw_ids, unnest(raw_ids) as value from {self._id_sets()})
                    semi join {table} using (value)"""
            )
            return f"coalesce(raw_ids in (select raw_ids from {table}_sets), false)"
        if rule.what == EVENT:
            told = " union ".join(
                f"select distinct {name}::varchar as value from {self._rows}"
                for name in ("raw_event", "event")
            )
            self._look(told, rule, table)
            return f"({_among('raw_event::varchar', table)} or {_among('event::varchar', table)})"
        value = f"{rule.what}::varchar"
        if rule.what.startswith(PROPERTY):
            value = f"json_extract_string(properties, {literal(_pointer(rule.what.removeprefix(PROPERTY)))})"
        self._look(f"select distinct {value} as value from {self._rows}", rule, table)
        return _among(value, table)

    def _id_sets(self) -> str:
        """Every set of ids that a row or a customer has, once: there are far fewer than rows."""
        if not self._sets:
            self._sets = f"{self._name}_id_sets"
            self._run(
                f"""create temp table {self._sets} as
                    select raw_ids from {self._rows} union select raw_ids from {self._people}"""
            )
        return self._sets

    def _look(self, values: str, rule: LeaveOut, table: str) -> None:
        """Make `table`: of these values, those that the rule's pattern fits."""
        told = f"{table}_told"
        self._run(
            f"""create temp table {told} as
                select value, sum(strlen(value) + {_A_SEARCH})
                              over (rows between unbounded preceding and current row)::bigint as upto
                from ({values}) where value is not null"""
        )
        self._run(f"create temp table {table} (value varchar)")
        total = int(self._run(f"select coalesce(max(upto), 0) from {told}")[0][0])
        self._probe(told, rule)
        self._look_bit_by_bit(told, rule, table, total)
        self._run(f"drop table {told}")

    def _probe(self, told: str, rule: LeaveOut) -> None:
        """Try the beginning of the longest value, which is looked at in one piece however long it takes."""
        longest = self._run(f"select strlen(value), value from {told} order by 1 desc limit 1")
        if not longest or longest[0][0] <= _FIRST:
            return
        length, beginning = longest[0][0], literal(longest[0][1][:_PROBE])
        took = self._timed(f"select regexp_matches({beginning}, {literal(rule.matches)}, 'i')")
        if took * length / _PROBE > self._budget_s:
            raise _too_slow(rule)

    def _look_bit_by_bit(self, told: str, rule: LeaveOut, table: str, total: int) -> None:
        done, step, spent = 0, _FIRST, 0.0
        while done < total:
            wanted = min(done + step, total)
            end = int(self._run(f"select min(upto) from {told} where upto >= {wanted}")[0][0])
            took = self._timed(
                f"""insert into {table} select value from {told}
                    where upto > {done} and upto <= {end}
                      and regexp_matches(value, {literal(rule.matches)}, 'i')"""
            )
            spent += took
            a_letter = took / (end - done)
            if spent > _TELLING_S and spent + a_letter * (total - end) > self._budget_s:
                raise _too_slow(rule)
            step = max(min(4 * step, int(_BREATH_S / a_letter)), _FIRST)
            done = end

    def _timed(self, query: str) -> float:
        """How many seconds it took, never 0."""
        started = time.perf_counter()
        self._run(query)
        return max(time.perf_counter() - started, 1e-9)


def _too_slow(rule: LeaveOut) -> BadChoice:
    return BadChoice(
        f"Looking for the pattern of “{rule.reason[:80] or rule.matches[:80]}” takes too long in these data.",
        "Look for a plain part of the text, with fewer repeats such as .* or {100}. A rule that is in force is "
        "taken back on the Clean-up page, or with cleanup remove.",
    )


def _among(value: str, table: str) -> str:
    return f"coalesce({value} in (select value from {table}), false)"


def _pointer(name: str) -> str:
    """Where a property lies, as a JSON pointer, which holds for any name. Source: RFC 6901."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
