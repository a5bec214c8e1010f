"""Which folder does a workspace's title become?"""

from __future__ import annotations

import unicodedata

import pytest

from journey_app.errors import BadChoice
from journey_app.workspace.home import folder_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Möbel & Söhne GmbH", "moebel-soehne-gmbh"),
        ("ÜBER Straße", "ueber-strasse"),
        ("Café Señor", "cafe-senor"),
        ("Ørsted Łódź", "orsted-lodz"),
        ("Acme Tools!", "acme-tools"),
        ("acme_2026-q1", "acme_2026-q1"),
    ],
)
def test_letters_with_marks_are_spelled_out(title, name):
    assert folder_name(title) == name


def test_a_title_typed_on_another_keyboard_is_the_same_folder():
    assert folder_name(unicodedata.normalize("NFD", "Söhne")) == "soehne"


@pytest.mark.parametrize("title", ["Müller & Co", "ä" * 80])
def test_a_folder_s_name_is_its_own_name(title):
    assert folder_name(folder_name(title)) == folder_name(title) and len(folder_name(title)) <= 60


@pytest.mark.parametrize("title", ["", "  ", "!?", "株式会社"])
def test_where_nothing_is_left_it_says_so(title):
    with pytest.raises(BadChoice, match="cannot be the name"):
        folder_name(title)
