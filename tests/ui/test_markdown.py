import re

import pytest

from journey_app.ui.markdown import md

HOSTILE = [
    "![x](https://example.com/a.png)",
    "[go](javascript:alert(1))",
    "<img src=https://example.com/a.png>",
    "# title",
    "- item",
    "1. item",
    "`code` **bold** _it_ ~~no~~",
    ":material/face: :red[x] $x^2$",
    "https://example.com and ana@example.com",
    "| a | b |",
    "> quote",
    "&lt;b&gt; \\*",
    "one\n\n# two\r\n- three\u2028![x](y)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_sign_that_markdown_reads_stands_bare(text):
    written = md(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]()<>#!|~$:&@]", written.replace("\\\\", ""))
    assert "\n" not in written and "\r" not in written and "\u2028" not in written


@pytest.mark.parametrize("text", HOSTILE)
def test_the_reader_still_sees_what_was_typed(text):
    seen = re.sub(r"\\(.)", r"\1", md(text))
    assert seen == re.sub(r"\s*[\r\n\u2028\u2029]+\s*", " ", text)


def test_plain_words_and_numbers_stay_as_they_are():
    assert md("Trial started") == "Trial started"
    assert md(3312) == "3312"
