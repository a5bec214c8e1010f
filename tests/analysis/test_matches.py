from journey_app.analysis.matches import ANYWHERE, match_rates, unlinked_visitors


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


def test_a_sign_up_is_linked_by_a_browser_and_an_earlier_visit_together(diary):
    events = diary("""
        anonymous_id:a     visit  1 09:00
        ana+anonymous_id:a signup 1 09:30
        bob+anonymous_id:b signup 1 09:30
        bob                use    1 09:40
        cyd                visit  1 09:00
        cyd                signup 1 09:30
        dan                signup 1 09:30 system=crm
        anonymous_id:z     visit  1 09:00
    """)
    visitors = unlinked_visitors(events, "signup")
    assert (visitors.product, visitors.anonymous) == (4, 1)
    assert (visitors.signed_up, visitors.unlinked) == (3, 2)  # bob: nothing before; cyd: no browser
    assert visitors.tracked


def test_without_any_browser_id_nothing_could_be_linked(diary):
    visitors = unlinked_visitors(diary("ana visit 1 09:00\nana signup 1 09:30"), "signup")
    assert not visitors.tracked
    assert visitors.signed_up == 1
