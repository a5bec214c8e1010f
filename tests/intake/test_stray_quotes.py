"""Does a stray quotation mark swallow rows, and does text in real quotation marks stay whole?"""

import pytest

from journey_app.errors import BadFile
from journey_app.intake.delimited import row_shape

HEADER = "customer_id,event,timestamp\n"
TIME = "2026-01-01T00:00:00Z"
KEPT = "Rows that a stray quotation mark held together, the first of them row 1,002"


def rows(name, count=1000):
    return "".join(f"{name}{place},visit,{TIME}\n" for place in range(count))


STRAY = {
    "closed 1,000 rows later": (f'c1,"A,{TIME}\n', f'c2,B",{TIME}\n', 1002, 0),
    "never closed": (f'c1,"A,{TIME}\n', f"c2,B,{TIME}\n", 2002, 0),
    "never closed in the last column": (f'c1,A,"{TIME}\n', f"c2,B,{TIME}\n", 2002, 1),
    "never closed in the first column": (f'"c1,A,{TIME}\n', f"c2,B,{TIME}\n", 2002, 0),
    "closed by a mark for inches": (f'c1,"A,{TIME}\n', f'c2,5" pipe,{TIME}\n', 1002, 0),
    "closed where real text opens": (f'c1,"A,{TIME}\n', f'c2,"B, large",{TIME}\n', 1002, 0),
    "never closed in a line cut off": ('c1,"A\n', f"c2,B,{TIME}\n", 2002, 1),
}


@pytest.mark.parametrize("case", STRAY)
def test_rows_behind_a_stray_mark_are_kept_and_counted(read, case):
    first, last, held, rejected = STRAY[case]
    found = read(HEADER + rows("x") + first + rows("y") + last + rows("z"))
    assert found.rows == 3002
    assert (len(found.events), len(found.rejects)) == (3002 - rejected, rejected)
    assert {event["row"] for event in found.events} | {row for row, *_ in found.rejects} == set(
        range(2, 3004)
    )
    (note,) = (note for note in found.prepared.notes if note.startswith("Rows that a stray"))
    assert note.startswith(KEPT) and note.endswith(f": {held:,}.")


def test_the_mark_stays_a_character_and_later_text_in_quotes_stays_whole(read):
    found = read(HEADER + rows("x", 9) + f'c1,"A,{TIME}\n' + rows("y", 3) + f'c2,"B, ""large""",{TIME}\n')
    assert found.names()[9:] == ['"A', "visit", "visit", "visit", 'B, "large"']


def test_a_mark_that_swallows_one_row_is_found(read):
    assert read(HEADER + rows("x", 9) + f'c1,"A,{TIME}\nc2,B",{TIME}\n').names()[9:] == ['"A', 'B"']


def test_a_stretch_longer_than_a_cell_may_be_is_read_as_rows(read):
    found = read(HEADER + rows("x") + f'c1,"A,{TIME}\n' + rows("y", 20_000))
    assert (found.rows, len(found.events)) == (21_001, 21_001)


def test_very_many_stray_marks_are_each_taken_as_they_are(read):
    found = read(HEADER + (f'c1,"A,{TIME}\nc2,B,{TIME}\n') * 3000)
    assert (found.rows, len(found.events)) == (6000, 6000)
    (note,) = (note for note in found.prepared.notes if note.startswith("Rows that a stray"))
    assert "row 2;" in note


def test_a_mark_that_may_be_real_or_not_is_refused_with_its_row(read):
    with pytest.raises(BadFile, match=r"quotation mark in row 1,002 of .* never closes") as refused:
        read(HEADER + rows("x") + 'c1,"A\n' + rows("y") + f'c2,"B, large",{TIME}\n' + rows("z"))
    assert "text editor" in refused.value.do


LEGAL = {
    "an address": "Main Street 5, back door\nSpringfield, Ohio, 45501\nUSA",
    "a comment with commas": "Dear team,\nfirst, second, third\nfourth, fifth, sixth\nbye",
    "rows of another table": "id,name,price\n1,tea,2.50\n2,milk,1.20\n3,bread,4.00",
    "lines without end": "word\n" * 2000,
    "one pasted row": f"see\nc9,visit,{TIME}\nabove",
}


@pytest.mark.parametrize("case", LEGAL)
@pytest.mark.parametrize("order", ["customer_id,event,note,timestamp", "timestamp,customer_id,event,note"])
def test_text_over_several_lines_stays_one_cell(read, case, order):
    cells = {"customer_id": "c1", "event": "visit", "note": f'"{LEGAL[case]}"', "timestamp": TIME}
    line = ",".join(cells[name] for name in order.split(",")) + "\n"
    plain = ",".join({**cells, "note": "fine"}[name] for name in order.split(",")) + "\n"
    found = read(order + "\n" + (plain + line) * 300)
    assert (found.rows, len(found.events)) == (600, 600)
    assert not any("stray" in note for note in found.prepared.notes)


def test_text_cut_off_with_the_file_is_left_as_it_was(read):
    found = read(HEADER + rows("x", 9) + 'c1,"some words\nand, more\nwords')
    assert (found.rows, len(found.rejects)) == (10, 1)


def test_the_shape_of_a_row_is_its_width_and_its_times():
    shape = row_shape([HEADER, *rows("x", 30).splitlines(keepends=True), 'c,"d\n'], ",")
    assert (shape.width, shape.times) == (3, (2,))
    assert shape.fits(f'a,"b, c",{TIME}\n') and shape.fits(f'a,"b,{TIME}\n')
    assert not shape.fits("a,b,c\n") and not shape.fits(f"a,{TIME}\n")
