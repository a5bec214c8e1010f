"""The tray: copies on disk, one bad file among good ones, answers, and nothing left behind."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journey_app.errors import BadChoice, BadFile, UnknownName
from journey_app.settings import Settings
from journey_app.ui import dropping, imports, uploads
from journey_app.ui.tray import Tray
from journey_app.vocabulary import Answers, Imported
from journey_app.workspace.home import open_workspace
from journey_app.workspace.importing import import_prepared
from journey_app.workspace.remembering import answered_with, remember

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
LOG = "user_id,event,timestamp\nu1,Signed up,2026-03-02 09:00\nu1,Paid,2026-03-03 10:00\n"
DATES = "id,event,date\n1,a,03/04/2026\n2,b,05/06/2026\n"


class Sent(io.BytesIO):
    """A file as the browser sends it."""

    def __init__(self, name: str, text: str | bytes) -> None:
        super().__init__(text.encode() if isinstance(text, str) else text)
        self.name = name


@pytest.fixture
def space(tmp_path: Path):
    return open_workspace("acme", Settings(home=tmp_path), create=True, now=NOW)


def tray_with(space, **files) -> Tray:
    tray = Tray()
    for name, text in files.items():
        tray.take(f"{name}.csv", Sent(f"{name}.csv", text))
    uploads.read(space, tray, lambda _share, _sentence: None)
    return tray


def test_a_file_is_kept_under_a_name_of_our_own_and_goes_with_the_tray(space):
    tray = Tray()
    assert tray.take("../../etc/passwd", Sent("x", LOG))
    kept = tray.drops[0].path
    assert kept.parent == tray.folder.path and kept.read_text() == LOG
    tray.close()
    assert not kept.exists()


def test_the_same_file_dropped_twice_lies_there_once(space):
    tray = Tray()
    assert tray.take("log.csv", Sent("log.csv", LOG)) and not tray.take("log.csv", Sent("log.csv", LOG))
    assert tray.take("copy.csv", Sent("copy.csv", LOG)), "another name may be meant"
    assert len(list(tray.folder.path.iterdir())) == 2


def test_a_bad_file_has_its_own_sentences_and_spoils_no_other(space):
    tray = tray_with(space, log=LOG, picture="\x89PNG\r\n", dates=DATES, columns="x,y\n1,2\n3,4\n")
    assert [piece.state for piece in tray.pieces] == ["ready", "asked", "timeless"]
    assert tray.drops[1].trouble is not None and "picture" in tray.drops[1].trouble.what
    assert tray.outlook is not None and tray.outlook[1].customers == 3
    assert not uploads.needs_reading(space, tray)


def test_a_question_is_shown_with_our_reading_and_turned_by_the_answer(space):
    tray = tray_with(space, dates=DATES)
    (piece,) = tray.pieces
    assert uploads.shown_order(piece) == "dmy" and piece.preview.newest[-1].at == datetime.fromisoformat(
        "2026-04-03"
    )
    piece.shown_as = "mdy"
    assert uploads.needs_reading(space, tray)
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert piece.preview.newest[-1].at == datetime.fromisoformat("2026-03-04") and piece.state == "asked"
    uploads.answer(space, piece, Answers(dates="mdy"))
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert piece.state == "ready"


def test_a_wrong_answer_changes_nothing(space):
    tray = tray_with(space, log=LOG)
    before = tray.pieces[0].table
    with pytest.raises(UnknownName):
        uploads.answer(space, tray.pieces[0], Answers(map={"customer": "nobody"}))
    assert tray.pieces[0].table is before and tray.pieces[0].answers == Answers()


def test_answers_that_leave_a_column_missing_are_refused_and_change_nothing(space):
    tray = tray_with(space, columns="x,y,z\n1,2,3\n3,4,5\n")
    (piece,) = tray.pieces
    before = piece.table
    with pytest.raises(BadChoice, match=r"customer \(who did it\) and the time"):
        uploads.answer(space, piece, Answers(map={"event": "y"}))
    assert piece.table is before and piece.answers == Answers()


def test_after_storing_only_what_was_not_stored_stays(space, monkeypatch):
    tray = tray_with(space, log=LOG, columns="x,y\n1,2\n3,4\n", picture="\x89PNG\r\n")
    monkeypatch.setattr(uploads, "tray_of", lambda _space: tray)
    kept = [drop.path.exists() for drop in tray.drops]
    stored = tray.drops[0]
    report = Imported((), 0, 0, "v")
    uploads.keep_only_unstored(space, [tray.pieces[0]], report)
    assert [drop.name for drop in tray.drops] == ["columns.csv", "picture.csv"] and tray.stored is report
    assert kept == [True] * 3 and not stored.path.exists() and tray.drops[0].path.exists()


def test_what_was_answered_once_is_not_asked_again(space):
    table = tray_with(space, dates=DATES).pieces[0].table
    remember(space, table, Answers(dates="dmy"), author="ana", now=NOW)
    piece = tray_with(space, dates=DATES + "3,c,07/08/2026\n").pieces[0]
    assert piece.state == "ready" and piece.recalled.startswith("Read like last time (recipe of ")
    uploads.without_recipe(piece)
    assert (piece.state, piece.recalled) == ("asked", "")


def test_an_answer_that_fits_no_more_is_said_and_the_file_read_as_found(space):
    table = tray_with(space, log=LOG).pieces[0].table
    remember(space, table, Answers(timezone="Mars/Olympus"), author="ana", now=NOW)
    piece = tray_with(space, log=LOG).pieces[0]
    assert piece.state == "ready" and "Mars/Olympus" in piece.remark


def test_overlapping_files_of_one_drop_count_an_event_once(space):
    tray = tray_with(space, first=LOG, second=LOG + "u2,Paid,2026-03-04 10:00\n")
    assert [piece.preview.report.events for piece in tray.pieces] == [2, 1]
    tray.leave_out(tray.pieces[0])
    assert uploads.needs_reading(space, tray)
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert [piece.preview.report.events for piece in tray.pieces] == [3]


def test_somebody_else_s_import_makes_the_preview_old(space):
    tray = tray_with(space, log=LOG)
    other = tray_with(space, same=LOG)
    import_prepared(space, [other.pieces[0].table], author="bob", now=NOW)
    assert uploads.needs_reading(space, tray)
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert tray.pieces[0].preview.report.events == 0


def test_stopping_in_the_middle_leaves_the_rest_to_be_read_on(space):
    tray = Tray()
    for name in ("one", "two"):
        tray.take(f"{name}.csv", Sent(name, LOG.replace("u1", name)))

    class Stopped(BaseException):
        pass

    def stop_at_the_second(_share: float, sentence: str) -> None:
        if sentence == "Reading two.csv":
            raise Stopped

    with pytest.raises(Stopped):
        uploads.read(space, tray, stop_at_the_second)
    assert [piece.state for piece in tray.pieces] == ["ready", "unread"]
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert [piece.state for piece in tray.pieces] == ["ready", "ready"]


def test_a_full_disk_is_a_sentence_and_leaves_no_torn_copy(space, monkeypatch):
    tray = Tray()

    def full(_file, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("journey_app.ui.tray._copied", full)
    with pytest.raises(BadFile) as refused:
        tray.take("log.csv", Sent("log.csv", LOG))
    assert "No space left" in refused.value.what
    assert tray.drops == [] and list(tray.folder.path.iterdir()) == []


def test_after_stop_it_is_said_what_became_of_the_data(space, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(imports.st, "toast", lambda words, icon: said.append(words))
    tray = tray_with(space, log=LOG)
    imports.say_if_stopped(space, tray)
    tray.stopped = (space.version,)
    imports.say_if_stopped(space, tray)
    imports.say_if_stopped(space, tray)
    tray.stopped = (space.version,)
    import_prepared(space, [tray.pieces[0].table], author="bob", now=NOW)
    imports.say_if_stopped(space, tray)
    assert said == ["Stopped; nothing was stored.", "Stopped, but all of it had just been stored."]


def test_looking_at_a_file_says_how_much_was_read(space):
    tray, said = Tray(), []
    tray.take("log.csv", Sent("log.csv", LOG + "".join(f"u{n},Paid,2026-03-03\n" for n in range(300_000))))
    uploads.read(space, tray, lambda _share, sentence: said.append(sentence))
    assert any("MB read" in sentence for sentence in said)


BASKETS = "customer,basket_id,product,sales,time\n" + "".join(
    f"ana,{basket},{product},{sales},2026-03-0{day} 10:00\n"
    for basket, product, sales, day in (
        (1, "bread", 2.5, 1),
        (2, "milk", 1.5, 2),
        (1, "eggs", 3.0, 1),
        (2, "jam", 2.0, 2),
        (2, "tea", 4.0, 5),
    )
)


def test_a_question_about_orders_is_shown_as_chosen_and_taken(space):
    tray = tray_with(space, baskets=BASKETS)
    (piece,) = tray.pieces
    assert piece.state == "asked" and piece.table.question.option == "--one-per"
    assert [seen.amount for seen in piece.preview.newest] == [7.5, 5.5]
    assert not any(guessed for _, _, guessed in dropping._some_of_every_file(tray)), "no date is in question"
    piece.shown_as = "none"
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert len(piece.preview.newest) == 5 and piece.state == "asked"
    uploads.answer(space, piece, uploads.told_of(piece.answers, piece.table.question, "basket_id"))
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert piece.state == "ready" and piece.preview.report.events == 2


def test_of_two_questions_the_first_is_asked_first(space):
    tray = tray_with(space, baskets=BASKETS.replace("2026-03-0", "0").replace(" 10:00", "/03/2026"))
    (piece,) = tray.pieces
    assert piece.table.question.option == "--dates" and len(piece.preview.newest) == 2
    uploads.answer(space, piece, Answers(dates="dmy"))
    assert piece.table.question.option == "--one-per"


def test_the_reading_that_would_count_twice_is_refused_and_left_again_by_the_click_that_made_it(space):
    whole = BASKETS.replace("03-05", "03-02")
    first = tray_with(space, baskets=whole)
    uploads.answer(space, first.pieces[0], Answers(one_per="none"))
    import_prepared(space, [piece.table for piece in first.pieces], author="ana", now=NOW)
    header, *rows = whole.splitlines()
    tray = tray_with(space, baskets="\n".join([header, *reversed(rows)]))
    (piece,) = tray.pieces
    assert piece.state == "failed" and "count twice" in piece.trouble.what
    (seen,) = [seen for seen in piece.checkup if seen.fix and seen.fix.answer == "one_per"]
    uploads.answer(space, piece, answered_with(piece.answers, seen.fix, "none"))
    uploads.read(space, tray, lambda _share, _sentence: None)
    assert piece.state == "ready" and piece.preview.report.already_there == 5
