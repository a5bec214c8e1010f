"""Before anything is stored: a preview says what the import will say, and answers come back by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from journey_app.analysis.catalog import totals
from journey_app.analysis.matches import match_rates, rates_of
from journey_app.settings import Settings
from journey_app.vocabulary import Answers, CleanUp, LeaveOut
from journey_app.workspace import previewing, tidying
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_prepared, known_exports, prepare_file, undo
from journey_app.workspace.placing import placed
from journey_app.workspace.previewing import Rehearsal, compared_with, rejected_rows
from journey_app.workspace.remembering import answered_anew, untimed
from journey_app.workspace.workspace import Workspace
from tests.workspace.conftest import preview_files

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LOG = """user_id,event,timestamp
u1,Signed up,2026-03-02 09:00
u1,Paid,2026-03-03 10:00
u2,Signed up,2026-03-04 09:00
,Signed up,2026-03-05 09:00
u3,Paid,never
"""
TICKETS = """Id,Requester email,Requester external id,Status,Created at,Via
1,ana@example.com,u1,Solved,2026-03-06 09:00,Mail
2,bob@example.com,,Open,2026-03-07 09:00,Chat
"""


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)


def tables(space: Workspace, folder: Path, **files: str):
    found = []
    for name, text in files.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        found += prepare_file(space, path, path.name, Answers())
    return placed(space, found)


def rehearse(space: Workspace, folder: Path, found):
    rehearsal, previews = Rehearsal(space, folder), []
    for table in found:
        before = [preview.batch for preview in previews if preview.batch]
        previews.append(rehearsal.play(table, before, lambda _share: None))
    return rehearsal, previews


def test_a_preview_counts_what_the_import_will_count(space: Workspace, tmp_path: Path):
    found = tables(space, tmp_path, log=LOG, overlap=LOG.replace("u2", "u4"), tickets=TICKETS)
    _, previews = rehearse(space, tmp_path / "play", found)
    imported = import_prepared(space, found, author="ana", now=NOW)
    for preview, stored in zip(previews, imported.files, strict=True):
        counts = (stored.rows, stored.events, stored.rejected, stored.already_there, stored.rejects)
        foreseen = preview.report
        assert counts == (
            foreseen.rows, foreseen.events, foreseen.rejected, foreseen.already_there, foreseen.rejects
        )  # fmt: skip
    assert [preview.report.already_there for preview in previews] == [0, 2, 0]


def test_what_a_file_is_compared_with_may_be_taken_out_meanwhile(space, tmp_path):
    """Also by calls that are merged every few seconds: a file is read to its end as what was in force then."""
    import_prepared(space, tables(space, tmp_path, stored=LOG), author="ana", now=NOW)
    (stored,) = space.batches()
    (table,) = tables(space, tmp_path, overlap=LOG.replace("u2", "u4"))
    rehearsal = Rehearsal(space, tmp_path / "play")
    undo(space, stored.doc_id, author="bob", now=NOW)
    assert not space.batch_files.events_file(stored.doc_id).exists()
    preview = rehearsal.play(table, [], lambda _share: None)
    assert preview.report.already_there == 2 and rehearsal.outlook([preview]).customers > 0
    assert rehearsal.compared_with == (stored.doc_id,) and compared_with(space) == ()
    del rehearsal
    assert list((space.folder / "incoming").iterdir()) == [], "nothing stays of what was held"


@pytest.mark.parametrize("first", [True, False])
def test_the_outlook_counts_by_the_clean_up_as_the_import_will(space, tmp_path, monkeypatch, first):
    stored = tables(space, tmp_path, stored=LOG.replace("u2", "bob@example.com"))
    import_prepared(space, stored, author="ana", now=NOW)
    rules = (
        LeaveOut("ids", "bob@", "Colleagues"),
        LeaveOut("event", "^Paid$", "Payments", whole_customer=False),
    )
    clean_up = CleanUp(rules, {}, ("Ticket created",) if first else ())
    tidying.save_clean_up(space, clean_up, based_on=0, carry=False, author="ana", now=NOW)
    found = tables(space, tmp_path, tickets=TICKETS, more=LOG.replace("u1", "u7"))
    rehearsal, previews = rehearse(space, tmp_path / "play", found)
    outlook = rehearsal.outlook(previews)
    monkeypatch.setattr(previewing, "MOST_CLEANED", 1)
    assert outlook.cleaned and not rehearsal.outlook(previews).cleaned
    import_prepared(space, found, author="ana", now=NOW)
    foreseen = rates_of([dict(row) for row in outlook.combinations])
    assert foreseen == match_rates(space.events())
    assert sum(row["customers"] for row in outlook.combinations) == totals(space.events()).customers
    assert outlook.customers < sum(1 for _ in ("u7", "u2", "u3", "ana", "bob"))
    uncleaned = rehearsal.outlook([p for p in previews if p.batch])
    assert sum(row["customers"] for row in uncleaned.combinations) > totals(space.events()).customers


def test_the_outlook_is_what_the_workspace_says_afterwards(space: Workspace, tmp_path: Path):
    import_prepared(space, tables(space, tmp_path, log=LOG), author="ana", now=NOW)
    found = tables(space, tmp_path, tickets=TICKETS)
    rehearsal, previews = rehearse(space, tmp_path / "play", found)
    outlook = rehearsal.outlook(previews)
    assert outlook.customers == 2
    foreseen = rates_of([dict(row) for row in outlook.combinations])
    import_prepared(space, found, author="ana", now=NOW)
    assert foreseen == match_rates(space.events())
    assert next((rate.customers, rate.matched) for rate in foreseen if rate.system == "support") == (2, 1)


def test_the_newest_events_come_first_whatever_the_order_of_the_file(space: Workspace, tmp_path: Path):
    _, (preview,) = rehearse(space, tmp_path / "play", tables(space, tmp_path, log=LOG))
    assert [event.customer for event in preview.newest] == ["u2", "u1", "u1"]
    assert preview.newest[0].at == datetime.fromisoformat("2026-03-04T09:00")


def test_a_rehearsal_leaves_no_trace_in_the_workspace(space: Workspace, tmp_path: Path):
    rehearse(space, tmp_path / "play", tables(space, tmp_path, log=LOG))
    assert list(space.batch_files.folder.iterdir()) == []
    assert space.version is None and space.batches() == []


def test_a_file_that_is_here_is_not_read_again(space: Workspace, tmp_path: Path):
    found = tables(space, tmp_path, log=LOG)
    import_prepared(space, found, author="ana", now=NOW)
    _, (preview,) = rehearse(space, tmp_path / "play", found)
    assert (preview.batch, preview.report.events, preview.report.already_there) == (None, 0, 3)
    assert preview_files(space, [(tmp_path / "log.csv", "log.csv")])[0].already_there == 3


def test_events_that_are_stored_already_are_foreseen(space: Workspace, tmp_path: Path):
    import_prepared(space, tables(space, tmp_path, log=LOG), author="ana", now=NOW)
    found = tables(space, tmp_path, longer=LOG + "u4,Paid,2026-03-06 09:00\n")
    _, (preview,) = rehearse(space, tmp_path / "play", found)
    assert (preview.report.events, preview.report.already_there) == (1, 3)


def test_rejected_rows_come_with_their_cells_and_why(space: Workspace, tmp_path: Path):
    (table,) = tables(space, tmp_path, log=LOG)
    first, second = rejected_rows(table)
    assert (first["row"], first["why"], first["“timestamp”"]) == ("5", "no customer id", "2026-03-05 09:00")
    assert (second["column"], second["“user_id”"]) == ("timestamp", "u3")


def test_rows_without_a_time_are_counted_for_the_audit(space: Workspace, tmp_path: Path):
    import_prepared(space, tables(space, tmp_path, log=LOG), author="ana", now=NOW)
    assert untimed(space) == {"log": 1}


HEADER = "user_id,event,timestamp"


def month(number: int, days: int, untimed_rows: int = 0) -> list[str]:
    """Rows of a month: a visit each day, and rows without a time."""
    rows = [f"u{day},Visit,2026-0{number}-{day:02} 09:00" for day in range(1, days + 1)]
    return rows + [f"m{number}u{n},Visit," for n in range(untimed_rows)]


def test_rows_without_a_time_are_counted_once_however_often_their_file_grows(
    space: Workspace, tmp_path: Path
):
    lost = month(2, 10, untimed_rows=14)
    for days in (5, 8, 12, 20):
        text = "\n".join([HEADER, *lost, *month(3, days)])
        import_prepared(space, tables(space, tmp_path, log=text), author="ana", now=NOW)
        assert untimed(space) == {"log": 14}
    first = space.batches()[0].doc_id
    undo(space, first, author="ana", now=NOW)
    assert untimed(space) == {"log": 14}


def test_rows_without_a_time_of_other_months_add_up(space: Workspace, tmp_path: Path):
    first, second = month(1, 20, untimed_rows=10), month(2, 20, untimed_rows=5)
    for rows, said in ((first, 10), (second, 15), (first + second, 15), (second, 15)):
        text = "\n".join([HEADER, *rows, f"u99,Visit,2026-03-0{len(space.batches()) + 1} 10:00"])
        import_prepared(space, tables(space, tmp_path, log=text), author="ana", now=NOW)
        assert untimed(space) == {"log": said}


def test_the_outlook_tells_payers_from_people_in_a_list(space: Workspace, tmp_path: Path):
    contacts = "id,Email,Delinquent\n" + "".join(f"cus_{n},p{n}@example.com,false\n" for n in range(5))
    found = tables(space, tmp_path, log=LOG, people=contacts)
    rehearsal, previews = rehearse(space, tmp_path / "play", found)
    foreseen = rates_of([dict(row) for row in rehearsal.outlook(previews).combinations])
    import_prepared(space, found, author="ana", now=NOW)
    assert foreseen == match_rates(space.events())


def test_other_answers_keep_what_was_said_about_the_rest_of_the_upload(space: Workspace, tmp_path: Path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("log.csv", LOG)
        packed.writestr("readme.png", b"\x89PNG\r\n\x1a\n")
    (table,) = prepare_file(space, tmp_path / "all.zip", "all.zip", Answers())
    left_out = [note for note in table.notes if note.startswith("Left out")]
    assert left_out
    assert left_out == [n for n in answered_anew(space, table, Answers(dates="dmy")).notes if "Left out" in n]


def test_every_known_export_says_how_to_get_it_in_three_lines():
    exports = known_exports()
    assert {"Segment · tracks", "Stripe · payments", "Zendesk · tickets"} <= {e.title for e in exports}
    assert all(1 <= len(export.how_to_get) <= 3 for export in exports)
