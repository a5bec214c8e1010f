"""What does not count is gone from every question, exactly as was promised, and comes back when it is taken back."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_app.analysis.catalog import catalog, totals
from journey_app.analysis.customer import find_customers
from journey_app.analysis.goal import measure_goal
from journey_app.analysis.series import clock_at
from journey_app.errors import BadChoice, NothingYet, StaleEdit, UnknownName
from journey_app.plain import to_plain
from journey_app.settings import Settings
from journey_app.stats.rates import rate
from journey_app.vocabulary import Change, CleanUp, Goal, LeaveOut, Measure, Sprint
from journey_app.workspace import cleaning, decisions, edits, left_out, tidying
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files, undo
from journey_app.workspace.shaping import CLEAN_UP
from tests.workspace.conftest import NOW

HEAD = "user_id,email,event,timestamp,device,user_agent,plan\n"
LOG = HEAD + "".join(
    f"{line}\n"
    for line in (
        "u1,ana@north.com,visit,2026-03-02 09:00:00,mobile,Mozilla/5.0 (iPhone),free",
        "u1,ana@north.com,Sign Up,2026-03-02 09:05:00,mobile,Mozilla/5.0 (iPhone),free",
        "u1,ana@north.com,pay,2026-03-03 09:05:00,mobile,Mozilla/5.0 (iPhone),pro",
        "u2,bob@acme.com,visit,2026-03-02 10:00:00,desktop,Mozilla/5.0,free",
        "u2,bob@acme.com,sign_up,2026-03-02 10:01:00,desktop,Mozilla/5.0,free",
        "u3,,visit,2026-03-02 11:00:00,desktop,Mozilla/5.0 (compatible; Googlebot/2.1),free",
        "u3,,pay,2026-03-02 11:00:01,desktop,Mozilla/5.0 (compatible; Googlebot/2.1),free",
        "u4,,visit,2026-03-04 11:00:00,desktop,CUBOT_NOTE Build/X Chrome,test",
        "u4,,$autocapture,2026-03-04 11:01:00,desktop,CUBOT_NOTE Build/X Chrome,test",
    )
)
ACME = LeaveOut("ids", r"@acme\.com$", "Colleagues")


def keep(space, clean_up, *, carry=False, based_on=None):
    _held, version = cleaning.clean_up_of(space)
    version = version if based_on is None else based_on
    return tidying.save_clean_up(space, clean_up, based_on=version, carry=carry, author="ana", now=NOW)


def events_of(space):
    return {each.event: each.count for each in catalog(space.events())}


@pytest.fixture
def shop(space, put):
    put(space, LOG)
    return space


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("rule", "events", "customers"),
    [
        (ACME, 2, 1),
        (LeaveOut("ids", "^user_id:u[24]$", "list"), 4, 2),
        (LeaveOut("bot", "", "bots"), 2, 1),
        (LeaveOut("event", "^pay$", "event", whole_customer=False), 2, 0),
        (LeaveOut("event", "^pay$", "payers"), 5, 2),
        (LeaveOut("device", "^mobile$", "field"), 3, 1),
        (LeaveOut("property:plan", "^test$", "property"), 2, 1),
        (LeaveOut("property:plan", "^pro$", "property", whole_customer=False), 1, 0),
        (LeaveOut("ids", "nobody", "nobody"), 0, 0),
    ],
)
def test_a_rule_takes_what_it_promised_and_gives_it_back(shop, rule, events, customers):
    before = totals(shop.events())
    promised = cleaning.effect_of(shop, CleanUp((rule,)))
    assert (promised.events, promised.customers) == (events, customers)
    (alone,) = cleaning.counted(shop, [rule])
    assert (alone.takes.events, alone.takes.customers) == (events, customers)
    built = keep(shop, CleanUp((rule,)))
    after = totals(shop.events())
    assert (before.events - after.events, before.customers - after.customers) == (events, customers)
    assert built.customers == after.customers
    (still,) = cleaning.counted(shop, [rule])
    assert still.takes == alone.takes, "a rule in force says what it takes, not what it would still take"
    keep(shop, CleanUp())
    assert totals(shop.events()) == before


def test_too_many_events_for_a_person_are_suspected_and_not_left_out(space, put):
    fast = "".join(f"robot,,tick,2026-03-05 10:00:{n % 60:02d},desktop,,free\n" for n in range(80))
    put(space, LOG + fast)
    before = totals(space.events())
    found = {each.rule.what: each.takes for each in cleaning.suspicions(space)}
    assert found["fast"].events == 80 and found["fast"].customers == 1
    assert found["bot"].customers == 1 and "busy" not in found
    assert totals(space.events()) == before
    keep(space, CleanUp((LeaveOut("fast", "60", "fast"),)))
    assert totals(space.events()).events == before.events - 80
    assert "fast" not in {each.rule.what for each in cleaning.suspicions(space)}


def test_whoever_left_is_no_customer_any_more(shop):
    keep(shop, CleanUp((ACME,)))
    assert find_customers(shop.events(), "acme.com") == ()
    assert find_customers(shop.events(), "north.com")[0].events == 3


def test_whoever_left_is_found_with_the_rule_and_the_way_back(shop):
    assert left_out.who_is_left_out(shop, "acme.com") == ()
    bots = LeaveOut("bot", "", "Bots")
    keep(shop, CleanUp((bots, ACME, LeaveOut("ids", "^user_id:u2$", "Test accounts"))))
    (bob,) = left_out.who_is_left_out(shop, "BOB@acme")
    assert left_out.why_left_out(bob) == (
        "bob@acme.com is left out by rule 2, “Colleagues” and by rule 3, “Test accounts”."
    )
    assert left_out.who_is_left_out(shop, "north.com") == () == left_out.who_is_left_out(shop, " ")
    with pytest.raises(BadChoice, match=r"cleanup remove 1"):
        left_out.insist_not_left_out(shop, "u3")
    left_out.insist_not_left_out(shop, "u1")


def test_whoever_did_only_what_is_hidden_is_found_too(shop):
    keep(shop, CleanUp(hidden=("visit", "sign_up")))
    (bob,) = left_out.who_is_left_out(shop, "u2")
    assert (bob.rules, bob.hidden) == ((), True)
    assert left_out.why_left_out(bob) == "bob@acme.com is left out by hiding all that they did."


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (LeaveOut("ids", "(", "x"), "not a pattern"),
        (LeaveOut("ids", "(?<=a)b", "x"), "not a pattern"),
        (LeaveOut("ids", "", "x"), "says nothing"),
        (LeaveOut("colour", "red", "x"), "no field “colour”"),
        (LeaveOut("property:", "red", "x"), "no field"),
        (LeaveOut("busy", "many", "x"), "not a number"),
        (LeaveOut("fast", "1", "x"), "not a number"),
    ],
)
def test_a_rule_that_cannot_be_asked_is_a_sentence(shop, rule, said):
    for ask in (cleaning.effect_of, lambda space, clean_up: keep(space, clean_up)):
        with pytest.raises(BadChoice, match=re.escape(said)):
            ask(shop, CleanUp((rule,)))
    assert cleaning.clean_up_of(shop) == (CleanUp(), 0)


TOO_LARGE = LeaveOut("text", ".{1000}.{1000}.{1000}", "Long texts")


def stored_before_patterns_were_bounded(space):
    space.save(CLEAN_UP, CLEAN_UP, to_plain(CleanUp((ACME, TOO_LARGE))), based_on=0, author="ana", now=NOW)


def test_a_pattern_that_takes_too_long_is_a_sentence_everywhere(shop):
    for ask in (cleaning.effect_of, lambda space, clean_up: keep(space, clean_up)):
        with pytest.raises(BadChoice, match="too large a pattern"):
            ask(shop, CleanUp((TOO_LARGE,)))
    assert cleaning.clean_up_of(shop) == (CleanUp(), 0)


def test_a_rule_stored_before_that_takes_too_long_stops_builds_with_a_sentence_and_is_taken_back(shop, put):
    stored_before_patterns_were_bounded(shop)
    with pytest.raises(BadChoice, match="too large a pattern"):
        shop.events()
    with pytest.raises(BadChoice, match="too large a pattern"):
        put(shop, HEAD + "u9,,visit,2026-03-09 09:00:00,,,\n", "b.csv")
    colleagues, too_large = cleaning.counted(shop, (ACME, TOO_LARGE))
    assert colleagues.takes is not None and too_large.takes is None
    assert "too large a pattern" in too_large.trouble == cleaning.in_the_way(shop)
    with pytest.raises(NothingYet):
        keep(shop, CleanUp((ACME, TOO_LARGE), {"pay": "Paid"}))
    keep(shop, edits.removing(cleaning.clean_up_of(shop)[0], 2))
    assert cleaning.in_the_way(shop) == "" and totals(shop.events()).events == 7


def test_leaving_out_everything_is_refused(shop):
    version = shop.version
    with pytest.raises(BadChoice, match="Not one event would be left"):
        keep(shop, CleanUp((LeaveOut("ids", ".", "all"),)))
    assert shop.version == version


def test_before_the_first_import_there_is_nothing_to_clean(space):
    with pytest.raises(NothingYet, match="no events here yet"):
        keep(space, CleanUp((ACME,)))


def test_a_clean_up_is_taken_back_without_any_data_and_nothing_new_is_decided(shop):
    held = CleanUp((ACME,), {"sign_up": "Sign Up"}, ("pay",))
    keep(shop, held)
    undo(shop, shop.batches()[0].doc_id, author="ana", now=NOW)
    assert [each.takes.events for each in cleaning.counted(shop, held.leave_out)] == [0]
    assert edits.raws_of(cleaning.raw_names(shop), "Sign Up") == ["sign_up"]
    more = (edits.adding(held, LeaveOut("bot", "", "Bots")), edits.hiding(held, ["visit"]))
    for new in (*more, edits.renamed(held, ["visit"], "Visit")):
        with pytest.raises(NothingYet, match="no events here yet"):
            keep(shop, new)
    for back in (
        edits.removing(held, 1),
        CleanUp((), {"sign_up": "Sign Up"}),
        CleanUp(),
    ):
        keep(shop, back)
        assert (cleaning.clean_up_of(shop)[0], shop.version) == (back, None)


def test_a_name_that_the_goal_uses_is_taken_back_without_any_data_only_with_the_goal(shop):
    keep(shop, CleanUp(names={"sign_up": "Joined", "Sign Up": "Sign Up!"}))
    with_goal(shop, ("visit", "Joined", "pay"))
    undo(shop, shop.batches()[0].doc_id, author="ana", now=NOW)
    with pytest.raises(BadChoice, match="“Joined” is used in the goal"):
        keep(shop, CleanUp(names={"Sign Up": "Sign Up!"}))
    keep(shop, CleanUp(names={"Sign Up": "Sign Up!"}), carry=True)
    assert decisions.goal(shop).value.steps == ("visit", "sign_up", "pay")


def test_odd_patterns_and_names_are_only_text(shop):
    odd = "'); drop table events; --"
    keep(shop, CleanUp((LeaveOut("event", re.escape(odd), odd, whole_customer=False),), {"visit": odd}, ()))
    assert odd not in events_of(shop), "the rule looks at the new name as well"
    keep(shop, CleanUp((), {"visit": odd, "pay": 'a"b\\'}, ()))
    assert events_of(shop)[odd] == 4 and events_of(shop)['a"b\\'] == 2


def test_the_batches_stay_as_they_are_and_a_later_import_is_cleaned_too(shop, put):
    files = {f.name: f.read_bytes() for f in shop.batch_files.folder.iterdir()}
    keep(shop, CleanUp((ACME,), {"sign_up": "Sign Up"}))
    assert {f.name: f.read_bytes() for f in shop.batch_files.folder.iterdir()} == files
    done = put(
        shop,
        HEAD + "u9,kim@acme.com,sign_up,2026-03-09 09:00:00,,,\nu8,,sign_up,2026-03-09 09:00:00,,,\n",
        "b.csv",
    )
    assert (done.events, done.customers) == (8, 4)
    assert events_of(shop)["Sign Up"] == 2


# ---------------------------------------------------------------- names


def test_events_are_renamed_merged_hidden_and_stay_findable(shop):
    merged = edits.renamed(CleanUp(), ["sign_up"], "Sign Up")
    hidden = edits.hiding(edits.renamed(merged, ["$autocapture"], "Clicks"), ["Clicks"])
    keep(shop, hidden)
    assert events_of(shop) == {"visit": 4, "Sign Up": 2, "pay": 2}
    names = {name.raw: (name.shown, name.hidden, name.events) for name in cleaning.raw_names(shop)}
    assert names["sign_up"] == ("Sign Up", False, 1) and names["$autocapture"] == ("Clicks", True, 1)
    assert edits.raws_of(cleaning.raw_names(shop), "Sign Up") == ["Sign Up", "sign_up"]
    back = edits.unhiding(edits.renamed(hidden, ["sign_up"], "sign_up"), ["Clicks"])
    keep(shop, back)
    assert events_of(shop)["sign_up"] == 1 and events_of(shop)["Clicks"] == 1
    with pytest.raises(UnknownName, match="No hidden event is called “Clicks”"):
        edits.unhiding(back, ["Clicks"])
    with pytest.raises(UnknownName, match="Did you mean"):
        edits.raws_of(cleaning.raw_names(shop), "sign_upp")


def test_renaming_moves_nothing_among_equal_times(space, put):
    put(space, HEAD + "".join(f"u1,,{e},2026-03-02 09:00:00,,,\n" for e in ("b", "a", "c")))

    def order():
        table = space.events().table
        return space.events().run(table.order_by("position").select("event"))["event"].to_pylist()

    before = order()
    keep(space, CleanUp(names={"b": "z"}))
    assert order() == ["z" if name == "b" else name for name in before]


# ---------------------------------------------------------------- goal and sprints


def with_goal(space, steps=("visit", "Sign Up", "pay")):
    measure = Measure("Paying", steps[0], steps[-1], timedelta(days=7))
    start = rate(1, 3)
    goal = Goal(measure, steps, start, 0.5, date(2026, 12, 31), date(2026, 3, 20))
    decisions.save_goal(space, goal, based_on=0, author="ana", now=NOW)
    change = Change(
        1, "t", "o", "h", Measure("m", "Sign Up", "pay", timedelta(days=1)), 0.5, "S", date(2026, 4, 6)
    )
    sprint = Sprint("sprint-1", date(2026, 4, 6), goal, (change,))
    decisions.save_sprint(space, sprint, based_on=0, author="ana", now=NOW)
    return goal


def test_a_name_the_goal_uses_is_carried_or_the_renaming_is_refused(shop):
    with_goal(shop)
    wanted = edits.renamed(CleanUp(), ["Sign Up"], "Registered")
    assert {use.place for use in tidying.uses(shop, wanted)} == {"the goal", "the sprint of 2026-04-06"}
    with pytest.raises(BadChoice, match="is used in the goal and the sprint of 2026-04-06"):
        keep(shop, wanted)
    assert events_of(shop)["Sign Up"] == 1
    keep(shop, wanted, carry=True)
    assert decisions.goal(shop).value.steps == ("visit", "Registered", "pay")
    sprint = decisions.sprints(shop)[0].value
    assert sprint.goal.steps[1] == sprint.changes[0].measure.start == "Registered"
    keep(shop, CleanUp(), carry=True)
    assert decisions.goal(shop).value.steps == ("visit", "Sign Up", "pay"), "taking it back carries back"


@pytest.mark.parametrize(
    "clean_up",
    [
        CleanUp(hidden=("pay",)),
        CleanUp((LeaveOut("event", "^pay$", "x", whole_customer=False),)),
        CleanUp((LeaveOut("event", "^Sign Up$", "x"),)),
    ],
)
def test_a_step_that_would_be_gone_is_refused(shop, clean_up):
    with_goal(shop)
    with pytest.raises(BadChoice, match="it would be gone"):
        keep(shop, clean_up, carry=True)
    assert totals(shop.events()).events == 9


def test_two_steps_may_not_become_one(shop):
    with_goal(shop)
    with pytest.raises(BadChoice, match="would both be “visit”"):
        keep(shop, CleanUp(names={"pay": "visit"}), carry=True)


def test_merging_something_into_a_step_needs_no_carrying(shop):
    with_goal(shop)
    keep(shop, CleanUp(names={"sign_up": "Sign Up"}))
    assert events_of(shop)["Sign Up"] == 2


def test_the_goal_as_it_would_be_is_the_goal_as_it_is_then(shop):
    goal = with_goal(shop)
    wanted = CleanUp((LeaveOut("bot", "", "bots"),), {"sign_up": "Sign Up"})

    def measured(events):
        return measure_goal(events, goal.measure, clock=clock_at(events, goal.steps, date(2026, 3, 20)))

    before = measured(shop.events())
    with cleaning.as_if(shop, wanted) as then:
        promised = measured(then)
    keep(shop, wanted)
    assert measured(shop.events()) == promised != before


# ---------------------------------------------------------------- several people


def test_two_who_clean_at_once_are_both_kept(shop):
    keep(shop, CleanUp((ACME,)))
    version = shop.version
    with pytest.raises(StaleEdit, match="ana saved this clean_up while you were editing"):
        keep(shop, CleanUp(names={"pay": "Paid"}), based_on=0)
    assert shop.version == version and cleaning.clean_up_of(shop) == (CleanUp((ACME,)), 1)
    keep(shop, CleanUp())
    assert [held.value for held in cleaning.clean_up_history(shop)] == [CleanUp((ACME,)), CleanUp()]


# ---------------------------------------------------------------- by hand

PEOPLE, NAMES, DEVICES = ("u1", "u2", "u3", "a@x.com"), ("a", "A", "b", "c"), ("mobile", "bot", "")
ROWS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(NAMES), st.integers(0, 30), st.sampled_from(DEVICES)),
    min_size=1,
    max_size=40,
)
RULES = st.lists(
    st.builds(
        LeaveOut,
        st.sampled_from(["ids", "event", "device", "bot"]),
        st.sampled_from(["^[^:]*:u1$", "^a$", "^b", "mobile", ":u"]),
        st.just("r"),
        st.booleans(),
    ),
    max_size=3,
)
CALLED = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["a", "b", "z"]), max_size=3)
HIDDEN = st.lists(st.sampled_from(["a", "b", "z"]), max_size=2, unique=True).map(tuple)


def matches(rule, row, shown):
    who, name, _minute, device = row
    if rule.what == "bot":
        return device == "bot"
    values = {"ids": [f"user_id:{who}"], "event": [name, shown], "device": [device]}[rule.what]
    return any(value and re.search(rule.matches, value, re.IGNORECASE) for value in values)


def by_hand(rows, clean_up):
    """Rows that are left, shown, and customers that are left."""
    told = [(row, clean_up.names.get(row[1], row[1])) for row in rows]
    gone = {
        row[0]
        for rule in clean_up.leave_out
        if rule.whole_customer
        for row, shown in told
        if matches(rule, row, shown)
    }
    left = [
        (row, shown)
        for row, shown in told
        if row[0] not in gone
        and shown not in clean_up.hidden
        and not any(not r.whole_customer and matches(r, row, shown) for r in clean_up.leave_out)
    ]
    return sorted((row[0], shown) for row, shown in left), {row[0] for row, _shown in left}


@settings(max_examples=25)
@given(rows=ROWS, rules=RULES, names=CALLED, hidden=HIDDEN)
def test_preview_snapshot_and_the_slow_twin_agree(tmp_path_factory, rows, rules, names, hidden):
    folder = tmp_path_factory.mktemp("clean")
    space = open_workspace("acme", Settings(home=folder / "home"), create=True, now=NOW)
    text = "user_id,event,timestamp,device\n" + "".join(
        f"{who},{name},2026-03-02 09:{minute:02d}:{n:02d},{device}\n"
        for n, (who, name, minute, device) in enumerate(rows)
    )
    (folder / "log.csv").write_text(text)
    import_files(space, [(folder / "log.csv", "log.csv")], author="t", now=NOW)
    clean_up = CleanUp(tuple(rules), names, hidden)
    expected, people = by_hand(rows, clean_up)
    effect = cleaning.effect_of(space, clean_up)
    assert (effect.after.events, effect.after.customers) == (len(expected), len(people))
    if not expected:
        return
    keep(space, clean_up)
    events = space.events()
    joined = events.table.join(events.customers, "customer_id").select("key", "event")
    found = sorted((r["key"].partition(":")[2], r["event"]) for r in events.run(joined).to_pylist())
    assert found == expected
    assert totals(events).customers == len(people)
    with cleaning.as_if(space, CleanUp()) as everything:
        assert everything.held().events == len(rows)
    assert len(list(itertools.chain(cleaning.raw_names(space)))) == len({row[1] for row in rows})
