"""Equal small numbers of two logs are one person only where the logs say so, or a person does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from journey_app.errors import BadChoice, JourneyError, Question, UnknownName
from journey_app.ui import uploads
from journey_app.ui.tray import Tray
from journey_app.vocabulary import Answers
from journey_app.workspace.forgetting import forget
from journey_app.workspace.importing import import_files, import_prepared, prepare_file, undo
from journey_app.workspace.numbering import KIND, OWN, USER, stem
from journey_app.workspace.placing import placed
from journey_app.workspace.troubles import NotAllFiles
from journey_app.workspace.workspace import Workspace

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def log(column: str, what: str, ids=(1, 2, 3), month: int = 3) -> str:
    rows = (f"{one},{what},2026-{month:02d}-{at + 1:02d} 10:00:00\n" for at, one in enumerate(ids))
    return f"{column},event,timestamp\n" + "".join(rows)


def file_of(tmp_path: Path, name: str, text: str) -> tuple[Path, str]:
    path = tmp_path / name
    path.write_text(text)
    return path, name


@pytest.fixture
def put(space: Workspace, tmp_path: Path):
    """A function: import a log under a name; it returns the names by which all customers are known then."""

    def imported(name: str, text: str, **answers: str) -> list[str]:
        import_files(space, [file_of(tmp_path, name, text)], Answers(**answers), author="ana", now=NOW)
        return customers(space)

    return imported


def customers(space: Workspace) -> list[str]:
    events = space.events()
    return sorted(row["key"] for row in events.run(events.customers.select("key")).to_pylist())


def kinds(keys: list[str]) -> set[str]:
    return {key.partition(":")[0] for key in keys}


def said_of(space: Workspace, tmp_path: Path, name: str, text: str, answers: Answers = Answers()):  # noqa: B008
    (table,) = placed(space, list(prepare_file(space, *file_of(tmp_path, name, text), answers)))
    (seen,) = [each for each in table.checkup if each.kind == KIND]
    return table, seen


@pytest.mark.parametrize(
    ("column", "short"),
    [("user_id", "user"), ("userID", "user"), ("uid", "u"), ("Case ID", "case"), ("case_id", "case"),
     ("id_client", "client"), ("id", ""), ("Kunden-ID", "kunden"), ("patient", "patient"), ("идент", "идент")],
)  # fmt: skip
def test_what_a_column_is_called_but_for_id(column, short):
    assert stem(column) == short


def test_numbers_of_two_logs_with_other_names_are_asked_about_and_nothing_is_stored(space, put, tmp_path):
    put("web.csv", log("user_id", "visit"))
    with pytest.raises(Question) as asked:
        put("calls.csv", log("case", "rang"))
    assert asked.value.option == "--ids" and list(asked.value.answers) == [OWN, USER]
    assert "“web”" in asked.value.what and "“case” 1, 2, 3" in asked.value.what
    assert len(space.batches()) == 1 and len(customers(space)) == 3
    (table,) = placed(
        space, list(prepare_file(space, *file_of(tmp_path, "b.csv", log("case", "x")), Answers()))
    )
    with pytest.raises(Question):
        import_prepared(space, [table], author="ana", now=NOW)
    assert len(space.batches()) == 1


@pytest.mark.parametrize(("ids", "people"), [(OWN, 6), (USER, 3)])
def test_an_answer_keeps_them_apart_or_joins_them(put, ids, people):
    put("web.csv", log("user_id", "visit"))
    assert len(put("calls.csv", log("case", "rang"), ids=ids)) == people


def test_the_next_file_of_a_source_counts_as_the_one_before(space, put):
    put("web.csv", log("user_id", "visit"))
    before = put("calls.csv", log("case", "rang"), ids=OWN)
    assert put("calls_april.csv", log("case", "rang", month=4)) == before
    with pytest.raises(Question):  # another column may number somebody else
        put("calls_may.csv", log("contact", "rang", month=5))
    assert put("calls_may.csv", log("contact", "rang", month=5), ids="calls") == before
    assert put("calls_may.csv", log("case", "went", month=5)) == before
    notes = space.batches()[-1].body["report"]["notes"]
    assert any("As in earlier files of “calls” they count as numbers that are not" in note for note in notes)
    put("calls_july.csv", log("case", "rang", month=7), ids=OWN)
    assert not any("--ids" in note for note in space.batches()[-1].body["report"]["notes"])
    put("calls_june.csv", log("case", "rang", month=6), ids=USER)
    notes = space.batches()[-1].body["report"]["notes"]
    assert customers(space) == before and any("--ids was not used: “calls”" in note for note in notes)


def test_two_logs_that_call_their_customers_the_same_count_the_same_people(space, put, tmp_path):
    put("web.csv", log("user_id", "visit"))
    assert len(put("shop.csv", log("userID", "bought"))) == 3
    _table, seen = said_of(space, tmp_path, "mail.csv", log("User Id", "opened"))
    assert seen.severity == "note" and "Since “shop” has the same column" in seen.says
    assert seen.fix.option == "--ids" and seen.fix.now == USER and OWN in seen.fix.choices
    assert len(put("mail.csv", log("User Id", "opened"), ids=OWN)) == 6


def test_a_column_called_only_id_says_nothing(put):
    put("web.csv", log("id", "visit"))
    with pytest.raises(Question):
        put("calls.csv", log("id", "rang"))


def test_numbers_that_are_nobodys_user_ids_by_name_are_a_logs_own_from_the_start(put):
    """Else whatever is imported later, such as a known export with user ids, would join them unasked."""
    assert "user_id" not in kinds(put("calls.csv", log("case", "rang")))
    identifies = "id,received_at,anonymous_id,user_id,email\n" + "".join(
        f"i{n},2026-03-01T10:00:00Z,a{n},{n},u{n}@example.com\n" for n in (1, 2, 3)
    )
    assert len(put("identifies.csv", identifies)) == 6
    assert len(put("web.csv", log("user_id", "visit"))) == 6


def test_a_log_may_count_as_another_one_does(space, put, tmp_path):
    put("calls.csv", log("case", "rang"))
    table, _ = said_of(space, tmp_path, "fixes.csv", log("patient", "done"), Answers(ids="calls"))
    assert table.question is None
    assert len(put("fixes.csv", log("patient", "done"), ids="calls")) == 3
    with pytest.raises(UnknownName) as refused:
        put("more.csv", log("subscriber", "done"), ids="callz")
    assert "calls" in refused.value.do


@pytest.mark.parametrize("ids", [("c1", "c2", "c3"), ("1234567890", "1234567891", "1234567892")])
def test_ids_that_are_no_small_numbers_join_wherever_they_stand(put, ids):
    put("web.csv", log("user_id", "visit", ids))
    assert len(put("calls.csv", log("case", "rang", ids))) == 3


def test_the_same_events_are_known_again_where_they_are_the_same_people(space, put, tmp_path):
    put("calls.csv", log("case", "rang"))
    more = log("Case ID", "rang") + "4,rang,2026-03-09 10:00:00\n"
    files = [file_of(tmp_path, "other.csv", more)]
    report = import_files(space, files, author="ana", now=NOW).files[0]
    assert (report.events, report.already_there) == (1, 3)
    assert [batch.body["source"] for batch in space.batches()] == ["calls", "calls"]


def test_equal_events_of_other_people_are_no_repetition(space, put):
    """Two clinics number their patients from 1, and know the day of a visit only."""
    north, south = (
        "patient,event,date\n" + "".join(f"{n},visit,2026-03-{n % days + 1:02d}\n" for n in range(1, 41))
        for days in (20, 15)
    )
    put("north.csv", north)
    assert len(put("south.csv", south, ids=OWN)) == 80
    assert [batch.body["report"]["events"] for batch in space.batches()] == [40, 40]
    assert put("south.csv", south) == customers(space)


def test_user_ids_of_an_overlapping_log_stay_user_ids_whatever_stands_beside_them(space, put):
    """Before somebody signs in their row has a browser only: that is no word about what the ids are."""
    head = "user_id,anonymous_id,event,timestamp\n"
    rows = [f"{n if n % 2 else ''},b{n},visit,2026-03-{n:02d} 10:00:00\n" for n in range(1, 25)]
    put("web.csv", head + "".join(rows[:16]))
    put("traffic.csv", head + "".join(rows[8:]))
    assert [batch.body["source"] for batch in space.batches()] == ["web", "web"]
    assert {f"user_id:{n}" for n in range(1, 25, 2)} < set(customers(space))


@pytest.mark.parametrize(
    "ids", [(1, "guest", 3), (1, "N/A", 3, "-", "unknown"), (*[""] * 30, 1, 2), ("a", 2, "c")]
)
def test_a_cell_that_is_no_number_does_not_join_the_others_unasked(put, ids):
    put("web.csv", log("user_id", "visit"))
    with pytest.raises(Question):
        put(
            "calls.csv",
            "case,event,timestamp\n" + "".join(f"{one},rang,2026-03-02 10:00:00\n" for one in ids),
        )


def test_numbers_after_words_in_one_source_are_asked_about_too(put):
    put("web.csv", log("user_id", "visit"))
    put("calls.csv", log("case", "rang", ("c-1", "c-2")))
    with pytest.raises(Question):
        put("calls_may.csv", log("case", "rang", month=5))


@pytest.mark.parametrize("word", [USER, OWN])
def test_a_source_may_be_called_like_an_answer(put, word):
    put(f"{word}.csv", log("id", "visit"))
    keys = put("calls.csv", log("case", "rang"), ids=word)
    assert len(keys) == 6 and (word == OWN or "user_id:3" in keys)
    assert put("mail.csv", log("contact", "opened"), ids=f"source {word}") == keys


def test_the_answers_say_what_they_do(space, put, tmp_path):
    put("calls.csv", log("case", "rang"))
    table, _ = said_of(space, tmp_path, "web.csv", log("user_id", "visit"))
    replies = table.question.answers
    assert replies[USER].startswith("no, ") and replies["calls"].startswith("yes, ")
    assert len(put("web.csv", log("user_id", "visit"), ids=USER)) == 6
    table, _ = said_of(space, tmp_path, "p.csv", log("patient", "came"))
    assert "“web” and “calls”" in table.question.what and "as in “web”" in table.question.answers[USER]


def test_taken_back_and_answered_anew_they_are_other_people_than_those_who_stayed(space, put):
    put("calls.csv", log("case", "rang"))
    put("fixes.csv", log("patient", "done"), ids="calls")
    undo(space, space.batches()[0].doc_id, author="ana", now=NOW)
    assert len(put("calls.csv", log("case", "rang"), ids=OWN)) == 6


def test_a_later_file_of_words_does_not_hide_that_a_source_has_numbers(put):
    put("web.csv", log("user_id", "visit"))
    put("web_april.csv", log("user_id", "visit", ("walkin-a", "walkin-b"), month=4))
    with pytest.raises(Question):
        put("shop.csv", log("customer_id", "bought"))


def test_where_two_logs_of_one_column_count_other_people_a_third_is_asked_about(put):
    put("web.csv", log("user_id", "visit"))
    put("mail.csv", log("User Id", "opened"), ids=OWN)
    with pytest.raises(Question):
        put("shop.csv", log("user_id", "bought"))


def test_of_several_files_an_answer_is_for_those_that_need_one(space, tmp_path):
    files = [
        file_of(tmp_path, "calls.csv", log("case", "rang")),
        file_of(tmp_path, "web.csv", log("user_id", "visit")),
    ]
    with pytest.raises(NotAllFiles) as asked:
        import_files(space, files, author="ana", now=NOW)
    assert [label for label, _error in asked.value.troubles] == ["web.csv"]
    import_files(space, files, Answers(ids="calls"), author="ana", now=NOW)
    assert len(customers(space)) == 3


def test_of_several_files_none_of_which_asks_an_answer_is_for_all(space, tmp_path):
    files = [file_of(tmp_path, f"{name}.csv", log("user_id", name)) for name in ("web", "shop")]
    import_files(space, files, Answers(ids=OWN), author="ana", now=NOW)
    assert len(customers(space)) == 6


@pytest.mark.parametrize("again", [{"dates": "mdy"}, {"timezone": "Europe/Berlin"}])
def test_the_same_file_read_otherwise_does_not_count_twice(space, put, again):
    text = "user_id,event,timestamp\n" + "".join(f"u{n},visit,0{n}/03/2026 10:00\n" for n in (1, 2, 3))
    put("web.csv", text, dates="dmy")
    with pytest.raises(BadChoice) as refused:
        put("web.csv", text, **{"dates": "dmy", **again})
    assert "read otherwise" in refused.value.what and space.batches()[0].doc_id in refused.value.do
    assert len(space.batches()) == 1
    undo(space, space.batches()[0].doc_id, author="ana", now=NOW)
    put("web.csv", text, **{"dates": "dmy", **again})
    assert len(space.batches()) == 1


@pytest.mark.parametrize("first", ["web.csv", "exports › web.csv"])
def test_the_same_bytes_by_another_name_on_another_clock_do_not_count_twice(space, put, first):
    text = "user_id,event,timestamp\n" + "".join(f"u{n},visit,2026-03-0{n} 10:00\n" for n in (1, 2, 3))
    put(first, text)
    for name in ("web (1).csv", "shop › web.csv"):
        put(name, text)
        with pytest.raises(BadChoice, match="read otherwise"):
            put(name, text, timezone="Europe/Berlin")
    assert {batch.body["report"]["events"] for batch in space.batches()} == {3, 0}


def test_sheets_of_one_file_are_not_the_same_table(space, tmp_path):
    book = openpyxl.Workbook()
    for name, hour in (("Old", 10), ("New", 11)):
        sheet = book.create_sheet(name)
        for row in (("user_id", "event", "timestamp"), ("u1", "visit", f"2026-03-01 {hour}:00:00")):
            sheet.append(row)
    book.remove(book.worksheets[0])
    file = tmp_path / "book.xlsx"
    book.save(file)
    found = prepare_file(space, file, file.name, Answers())
    for table in found:
        import_prepared(space, [table], author="ana", now=NOW)
    assert [batch.body["report"]["events"] for batch in space.batches()] == [1, 1]


@pytest.mark.parametrize("written", ["#{}", "No. {}", "1,00{}", "1.00{}", "{}.00", "nr {}", "n° {}"])
def test_numbers_are_numbers_however_they_are_written(put, written):
    def rows(column, event):
        ids = [written.format(n) for n in (1, 2, 3)]
        return f"{column};event;timestamp\n" + "".join(f"{n};{event};2026-03-02 10:00\n" for n in ids)

    put("calls.csv", rows("case", "rang"))
    with pytest.raises(Question):
        put("visits.csv", rows("patient", "came"))


WRITTEN = ["#{}", "No. {}", "nr {}", "n° {}", "{}.00", "{}.0"]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_same_number_is_one_person_however_it_is_written(put, written):
    put("calls.csv", log("user_id", "rang", [written.format(n) for n in range(1, 31)]), ids=USER)
    known = put("visits.csv", log("patient", "came", range(1, 31)), ids=USER)
    assert known == sorted(f"user_id:{n}" for n in range(1, 31))


def test_thousands_are_numbers_with_and_without_marks(put):
    put("calls.csv", log("case", "rang", [f'"{n:,}"' for n in range(995, 1025)]))
    with pytest.raises(Question, match="is 995 here the same person"):
        put("visits.csv", log("user_id", "came", range(995, 1025)))
    known = put("visits.csv", log("user_id", "came", range(995, 1025)), ids="calls")
    assert len(known) == 30 and kinds(known) == {known[0].partition(":")[0]}
    assert {key.partition(":")[2] for key in known} == {str(n) for n in range(995, 1025)}


def test_numbers_in_the_digits_of_another_script_are_the_same_numbers(put):
    put("calls.csv", log("user_id", "rang", ["١٢", "٣٤", "٥٦"]))
    known = put("visits.csv", log("user_id", "came", [12, 34, 56]))
    assert known == ["user_id:12", "user_id:34", "user_id:56"]


def test_codes_with_a_nought_before_them_and_what_is_no_plain_number_stay_as_they_are(put):
    ids = ["007", "#007", "#7", "u7", "7.5", "0.0", "#0", "12,34", "1234567890.0"]
    found = put("calls.csv", log("user_id", "rang", [f'"{one}"' for one in ids]), ids=USER)
    assert found == [f"user_id:{one}" for one in ("007", "12,34", "1234567890.0", "7", "7.5", "u7")]


def test_the_check_up_says_how_a_number_is_read(space, tmp_path):
    table, seen = said_of(space, tmp_path, "calls.csv", log("user_id", "rang", ["#1", "#2", "#3"]))
    assert "(“user_id” 1, 2, 3 …)" in seen.says
    assert any("written like #1" in each.says and "as 1." in each.says for each in table.checkup)


@pytest.mark.parametrize("written", ["#{}", "{:,}"])
def test_rows_that_are_here_are_known_again_and_another_writing_of_them_is_refused(space, put, written):
    def rows(ids, month=3):
        return log("user_id", "visit", [f'"{one}"' for one in ids], month)

    numbers = range(1001, 1021)
    as_written = [written.format(n) for n in numbers]
    put("web.csv", rows(as_written))
    put("web_april.csv", rows(as_written) + rows(as_written, month=4).partition("\n")[2])
    assert [batch.body["report"]["already_there"] for batch in space.batches()] == [0, 20]
    with pytest.raises(BadChoice, match="would count twice"):
        put("web_again.csv", rows(numbers))
    assert len(customers(space)) == 20


def test_whoever_was_forgotten_by_a_number_does_not_come_back_in_another_writing(space, put):
    put("web.csv", log("user_id", "visit", ["#1", "#2", "#3"]))
    forget(space, "#2", author="ana", now=NOW)
    assert put("calls.csv", log("user_id", "rang", ["1", "2", "No. 2", "3"])) == ["user_id:1", "user_id:3"]


def test_an_export_with_one_column_more_does_not_count_twice(space, put):
    march = "".join(f"u{n},visit,2026-03-{n:02d} 10:00:00,a\n" for n in range(1, 25))
    april = "".join(f"u{n},visit,2026-04-{n:02d} 10:00:00,a\n" for n in range(1, 25))
    put("web.csv", "user_id,event,timestamp,plan\n" + march)
    wider = "user_id,event,timestamp,plan,city\n" + (march + april).replace(",a\n", ",a,Ulm\n")
    with pytest.raises(BadChoice) as refused:
        put("web_april.csv", wider)
    assert "24 of the 48 new events" in refused.value.what and "--source" in refused.value.do
    assert len(space.batches()) == 1
    put("web_april.csv", wider, source="other web")
    assert len(space.batches()) == 2


def test_what_was_cut_within_a_day_or_is_said_more_often_is_no_other_reading(space, put):
    """An export that was cut on the last day brings the rest of that day; equal rows more often are real."""
    head = "user_id,event,date,amount\n"
    rows = [f"u{n},bought,2026-03-{n:02d},5\n" for n in range(1, 21)]
    put("shop.csv", head + "".join(rows))
    more = "".join(f"u{n},bought,2026-03-{n:02d},9\n" for n in range(11, 21))
    new = "".join(f"u{n},bought,2026-04-{n:02d},5\n" for n in range(1, 21))
    put("shop_april.csv", head + "".join(rows) + more + new + "".join(rows))
    assert [batch.body["report"]["events"] for batch in space.batches()] == [20, 50]
    again = "".join(f"u{n},bought,2026-04-{n:02d},7\n" for n in range(1, 21))
    with pytest.raises(BadChoice):
        put("shop_may.csv", head + again)


def test_days_of_a_longer_export_with_a_column_more_are_refused(space, put):
    rows = [(f"u{n}", f"2026-{3 + n // 28:02d}-{n % 28 + 1:02d}") for n in range(80)]
    put(
        "shop.csv",
        "user_id,event,date,amount\n" + "".join(f"{who},bought,{day},5\n" for who, day in rows[:20]),
    )
    longer = "user_id,event,date,amount,branch\n" + "".join(f"{who},bought,{day},5,x\n" for who, day in rows)
    with pytest.raises(BadChoice, match="20 of the 80 new events"):
        put("shop_april.csv", longer)
    assert len(space.batches()) == 1


def test_user_ids_of_a_known_export_that_names_an_address_first_are_numbers_too(put):
    rows = "id,Created date (UTC),Amount,Currency,Status,Customer Email,Client Reference ID\n" + "".join(
        f"py_{n},2026-03-02 10:00:00,9.00,eur,Paid,u{n}@example.com,{n}\n" for n in (1, 2, 3)
    )
    assert "user_id:3" in put("payments.csv", rows)
    with pytest.raises(Question) as asked:
        put("visits.csv", log("customer_id", "visit"))
    assert "stripe" in asked.value.what


def test_all_files_that_need_the_answer_are_named_at_once(space, put, tmp_path):
    put("web.csv", log("user_id", "visit"))
    files = [file_of(tmp_path, f"{name}.csv", log(name, "x")) for name in ("case", "patient")]
    with pytest.raises(NotAllFiles) as asked:
        import_files(space, files, author="ana", now=NOW)
    assert [label for label, _error in asked.value.troubles] == ["case.csv", "patient.csv"]


def test_the_answer_is_of_one_source_and_no_recipe_for_others(space, put):
    put("web.csv", log("user_id", "visit"))
    put("calls.csv", log("case", "rang"), ids=USER)
    with pytest.raises(Question):
        put("stays.csv", log("patient", "came"))
    assert all(recipe.body["answers"].get("ids") is None for recipe in space.store.list("recipe"))


def test_forgetting_somebody_by_a_logs_own_number_leaves_their_namesake(space, put):
    put("web.csv", log("user_id", "visit"))
    keys = put("calls.csv", log("case", "rang"), ids=OWN)
    theirs = next(key for key in keys if key.startswith("case.") and key.endswith(":3"))
    forget(space, theirs, author="ana", now=NOW)
    assert customers(space) == [key for key in keys if key != theirs]
    assert "user_id:3" in customers(space)


def test_older_imports_without_a_note_of_it_go_on_as_they_were(space, put):
    put("calls.csv", log("case", "rang"), ids=USER)
    (batch,) = space.batches()
    body = {name: value for name, value in batch.body.items() if name != "ids"}
    space.store.put("batch", batch.doc_id, body, based_on=batch.version, author="ana", now=NOW)
    assert put("calls_april.csv", log("case", "rang", month=4)) == ["user_id:1", "user_id:2", "user_id:3"]


def as_before_columns_were_noted(space: Workspace, source: str | None = None) -> None:
    """Every import in force as older versions noted it: nothing of columns, name, numbers and types of ids."""
    for batch in space.batches():
        later = ("columns", "called", "ids", "numbered", "source")
        body = {name: value for name, value in batch.body.items() if name not in later}
        body = body if source is None else {**body, "source": source}
        space.store.put("batch", batch.doc_id, body, based_on=batch.version, author="ana", now=NOW)


@pytest.fixture
def old_space(space, put):
    """Two logs of an older workspace, where all logs were one source and all numbers were user ids."""
    put("calls_jan.csv", log("case_id", "rang"), source="generic.events", ids=USER)
    put("orders.csv", log("customer_id", "bought"), source="generic.events", ids=USER)
    as_before_columns_were_noted(space)
    return space


@pytest.mark.parametrize("told", [{}, {"ids": OWN}, {"source": "calls", "ids": OWN}])
def test_a_source_from_before_columns_were_noted_goes_on_with_its_numbers(old_space, put, told):
    same = log("case_id", "rang")
    if "source" not in told:
        put("calls_jan.csv", same, **told)
        assert sum(batch.body["report"]["events"] for batch in old_space.batches()) == 6
    more = same + "3,rang,2026-03-30 10:00:00\n"
    if "source" in told:
        with pytest.raises(BadChoice, match="they would count twice"):
            put("calls_feb.csv", more, **told)
        return
    assert put("calls_feb.csv", more, **told) == ["user_id:1", "user_id:2", "user_id:3"]
    assert old_space.batches()[-1].body["report"]["events"] == 1
    notes = old_space.batches()[-1].body["report"]["notes"]
    assert any("--ids was not used" in note for note in notes) == bool(told)


def test_a_file_called_like_one_of_before_goes_on_under_another_source(space, put):
    put("calls_jan.csv", log("case_id", "rang"), source="phone", ids=USER)
    as_before_columns_were_noted(space, "phone")
    put("web.csv", log("user_id", "visit"), ids=USER)
    assert put("calls_feb.csv", log("case_id", "rang", month=4)) == ["user_id:1", "user_id:2", "user_id:3"]


IDENTIFIES = "id,received_at,anonymous_id,user_id,email\n" + "".join(
    f"i{n},2026-03-01T10:00:00Z,a{n},{n},u{n}@example.com\n" for n in (1, 2, 3)
)
SHOP = log("customer_id", "bought")


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("ids", "people"), [(USER, 3), (OWN, 6)])
def test_a_log_and_a_known_export_are_asked_about_whichever_comes_first(
    space, put, tmp_path, turn, at_once, ids, people
):
    files = [("identifies.csv", IDENTIFIES), ("shop.csv", SHOP)][::turn]
    if not at_once:
        put(*files[0])
    paths = [file_of(tmp_path, *file) for file in (files if at_once else files[1:])]
    with pytest.raises(JourneyError) as asked:
        import_files(space, paths, author="ana", now=NOW)
    assert "--ids" in str(asked.value.do) and len(space.batches()) == (0 if at_once else 1)
    import_files(space, paths, Answers(ids=ids), author="ana", now=NOW)
    assert len(customers(space)) == people
    put("identifies_april.csv", IDENTIFIES.replace("2026-03", "2026-04"))
    put("shop_april.csv", log("customer_id", "bought", month=4))
    assert len(customers(space)) == people


def test_a_known_export_beside_user_ids_is_not_asked_about(space, put):
    put("web.csv", log("user_id", "visit"))
    put("shop.csv", SHOP, ids=USER)
    assert len(put("identifies.csv", IDENTIFIES)) == 3
    put("identifies_2.csv", IDENTIFIES.replace("2026-03", "2026-04"), ids=OWN)
    assert any("says itself what its ids are" in note for note in space.batches()[-1].body["report"]["notes"])


class Sent:
    def __init__(self, name: str, text: str) -> None:
        self.name, self._text = name, text.encode()

    def read(self, _size: int = -1) -> bytes:
        text, self._text = self._text, b""
        return text

    def seek(self, *_: int) -> int:
        return 0


def test_on_the_page_it_waits_for_the_answer_and_shows_other_people_meanwhile(space, put):
    put("web.csv", log("user_id", "visit"))
    tray = Tray()
    tray.take("calls.csv", Sent("calls.csv", log("case", "rang")))
    uploads.read(space, tray, lambda *_: None)
    (piece,) = tray.pieces
    assert piece.state == "asked" and piece.preview.report.events == 3
    assert sum(row["customers"] for row in tray.outlook[1].combinations) == 6
    uploads.answer(space, piece, Answers(ids=USER))
    uploads.read(space, tray, lambda *_: None)
    assert piece.state == "ready"
    assert sum(row["customers"] for row in tray.outlook[1].combinations) == 3
    import_prepared(space, [piece.table], author="ana", now=NOW)
    assert len(customers(space)) == 3
    tray.close()


def looked(space, tray):
    """As the page does: as often as there is something to read, but a page that never ends is a fault."""
    for _ in range(6):
        if not uploads.needs_reading(space, tray):
            return
        uploads.read(space, tray, lambda *_: None)
    raise AssertionError("it reads for ever")


def test_equal_events_answer_no_question_and_are_known_again_once_a_person_does(space, put):
    put("orders.csv", log("customer_id", "bought"))
    tray = Tray()
    tray.take("shop.csv", Sent("shop.csv", log("contact", "bought")))
    looked(space, tray)
    (piece,) = tray.pieces
    assert piece.state == "asked" and piece.preview.report.events == 3
    uploads.answer(space, piece, Answers(ids=USER))
    looked(space, tray)
    assert piece.state == "ready" and piece.table.source == "orders"
    assert (piece.preview.report.events, piece.preview.report.already_there) == (0, 3)
    tray.close()


def test_when_the_source_that_was_named_is_left_out_it_is_asked_again(space):
    tray = Tray()
    for name, column in (("calls.csv", "case"), ("fixes.csv", "patient"), ("web.csv", "user_id")):
        tray.take(name, Sent(name, log(column, name)))
    looked(space, tray)
    calls, fixes, _web = tray.pieces
    uploads.answer(space, fixes, Answers(ids="calls"))
    looked(space, tray)
    assert fixes.state == "ready"
    tray.leave_out(calls)
    looked(space, tray)
    assert [piece.state for piece in tray.pieces] == ["ready", "asked"]
    assert tray.pieces[0].table.id_type.startswith("patient.")
    tray.close()


def at_ten(days, month=3):
    return "user_id,event,timestamp\n" + "".join(f"u{n},visit,2026-{month:02d}-{n:02d} 10:00\n" for n in days)


@pytest.mark.parametrize("days", [range(1, 25), range(1, 28)])
def test_a_file_that_has_grown_and_is_read_on_another_clock_does_not_count_twice(space, put, days):
    put("web.csv", at_ten(range(1, 16)))
    with pytest.raises(BadChoice) as refused:
        put("web.csv", at_ten(days), timezone="America/New_York")  # clocks are changed on the 8th
    assert f"15 of the {len(days)} new events" in refused.value.what and "--timezone UTC" in refused.value.do
    assert len(space.batches()) == 1


def test_times_that_name_their_zone_are_on_no_clock(space, put):
    """Other events an hour apart are other events, whatever the zone of the workspace was."""
    put("ping.csv", at_ten(range(1, 16)).replace("10:00", "T09:00:00Z").replace(" T", "T"))
    earlier = at_ten(range(1, 16)).replace("10:00", "T08:00:00Z").replace(" T", "T")
    put("ping (2).csv", earlier, source="ping", timezone="Europe/Berlin")
    assert [batch.body["clock"] for batch in space.batches()] == [None, None]
    assert space.batches()[1].body["report"]["events"] == 15


def test_the_same_bytes_by_two_names_in_one_import_do_not_count_twice(space, tmp_path):
    files = [(tmp_path / name, name) for name in ("clinic.csv", "praxis.csv")]
    for file, _name in files:
        file.write_text(at_ten(range(1, 16)).replace("user_id", "case").replace("u", ""))
    with pytest.raises(BadChoice, match=r"“praxis\.csv” is here already"):
        import_files(space, files, answers=Answers(ids=OWN), author="ana", now=NOW)
    assert space.batches() == []


TILL = "email,date,amount"


@pytest.mark.parametrize("grown", [0, 30, 200])
@pytest.mark.parametrize("first", ["plain", "typed"])
def test_what_happened_told_by_a_column_more_or_less_does_not_count_twice(space, put, first, grown):
    def rows(count, typed):
        kinds = ("sale", "refund", "renewal")
        told = [
            f"c{n}@x.org,2026-03-01 10:{n % 60:02}:{n // 60:02},{n}.5" + f",{kinds[n % 3]}" * typed
            for n in range(count)
        ]
        return "\n".join([TILL + ",type" * typed, *told])

    put("till.csv", rows(60, first == "typed"))
    with pytest.raises(BadChoice, match="under other names") as refused:
        put("till.csv", rows(60 + grown, first != "typed"))
    assert refused.value.what.startswith("60 new events") and len(space.batches()) == 1
    put("till.csv", rows(60 + grown, first != "typed"), source="other till")


def test_events_of_another_name_at_other_times_are_welcome(space, put):
    put("till.csv", at_ten(range(1, 29)))
    put(
        "till (2).csv", at_ten(range(1, 29)).replace("visit", "left").replace("10:00", "10:07"), source="till"
    )
    assert len(space.batches()) == 2


@pytest.mark.parametrize("exact", [(True, False), (False, True)])
def test_the_same_log_with_its_times_written_less_exactly_does_not_count_twice(space, put, exact):
    def rows(count, seconds):
        return "user_id,event,timestamp\n" + "".join(
            f"u{n},visit,2026-03-{n:02} 10:00{f':{n:02}' if seconds else ''}\n" for n in range(1, count)
        )

    put("web.csv", rows(15, exact[0]))
    with pytest.raises(BadChoice, match="14 of the 19 new events"):
        put("web.csv", rows(20, exact[1]))


def test_another_month_on_another_clock_is_welcome(space, put):
    put("web.csv", at_ten(range(1, 16)))
    put("web_april.csv", at_ten(range(1, 16), month=2), timezone="Europe/Berlin")
    assert len(space.batches()) == 2
