"""Which ids are whole numbers that a tool wrote with “.0”, and what are they without it?

A table with a gap among its integers becomes floats in many tools, and 1001 is then written 1001.0:
the same customer, who would join nobody of another file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from journey_app.intake import cells
from journey_app.intake.plan import Columns, Plan
from journey_app.intake.raw import RawChunk, RawTable
from journey_app.vocabulary import Observation

WITH_FRACTION = r"^\d+\.0$"


def whole_numbers(plan: Plan, sample: Sequence[pa.Array]) -> Columns:
    """The columns of ids in which every filled cell is a whole number with “.0”."""
    return tuple(
        place for place in plan.id_columns if cells.share_matching(sample[place], WITH_FRACTION) == 1.0
    )


def without_fractions(raw: RawChunk, places: Columns) -> RawChunk:
    """The same rows, with whole numbers in these columns as integers."""
    if not places:
        return raw
    columns = list(raw.columns)
    for place in places:
        columns[place] = pc.replace_substring_regex(columns[place], r"^(\s*\d+)\.0(\s*)$", r"\1\2")
    return replace(raw, columns=tuple(columns))


def about_whole_numbers(plan: Plan, raw: RawTable, sample: Sequence[pa.Array]) -> Iterator[Observation]:
    """What is left out of which ids."""
    for place in plan.whole:
        example = sample[place].drop_null()[0].as_py()
        says = (
            f"“{raw.header[place]}” holds whole numbers written like {example}; they are read without “.0”."
        )
        yield Observation("ids", says, "note", "ids without “.0”")
