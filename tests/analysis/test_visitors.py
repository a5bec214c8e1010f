from journey_app.analysis.visitors import unlinked_visitors


def test_a_sign_up_is_linked_by_an_earlier_event_that_carries_their_browser(diary):
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
    visitors = unlinked_visitors(events, ("signup",))
    assert (visitors.product, visitors.anonymous) == (4, 1)
    assert (visitors.signed_up, visitors.unlinked) == (3, 2)  # bob: nothing before; cyd: no browser
    assert (visitors.tracked, visitors.sign_up) == (True, "signup")


def test_neither_a_signed_in_event_nor_a_browser_that_came_later_links_a_visit(diary):
    events = diary("""
        anonymous_id:x     visit    1 09:00
        ana                created  1 09:10
        ana                trial    1 09:20
        ana+anonymous_id:y opened   2 09:00
    """)
    visitors = unlinked_visitors(events, ("trial",))
    assert (visitors.signed_up, visitors.unlinked, visitors.tracked) == (1, 1, True)


def test_a_browser_that_is_somebody_elses_too_links_nobody(diary):
    events = diary("""
        ana+anonymous_id:till visit  1 09:00
        bob+anonymous_id:till visit  1 09:05
        ana                   signup 1 09:30
    """)
    visitors = unlinked_visitors(events, ("signup",))
    assert (visitors.signed_up, visitors.unlinked) == (1, 1)


def test_a_goal_that_begins_with_a_visit_is_asked_about_its_first_step_under_a_name(diary):
    events = diary("""
        anonymous_id:a     viewed 1 09:00
        ana+anonymous_id:a signup 1 09:30
        ana                viewed 1 09:40
        bob                signup 1 09:30
        bob                viewed 1 09:40
        anonymous_id:y     viewed 1 09:00
        anonymous_id:z     viewed 1 09:00
        ana                paid   2 09:00 system=billing
    """)
    from_visit = unlinked_visitors(events, ("viewed", "signup", "paid"))
    assert from_visit == unlinked_visitors(events, ("signup", "paid"))
    assert (from_visit.sign_up, from_visit.signed_up, from_visit.unlinked) == ("signup", 2, 1)
    untold = unlinked_visitors(events, ("viewed", "paid"))
    assert (untold.sign_up, untold.signed_up, untold.unlinked, untold.tracked) == (None, 0, 0, True)


def test_without_any_browser_id_nothing_could_be_linked(diary):
    visitors = unlinked_visitors(diary("ana visit 1 09:00\nana signup 1 09:30"), ("signup",))
    assert not visitors.tracked
    assert visitors.signed_up == 1
