r"""Is a backslash before a quotation mark an escape only where it must be one?"""

import pytest

HEADER = "user_id,event,timestamp,plan,properties\n"
JSON_WITH_MARKS = r'"{""name"":""say \""hi\"", ok""}"'  # as RFC 4180 writes {"name":"say \"hi\", ok"}
PLAIN_JSON = '"{""n"":1}"'
AS_JSON = r'{"name":"say \"hi\", ok"}'


def rows(*cells: str) -> str:
    lines = (f"corp\\ana{n},Signup,2026-03-01 10:00,pro,{cell}\n" for n, cell in enumerate(cells, 1))
    return HEADER + "".join(lines)


def ids(found) -> list[str]:
    return [event["raw_ids"][0] for event in found.events]


@pytest.mark.parametrize("with_marks", [{4}, set(range(8)), {399, 900}], ids=["one", "all", "late"])
def test_json_in_doubled_marks_leaves_every_backslash_where_it_is(read, with_marks):
    cells = [JSON_WITH_MARKS if n in with_marks else PLAIN_JSON for n in range(max(with_marks) + 4)]
    found = read(rows(*cells))
    assert found.rejects == [] and len(found.events) == len(cells)
    assert ids(found)[0] == "user_id:corp\\ana1"
    kept = [row["properties"] for _, row in found.prepared.rows_as_they_are({min(with_marks) + 2})]
    assert kept == [AS_JSON]
    assert not any("backslash" in note for note in found.prepared.notes)


@pytest.mark.parametrize("cell", [r'"say \"hi\", ok"', r'"say \"hi\" then"', r'"then say \"hi\""'])
def test_an_escaped_mark_that_first_comes_late_is_understood_in_its_row(read, cell):
    found = read(rows(*[PLAIN_JSON] * 500, cell, *[PLAIN_JSON] * 5))
    assert found.rejects == [] and len(found.events) == 506
    ((_, row),) = found.prepared.rows_as_they_are({502})
    assert row["properties"] == cell[1:-1].replace("\\", "")
    assert ids(found)[-1] == "user_id:corp\\ana506"
    assert "the first of them row 502; it is left out: 1." in " ".join(found.prepared.notes)


def test_a_file_that_escapes_its_marks_is_read_by_them(read):
    found = read(rows(*[r'"{\"name\": \"say \\\"hi\\\", ok\"}"'] * 6).replace("corp\\", "corp\\\\"))
    assert found.rejects == [] and ids(found)[0] == "user_id:corp\\ana1"
    ((_, row),) = found.prepared.rows_as_they_are({2})
    assert row["properties"] == r'{"name": "say \"hi\", ok"}'
