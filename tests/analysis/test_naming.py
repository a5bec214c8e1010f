"""Names that only case, spacing, underscores or a plural tell apart are one event; a tool's own are nobody's."""

from journey_app.analysis.naming import Suggestion, suggestions


def test_ways_to_write_one_event_are_found_and_the_readable_one_is_offered():
    found = suggestions(
        [("sign_up", 90), ("Sign Up", 5), ("signUp", 3), ("Signups", 1), ("visit", 7), ("visits", 2)]
    )
    assert found == (
        Suggestion(("sign_up", "Sign Up", "signUp", "Signups"), "Sign Up", "only a plural tells them apart"),
        Suggestion(("visit", "visits"), "visit", "only a plural tells them apart"),
    )


def test_a_tools_own_names_are_renamed_or_hidden():
    found = {
        each.events: each.name for each in suggestions([("$pageview", 9), ("$autocapture", 8), ("pay", 1)])
    }
    assert found == {("$pageview",): "Page viewed", ("$autocapture",): None}


def test_different_events_stay_apart():
    assert (
        suggestions(
            [("pass", 3), ("pas", 2), ("access", 2), ("a", 1), ("A b", 1), ("", 1), ("—", 1), ("…", 1)]
        )
        == ()
    )
