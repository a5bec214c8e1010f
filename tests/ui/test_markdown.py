import re

import pytest

from journey_app.ui.markdown import as_typed, md

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
    "[link](http://evil.test)",
    "HTTPS://evil.test, www.evil.test and WWW.evil.test/a?b=c",
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
    assert as_typed(seen) == re.sub(r"\s*[\r\n\u2028\u2029]+\s*", " ", text)


def test_plain_words_and_numbers_stay_as_they_are():
    assert md("Trial started") == "Trial started"
    assert md(3312) == "3312"


# What Streamlit's Markdown looks for in a text once its escapes are gone (mdast-util-gfm-autolink-literal).
LINKED = re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_bare_address_becomes_a_link(text):
    assert not LINKED.search(re.sub(r"\\(.)", r"\1", md(text)))


def test_an_e_mail_address_is_left_as_it_is():
    assert "\u2060" not in md("ana@example.com, http and www of it")
