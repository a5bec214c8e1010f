"""However somebody is spelled, wherever their words wait: found, erased, and not back with the next file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from journey_app import temporary
from journey_app.analysis.catalog import totals
from journey_app.engine import embedded
from journey_app.engine.forgotten import GONE
from journey_app.errors import BadChoice, JourneyError, StaleEdit
from journey_app.intake.calls import chunks_of, raw_ids_of, read_calls
from journey_app.store.notes import Notes
from journey_app.vocabulary import Cut, Grade
from journey_app.workspace import decisions, identities, inbox, knowing, receipts, unfinished
from journey_app.workspace.forgetting import forget
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files
from journey_app.workspace.inbox import inbox_of, keep, merge
from journey_app.workspace.sources import Source, save_source
from journey_app.workspace.syncing import sync
from journey_app.workspace.theirs import look
from journey_app.workspace.whose import whose
from journey_app.workspace.wording import Wording
from journey_app.workspace.workspace import Workspace
from tests.conftest import context_table
from tests.workspace.conftest import NOW, preview_files
from tests.workspace.everywhere import places

ROOT = Path(__file__).parents[2]
HEAD = "user_id,email,anonymous_id,event,timestamp,text,amount\n"
MAIL, OTHER = "ana.lopez@gmail.com", "Ana.Lopez@GoogleMail.com"
WORDS = [MAIL, OTHER, "anon-99-ana", "cust-0001-ana"]
FIRST = HEAD + (
    f"cust-0001-ana,{MAIL},,visit,2026-03-02 09:00,hello,5\n"
    f"bob-0001,bob@south.com,,visit,2026-03-02 10:00,ask {OTHER} or mailto:{MAIL.upper()},\n"
    "eve-0002,ana.lopez+news@gmail.com,,visit,2026-03-02 10:00,fine,\n"
    "zoe-0003,analopez@gmail.com,,visit,2026-03-02 10:00,fine,\n"
)
SECOND = HEAD + (
    f"{OTHER},,anon-99-ana,pay,2026-03-03 09:00,x,7\n"
    ",,anon-99-ana,look,2026-03-03 10:00,x,\n"
    f"mailto:{OTHER},,,leave,2026-03-04 09:00,x,\n"
    + "".join(
        f"max-0007,,,read,2026-03-04 1{n}:00,x,\n" for n in range(6)
    )  # so that the column is no addresses
)


@pytest.fixture
def known(space, put) -> Workspace:
    put(space, FIRST, "a.csv")
    put(space, SECOND, "b.csv")
    return space


def everything(space: Workspace) -> tuple[set[tuple[str, str]], int, float]:
    """The events in all batches by their ids, how many links, and the money."""
    files = [space.batch_files.events_file(b.doc_id) for b in space.batches()]
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    money = {(row["source"], row["event_id"]): row["amount"] or 0.0 for row in rows}
    links = sum(len(pq.read_table(space.batch_files.links_file(b.doc_id))) for b in space.batches())
    return set(money), links, sum(money.values())


# ---------------------------------------------------------------- one mailbox, many spellings


def test_another_spelling_of_the_mailbox_is_the_same_person(known):
    note = Grade("support", "G", "Tom", f"{OTHER} says so, not ana.lopez+news@gmail.com")
    decisions.save_grade(known, note, based_on=0, author="x", now=NOW)
    for wanted in (MAIL, "ANA.LOPEZ@googlemail.com", "cust-0001-ana", "anon-99-ana"):
        assert set(look(known, wanted).raw_ids) >= {f"user_id:{OTHER}", "anonymous_id:anon-99-ana"}, wanted
    found = look(known, MAIL)
    assert (found.events, found.said, [d.title for d in found.decisions]) == (
        4,
        1,
        ["a.csv", "b.csv", "support"],
    )
    assert f"user_id:mailto:{OTHER}" in found.spelled
    forget(known, MAIL, author="o", now=NOW)
    embedded._OPEN.clear()
    assert places(known.folder, WORDS) == []
    assert totals(known.events()).customers == 4, "a plus and dots make other mailboxes"
    assert decisions.grades(known)["support"].value.note == f"{GONE} says so, not ana.lopez+news@gmail.com"


def test_no_spelling_comes_back_by_any_road(known, put):
    forget(known, MAIL, author="o", now=NOW)
    before = everything(known)
    later = HEAD + (
        f"{OTHER.upper()},,,back,2026-03-09 09:00,x,\nmailto:{MAIL},,,back,2026-03-09 09:00,x,\n"
        f",{OTHER},,back,2026-03-09 09:00,x,\ncust-0001-ana,,,back,2026-03-09 09:00,x,\n"
        f"max-0007,,,read,2026-03-09 10:00,fine,\nmax-0007,,,look,2026-03-09 10:00,fine,\n"
        f"bob-0001,,,read,2026-03-09 10:00,as {OTHER} and {MAIL}-copy said,\n"
    )
    report = put(known, later, f"{OTHER}-invoice.csv").files[0]
    assert (report.events, report.rejected) == (3, 4)
    send(known, "m1", userId=OTHER)
    send(known, "m2", userId="bob-0001", properties={"note": f"from {OTHER}"})
    assert merge(known, now=NOW).events == 1
    embedded._OPEN.clear()
    kept = [known.folder / "uploads" / b.body["upload"] for b in known.batches() if b.body["upload"]]
    assert {Path(place.rpartition(": ")[0]).name for place in places(known.folder, WORDS)} <= {
        file.name for file in kept
    }, "only the file itself, as it came anew"
    assert len(everything(known)[0]) == len(before[0]) + 4


def test_a_mailbox_that_many_spell_is_shared_and_only_leaves_their_rows(space, put):
    rows = "".join(f"staff-{n:04d},info@gmail.com,,visit,2026-03-02 1{n}:00,x,\n" for n in range(6))
    rows += "Info@GoogleMail.com,,dev-77-staff,call,2026-03-02 09:00,x,\n,info@gmail.com,,call,2026-03-02 08:00,x,\n"
    put(space, HEAD + rows)
    found = look(space, "email:info@gmail.com")
    assert (found.events, found.stripped) == (1, 7) and "user_id:staff-0001" not in found.raw_ids
    assert set(found.shared) == {"email:info@gmail.com", "user_id:Info@GoogleMail.com"}
    forget(space, "email:info@gmail.com", author="o", now=NOW)
    assert totals(space.events()).events == 7
    assert places(space.folder, ["info@gmail.com", "info@googlemail.com"]) == []


# ---------------------------------------------------------------- where a word ends


def test_an_address_ends_where_it_ends_whatever_is_glued_to_it(space, put):
    put(space, HEAD + ",ana@x.com,,a,2026-03-02 10:00,x,\n,mary-ana@x.com,,a,2026-03-02 10:00,x,\n")
    out_of = whose(space, "ana@x.com").wording.out_of
    for goes in (
        "ana@x.com-invoice.pdf",
        "report_ana@x.com",
        "ana@x.com_2",
        "2026-ana@x.com.csv",
        "<ana@x.com>",
    ):
        assert GONE in out_of(goes) and "ana@x" not in out_of(goes), goes
    for goes in (
        "?mail=ana%40x.com&x",
        "mail%3Dana%40x.com",
        r"hello\nana@x.com",
        "'Ana@X.com'",
        "to ana@x.…",
    ):
        assert GONE in out_of(goes), goes
    for stays in (
        "joana@x.com",
        "ana@x.com.au",
        "j.ana@x.com",
        "ana@x.company",
        "mary-ana@x.com",
        "ana+1@x.com",
    ):
        assert out_of(stays) == stays, stays
    assert out_of("joana@x.com-invoice, ana@x.com-invoice") == f"joana@x.com-invoice, {GONE}-invoice"


def test_glued_addresses_go_from_files_and_longer_ids_of_others_stay(space, put):
    rows = (
        ",ana@x.com,,a,2026-03-02 10:00,x,\n"
        "ana@x.com_2,,,a,2026-03-02 10:00,x,\n"
        "bob-0001,,,a,2026-03-02 10:00,see ana@x.com-invoice.pdf not ana@x.com_2 or joana@x.com,\n"
    )
    put(space, HEAD + rows, "report_ana@x.com.csv")
    assert look(space, "ana@x.com").alike == ("user_id:ana@x.com_2",)
    forget(space, "ana@x.com", author="o", now=NOW)
    said = [row["text"] for row in _rows(space) if row["raw_ids"] == ["user_id:bob-0001"]]
    assert said == [f"see {GONE}-invoice.pdf not ana@x.com_2 or joana@x.com"]
    assert space.batches()[0].body["report"]["file"] == f"report_{GONE}.csv"
    put(space, HEAD + "bob-0001,,,b,2026-03-03 10:00,again ana@x.com_2 and ana@x.com,\n", "later.csv")
    assert [r["text"] for r in _rows(space) if r["event"] == "b"] == [f"again ana@x.com_2 and {GONE}"]


def _rows(space: Workspace) -> Iterator[dict]:
    for batch in space.batches():
        yield from pq.read_table(space.batch_files.events_file(batch.doc_id)).to_pylist()


def test_a_number_is_found_with_blanks_and_a_name_with_anything_between_its_words():
    out_of = Wording(("phone:+491701234567", "phone:0301234567890"), ("Ana Petrova",)).out_of
    for goes in (
        "+49 170 1234567",
        "+49 (0)170/123-45-67",
        "0049 170 1234567",
        "(+49) 170.1234567",
        "030 12345 67890",
    ):
        assert out_of(f"call {goes} now") == f"call {GONE} now", goes
    for stays in ("+49 170 12345678", "+43 170 1234567", "170 1234567", "2026-03-01 12:34"):
        assert out_of(stays) == stays, stays
    for goes in (
        "Ana Petrova",
        "ana  PETROVA",
        "Ana_Petrova.xlsx",
        "Ana%20Petrova",
        "calls_Ana Petrova_2",
        "Ana Petrova's",
    ):
        assert GONE in out_of(goes) and "etrova" not in out_of(goes).lower(), goes
    for stays in ("Joana Petrova", "Ana Petrovana", "Ana Petrova-Smith"):
        assert out_of(stays) == stays, stays


def test_a_number_and_a_name_in_other_people_s_rows_go(space, put):
    rows = (
        "+49 170 1234567,,,a,2026-03-02 10:00,x,\n"
        "tel:+49-170-123 4567,,,b,2026-03-02 11:00,x,\n"
        "bob-000002,,,a,2026-03-02 10:00,Ana  Petrova rang from +49 (0)170 / 123 45 67,\n"
    )
    put(space, HEAD + rows)
    found = look(space, "+49 (0)170 1234567", ["Ana Petrova"])
    assert (found.events, found.said) == (2, 1)
    forget(space, "+49 170 1234567", ["Ana Petrova"], author="o", now=NOW)
    assert [row["text"] for row in _rows(space)] == [f"{GONE} rang from {GONE}"]
    later = HEAD + "0049 170 1234567,,,c,2026-03-09 10:00,x,\n+49 170/1234567,,,c,2026-03-09 10:00,x,\n"
    assert put(space, later, "later.csv").files[0].events == 1, "00 may begin anybody's number"


# ---------------------------------------------------------------- sources and what they remember


def test_a_source_forgets_a_file_that_was_named_after_them_and_does_not_learn_it_again(space, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in (f"{MAIL}-orders.csv", "calls of Ana Petrova.csv"):
        (folder / name).write_text(FIRST.replace("visit", name.split()[0].replace(MAIL, "x")))
    save_source(space, Source("shop", "folder", str(folder)), author="me", now=NOW)
    assert sync(space, now=NOW)[0].files == 2
    (space.folder / "sources" / ".shop.0123abcd").write_text(MAIL)  # of a writer that was killed
    found = look(space, MAIL, ["Ana Petrova"])
    assert found.notes == ("shop",)
    assert places(space.folder / "sources", [MAIL, "Ana Petrova"])
    forget(space, MAIL, ["Ana Petrova"], author="o", now=NOW)
    embedded._OPEN.clear()
    assert places(space.folder, [*WORDS, "Ana Petrova"]) == []
    done = sync(space, now=NOW + timedelta(days=2))[0]
    assert done.ok and done.files == 0, "they are the same files, under names that tell nobody"
    with (folder / f"{MAIL}-orders.csv").open("a") as more:
        more.write("bob-0001,,,again,2026-03-10 10:00,x,\n")
    assert sync(space, now=NOW + timedelta(days=4))[0].events == 1
    notes = Notes(space.folder / "sources")
    assert places(notes.folder, [*WORDS, "Ana Petrova"]) == []
    assert {b.body["report"]["file"] for b in space.batches()} >= {f"shop › {GONE}-orders.csv"}


# ---------------------------------------------------------------- decisions


def test_the_name_of_a_cut_tells_nothing_of_its_ids(known):
    cut = identities.cut_of("user_id:cust-0001-ana", f"email:{MAIL}")
    old_name = blake2b(f"{cut.left}\x1f{cut.right}".encode(), digest_size=20).hexdigest()
    identities.cut_apart(known, cut, author="x", now=NOW)
    (held,) = known.store.list("cut")
    assert held.doc_id != old_name
    with pytest.raises(BadChoice, match="cut from each other already"):
        identities.cut_apart(known, cut, author="x", now=NOW)
    identities.take_back(known, cut, author="x", now=NOW)
    assert known.store.list("cut") == []


def test_cuts_of_older_versions_work_and_lose_their_names_when_their_ids_are_forgotten(known):
    cut = Cut(f"email:{MAIL}", "user_id:cust-0001-ana")
    names = [
        blake2b(f"{cut.left}\x1f{right}".encode(), digest_size=20).hexdigest() for right in (cut.right, "bob")
    ]
    body = {"left": cut.left, "right": cut.right}
    known.store.put("cut", names[0], body, based_on=0, author="x", now=NOW)
    known.store.put("cut", names[1], {**body, "right": "user_id:bob-0001"}, based_on=0, author="x", now=NOW)
    identities.take_back(known, cut, author="x", now=NOW)
    forget(known, MAIL, author="o", now=NOW)
    assert known.store.list("cut") == []
    assert not any(known.store.history("cut", name) for name in names)
    assert places(known.folder, names) == []


KINDS = (
    "goal",
    "sprint",
    "grade",
    "recipe",
    "source",
    "matching",
    "share",
    "workspace",
    "measured",
    "pointer",
)


@pytest.mark.parametrize("kind", [*KINDS, "cut"])
def test_a_form_that_was_open_across_it_is_too_late(known, kind):
    body = {"note": f"{OTHER} said", "matching": "normal"}
    if kind == "cut":
        body = {"left": f"user_id:{OTHER}", "right": "user_id:bob-0001"}
    name = {"pointer": "snapshot", "matching": "matching"}.get(kind, "a-form")
    held = known.store.get(kind, name)
    seen = known.store.put(kind, name, body, based_on=held.version if held else 0, author="Tom", now=NOW)
    if kind == "pointer":
        known.store.put(
            kind, name, {**seen.body, "version": known.version}, based_on=seen.version, author="x", now=NOW
        )
        seen = known.store.get(kind, name)
    forget(known, MAIL, author="o", now=NOW + timedelta(hours=1))
    with pytest.raises(JourneyError) as late:
        known.store.put(kind, name, body, based_on=seen.version, author="Tom", now=NOW)
    if kind not in ("cut", "pointer"):
        assert isinstance(late.value, StaleEdit)
        assert "Somebody who forgot a customer saved this" in late.value.what
        assert "2026-03-20 13:00" in late.value.what
        assert late.value.theirs["note"] == f"{GONE} said"
        now = known.store.get(kind, name)
        assert (now.author, now.saved_at) == ("Tom", NOW), "who decided, and when, stays"
    embedded._OPEN.clear()
    assert places(known.folder, WORDS) == []


def test_a_grade_of_a_place_named_after_them_is_found_under_its_new_name_and_told_once(known):
    decisions.save_grade(known, Grade("desk of Ana Petrova", "R"), based_on=0, author="Tom", now=NOW)
    forget(known, MAIL, ["Ana Petrova"], author="o", now=NOW)
    old = blake2b(b"desk of ana petrova", digest_size=20).hexdigest()
    assert places(known.folder, [old]) == [], "the hash of a name tells it to whoever guesses"
    (told,) = decisions.grade_trail(known, f"desk of {GONE}")
    held = decisions.grades(known)[f"desk of {GONE}"]
    assert (told.version, told.author) == (held.version, "Tom")
    with pytest.raises(JourneyError):
        decisions.save_grade(known, Grade("desk of Ana Petrova", "A"), based_on=1, author="Tom", now=NOW)


# ---------------------------------------------------------------- calls that wait


def send(space, message, kind="track", **more):
    item = {"type": kind, "messageId": message, **({"event": "Paid"} if kind == "track" else {}), **more}
    found = read_calls("batch", {"batch": [item]}, NOW)
    assert not found.bad
    keep(space, found.kept, found.bad, NOW).result(10)


def test_waiting_calls_go_though_no_merge_works(known, monkeypatch):
    send(known, "m1", userId=OTHER)
    send(known, "m2", userId="new-0009", context={"traits": {"email": MAIL}})
    send(known, "m3", userId="bob-0001", event=f"Told {OTHER}")
    send(known, "m4", kind="alias", userId="new-0010", previousId="anon-99-ana")

    def broken(*_of, **_how):
        raise RuntimeError("a fault in the merge")

    monkeypatch.setattr(inbox, "_grown", broken)
    with pytest.raises(RuntimeError):
        merge(known, now=NOW)
    found = look(known, MAIL)
    assert found.waiting == 3
    assert len(knowing.known(known, MAIL, now=NOW).waiting) == 3
    assert places(known.folder, [OTHER]), "the search sees the inbox"
    forget(known, MAIL, author="o", now=NOW)
    embedded._OPEN.clear()
    assert places(known.folder, WORDS) == [], "free pages and journals included"
    assert (known.folder / "inbox.sqlite").exists() and inbox_of(known).waiting().calls == 1
    monkeypatch.undo()
    send(known, "m5", userId=OTHER)
    merged = merge(known, now=NOW)
    assert (merged.calls, merged.events) == (2, 1)
    assert f"Told {GONE}" in {row["event"] for row in _rows(known)}


def test_ids_of_a_waiting_call_are_those_of_its_event():
    calls = [
        {
            "type": "track",
            "event": "Paid",
            "userId": "u1",
            "anonymousId": "d1",
            "context": {"traits": {"email": OTHER}},
        },
        {
            "type": "identify",
            "userId": "u1",
            "traits": {"email": "Ana <a@x.com>", "phone": "+49 (0)30 1234567"},
        },
        {"type": "alias", "userId": "u1", "previousId": "old"},
        {"type": "group", "userId": "u1", "anonymousId": "d1", "groupId": "g"},
    ]
    for call in calls:
        (kept,) = read_calls("batch", {"batch": [call]}, NOW).kept
        chunks = [table for chunk in chunks_of([(1, kept.row)]) for table in (chunk.events, chunk.links)]
        merged = {raw for table in chunks for raws in table["raw_ids"].to_pylist() for raw in raws}
        assert merged and merged <= {raw for ids in raw_ids_of(kept.row).values() for raw in ids}, call


class Stopped(BaseException):
    """Ctrl-C, at the worst moment."""


@pytest.mark.parametrize("at", ["erase_calls", "clean_notes"])
def test_cut_short_before_inbox_and_notes_the_next_opening_cleans_them(known, monkeypatch, at):
    send(known, "m1", userId=OTHER)
    send(known, "m3", userId="bob-0001", properties={"note": f"told {OTHER} and Ana Petrova"})
    save_source(known, Source("shop", "folder", "/exports"), author="x", now=NOW)
    note = {"files": {f"shop › {MAIL}.csv": {"mark": "1"}}, "ok_at": "2026-03-01T00:00:00+00:00"}
    Notes(known.folder / "sources").put("shop", note)

    def stop(*_of, **_how):
        raise Stopped

    monkeypatch.setattr(unfinished, at, stop)
    with pytest.raises(Stopped):
        forget(known, MAIL, ["Ana Petrova"], author="o", now=NOW)
    monkeypatch.undo()
    again = open_workspace("acme", known.settings, now=NOW + timedelta(minutes=2))
    embedded._OPEN.clear()
    assert places(again.folder, [*WORDS, "Ana Petrova"]) == []
    assert Notes(known.folder / "sources").get("shop") == {"ok_at": note["ok_at"]}


# ---------------------------------------------------------------- spend, previews, temporary files


def test_spend_in_the_snapshot_and_what_previews_leave_hold_nothing_of_them(
    known, put, tmp_path, monkeypatch
):
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    day = known.events().run(known.events().table.limit(1).select("local_date"))["local_date"][0].as_py()
    rows = context_table([{"first_day": day, "last_day": day, "campaign": f"Winback {OTHER}", "spend": 1.0}])
    known.batch_files.write_context(known.batches()[0].doc_id, rows)
    put(known, HEAD + "bob-0001,,,c,2026-03-09 09:00,x,\n", "c.csv")
    file = tmp_path / "preview.csv"
    file.write_text(SECOND)
    preview_files(known, [(file, "preview.csv")], now=NOW)
    assert any("snapshots" in place for place in places(known.folder, ["Winback"])), "it is in the snapshot"
    assert look(known, MAIL).said == 2
    forget(known, MAIL, author="o", now=NOW)
    embedded._OPEN.clear()
    assert places(known.folder, WORDS) == [] and places(known.folder, ["Winback"])
    assert places(temp, WORDS) == []


HOLDER = """
import sys; sys.path.insert(0, {root!r})
import tempfile; tempfile.tempdir = {temp!r}
from journey_app.temporary import TemporaryFolder
made = TemporaryFolder("source")
(made.path / "file").write_text("held")
print(made.path, flush=True)
input()
"""


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_uses_stays(tmp_path, monkeypatch):
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    code = HOLDER.format(root=str(ROOT), temp=str(temp))
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        for _ in range(2)
    ]
    dead, living = (Path(child.stdout.readline().decode().strip()) for child in children)
    os.kill(children[0].pid, signal.SIGKILL)
    children[0].wait()
    try:
        long_ago = NOW.timestamp() - 40 * 86_400
        strangers = [
            temp / name for name in ("journey-source-old00", "journey-spill-old00", "journey-other-x", "x")
        ]
        for folder in strangers:
            folder.mkdir()
        fresh = temp / "journey-source-new00"
        fresh.mkdir()
        for folder in (dead, living, *strangers):
            for path in (*folder.iterdir(), folder):
                os.utime(path, (long_ago, long_ago))
        os.utime(fresh, (NOW.timestamp() - 3_600,) * 2)
        assert sorted(temporary.sweep_left_behind(NOW.timestamp())) == [dead.name, "journey-source-old00"]
        assert (living / "file").read_text() == "held" and fresh.exists()
        assert all(folder.exists() for folder in strangers[1:])
    finally:
        children[1].communicate(b"\n")
    assert not living.exists(), "it takes it away itself"


def test_a_folder_that_goes_while_the_others_are_looked_at_stops_nothing(tmp_path, monkeypatch):
    left, gone = tmp_path / "journey-preview-old00", tmp_path / "journey-backup-gone0"
    left.mkdir()
    os.utime(left, (1, 1))
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: iter([gone, left]))
    assert temporary.sweep_left_behind(NOW.timestamp(), tmp_path) == [left.name]


def test_the_first_workspace_a_process_opens_sweeps(known, tmp_path):
    temp = tmp_path / "temp"
    left = temp / "journey-preview-old00"
    left.mkdir(parents=True)
    os.utime(left, (1, 1))
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import tempfile; tempfile.tempdir = {str(temp)!r}\n"
        "from pathlib import Path; from journey_app.settings import Settings\n"
        "from journey_app.workspace.home import open_workspace\n"
        f"open_workspace('acme', Settings(home=Path({str(known.settings.home)!r})))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert not left.exists()


# ---------------------------------------------------------------- what is told before and after


def test_what_is_given_out_is_what_forgetting_takes(known, put):
    send(known, "m1", kind="identify", userId="cust-0001-ana", traits={"email": OTHER})
    merge(known, now=NOW)
    put(known, FIRST.replace("hello", "again"), "overlap.csv")
    given = knowing.as_plain(knowing.known(known, MAIL, now=NOW))
    found, before = look(known, MAIL), everything(known)
    forget(known, MAIL, author="o", now=NOW)
    after = everything(known)
    assert len(given["events"]) == found.events == len(before[0] - after[0]) == 5
    assert len(given["links"]) == found.links == before[1] - after[1] > 0
    assert sum(e.get("amount", 0) for e in given["events"]) == before[2] - after[2] == 17
    assert {each["id"] for each in given["ids"]} == set(found.raw_ids)
    assert after[0] < before[0]


def test_a_receipt_counts_and_names_nobody(known):
    decisions.save_grade(
        known, Grade("support", "G", "Tom", f"says {OTHER}"), based_on=0, author="x", now=NOW
    )
    (known.folder.parent / f"{MAIL}.zip").write_bytes(b"PK")
    before = look(known, MAIL, ["Ana Petrova"])
    assert [(each.kind, each.title) for each in before.decisions] == [
        ("batch", "a.csv"),
        ("batch", "b.csv"),
        ("grade", "support"),
    ]
    gone = forget(known, MAIL, ["Ana Petrova"], author="o", now=NOW)
    assert gone == before
    made = receipts.receipt(known, gone, at=NOW)
    assert (made.events, made.raw_files, dict(made.decisions)) == (4, 2, {"batch": 2, "grade": 1})
    text = "\n".join(receipts.as_lines(made)).lower()
    assert "2026-03-20 12:00 utc" in text and "events removed: 4" in text
    assert not [word for word in ("ana", "lopez", "cust-0001", "anon-99") if word in text]


def test_a_file_is_still_imported_when_nobody_was_forgotten(space, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text(FIRST)
    assert import_files(space, [(file, f"{MAIL}.csv")], author="a", now=NOW).files[0].events == 4
    assert space.batches()[0].body["report"]["file"] == f"{MAIL}.csv"
