"""Whose rows may not come back, and what is a batch without them?

Ids are known by keyed hashes only: who reads the workspace's state learns no address from them.
Source: docs/decisions/014-forgetting-one-customer.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HASH_BYTES = 16
TELLING = 8  # letters from which on a value names somebody in any text
GONE = "(forgotten)"
FILE_ENDING = (
    r"(?:csv|tsv|txt|jsonl?|ndjson|xlsx?|zip|gz|parquet|xml|pdf)\b"  # a file may be named after them
)
NO_TEXT = ("event_id", "batch_id", "content_hash", "one_of")  # columns of words that are no texts
AT = re.compile("@|%40")
BEFORE_AT = re.compile(r"(?:[\w.+'-]+B2%)*[\w.+'-]+", re.IGNORECASE)  # of a text read backwards
AFTER_AT = re.compile(r"[\w.-]*\w")
LONGEST = 512  # letters on a side of the @: no id that is kept is longer, a mailbox is 254 (RFC 5321)
# Where an address may begin or end that is glued to words, and how many of the nearest are tried: what
# is tried must not grow with the text.
BEGINS = re.compile("[-_]")
ENDS = re.compile(rf"[-_]|\.(?={FILE_ENDING})", re.IGNORECASE)
MOST_GLUED = 32
LONG = re.compile(rf"[\w.+@-]{{{TELLING},}}?(?=[^\w.+@-]|\.(?:{FILE_ENDING})|$)", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
MOST_WORDS_OF_A_NAME = 5


def spelled_as_it_is(_value: str) -> str | None:
    """For whoever knows no other spellings."""
    return None


@dataclass(frozen=True)
class Forgotten:
    """The ids of people who asked to be forgotten.

    key: the workspace's own. own: hashes of ids that were theirs alone; a row that names one goes.
    shared: of ids that others use too; such a row goes when nobody else is named, else it only loses the id.
    names: of the names they were called by. words: of their long ids, for names of files. others: of ids
    that hold one of theirs in a longer one and are somebody else's. spelled: the one spelling of an address
    or a number, whatever kind of id it stands as; None for what has none.
    """

    key: bytes = b""
    own: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    spelled: Callable[[str], str | None] = spelled_as_it_is

    def __bool__(self) -> bool:
        return bool(self.own or self.shared)

    def without(
        self, tables: Iterable[tuple[pa.Table, pa.Table]], tally: Tally
    ) -> Iterator[tuple[pa.Table, pa.Table]]:
        """The (events, links) that are not theirs; what goes is counted into `tally`."""
        for pair in tables:
            kept = []
            for part in map(self.parted, pair):
                clean, said = self._unsaid(part.kept)
                kept.append(clean)
                tally.stripped += part.stripped
                tally.said += said
                tally.rows |= set(_rows(part.lost))
            yield kept[0], kept[1]

    def parted(self, table: pa.Table) -> Parted:
        """The rows that stay, without shared ids of theirs, and those that go. Texts stay as they are."""
        if not self or not len(table):
            return Parted(table, table.slice(0, 0), 0)
        lists = table["raw_ids"].combine_chunks()
        ids = lists.flatten().dictionary_encode()
        verdicts = np.array([self.verdict(name) for name in ids.dictionary.to_pylist()], dtype=np.int8)
        each = verdicts[ids.indices.to_numpy()] if len(verdicts) else np.empty(0, np.int8)
        owner = pc.list_parent_indices(lists).to_numpy()
        others = np.bincount(owner[each == 0], minlength=len(table)) > 0
        theirs = np.bincount(owner[each == 2], minlength=len(table)) > 0
        named = np.bincount(owner[each == 1], minlength=len(table)) > 0
        lost = theirs | (named & ~others)
        kept = table.filter(pa.array(~lost))
        stripped = int((named & ~lost).sum())
        if stripped:
            keep = (each == 0) & ~lost[owner]
            counts = np.bincount(owner[keep], minlength=len(table))[~lost]
            offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
            column = pa.ListArray.from_arrays(offsets, lists.flatten().filter(pa.array(keep)))
            kept = kept.set_column(
                kept.schema.get_field_index("raw_ids"), kept.schema.field("raw_ids"), column
            )
        return Parted(kept, table.filter(pa.array(lost)), stripped)

    def verdict(self, raw_id: str) -> int:
        """0 somebody else's, 1 shared with one of them, 2 one of them."""
        hashes = hashes_of(self.key, raw_id, self.spelled)
        if not self.own.isdisjoint(hashes):
            return 2
        return 0 if self.shared.isdisjoint(hashes) else 1

    def _unsaid(self, table: pa.Table) -> tuple[pa.Table, int]:
        """The table without their addresses in its texts, and how many rows had one."""
        rows = np.zeros(len(table), bool)
        if not self:
            return table, 0
        for at, column in enumerate(table.schema):
            if not pa.types.is_string(column.type) or column.name in NO_TEXT:
                continue
            texts = table[column.name].combine_chunks()
            may = pc.fill_null(pc.match_substring_regex(texts, "@|%40"), False)
            if not pc.any(may).as_py():
                continue
            clean = texts.to_pylist()
            for row in np.flatnonzero(may.to_numpy(zero_copy_only=False)).tolist():
                said = self.unsaid(clean[row])
                rows[row] |= said != clean[row]
                clean[row] = said
            table = table.set_column(at, column, pa.array(clean, column.type))
        return table, int(rows.sum())

    def unsaid(self, text: str) -> str:
        """A text without their addresses, where they stand by themselves or with a word glued behind."""
        return _each_address(text, lambda token: self._known(token, (0,)))

    def named(self, value: Any) -> Any:
        """A JSON value, such as the name of a file, without their addresses and names.

        Names of files glue words to both sides of an address, which in a text would be another one.
        """
        if isinstance(value, str):
            short = _each_address(value, self._known)
            return self._nameless(LONG.sub(self._wordless, short) if self.words else short)
        if isinstance(value, list):
            return [self.named(each) for each in value]
        if isinstance(value, dict):
            return {name: self.named(each) for name, each in value.items()}
        return value

    def _known(self, token: str, begins: tuple[int, ...] | None = None) -> str:
        """What is left of something that looks like an address; all of it when it is nobody's here."""
        at = AT.search(token)
        assert at is not None, "it looks like an address"
        if hash_of_other(self.key, token) in self.others:
            return token
        if begins is None:
            begins = (0, *[found.end() for found in BEGINS.finditer(token, 0, at.start())][-MOST_GLUED:])
        glued = [found.start() for found in islice(ENDS.finditer(token, at.end()), MOST_GLUED)]
        ends = (len(token), *reversed(glued))
        for begin in begins:
            for end in ends:
                value = token[begin:end].replace("%40", "@").replace("%2B", "+").replace("%2b", "+")
                if self.verdict(f"text:{value}"):
                    return token[:begin] + GONE + token[end:]
        return token

    def _wordless(self, found: re.Match[str]) -> str:
        word = found.group()
        return GONE if hash_of_word(self.key, word) in self.words else word

    def _nameless(self, text: str) -> str:
        if not self.names:
            return text
        words = list(WORD.finditer(text))
        for length in range(MOST_WORDS_OF_A_NAME, 0, -1):
            for at in range(len(words) - length + 1):
                some = words[at : at + length]
                if _hash(self.key, name_text(" ".join(word.group() for word in some))) in self.names:
                    return self._nameless(text[: some[0].start()] + GONE + text[some[-1].end() :])
        return text


def _each_address(text: str, clean: Callable[[str], str]) -> str:
    """A text with `clean` of everything in it that looks like an address.

    It is looked for around each @, never further than LONGEST: the work grows with the text, not with
    its square.
    """
    parts, done = [], 0
    for at in AT.finditer(text):
        if at.start() < done:
            continue
        before = BEFORE_AT.match(text[max(done, at.start() - LONGEST) : at.start()][::-1])
        after = AFTER_AT.match(text, at.end(), at.end() + LONGEST)
        if before and after:
            begin = at.start() - before.end()
            parts += [text[done:begin], clean(text[begin : after.end()])]
            done = after.end()
    return "".join([*parts, text[done:]])


NOBODY = Forgotten()


@dataclass
class Tally:
    """What was left out.

    rows: row numbers of the file, where it still has them. stripped: rows that lost an id. said: rows
    of others that lost an address in a text.
    """

    stripped: int = 0
    said: int = 0
    rows: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Parted:
    """A table without some people. stripped: rows of `kept` that lost an id."""

    kept: pa.Table
    lost: pa.Table
    stripped: int


def _rows(lost: pa.Table) -> list[int]:
    return lost["row"].to_pylist() if "row" in lost.column_names else []


def hashes_of(key: bytes, raw_id: str, spelled: Callable[[str], str | None] = spelled_as_it_is) -> list[str]:
    """The hashes by which an id is known: as it is, and an address or number also whatever kind of id it
    stands as, and however it is spelled."""
    value = raw_id.partition(":")[2]
    texts = [raw_id]
    if "@" in value:
        texts.append(f"*:{value.casefold()}")
    if (one := spelled(value)) is not None:
        texts.append(f"*:{one}")
    return [_hash(key, text) for text in dict.fromkeys(texts)]


def hash_of_other(key: bytes, value: str) -> str:
    """The hash by which somebody else's longer id is known, whatever kind of id it stands as."""
    return _hash(key, f"*:{value.casefold()}")


def hash_of_word(key: bytes, value: str) -> str:
    """The hash by which a long id is known in the name of a file."""
    return _hash(key, f"word:{value.casefold()}")


def hash_of_name(key: bytes, name: str) -> str:
    """The hash by which a name is known, in capitals or not, whatever stands between its words."""
    return _hash(key, name_text(name))


def name_text(name: str) -> str:
    return "name:" + " ".join(word.group() for word in WORD.finditer(name)).casefold()


def _hash(key: bytes, text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=HASH_BYTES).hexdigest()


def telling(value: str) -> bool:
    """Whether a value names somebody in any text: an address, a long id with a digit, not “7” or “rejected”."""
    return "@" in value or (len(value) >= TELLING and any(map(str.isdigit, value)))


def scrubbed(table: pa.Table, clean: Callable[[str], str]) -> tuple[pa.Table, int]:
    """The table with its texts as `clean` leaves them, and how many rows that changed."""
    rows = np.zeros(len(table), bool)
    for at, column in enumerate(table.schema):
        if pa.types.is_string(column.type) and column.name not in NO_TEXT:
            texts = table[column.name].combine_chunks().dictionary_encode()
            before = texts.dictionary.to_pylist()
            after = [None if text is None else clean(text) for text in before]
            differs = np.array([a != b for a, b in zip(before, after, strict=True)], bool)
            if not differs.any():
                continue
            codes = pc.fill_null(texts.indices, 0).to_numpy()
            rows |= differs[codes] & texts.indices.is_valid().to_numpy(zero_copy_only=False)
            table = table.set_column(at, column, pa.array(after, column.type).take(texts.indices))
    return table, int(rows.sum())
