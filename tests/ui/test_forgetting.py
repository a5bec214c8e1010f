"""What goes with a customer is said in words, each name once."""

from journey_app.ui.forgetting import MOST_TITLES, texts_said
from journey_app.workspace.theirs import Mention


def batch(title: str, number: int = 1) -> Mention:
    return Mention("batch", f"b{number}", title, 1)


def test_two_saved_texts_of_one_name_are_named_once():
    assert texts_said([batch("x"), batch("x", 2)]) == "2 saved texts, which stay: batch “x” (2 of that name)"
    assert texts_said([batch("x")]) == "a saved text, which stays: batch “x”"


def test_what_is_not_listed_is_counted():
    many = [batch("x"), batch("x", 2), *(batch(f"f{n}", n) for n in range(3, MOST_TITLES + 4))]
    assert texts_said(many).endswith("batch “f13” and 2 more")
