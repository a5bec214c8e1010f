"""Which page does an address name, and what does the default page do with it?"""

from __future__ import annotations

import pytest

from journey_app.ui.frontdoor import page_in


@pytest.mark.parametrize(
    ("url", "base", "page"),
    [
        ("http://host:8501/", "", None),
        ("http://host:8501", "", None),
        (None, "", None),
        ("http://host:8501/funnel", "", "funnel"),
        ("http://host:8501/funnel/?share=x", "", "funnel"),
        ("https://host/journeys/", "journeys", None),
        ("https://host/journeys/welcome", "/journeys/", "welcome"),
        ("https://host/na%C3%AFve", "", "naïve"),
        ("https://host/a/b", "", "a/b"),
        ("https://host/na%C3%AFve/naïve", "", "naïve"),
    ],
)
def test_the_page_is_what_stands_below_the_apps_own_path(url: str | None, base: str, page: str | None):
    assert page_in(url, base) == page
