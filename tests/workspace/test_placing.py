"""Which source and which kind of system are the events of a log under that nobody described?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journey_app.errors import BadChoice, Question
from journey_app.intake.prepared import Prepared
from journey_app.ui import uploads
from journey_app.ui.tray import Drop, Tray
from journey_app.vocabulary import Answers
from journey_app.workspace.forgetting import forget
from journey_app.workspace.importing import import_files, import_prepared, prepare_file, undo
from journey_app.workspace.placing import UNNAMED, checked_source, name_of, placed
from journey_app.workspace.workspace import Workspace
from tests.workspace.conftest import preview_files

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
WEB = "visitor_id,action,seen_at\n" + "".join(f"v{n},home,2026-03-{n + 1:02d} 10:00:00\n" for n in range(9))
MORE_WEB = "visitor_id,action,seen_at\n" + "".join(
    f"v{n},price,2026-04-{n + 1:02d} 11:00:00\n" for n in range(9)
)
CALLS = "customer_no,activity,called_at\n" + "".join(
    f"v{n},solved,2026-03-{n + 9:02d} 15:00:00\n" for n in range(5)
)


def file_of(tmp_path: Path, name: str, text: str) -> tuple[Path, str]:
    path = tmp_path / name
    path.write_text(text)
    return path, name


def imported(space: Workspace, *files: tuple[Path, str], answers: Answers = Answers()):  # noqa: B008
    return import_files(space, files, answers, author="ana", now=NOW)


def events_by_source(space: Workspace) -> Counter[tuple[str, str]]:
    rows = space.events().run(space.events().table.select("source", "system")).to_pylist()
    return Counter((row["source"], row["system"]) for row in rows)


def looked_at(space: Workspace, *files: tuple[Path, str], answers: Answers = Answers()) -> list[Prepared]:  # noqa: B008
    return placed(space, [table for file in files for table in prepare_file(space, *file, answers)])


def said(table: Prepared, kind: str):
    (seen,) = [each for each in table.checkup if each.kind == kind]
    return seen


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("web log.csv", "web log"),
        ("calls_2026-03 (1).csv", "calls"),
        ("Anrufe März.csv.gz", "Anrufe"),
        ("Bestellungen Oktober 2026.csv", "Bestellungen"),
        ("Bestellungen Dez 2026.csv", "Bestellungen"),
        ("clinic appointments Sept.csv", "clinic appointments"),
        ("commandes octobre.csv", "commandes"),
        ("Bestellungen KW 40.csv", "Bestellungen"),
        ("orders week 41.csv", "orders"),
        ("magazine.csv", "magazine"),
        ("Marketing.csv", "Marketing"),
        ("support-calls-march-2026.xlsx", "support calls"),
        ("backup.zip › helpdesk_export.csv", "helpdesk"),
        ("book.xlsx › Sheet1", "book"),
        ("book.xlsx › Anrufe", "Anrufe"),
        ("2026-03.csv", UNNAMED),
        ("januar/web.csv", "web"),
        ("2026-03/web.csv", "web"),
        ("shops.zip › north/2026/März/till 03.csv", "north/till"),
        ("north\\2026-03.csv", "north"),
        ("backup.zip › 2026/03.csv", "backup"),
        ("data.csv", UNNAMED),
        ("jane@example.com.csv", UNNAMED),
        ("注文.csv", "注文"),
        ("bpic2013_v2.csv", "bpic"),
        ("roadtraffic100traces.csv", "roadtraffic100traces"),
        ("x" * 90 + ".csv", "x" * 60),
    ],
)
def test_a_source_is_called_after_what_its_file_is_called(label: str, name: str):
    assert name_of(label) == name


def test_logs_of_two_places_are_two_sources_and_one_place_stays_one(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "web log.csv", WEB), file_of(tmp_path, "calls_2026-03.csv", CALLS))
    imported(space, file_of(tmp_path, "Web_Log april.csv", MORE_WEB))
    assert events_by_source(space) == {("web log", "product"): 18, ("calls", "product"): 5}
    assert [b.body["source"] for b in space.batches()] == ["web log", "calls", "web log"]


def test_the_same_rows_under_another_name_are_more_of_the_same(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "web log.csv", WEB))
    more = file_of(tmp_path, "tracking.csv", WEB + "v1,home,2026-05-01 10:00:00\n")
    (shown,) = preview_files(space, [more])
    (stored,) = imported(space, more).files
    for report in (shown, stored):
        assert (report.events, report.already_there) == (1, 9)
        assert "Its events join the source “web log”: 9 of its 10 events are there already." in report.notes
    assert events_by_source(space) == {("web log", "product"): 10}
    (later,) = looked_at(space, file_of(tmp_path, "tracking_may.csv", MORE_WEB))
    assert later.source == "web log", "what a tracking file is more of was seen once"


def test_rows_that_are_here_are_not_stored_under_a_source_that_a_person_names(
    space: Workspace, tmp_path: Path
):
    imported(space, file_of(tmp_path, "web log.csv", WEB))
    more = file_of(tmp_path, "tracking.csv", WEB + "v1,home,2026-05-01 10:00:00\n")
    before = sorted(file.name for file in space.batch_files.folder.iterdir())
    with pytest.raises(BadChoice, match="9 of its 10 events are here as “web log” already"):
        imported(space, more, answers=Answers(source="tracking"))
    assert events_by_source(space) == {("web log", "product"): 9}
    assert sorted(file.name for file in space.batch_files.folder.iterdir()) == before


def test_a_file_of_the_same_name_with_other_columns_joins_its_source(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "web log.csv", WEB))
    renamed = WEB.replace("seen_at", "when_seen")
    (table,) = looked_at(space, file_of(tmp_path, "WEB_log_2.csv", renamed))
    assert table.source == "web log"
    assert said(table, "source").says == "Its events join the source “web log”, by the name of its file."


def test_a_file_whose_name_says_nothing_joins_the_log_with_its_columns(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "web log.csv", WEB), file_of(tmp_path, "calls.csv", CALLS))
    (table,) = looked_at(space, file_of(tmp_path, "2026-04.csv", MORE_WEB))
    assert said(table, "source").says == "Its events join the source “web log”, which has the same columns."


def test_two_places_with_the_same_columns_are_two_sources(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "calls.csv", WEB))
    visits = WEB.replace("home", "visit")
    imported(space, file_of(tmp_path, "visits.csv", visits), answers=Answers(system="support"))
    later = imported(space, file_of(tmp_path, "calls_april.csv", WEB + "v1,home,2026-05-01 10:00:00\n"))
    assert [(report.events, report.already_there) for report in later.files] == [(1, 9)]
    assert events_by_source(space) == {("calls", "product"): 10, ("visits", "support"): 9}


def test_two_logs_that_are_called_alike_and_say_nothing_are_told_apart(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "data.csv", WEB))
    (table,) = looked_at(space, file_of(tmp_path, "export.csv", CALLS))
    assert table.source == f"{UNNAMED} 2"


def test_each_choice_of_a_source_is_one_click_away(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "web log.csv", WEB))
    april = file_of(tmp_path, "shop.csv", MORE_WEB)
    (table,) = looked_at(space, april)
    seen = said(table, "source")
    assert seen.says == "Its events are kept as the source “shop”, named after its file."
    assert seen.fix and (seen.fix.now, dict(seen.fix.choices)) == (
        "shop",
        {"shop": "a new one, “shop”", "web log": "more of “web log”"},
    )
    (other,) = looked_at(space, april, answers=Answers(source="web log"))
    assert other.source == "web log"
    assert "as you said" in said(other, "source").says
    (first,) = looked_at(space, file_of(tmp_path, "calls.csv", CALLS))
    assert dict(said(first, "source").fix.choices) == {
        "calls": "a new one, “calls”",
        "web log": "more of “web log”",
    }


def test_what_kind_of_place_a_log_tells_of_is_said_once(space: Workspace, tmp_path: Path):
    support = Answers(system="support")
    imported(space, file_of(tmp_path, "calls.csv", CALLS), answers=support)
    later = "customer_no,activity,called_at\nv1,solved,2026-04-09 15:00:00\n"
    imported(space, file_of(tmp_path, "calls april.csv", later))
    assert events_by_source(space) == {("calls", "support"): 6}


def test_a_source_stays_of_the_kind_it_was_imported_as_and_says_so(space: Workspace, tmp_path: Path):
    file = file_of(tmp_path, "calls.csv", CALLS)
    imported(space, file)
    again = imported(space, file, answers=Answers(system="support"))
    assert events_by_source(space) == {("calls", "product"): 5}
    (report,) = again.files
    assert any(
        note.startswith("--system was not used: “calls” counts as your site or app") for note in report.notes
    )


def test_a_known_export_needs_no_kind_and_says_so(space: Workspace, tmp_path: Path):
    rows = "id,Created date (UTC),Amount,Currency,Status,Customer ID,Customer Email\n"
    file = file_of(
        tmp_path, "payments.csv", rows + "py_1,2026-03-02 10:00:00,9.00,eur,Paid,cus_1,a@example.com\n"
    )
    (table,) = looked_at(space, file, answers=Answers(system="support"))
    assert not table.recognised_as.startswith("generic")
    assert (table.source, table.system) == (table.recognised_as, "billing")
    assert any("--system was not used" in note for note in table.notes)


def test_a_log_from_before_sources_were_told_apart_stays_one_source(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "old.csv", WEB), answers=Answers(source="generic.events"))
    (batch,) = space.batches()
    body = {**batch.body, "columns": None}
    space.store.put("batch", batch.doc_id, body, based_on=batch.version, author="ana", now=NOW)
    again = imported(space, file_of(tmp_path, "new.csv", WEB + "v1,home,2026-05-01 10:00:00\n"))
    assert [(report.events, report.already_there) for report in again.files] == [(1, 9)]


def test_the_preview_the_page_and_the_import_agree(space: Workspace, tmp_path: Path):
    files = [file_of(tmp_path, "web log.csv", WEB), file_of(tmp_path, "calls.csv", CALLS)]
    imported(space, files[0])
    shown = preview_files(space, files[1:], Answers(), now=NOW)
    tray = Tray()
    for path, name in files[1:]:
        with path.open("rb") as content:
            tray.drops.append(Drop(path, name, content.read().hex()))
    uploads.read(space, tray, lambda share, says: None)
    (piece,) = tray.pieces
    assert piece.preview is not None
    assert {event.source for event in piece.preview.newest} == {"calls"} == {piece.table.source}
    uploads.answer(space, piece, replace(piece.answers, system="support"))
    uploads.read(space, tray, lambda share, says: None)
    assert (piece.table.source, piece.table.system) == ("calls", "support")
    assert any("calls" in note for report in shown for note in report.notes)
    tray.close()


def test_the_very_file_is_not_stored_under_a_second_source(space: Workspace, tmp_path: Path):
    file = file_of(tmp_path, "web log.csv", WEB)
    imported(space, file)
    for attempt in (imported, lambda space, file, answers: preview_files(space, [file], answers)):
        with pytest.raises(BadChoice, match="all its events are here as “web log” already"):
            attempt(space, file, answers=Answers(source="shop"))
    assert events_by_source(space) == {("web log", "product"): 9}


def test_a_table_does_not_keep_the_kind_of_one_that_was_left_out(space: Workspace, tmp_path: Path):
    calls, web = (
        file_of(tmp_path, "calls.csv", WEB.replace("home", "rang")),
        file_of(tmp_path, "2026.csv", WEB),
    )
    (first,) = looked_at(space, calls, answers=Answers(system="support"))
    (second,) = prepare_file(space, *web, Answers())
    both = placed(space, [first, second])
    assert (both[1].source, both[1].system) == ("calls", "support")
    (alone,) = placed(space, [both[1]], anew=True)
    assert (alone.source, alone.system) == (UNNAMED, "product")


def test_what_is_stored_is_called_as_it_was_shown(space: Workspace, tmp_path: Path):
    tables = looked_at(space, file_of(tmp_path, "visits.csv", WEB), file_of(tmp_path, "2026.csv", MORE_WEB))
    import_prepared(space, tables[1:], author="ana", now=NOW)
    assert [b.body["source"] for b in space.batches()] == ["visits"]


def test_an_older_workspace_goes_on_as_it_was_and_joins_no_log_that_people_named(
    space: Workspace, tmp_path: Path
):
    imported(space, file_of(tmp_path, "old.csv", WEB), answers=Answers(source="generic.events"))
    imported(space, file_of(tmp_path, "crm.csv", CALLS), answers=Answers(source="crm"))
    for batch in space.batches():
        body = {**batch.body, "columns": None}
        space.store.put("batch", batch.doc_id, body, based_on=batch.version, author="ana", now=NOW)
    again = imported(space, file_of(tmp_path, "new.csv", WEB + "v1,home,2026-05-01 10:00:00\n"))
    assert [(report.events, report.already_there) for report in again.files] == [(1, 9)]


def test_a_log_put_under_a_known_exporters_source_is_of_its_kind(space: Workspace, tmp_path: Path):
    rows = "id,Created date (UTC),Amount,Currency,Status,Customer ID,Customer Email\n"
    rows += "py_1,2026-03-02 10:00:00,9.00,eur,Paid,cus_1,a@example.com\n"
    imported(space, file_of(tmp_path, "payments.csv", rows))
    (known,) = [batch.body["source"] for batch in space.batches()]
    (table,) = looked_at(space, file_of(tmp_path, "web.csv", WEB), answers=Answers(source=known))
    assert table.system == "billing"


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("support tickets.csv", "support"), ("tickets_2026-03_export.csv", "support"), ("ticket list.csv", "support"),
        ("new orders march full report.csv", "billing"), ("Bestellungen.csv", "billing"), ("factures.csv", "billing"),
        ("newsletter.csv", "email"), ("survey log 2.csv", "survey"), ("shop/orders/2026-03/data.csv", "billing"),
        ("ticket sales.csv", "product"), ("order page views.csv", "product"), ("invoice downloads.csv", "product"),
        ("newsletter signups.csv", "product"), ("all new data.csv", "product"), ("leads per survey day.csv", "product"),
    ],
)  # fmt: skip
def test_the_last_word_of_a_name_says_which_kind_of_place_it_tells_of(
    space: Workspace, tmp_path: Path, name: str, system: str
):
    path, _ = file_of(tmp_path, "some.csv", WEB)
    (table,) = looked_at(space, (path, name))
    assert table.system == system


def test_tickets_that_cost_something_are_no_support(space: Workspace, tmp_path: Path):
    rows = "".join(f"u{n}@x.com,2026-03-0{n},{n}5.00,{n % 3 + 1}\n" for n in range(1, 9))
    path, _ = file_of(tmp_path, "some.csv", "email,date,amount,quantity\n" + rows)
    (table,) = looked_at(space, (path, "concert tickets.csv"))
    assert table.system == "product" and "says" not in said(table, "place").says
    (orders,) = looked_at(space, (path, "orders.csv"))
    assert orders.system == "billing"


def test_what_a_person_calls_a_source_can_be_read():
    assert checked_source("  Web   log ") == "Web log"
    for name in ("  ", "x" * 61, "a\x1bb"):
        with pytest.raises(BadChoice, match="cannot be called"):
            checked_source(name)


def test_after_forgetting_whom_a_source_was_named_after_nothing_comes_twice(space: Workspace, tmp_path: Path):
    rows = CALLS + "anna.schmidt@firm.com,solved,2026-03-09 15:00:00\n"
    imported(space, file_of(tmp_path, "Anna Schmidt calls.csv", rows))
    forget(space, "anna.schmidt@firm.com", ("Anna Schmidt",), author="ana", now=NOW)
    later = rows + "v1,solved,2026-04-09 15:00:00\n"
    again = imported(space, file_of(tmp_path, "Anna Schmidt calls_april.csv", later))
    assert [report.events for report in again.files] == [1]


KIOSK = ("Green tea", "Coffee beans", "Honey jar")


def kiosk(days: range) -> str:
    """Each customer comes twice within ten days, each time for something else that others buy, too."""
    rows = (f"k{n % 5}x,2026-01-{n + 1:02d},{KIOSK[n % 3]},{n}.50\n" for n in days)
    return "customer_id,date,name,amount\n" + "".join(rows)


def test_what_happened_is_in_the_column_of_earlier_files_where_a_short_one_does_not_show_it(
    space: Workspace, tmp_path: Path
):
    imported(space, file_of(tmp_path, "kiosk_jan-feb.csv", kiosk(range(20))))
    for name in ("kiosk_feb.csv", "kiosk_feb_2.csv"):
        short = file_of(tmp_path, name, kiosk(range(16, 20)))
        (report,) = imported(space, short).files
        assert (report.events, report.already_there) == (0, 4)
        assert any("as in earlier files of this name" in note for note in report.notes)
    (own,) = looked_at(space, short, answers=Answers(map={"event": "=Sale"}))
    assert "event" not in own.mapping, "a person's word counts before earlier files"
    (else_,) = looked_at(space, file_of(tmp_path, "till.csv", kiosk(range(16, 20))))
    assert "event" not in else_.mapping


def test_a_column_that_now_seems_to_be_what_happened_is_asked_about(space: Workspace, tmp_path: Path):
    short = file_of(tmp_path, "kiosk_feb.csv", kiosk(range(16, 20)))
    imported(space, short)
    whole = file_of(tmp_path, "kiosk_jan-feb.csv", kiosk(range(20)))
    with pytest.raises(Question) as asked:
        imported(space, whole)
    assert asked.value.option == "--map" and list(asked.value.answers) == ["event=name"]
    assert "“name”" in asked.value.what and "Take the earlier imports back" in asked.value.do
    assert len(space.batches()) == 1
    undo(space, space.batches()[0].doc_id, author="ana", now=NOW)
    imported(space, whole)
    (again,) = imported(space, short).files
    assert (again.events, again.already_there) == (0, 4)


def test_a_column_of_names_that_is_asked_about_is_answered_on_the_page(space: Workspace, tmp_path: Path):
    imported(space, file_of(tmp_path, "kiosk_feb.csv", kiosk(range(16, 20))))
    path, name = file_of(tmp_path, "kiosk_jan.csv", kiosk(range(12)))
    tray = Tray()
    tray.drops.append(Drop(path, name, path.read_bytes().hex()))
    for _ in range(2):
        uploads.read(space, tray, lambda share, says: None)
    (piece,) = tray.pieces
    assert piece.state == "asked" and piece.table.question is not None
    (told,) = piece.table.question.answers
    uploads.answer(space, piece, uploads.told_of(piece.answers, piece.table.question, told))
    uploads.read(space, tray, lambda share, says: None)
    assert piece.state == "ready" and piece.table.mapping["event"] == "name"
    tray.close()


def test_a_list_of_people_does_not_settle_what_kind_of_place_its_log_is_of(space: Workspace, tmp_path: Path):
    people = "customer_no,email\n" + "".join(f"v{n},v{n}@example.com\n" for n in range(5))
    imported(space, file_of(tmp_path, "clients.csv", people), answers=Answers(read_as=("generic.people",)))
    imported(space, file_of(tmp_path, "clients_2026.csv", CALLS), answers=Answers(system="billing"))
    assert events_by_source(space) == {("clients", "billing"): 5}


def test_a_source_stored_under_a_month_as_its_folder_goes_on(space: Workspace, tmp_path: Path):
    path = file_of(tmp_path, "web.csv", WEB)[0]
    imported(space, (path, "januar/web.csv"), answers=Answers(source="januar/web"))
    (batch,) = space.batches()
    body = {**batch.body, "called": "januar/web"}
    space.store.put("batch", batch.doc_id, body, based_on=batch.version, author="ana", now=NOW)
    more = file_of(tmp_path, "more.csv", MORE_WEB)[0]
    for label, source in (("januar/web_2.csv", "januar/web"), ("februar/web.csv", "web")):
        (table,) = looked_at(space, (more, label))
        assert table.source == source
    imported(space, (path, "februar/web.csv"), (more, "maerz/web.csv"))
    assert events_by_source(space).total() == 18
