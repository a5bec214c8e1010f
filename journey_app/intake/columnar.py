"""Which rows and columns are in a Parquet file?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from journey_app.errors import BadFile
from journey_app.intake.limits import MEGABYTE, Limits
from journey_app.intake.raw import RawChunk, RawTable, rows_at_once, unique_names
from journey_app.intake.source import Member

DEEPEST = 12
MENDED = "Cells with bytes that are no text, each shown as �"
# Below it, a float is one integer and no other.
WHOLE_UP_TO = {pa.float64(): 2**53, pa.float32(): 2**24}
EXPONENT_FROM = 1e10  # from it on, Arrow writes an exponent, which reads as rounded


def parquet_table(member: Member, limits: Limits) -> RawTable:
    """The table in a Parquet file as text: nested fields with dots, lists as JSON, times as ISO 8601."""
    file = _open(member)
    rows = file.metadata.num_rows
    if rows == 0:
        raise BadFile(
            f"“{member.label}” has column names but no rows.",
            "Export it again with a period that holds data.",
        )
    size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    if size > limits.unpacked_bytes:
        raise BadFile(f"“{member.label}” unpacks to {size // MEGABYTE:,} MB.", "Export a shorter period.")
    flat = _flat(pa.Table.from_batches([], file.schema_arrow))
    names = unique_names(flat.column_names)
    if not 0 < len(names) <= limits.columns:
        raise BadFile(
            f"“{member.label}” has {len(names):,} columns.", f"Export between 1 and {limits.columns:,}."
        )

    def chunks() -> Iterator[RawChunk]:
        done = 0
        try:
            for batch in _open(member).iter_batches(batch_size=rows_at_once(len(names))):
                flat = _flat(pa.Table.from_batches([batch]))
                columns, mended = zip(*(_as_text(column) for column in flat.columns), strict=True)
                numbers = np.arange(done + 1, done + 1 + len(batch), dtype=np.int64)
                done += len(batch)
                counts = {MENDED: sum(mended)} if any(mended) else {}
                yield RawChunk(columns, numbers, counts=counts, share_done=done / rows)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(member.label) from error

    return RawTable(member.label, names, chunks, (), ("Read from Parquet; row numbers count its records.",))


def _open(member: Member) -> Any:
    try:
        return pq.ParquetFile(member.open())
    except (pa.ArrowException, OSError) as error:
        raise _damaged(member.label) from error


def _damaged(label: str) -> BadFile:
    return BadFile(f"“{label}” is a damaged Parquet file.", "Export it again and import the new file.")


def _flat(table: pa.Table) -> pa.Table:
    for _ in range(DEEPEST):
        if not any(pa.types.is_struct(field.type) for field in table.schema):
            break
        table = table.flatten()
    return table


def _as_text(column: pa.ChunkedArray) -> tuple[pa.Array, int]:
    """A column of any type as text, nulls empty; and how many cells held bytes that are no text."""
    array = column.combine_chunks()
    kind, mended = array.type, 0
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_timestamp(kind):
        array = _iso(array)
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        array, mended = _in_json(array)
    elif pa.types.is_floating(kind):
        array = _number(array)
    else:
        array, mended = _valid(pc.cast(array, pa.string()))
    return pc.fill_null(array, ""), mended


def _valid(texts: pa.Array) -> tuple[pa.Array, int]:
    """Texts that are texts, as a file may only claim; and how many cells had to be mended."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        written = texts.cast(pa.binary())
        read = [None if cell is None else cell.decode("utf-8", "replace") for cell in written.to_pylist()]
        mended = pa.array(read, pa.string())
        return mended, pc.sum(pc.not_equal(mended.cast(pa.binary()), written)).as_py()
    return texts, 0


def _in_json(array: pa.Array) -> tuple[pa.Array, int]:
    """Lists and objects as JSON, bytes as the text they are; and how many cells had to be mended."""
    try:
        return pa.array([_json(value) for value in array.to_pylist()], pa.string()), 0
    except UnicodeDecodeError:
        texts = [_json(value) for value in array.cast(_as_bytes(array.type)).to_pylist()]
        return pa.array(texts, pa.string()), sum("\\ufffd" in text for text in texts)


def _as_bytes(kind: pa.DataType) -> pa.DataType:
    """The same lists and objects, their texts taken for bytes."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.binary()
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_as_bytes(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_as_bytes(kind.key_type), _as_bytes(kind.item_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_as_bytes(kind.value_type))
    return kind


def _number(array: pa.Array) -> pa.Array:
    """Floats as a person writes them: whole ones as integers, since a gap makes integers floats.

    Where a float can no longer tell two integers apart, its exponent stays and says so.
    """
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    apart = WHOLE_UP_TO[array.type]
    sized = pc.fill_null(pc.less(pc.abs(array), apart), False)
    whole = pc.and_(sized, pc.fill_null(pc.equal(pc.round(array), array), False))
    integers = pc.cast(pc.if_else(whole, array, pa.scalar(0, array.type)), pa.int64())
    text = pc.if_else(whole, pc.cast(integers, pa.string()), pc.cast(array, pa.string()))
    long = pc.and_(pc.and_not(sized, whole), pc.greater_equal(pc.abs(array), EXPONENT_FROM))
    if not pc.any(long).as_py():
        return text
    written = pa.array([repr(value) for value in array.filter(long).to_pylist()], pa.string())
    return pc.replace_with_mask(text, pc.fill_null(long, False), written)


def _iso(array: pa.Array) -> pa.Array:
    """Moments as ISO 8601 to the microsecond; with “Z” where the file says they are UTC."""
    moments = array.cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False)
    text = pa.array(np.datetime_as_string(moments, unit="us"), pa.string())
    text = pc.if_else(pc.is_null(array), pa.scalar(None, pa.string()), text)
    return pc.binary_join_element_wise(text, "Z", "") if array.type.tz else text


def _json(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
