"""Do the first bytes of a file say what it is, and a column name never?"""

import pytest

from journey_app.errors import BadFile

NAMES = ("PK", "pk_id", "orchestra", "ORC", "PAR1", "BZhours", "GIF8", "Rar!", "Obj", "MZ", "%PDF")


@pytest.mark.parametrize("name", NAMES)
def test_a_table_whose_first_column_is_called_like_a_format_is_a_table(read, name):
    lines = "".join(f"{n},Signup,2026-03-0{n} 10:00,u{n}\n" for n in range(1, 8))
    found = read(f"{name},event,timestamp,user_id\n{lines}")
    assert found.prepared.header[0] == name and len(found.events) == 7


FORMATS = {
    b"ORC\n\x18\n\x05\n\x00\x12\x01\x08": "an ORC file",
    b"BZh91AY&SY": "a bzip2 archive",
    b"GIF89a\x01\x00": "a GIF picture",
    b"Rar!\x1a\x07\x00": "a RAR archive",
    b"MZ\x90\x00\x03": "a program",
    b"%PDF-1.7\n%": "a PDF document",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xef\xbb\xbf <!doctype HTML><html>": "a web page",
    b"\n<HTML><body>": "a web page",
}


@pytest.mark.parametrize("head", FORMATS, ids=FORMATS.values())
def test_a_file_of_another_format_is_named(read, head):
    with pytest.raises(BadFile, match=f"looks like {FORMATS[head]}"):
        read(head + bytes(range(200)))


def test_an_empty_archive_holds_no_files(read):
    with pytest.raises(BadFile, match="holds no files"):
        read(b"PK\x05\x06" + bytes(18))
