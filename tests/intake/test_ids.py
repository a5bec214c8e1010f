"""One mailbox, one number: the same however it was written, and nobody's where it cannot be one."""

import pytest

from journey_app.intake.ids import address, phone


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ana@Example.COM ", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("Ana Lopez <ana@example.com>", "ana@example.com"),
        ("ana@example.com; bob@example.com", "ana@example.com"),
        ("ana.lopez@googlemail.com", "ana.lopez@gmail.com"),
        ("ana+news@example.com", "ana+news@example.com"),
        ("a.n.a@gmail.com", "a.n.a@gmail.com"),
        ("ana at example.com", None),
        ("@ana", None),
        ("", None),
    ],
)
def test_an_address_is_the_mailbox_it_names(written: str, read: str | None):
    assert address(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+49 30 1234567", "+49301234567"),
        ("+49 (0)30 123-4567", "+49301234567"),
        ("0049 30 / 1234567", "+49301234567"),
        ("(+49) 30.1234567", "+49301234567"),
        ("tel:+49-30-1234567", "+49301234567"),
        ("+1 (555) 010-9999 ext. 12", "+15550109999"),
        ("+1 555 010 9999 x12", "+15550109999"),
        ("030 1234567", "0301234567"),
        ("(030) 123 45 67", "0301234567"),
        ("4.91702E+11", None),
        ("call me", None),
        ("110", None),
        ("0000000", None),
        ("123456789", None),
        ("+4930123456789012345", None),
        ("", None),
    ],
)
def test_a_number_is_its_digits_and_its_country_where_it_says_one(written: str, read: str | None):
    assert phone(written) == read


def test_a_national_number_is_never_given_a_country():
    assert phone("030 1234567") != phone("+49 30 1234567")
