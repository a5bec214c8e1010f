"""One customer is forgotten: not one byte of theirs is left, everybody else is as before, and nobody comes back."""

from __future__ import annotations

import gzip
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from journey_app.analysis.catalog import totals
from journey_app.engine import embedded
from journey_app.engine.forgotten import GONE, NOBODY, scrubbed
from journey_app.engine.mentions import without
from journey_app.errors import BadChoice, NotAllowed, UnknownName
from journey_app.settings import Settings
from journey_app.store.trouble import StoreTrouble
from journey_app.vocabulary import CleanUp, Grade, LeaveOut
from journey_app.workspace import decisions, forgetting, tidying, unfinished
from journey_app.workspace.forgetting import forget
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_files, undo
from journey_app.workspace.theirs import look
from journey_app.workspace.whose import whose
from journey_app.workspace.wording import Wording
from journey_app.workspace.workspace import Workspace
from tests.workspace.conftest import NOW
from tests.workspace.everywhere import places

ROOT = Path(__file__).parents[2]
MAIL, USER, DEVICE, NAME = "ana.petrova@north.com", "cust-4711-ana", "anon-77aa-ana", "Ana Petrova"
WORDS = [MAIL, USER, DEVICE, NAME, "4711-ana"]
HEAD = "user_id,email,anonymous_id,event,timestamp,text,note\n"
PRODUCT = HEAD + (
    f"{USER},{MAIL},{DEVICE},visit,2026-03-02 09:00,hello,x\n"
    f",,{DEVICE},look,2026-03-01 09:00,,x\n"
    f"{USER},,,pay,2026-03-03 09:00,I am {NAME},x\n"
    f"bob-0001,bob@south.com,,visit,2026-03-02 10:00,ask {MAIL.upper()} or {NAME}!,my friend {USER}\n"
    "bob-0001,,,pay,2026-03-02 11:00,fine,x\n"
    "eve-0002,eve@south.com,,visit,2026-03-02 10:00,fine,x\n"
)
LATER = HEAD + "eve-0002,,,pay,2026-03-05 10:00,fine,x\nzoe-0003,,,visit,2026-03-05 10:00,fine,x\n"
ALSO = (NAME,)


def workbook() -> bytes:
    book = Workbook()
    for row in (
        ["user_id", "event", "timestamp"],
        [USER, "call", "2026-03-04 10:00"],
        ["bob-0001", "call", "2026-03-04 11:00"],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return out.getvalue()


def bring(space: Workspace, folder: Path, name: str, content: bytes, now=NOW):
    file = folder / "brought"
    file.write_bytes(content)
    return import_files(space, [(file, name)], author="ana", now=now)


@pytest.fixture
def full(made, tmp_path) -> Workspace:
    """A copy of it, so that each test forgets by itself."""
    shutil.copytree(made.settings.home, tmp_path / "copied")
    return open_workspace("acme", replace(made.settings, home=tmp_path / "copied"))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Workspace:
    """Five imports of four shapes, and decisions that name them."""
    tmp_path = tmp_path_factory.mktemp("full")
    space = open_workspace("acme", Settings(home=tmp_path / "home"), create=True, now=NOW)
    bring(space, tmp_path, "product.csv", PRODUCT.encode())
    bring(space, tmp_path, f"calls of {NAME}.xlsx", workbook())
    bring(space, tmp_path, "more.csv.gz", gzip.compress(PRODUCT.replace("visit", "open").encode()))
    bring(space, tmp_path, "later.zip", packed("later.csv", LATER))
    # a row without a time gives no event, yet the raw file holds it
    bring(
        space,
        tmp_path,
        "odd.csv",
        (HEAD + f"{USER},,,visit,,x,x\nbob-0001,,,read,2026-03-06 10:00,x,x\n").encode(),
    )
    rules = CleanUp(
        (LeaveOut("ids", r"^email:(?:ana\.petrova@north\.com|x@y\.com)$", f"{NAME}, a colleague"),)
    )
    held = tidying.save_clean_up(space, rules, based_on=0, carry=False, author="ana", now=NOW)
    assert held.customers == 3, "left out, and still to be found"
    decisions.save_grade(space, Grade("support", "G", MAIL, f"says {NAME}"), based_on=0, author="x", now=NOW)
    decisions.save_grade(space, Grade("support", "R", "Tom", ""), based_on=1, author=MAIL, now=NOW)
    decisions.save_grade(space, Grade(f"desk of {NAME}", "R", "", ""), based_on=0, author="x", now=NOW)
    cut = {"left": f"user_id:{USER}", "right": "user_id:bob-0001"}
    space.store.put("cut", f"user_id:{USER}|bob", cut, based_on=0, author="x", now=NOW)
    return space


def others(space: Workspace) -> list[tuple]:
    """Every event of the others, by their key; a source that was called after them has another name then."""
    events = space.events()
    joined = events.table.join(events.customers, "customer_id")
    rows = events.run(joined.select("key", "event", "occurred_at", "event_id", "source")).to_pylist()
    named = ({**row, "source": row["source"].replace(NAME, GONE)} for row in rows)
    return sorted(tuple(row.values()) for row in named if USER not in row["key"])


def test_first_everything_is_found(full):
    found = look(full, MAIL, ALSO)
    assert set(found.raw_ids) == {f"user_id:{USER}", f"email:{MAIL}", f"anonymous_id:{DEVICE}"}
    assert (found.events, found.shared) == (5, ())
    assert {name for name, _kept in found.uploads} >= {"product.csv", "more.csv.gz", "odd.csv"}
    assert not any("later" in name for name, _kept in found.uploads)
    assert {each.kind for each in found.decisions} == {"grade", "clean_up", "cut", "batch"}
    assert places(full.folder, [MAIL]), "the search finds what is there"


def test_no_byte_is_left_and_everybody_else_is_as_before(full):
    before, held = others(full), totals(full.events())
    left_over = [b.doc_id for b in full.batches()]
    gone = forget(full, USER, ALSO, author="owner", now=NOW)
    embedded._OPEN.clear()
    assert places(full.folder, WORDS) == []
    assert others(full) == before and totals(full.events()) == held, "she had been left out by the rule"
    assert [b.body["title"] for b in full.batches()] and len(full.batches()) == len(left_over)
    assert all(b.saved_at == NOW and b.author == "ana" for b in full.batches())
    kept = {
        b.body["report"]["file"]
        for b in full.batches()
        if (full.folder / "uploads" / b.body["upload"]).exists()
    }
    assert kept == {"later.zip › later.csv"}
    assert len(list(full.snapshots.iterdir())) == 1
    assert full.store.get("forgetting", "forgetting") is None
    grades = decisions.grades(full)
    assert grades["support"].value == Grade("support", "R", "Tom", ""), (
        "the decision stays, her name does not"
    )
    assert grades["support"].author == GONE
    assert full.store.list("cut") == []
    assert gone.raw_ids
    with pytest.raises(UnknownName, match="No customer is called"):
        look(full, MAIL)


def test_whoever_was_forgotten_does_not_come_back(full, tmp_path):
    forget(full, MAIL, ALSO, author="owner", now=NOW)
    before = others(full)
    new = HEAD + (
        f"{USER},,,return,2026-03-09 09:00,x,x\n"
        f",{MAIL},,return,2026-03-09 09:01,x,x\n"
        f"{MAIL},,,return,2026-03-09 09:02,x,x\n"
        "bob-0001,,,return,2026-03-09 09:03,x,x\n"
    )
    report = bring(full, tmp_path, "new.csv", new.encode()).files[0]
    assert (report.rows, report.events, report.rejected) == (4, 1, 3)
    assert [(r.reason, r.rows, r.first_rows) for r in report.rejects] == [
        ("of people who asked to be forgotten", 3, ())
    ]
    assert len(others(full)) == len(before) + 1
    again = bring(full, tmp_path, "product.csv", PRODUCT.encode()).files[0]
    assert again.events == 0
    batch = next(b.doc_id for b in full.batches() if b.body["report"]["file"] == "product.csv")
    undo(full, batch, author="ana", now=NOW)
    bring(full, tmp_path, "product.csv", PRODUCT.encode())
    events = full.events()
    assert not [
        k for k in events.run(events.customers.select("key"))["key"].to_pylist() if USER in k or MAIL in k
    ]


def test_an_id_that_others_use_too_is_taken_out_of_their_rows_which_stay(space, tmp_path):
    rows = "".join(f"staff-{n:04d},info@south.com,,visit,2026-03-02 1{n}:00,x,x\n" for n in range(6))
    mailbox = ",info@south.com,,call,2026-03-02 09:00,x,x\n"
    bring(space, tmp_path, "a.csv", (HEAD + rows + mailbox).encode())
    assert totals(space.events()).customers == 7
    gone = forget(space, "info@south.com", author="owner", now=NOW)
    assert gone.shared == ("email:info@south.com",)
    assert (totals(space.events()).events, totals(space.events()).customers) == (6, 6)
    assert places(space.folder, ["info@south.com"]) == []
    more = (
        HEAD
        + "staff-0001,info@south.com,,pay,2026-03-08 10:00,x,x\n,info@south.com,,call,2026-03-08 10:00,x,x\n"
    )
    assert bring(space, tmp_path, "b.csv", more.encode()).files[0].events == 1


def test_whom_is_meant_must_be_clear(space, tmp_path):
    bring(
        space,
        tmp_path,
        "a.csv",
        (HEAD + "twin-000,,,a,2026-03-02 10:00,x,x\n,,twin-000,b,2026-03-02 10:00,x,x\n").encode(),
    )
    with pytest.raises(BadChoice, match="2 customers have the id"):
        forget(space, "twin-000", author="o", now=NOW)
    with pytest.raises(BadChoice, match="too short"):
        look(space, "user_id:twin-000", ["x"])
    with pytest.raises(BadChoice, match="Nobody was named"):
        look(space, "  ")
    with pytest.raises(NotAllowed, match="nobody was forgotten"):
        forget(
            open_workspace("acme", replace(space.settings, read_only=True)),
            "user_id:twin-000",
            author="o",
            now=NOW,
        )
    assert forget(space, "USER_ID:twin-000", author="o", now=NOW).events == 1
    assert totals(space.events()).events == 1


def test_what_forgetting_does_not_reach_is_named(full, tmp_path):
    open_workspace("other", full.settings, create=True, now=NOW)
    (full.folder.parent / "acme-backup.zip").write_bytes(b"PK")
    found = look(full, MAIL).elsewhere
    assert any("“other”" in each for each in found) and any("acme-backup.zip" in each for each in found)


as_it_is = SimpleNamespace(
    **{name: getattr(unfinished, name) for name in ("erase_calls", "sweep", "clean_notes")}
)


class Stopped(BaseException):
    """Ctrl-C, at the worst moment."""


@pytest.mark.parametrize("at", ["build", "point_to", "bury", "sweep", "let_go"])
def test_cut_short_anywhere_it_is_all_or_nothing(full, monkeypatch, at):
    before = others(full)

    def stop(*_of, **_how):
        raise Stopped

    monkeypatch.setattr(unfinished if at in ("sweep", "let_go") else forgetting, at, stop)
    with pytest.raises(Stopped):
        forget(full, MAIL, ALSO, author="owner", now=NOW)
    monkeypatch.undo()
    committed = at in ("sweep", "let_go")
    assert (full.store.get("forgetting", "forgetting") is not None) == committed
    again = open_workspace("acme", full.settings, now=NOW + timedelta(minutes=2))
    assert others(again) == before
    embedded._OPEN.clear()
    if committed:
        assert places(again.folder, WORDS) == []
        assert again.store.get("forgetting", "forgetting") is None
    else:
        assert look(again, MAIL, ALSO).events == 5
        forget(again, MAIL, ALSO, author="owner", now=NOW + timedelta(minutes=4))
        assert places(again.folder, WORDS) == []


KILLED = """
import sys; sys.path.insert(0, {root!r})
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from journey_app.settings import Settings
from journey_app.store.trouble import StoreTrouble
from journey_app.workspace.home import open_workspace
from journey_app.workspace.forgetting import forget
space = open_workspace("acme", Settings(home=Path({home!r})))
print("ready", flush=True)
forget(space, {who!r}, {also!r}, author="owner", now=datetime.fromisoformat({now!r}))
"""


def test_killed_at_any_moment_it_is_all_or_nothing(full):
    before, begins, seen, rng = others(full), NOW, set(), random.Random(3)
    for _turn in range(3):
        begins += timedelta(minutes=2)
        code = KILLED.format(
            root=str(ROOT), home=str(full.settings.home), who=MAIL, also=ALSO, now=begins.isoformat()
        )
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.0, 1.2))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        begins += timedelta(minutes=2)
        again = open_workspace("acme", full.settings, now=begins)
        assert others(again) == before
        try:
            seen.add(look(again, MAIL, ALSO).events)
        except UnknownName:
            assert places(again.folder, WORDS) == []
            break
    else:
        forget(
            open_workspace("acme", full.settings),
            MAIL,
            ALSO,
            author="owner",
            now=begins + timedelta(minutes=2),
        )
        assert places(full.folder, WORDS) == []
    assert seen <= {5}


def test_words_end_where_ids_end_and_fields_of_forms_keep_their_names(space, tmp_path):
    bring(
        space,
        tmp_path,
        "a.csv",
        (
            HEAD + "rejected,jo@ex.org,,a,2026-03-02 10:00,x,x\n,mary-jo@ex.org,,a,2026-03-02 10:00,x,x\n"
        ).encode(),
    )
    wording = whose(space, "jo@ex.org").wording
    cleaned = wording.cleaned
    kept = ["email:mary-jo@ex.org", "user_id:rejected-x", "jo@ex.org.au", "rejected"]
    assert cleaned(kept) == kept
    assert cleaned("ask jo@ex.org.") == f"ask {GONE}."
    assert cleaned("jo@ex.org.csv") == f"{GONE}.csv"
    texts = pa.table({"text": [*kept, "ask JO@ex.org.", None]})
    assert scrubbed(texts, wording.out_of)[0]["text"].to_pylist() == [
        *kept,
        "ask (forgotten).",
        None,
    ]
    assert whose(space, "jo@ex.org", ("rejected",)).wording.cleaned({"rejected": 1}) == {"rejected": 1}
    forget(space, "jo@ex.org", author="o", now=NOW)
    assert all("rejected" in b.body["report"] for b in space.batches())


def test_spend_that_came_with_a_batch_stays_without_their_words(space, tmp_path):
    bring(space, tmp_path, "a.csv", PRODUCT.encode())
    files, batch = space.batch_files, space.batches()[0].doc_id
    pq.write_table(pa.table({"campaign": [f"Winback {MAIL}", "Spring"]}), files.context_file(batch))
    new, _lost = without(files, batch, NOBODY, Wording((f"email:{MAIL}",)).out_of)
    held = pq.read_table(files.context_file(new))
    assert held["campaign"].to_pylist() == ["Winback (forgotten)", "Spring"]


def test_a_cut_of_ids_that_only_look_alike_stays(space, tmp_path):
    bring(space, tmp_path, "log.csv", b"user_id,event,timestamp\n7,Paid,2026-03-01\nben,Paid,2026-03-02\n")
    for at, (left, right) in enumerate((("user_id:7", "user_id:ben"), ("user_id:7/a", "user_id:zoe"))):
        space.store.put("cut", f"c{at}", {"left": left, "right": right}, based_on=0, author="x", now=NOW)
    forget(space, "user_id:7", author="x", now=NOW)
    assert [cut.body["left"] for cut in space.store.list("cut")] == ["user_id:7/a"]


@pytest.mark.parametrize(
    ("at", "left"),
    [("erase_calls", "calls that wait"), ("sweep", "data as they were"), ("clean_notes", "sources remember")],
)
def test_what_cannot_be_removed_is_said_stops_nothing_else_and_is_tried_again(full, monkeypatch, at, left):
    uploads = [full.folder / "uploads" / kept for _name, kept in look(full, MAIL, ALSO).uploads]

    def trouble(*_of, **_how):
        raise StoreTrouble("The disk is full.", "Free some space.")

    monkeypatch.setattr(unfinished, at, trouble)
    with pytest.raises(unfinished.Unfinished, match=left) as said:
        forget(full, MAIL, ALSO, author="owner", now=NOW)
    assert said.value.gone.events == 5 and len(said.value.left) == 1
    assert uploads and not any(file.exists() for file in uploads)
    assert [file.stem for file in full.snapshots.iterdir()] == [full.version]
    assert not unfinished.finish_forgetting(full, now=NOW), "still in the way"
    monkeypatch.setattr(unfinished, at, getattr(as_it_is, at))
    assert not unfinished.finish_forgetting(full, now=NOW), "not at once again"
    monkeypatch.setattr(unfinished, "AGAIN_AFTER_S", 0.0)
    assert unfinished.finish_forgetting(full, now=NOW), "the same workspace, still open"
    assert full.store.get("forgetting", "forgetting") is None
    embedded._OPEN.clear()
    assert places(full.folder, WORDS) == []


def test_a_workspace_opens_though_a_forgetting_cannot_be_finished(full, monkeypatch):
    def trouble(*_of, **_how):
        raise StoreTrouble("The disk is full.", "Free some space.")

    monkeypatch.setattr(unfinished, "erase_calls", trouble)
    with pytest.raises(unfinished.Unfinished, match="calls that wait to become events"):
        forget(full, MAIL, ALSO, author="owner", now=NOW)
    assert open_workspace("acme", full.settings, now=NOW + timedelta(minutes=2)).version == full.version
