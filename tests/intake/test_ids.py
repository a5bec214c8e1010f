"""One mailbox, one number: the same however it was written, and nobody's where it cannot be one."""

import pytest

from journey_app.intake.ids import address, phone


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ana@Example.COM ", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("Ana Lopez <ana@example.com>", "ana@example.com"),
        ("Ana<ana@example.com>", "ana@example.com"),
        ("<mailto:ana@example.com>", "ana@example.com"),
        ("mailto:ana@example.com?subject=Hi", "ana@example.com"),
        ("Ana@Example.com <ana@example.com>", "ana@example.com"),
        ("'ana@example.com'", "ana@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("ana@example.com; bob@example.com", None),
        ("ana@example.com,bob@example.org", None),
        ("ana@example.com|bob@example.org", None),
        ("ana@example.com/bob@example.org", None),
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


def test_what_is_no_id_of_its_kind_is_counted_and_said(read):
    text = """
        user_id,email,event,time
        ana,"a@x.com,b@y.com",visit,2026-05-01
        ben,ben@x.com,visit,2026-05-02
        cid,n/a,visit,2026-05-03
    """
    found = read(text, map={"customer": "user_id", "email": "email"})
    assert found.column("raw_ids") == [["user_id:ana"], ["user_id:ben", "email:ben@x.com"], ["user_id:cid"]]
    said = [note for note in found.prepared.notes if "no id is taken" in note]
    assert said == [
        "Cells of “email” that are no e-mail address, or name several; no id is taken from them: 1."
    ]


def test_an_id_with_a_control_character_is_none_for_it_would_pass_for_two(read):
    text = "user_id,event,time\na\x1femail:b@x.com,visit,2026-05-01\nana,visit,2026-05-02\n"
    found = read(text, map={"customer": "user_id"})
    assert found.column("raw_ids") == [["user_id:ana"]]
    assert found.rejects == [(2, "user_id", "no customer id")]
    assert any("“user_id” that hold control characters" in note for note in found.prepared.notes)
