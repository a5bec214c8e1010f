"""The Import page: drop, answer, store, take back; nothing is stored before it is confirmed."""

from __future__ import annotations

import pytest

from journey_app.ui import uploads
from journey_app.ui.tray import Drop, Tray
from journey_app.vocabulary import Grade
from journey_app.workspace import decisions
from journey_app.workspace.forgetting import forget
from journey_app.workspace.importing import import_files, undo
from tests.ui.dialogs import open_dialog
from tests.ui.page_home import NOW, ROOT, open_page

pytestmark = pytest.mark.xdist_group("pages")
LOG = b"user_id,event,timestamp\nzoe,Came back,2026-11-20 09:00\nzoe,Left again,2026-11-21 10:00\n,Lost,2026-11-21\n"
DATES = b"id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n"
ADS = b'Campaign report\n"1 - 2 November 2026"\nDay,Campaign,Currency code,Cost,Impr.,Clicks\n' + (
    b"2026-11-01,Brand,EUR,12.50,900,30\n2026-11-02,Brand,EUR,11.00,800,28\n"
)
NO_CURRENCY = ADS.replace(b"Currency code", b"Note")
FOREIGN = b"wer;was;datum_zeit\nana;Kauf;2026-03-01 10:00\nbob;Kauf;2026-03-02 11:00\n"


@pytest.fixture
def page(monkeypatch, tmp_path):
    return lambda **how: open_page(monkeypatch, tmp_path, "import", **how)


def drop(opened, *files):
    uploader = opened.app.file_uploader[0]
    for name, content in files:
        uploader.upload(name, content)
    uploader.run()
    assert not opened.app.exception, [each.value for each in opened.app.exception]


def orders(opened):
    return next(each for each in opened.app.segmented_control if each.label == "How dates are written")


def held(opened):
    return [document.body["report"]["file"] for document in opened.space.batches()]


def test_it_says_what_is_in_force_and_how_well_it_joins(page):
    said = page().words()
    assert "customers are in force" in said and "Zendesk · tickets" in said
    assert "below the 80% it needs" in said


def test_how_well_it_joins_is_said_of_places_that_are_ours(page):
    def without_support(space):
        absent = Grade("support", None, not_ours=True)
        decisions.save_grade(space, absent, based_on=0, author="Lena", now=NOW)

    opened = page(change=without_support)
    assert "support" not in opened.words().split("Imports in force")[0]
    drop(opened, ("log.csv", LOG))
    assert "support ↔" not in opened.words() and "The poorest match rate" in opened.words()


def test_a_dropped_file_is_shown_as_events_and_not_stored(page):
    opened = page()
    before = held(opened)
    drop(opened, ("log.csv", LOG))
    said = opened.words()
    assert "One file is ready. 2 new events." in said and "from 1 customer" not in said
    assert "Came back" in said and "no customer id" in said and "1 row will not be used" in said
    assert held(opened) == before


def test_storing_is_one_button_named_after_what_it_does(page):
    opened = page()
    drop(opened, ("log.csv", LOG))
    opened.click("Store 2 events")
    assert "log.csv" in held(opened)
    said = opened.words()
    assert "Stored 2 new events" in said and "1 row not used" in said
    assert any(button.label == "Check what can be trusted" for button in opened.app.button)


def test_the_button_stores_though_somebody_changed_the_data_meanwhile(page):
    opened = page()
    drop(opened, ("log.csv", LOG))
    first = opened.space.batches()[0].doc_id
    undo(opened.space, first, author="Ana", now=NOW)
    opened.click("Store 2 events")
    assert "log.csv" in held(opened) and "Stored 2 new events" in opened.words()


def test_what_kind_of_place_an_unknown_log_counts_for_is_chosen_on_its_card(page):
    opened = page()
    drop(opened, ("log.csv", LOG))
    (place,) = [each for each in opened.app.selectbox if each.label == "Its events count for"]
    assert place.value == "product"
    place.set_value("support").run()
    (place,) = [each for each in opened.app.selectbox if each.label == "Its events count for"]
    assert place.value == "support"
    opened.button("Store 2 events").click().run()
    assert opened.space.batches()[-1].body["system"] == "support"


def test_a_list_of_customers_is_said_to_be_one_with_one_click(page):
    opened = page()
    before = len(held(opened))
    drop(
        opened,
        ("customers.csv", b"customer_id,name,email\nk1,Zoe M,zoe@example.com\nk2,Ben K,ben@example.com\n"),
    )
    assert "not what happened when" in opened.words()
    opened.click("It says who is who")
    assert "2 rows about which ids are one person" in opened.words()
    store = next(button for button in opened.app.button if button.label.startswith("Store"))
    store.click().run()
    assert len(held(opened)) == before + 1


def test_the_same_file_again_stores_nothing_new(page):
    opened = page()
    drop(opened, ("log.csv", LOG))
    opened.click("Store 2 events")
    drop(opened, ("log.csv", LOG))
    assert "All of it was imported before." in opened.words()
    assert opened.button("Nothing new to store").disabled


def test_a_question_waits_in_its_band_and_the_answer_is_remembered(page):
    opened = page()
    drop(opened, ("dates.csv", DATES))
    assert "written day first or month first?" in opened.words() and "(a guess)" in opened.words()
    assert opened.button("Answer the question first").disabled
    orders(opened).set_value("mdy").run()
    opened.click("Use this")
    assert "(a guess)" not in opened.words() and "4\u00a0Mar" in opened.words()
    opened.click("Store 2 events")
    drop(opened, ("later.csv", DATES + b"3,c,07/08/2026\n"))
    assert "written day first or month first?" not in opened.words()
    assert "Read like last time (recipe of " in opened.words()


def test_unknown_columns_are_named_by_a_person_once(page):
    opened = page()
    drop(opened, ("log.csv", FOREIGN))
    assert "needs its columns named" in opened.words()
    opened.field("selectbox", "Customer: who did it").set_value("wer")
    opened.field("selectbox", "Event: what happened").set_value("was")
    opened.click("Read it so")
    assert "One file is ready. 2 new events." in opened.words()
    opened.click("Store 2 events")
    kept = [document.body for document in opened.space.store.list("recipe")]
    assert [body["answers"]["map"] for body in kept] == [{"customer": "wer", "event": "was"}]


def test_reading_without_a_customer_says_what_is_missing_and_what_to_do(page):
    opened = page()
    drop(opened, ("log.csv", FOREIGN))
    opened.field("selectbox", "Event: what happened").set_value("was")
    opened.click("Read it so")
    said = opened.words().replace("\\", "")
    assert "No column was chosen for the customer (who did it), so nothing changed." in said
    assert "Choose a column under “Customer”" in said and "needs its columns named" in said
    assert opened.field("selectbox", "Event: what happened").value == "was", "the choice is kept"


def test_a_file_that_is_not_stored_is_named_and_keeps_its_card(page):
    opened = page()
    drop(
        opened,
        ("log.csv", LOG.replace(b",Lost,2026-11-21\n", b"")),
        ("foreign.csv", FOREIGN),
        ("a.csv", b"\x89PNG\r\n\x1a\n"),
    )
    said = opened.words()
    assert "Every row will be used" not in said and "Two whole files will not be used" in said
    opened.click("Store 2 events")
    said = opened.words()
    assert "Stored 2 new events" in said and "1 file stored, 2 not" in said
    assert "Not stored: foreign.csv (needs its columns named), a.csv (cannot be used)." in said
    assert "looks like a PNG picture" in said and "Which column of “foreign.csv” is what?" in said
    opened.field("selectbox", "Customer: who did it").set_value("wer")
    opened.field("selectbox", "Event: what happened").set_value("was")
    opened.click("Read it so")
    opened.click("Store 2 events")
    assert held(opened)[-2:] == ["log.csv", "foreign.csv"]
    drop(opened, ("dates.csv", DATES))
    assert "Stored 2" not in opened.words() and "nothing stored yet" in opened.words()


def test_an_open_question_is_what_the_button_says_with_other_files_ready(page):
    opened = page()
    drop(opened, ("log.csv", LOG), ("dates.csv", DATES))
    assert opened.button("Answer the question first").disabled
    assert not [each for each in opened.app.button if each.label.startswith("Store")]


def test_the_events_shown_come_from_every_file(page):
    opened = page()
    new = b"user_id,event,timestamp\n" + b"".join(
        b"u%d,Recent,2026-11-%02d 09:00\n" % (i, i) for i in range(1, 20)
    )
    old = b"user_id,event,timestamp\nzoe,Long ago,2020-01-01 09:00\nzoe,Longer ago,2019-01-01 09:00\n"
    drop(opened, ("new.csv", new), ("old.csv", old))
    said = opened.words()
    assert "Long ago" in said and "Longer ago" in said and said.count("<td>Recent") == 5
    assert "7 of 21 · the newest of every file" in said and "old.csv" in said


def test_a_known_export_can_be_mapped_otherwise(page):
    opened = page()
    drop(opened, ("log.csv", LOG))
    opened.click("Change mapping")
    opened.field("selectbox", "Time: when it happened").set_value("event")
    opened.click("Read it so")
    assert "3 rows will not be used" in opened.words() or "cannot be" in opened.words()


def test_every_bad_file_has_its_two_sentences_and_the_good_one_still_goes(page):
    opened = page()
    drop(opened, ("a.csv", b"\x89PNG\r\n\x1a\n"), ("b.xlsx", bytes(range(256)) * 20), ("log.csv", LOG))
    said = opened.words()
    assert "One file is ready, two cannot be used." in said
    assert "looks like a PNG picture" in said
    opened.click("Store 2 events")
    assert "log.csv" in held(opened) and "a.csv" not in held(opened)


def test_what_is_left_out_or_put_away_is_gone(page):
    opened = page()
    drop(opened, ("log.csv", LOG), ("dates.csv", DATES))
    opened.click("Leave out")
    assert "log.csv" not in opened.words()
    opened.click("Put everything away")
    assert "customers are in force" in opened.words()


def test_the_first_click_on_undo_only_asks(page):
    opened = page()
    before = held(opened)
    opened.click("Undo")
    assert held(opened) == before and "The file can be imported again" in opened.words()


def test_undo_of_what_was_taken_out_elsewhere_says_so(page):
    opened = page()
    gone = opened.space.batches()[-1].doc_id
    undo(opened.space, gone, author="x", now=NOW)
    opened.app.button(key=f"import.undo.{gone}").click().run()
    assert [each.value for each in opened.app.toast] == ["This import was taken out already."]
    opened.click("Undo")
    assert not opened.app.toast and "The file can be imported again" in opened.words()


def test_the_second_click_takes_the_import_out(monkeypatch, tmp_path):
    opened = open_dialog(
        monkeypatch,
        tmp_path,
        "tickets = [b for b in space.batches() if b.body['report']['file'] == 'zendesk_tickets.csv']\n"
        'document = st.session_state.setdefault("batch", (tickets or [None])[0])\n'
        'report = from_plain(ImportReport, document.body["report"])\n'
        "imports.undo_dialog(space, document.doc_id, report)",
    )
    assert "zendesk_tickets.csv" in held(opened)
    next(each for each in opened.app.button if each.label.startswith("Take out")).click().run()
    assert "zendesk_tickets.csv" not in held(opened) and len(held(opened)) == 6


def test_undo_says_what_goes_and_what_another_import_holds_too(monkeypatch, tmp_path):
    september, october = tmp_path / "september.csv", tmp_path / "october.csv"
    september.write_bytes(LOG)
    october.write_bytes(LOG + b"yan,Came back,2026-11-21 11:00\n")

    def twice(space):
        for file in (september, october):
            import_files(space, [(file, file.name)], author="x", now=NOW)

    call = (
        "found = [b for b in space.batches() if b.body['report']['file'] == '{file}.csv'][0]\n"
        "imports.undo_dialog(space, found.doc_id, from_plain(ImportReport, found.body['report']))"
    )
    first = open_dialog(monkeypatch, tmp_path / "a", call.format(file="september"), change=twice)
    assert "another import holds all 2" in first.words() and first.button("Take out this import")
    second = open_dialog(monkeypatch, tmp_path / "b", call.format(file="october"), change=twice)
    assert "brings 1 event that nothing else holds" in second.words()
    assert "2 events of it stay" in second.words() and second.button("Take out 1 event")


def test_a_click_on_undo_counts_though_somebody_was_forgotten_since_the_page_was_drawn(page, tmp_path):
    file = tmp_path / "september.csv"
    file.write_bytes(LOG + b"yan,Came back,2026-11-21 11:00\n")

    def once(space):
        import_files(space, [(file, file.name)], author="x", now=NOW)

    opened = page(change=once)
    before = opened.space.batches()[-1].doc_id
    forget(opened.space, "zoe", author="x", now=NOW)
    assert opened.space.batches()[-1].doc_id != before
    opened.app.button(key=f"import.undo.{before}").click().run()
    assert "brings 1 event that nothing else holds" in opened.words()


def test_the_id_in_an_open_dialog_is_still_the_import_after_a_forgetting(monkeypatch, tmp_path):
    file = tmp_path / "september.csv"
    file.write_bytes(LOG + b"yan,Came back,2026-11-21 11:00\n")

    def once(space):
        import_files(space, [(file, file.name)], author="x", now=NOW)

    opened = open_dialog(
        monkeypatch,
        tmp_path,
        'document = st.session_state.setdefault("batch", space.batches()[-1])\n'
        'imports.undo_dialog(space, document.doc_id, from_plain(ImportReport, document.body["report"]))',
        change=once,
    )
    forget(opened.space, "zoe", author="x", now=NOW)
    next(each for each in opened.app.button if each.label.startswith("Take out")).click().run()
    assert "september.csv" not in held(opened) and len(held(opened)) == 7


def test_a_reader_sees_the_list_and_no_way_to_change_it(page):
    opened = page(read_only=True)
    assert "customers are in force" in opened.words()
    assert not opened.app.file_uploader
    assert not [button.label for button in opened.app.button if button.label in ("Undo", "Upload")]


def test_a_report_in_another_currency_is_refused_until_it_is_said_to_be_another_account(page):
    opened = page()
    drop(opened, ("ads.csv", ADS))
    opened.click("Keep the summary")
    drop(opened, ("us.csv", ADS.replace(b"EUR", b"USD")))
    assert "2 days in USD" in opened.words() and opened.button("Nothing new to store").disabled
    (source,) = [each for each in opened.app.segmented_control if each.label == "Which source it is"]
    source.set_value("google_ads.report 2").run()
    opened.click("Keep the summary")
    assert [b.body["source"] for b in opened.space.batches()][-2:] == [
        "google_ads.report",
        "google_ads.report 2",
    ]


def test_a_report_says_what_it_corrects_and_the_older_one_by_another_name_brings_nothing(page):
    opened = page()
    drop(opened, ("ads.csv", ADS))
    opened.click("Keep the summary")
    says = "1 day that was told before has other amounts: EUR 11.00 → 9.00; the newer import counts."
    drop(opened, ("later.csv", ADS.replace(b"11.00", b"9.00")))
    assert says in opened.words()
    opened.click("Keep the summary")
    assert opened.words().count(says) == 2  # of what was stored, and in its report
    drop(opened, ("ads (1).csv", ADS))
    assert (
        "This very file was imported before" in opened.words()
        and "All of it was imported before." in opened.words()
    )
    assert opened.button("Nothing new to store").disabled


def test_a_report_without_people_is_named_for_what_it_is_and_kept_beside(page):
    opened = page()
    drop(opened, ("ads.csv", ADS))
    said = opened.words()
    assert "Summary without people." in said and "kept as spend context" in said
    assert "Kept as spend: 2 days, 1 campaign, EUR 23.50, 58 clicks." in said
    assert "nobody&#x27;s steps" in said or "nobody's steps" in said
    assert "How they will read, as events" not in said
    opened.click("Keep the summary")
    said = opened.words()
    assert "The summary is kept beside" in said and held(opened)[-1] == "ads.csv"
    drop(opened, ("ads.csv", ADS))
    assert opened.button("Nothing new to store").disabled


def test_a_report_goes_with_the_journeys_that_were_dropped_with_it(page):
    opened = page()
    drop(opened, ("ads.csv", ADS), ("log.csv", LOG))
    opened.click("Store 2 events")
    assert held(opened)[-2:] == ["ads.csv", "log.csv"]


def test_in_which_currency_a_report_is_gets_asked_and_remembered(page):
    opened = page()
    drop(opened, ("ads.csv", NO_CURRENCY))
    said = opened.words()
    assert "in which currency is “Cost”?" in said and "1 question: in which currency?" in said
    assert opened.button("Answer the question first").disabled and opened.button("Use this").disabled
    opened.field("selectbox", "Currency").set_value("EUR").run()
    opened.click("Use this")
    assert "EUR 23.50" in opened.words()
    opened.click("Keep the summary")
    drop(opened, ("later.csv", NO_CURRENCY.replace(b"12.50", b"13.50")))
    assert "EUR 24.50" in opened.words()


# ---------------------------------------------------------------- data that keep coming


def with_source(folder, dates=None):
    """What to do to the workspace: save a folder source with one file that must be asked about."""
    from datetime import UTC, datetime

    from journey_app.vocabulary import Answers
    from journey_app.workspace.sources import Source, save_source
    from journey_app.workspace.syncing import sync

    (folder / "dates.csv").write_bytes(DATES)
    now = datetime.now(UTC)

    def change(space):
        source = Source("shop", "folder", str(folder / "*.csv"), answers=Answers(dates=dates))
        save_source(space, source, author="me", now=now)
        sync(space, now=now)

    return change


def test_a_source_shows_how_fresh_it_is(page, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEY_SOURCES", "folder")
    said = page(change=with_source(tmp_path, "dmy")).words()
    assert "Sources" in said and "shop" in said and "fresh" in said and "2 events new then" in said


def test_a_source_that_needs_an_answer_says_so(page, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEY_SOURCES", "folder")
    said = page(change=with_source(tmp_path)).words()
    assert "needs an answer" in said and "written day first or month first" in said


def test_a_source_is_added_and_removed_on_the_page(page, tmp_path, monkeypatch):
    from journey_app.workspace.sources import sources

    monkeypatch.setenv("JOURNEY_SOURCES", "folder")
    monkeypatch.setattr("journey_app.workspace.refreshing.refresh_in_background", lambda *_a, **_k: None)
    opened = page(change=with_source(tmp_path, "dmy"))
    opened.click("Remove")
    assert sources(opened.space) == []


def test_a_click_in_a_row_opens_the_form_of_that_source(page, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEY_SOURCES", "folder")
    opened = page(change=with_source(tmp_path, "dmy"))
    opened.click("Edit")
    assert opened.app.text_input(key="flow.name").value == "shop"
    assert opened.app.text_input(key="flow.where.folder").value == str(tmp_path / "*.csv")


def test_a_write_key_is_made_shown_once_and_revoked(page):
    from journey_app.workspace.keys import list_keys

    opened = page()
    opened.app.text_input(key="flow.title").set_value("shop website").run()
    opened.click("Make a write key")
    (key,) = list_keys(opened.space.store)
    shown = [each.value for each in opened.app.code if len(each.value) == 43]
    assert key.title == "shop website" and len(shown) == 1
    opened.click("I have copied it")
    assert not [each for each in opened.app.code if len(each.value) == 43]
    opened.click("Revoke")
    assert list_keys(opened.space.store)[0].revoked_at is not None


def test_somebody_who_only_reads_sees_sources_and_changes_none(page, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEY_SOURCES", "folder")
    opened = page(change=with_source(tmp_path, "dmy"), read_only=True)
    assert "shop" in opened.words()
    labels = {button.label for button in opened.app.button}
    assert not labels & {"Refresh", "Edit", "Remove", "Add a source", "Make a write key"}


REPORT = "Sales report\nAll shops\n\nid;event;date;amount\n" + "".join(
    f"{n};Kauf;0{n}.05.2026;1.{n}00\n" for n in range(1, 6)
)


def test_the_card_says_how_the_file_was_read_and_one_click_changes_it(page):
    opened = page()
    drop(opened, ("report.csv", (REPORT + "Total;;;5.500\n").encode()))
    said = opened.words()
    assert "UTF-8, semicolons, header in row 4" in said and "1 total row dropped" in said
    assert "though none of them proves it" in said
    box = next(each for each in opened.app.segmented_control if each.label == "How amounts are written")
    assert box.value == ","
    box.set_value(".").run()
    assert "decimal point, since you said so" in opened.words()


def test_rows_exactly_alike_can_be_left_out_on_the_page(page):
    opened = page()
    drop(opened, ("log.csv", LOG + b"zoe,Came back,2026-11-20 09:00\n"))
    assert "1 event is exactly like an earlier one; they are kept" in opened.words()
    box = next(each for each in opened.app.segmented_control if each.label == "Rows exactly alike")
    box.set_value("true").run()
    assert "2 new, 1 stored before or repeated" in opened.words()


def test_a_file_without_column_names_is_read_by_place(page):
    opened = page()
    drop(opened, ("bare.csv", b"4711,2026-05-01,12.5\n4712,2026-05-02,13.5\n"))
    opened.click("It has no column names")
    assert "column 1" in opened.words() and "needs its columns named" in opened.words()


def test_what_is_known_from_memory_waits_for_somebody_to_look(page):
    opened = page()
    file = ROOT / "sample_data" / "exports" / "chargebee_subscriptions.csv"
    drop(opened, (file.name, file.read_bytes()))
    said = opened.words()
    assert "1 question: are its events right?" in said and "from memory only" in said
    assert opened.button("Answer the question first").disabled
    opened.click("Its events are right")
    assert "1 question" not in opened.words()
    opened.click(next(b.label for b in opened.app.button if b.label.startswith("Store ")))
    assert file.name in held(opened)
    drop(opened, ("june.csv", file.read_bytes().replace(b"2026-", b"2025-")))
    assert "1 question" not in opened.words()


def test_a_reading_that_lies_in_the_future_is_told_before_it_is_chosen(page):
    opened = page()
    drop(opened, ("dates.csv", b"id,event,date\n1,a,11/12/2020\n2,b,05/12/2099\n"))
    said = opened.words()
    assert "1 in the future, which would not be used" in said and "dates.csv: is" in said


def test_a_guess_that_was_stored_is_read_so_the_next_time(page):
    log = b"badge;place;what;seen\n" + b"".join(
        f"K{n % 5}17;north;{('entered', 'left')[n % 2]};2026-10-{1 + n:02d} 10:00\n".encode()
        for n in range(20)
    )
    opened = page()
    drop(opened, ("october.csv", log))
    assert "please check" in opened.words()
    opened.click("Store 20 events")
    assert opened.space.store.list("recipe"), "storing what was shown says that it is right"
    drop(
        opened,
        (
            "november.csv",
            log.replace(b"2026-10-", b"2026-09-")
            .replace(b"badge;place", b"badge;gate;place")
            .replace(b";north", b";g1;north"),
        ),
    )
    said = opened.words()
    assert "Read like last time" in said and "please check" not in said


def test_an_offer_that_is_gone_meanwhile_does_not_stand_for_the_next(page, monkeypatch):
    """Two closed pages left files; another page goes on with the first while this one still shows both."""
    opened = page()
    left = []
    for name in ("one.csv", "two.csv"):
        tray = Tray()
        tray.drops.append(Drop(tray.folder.path / "0-0", name, name))
        tray.drops[0].path.write_text("user_id,event,timestamp\nu1,Signed up,2026-03-02 09:00\n")
        left.append(tray)
    monkeypatch.setattr(uploads.SHELF, "_is_open", lambda session: session == "another page")
    monkeypatch.setattr(uploads, "_owner", lambda _space: ("browser", "acme"))
    for number, tray in enumerate(left):
        uploads.SHELF.hold(tray, ("browser", "acme"), f"closed {number}")
    try:
        opened.app.run()
        forget = [button for button in opened.app.button if button.label == "Forget it"]
        assert len(forget) == 2
        assert uploads.SHELF.take(left[0], ("browser", "acme"), "another page")
        forget[0].click().run()
        assert left[1].drops and left[1].drops[0].path.exists() and left[0].drops[0].path.exists()
    finally:
        for tray in left:
            uploads.SHELF.put_away(tray)
            tray.close()
