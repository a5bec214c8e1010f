from contextlib import closing

from journey_app.analysis.matches import ANYWHERE, match_rates
from journey_app.vocabulary import CleanUp
from tests.analysis.logs import log
from tests.conftest import diary_rows


def lines(events):
    return {(m.system, m.other): (m.matched, m.customers) for m in match_rates(events)}


def test_who_pays_writes_or_uses_must_be_known_elsewhere_but_a_contact_need_not_pay(diary):
    events = diary("""
        ana           signup   1 09:00 system=product
        ana           contact  1 10:00 system=crm
        ana           paid     3 10:00 system=billing
        bob           signup   1 09:00 system=product
        bob           ticket   2 09:00 system=support
        cyd           ticket   2 09:00 system=support
        dan           contact  2 09:00 system=crm
        anonymous_id:x visit   2 09:00 system=product
    """)
    assert lines(events) == {
        ("billing", "crm"): (1, 1),
        ("billing", "product"): (1, 1),
        ("support", ANYWHERE): (1, 2),
        ("support", "crm"): (0, 2),
        ("support", "product"): (1, 2),
        ("product", "crm"): (1, 2),  # ana and bob; the visitor without a name cannot be a contact
    }


def test_a_system_that_is_not_here_cannot_be_matched(diary):
    events = diary("""
        ana paid   1 09:00 system=billing
        bob ticket 1 09:00 system=support
    """)
    assert lines(events) == {("support", ANYWHERE): (0, 1)}  # billing is one of the places to be known
    assert lines(diary("ana signup 1 09:00")) == {}


def with_people(folder, text, clean_up=None, **systems):
    """A diary, and files of people: system → the user ids they name."""
    people = {system: names.split() for system, names in systems.items()}
    return closing(log(folder, diary_rows(text), clean_up, people))


def test_who_is_only_in_a_file_of_people_has_not_paid_written_or_used_anything(tmp_path):
    told = """
        ana signup 1 09:00 system=product
        ana paid   3 10:00 system=billing
        bob ticket 2 09:00 system=support
    """
    files = {"billing": "ana cyd dan", "support": "bob cyd", "product": "ana dan", "crm": "ana eve"}
    with with_people(tmp_path, told, **files) as events:
        assert lines(events) == {
            ("billing", "crm"): (1, 1),
            ("billing", "product"): (1, 1),
            ("support", ANYWHERE): (0, 1),
            ("support", "crm"): (0, 1),
            ("support", "product"): (0, 1),
            ("product", "crm"): (1, 1),
        }


def test_files_of_people_alone_give_no_rate(tmp_path):
    with with_people(tmp_path, "zoe mail 1 09:00 system=email", billing="ana bob", crm="ana") as events:
        assert lines(events) == {}


def test_a_file_of_people_is_enough_to_be_known_elsewhere(tmp_path):
    with with_people(tmp_path, "ana ticket 1 09:00 system=support", billing="ana") as events:
        assert lines(events) == {("support", ANYWHERE): (1, 1)}


def test_hiding_their_tickets_makes_nobody_less_of_an_author(tmp_path):
    told = "ana ticket 1 09:00 system=support\nana signup 1 08:00\nbob ticket 2 09:00 system=support"
    with with_people(tmp_path, told, CleanUp(hidden=("ticket",)), crm="ana bob") as events:
        assert lines(events)["support", ANYWHERE] == (2, 2)
