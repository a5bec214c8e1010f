"""The first guess is right without any --map."""

import pytest

from journey_app.errors import BadChoice, BadFile, UnknownName
from journey_app.intake.prepare import prepare
from journey_app.vocabulary import Answers
from tests.intake.conftest import dataset, outcome

LOGS = {
    "click_retentioneering_simple_shop/simple-onlineshop.csv": ("user_id", "event", "timestamp", 35381),
    "pm_running_example/running-example.csv": ("case:concept:name", "concept:name", "time:timestamp", 42),
    "pm_receipt/receipt.csv": ("case:concept:name", "concept:name", "time:timestamp", 8577),
    "pm_bpic2013_incidents/bpic2013_incidents.csv.gz": (
        "case:concept:name",
        "concept:name",
        "time:timestamp",
        65533,
    ),
    "pm_roadtraffic/traffic_fines_10000.csv": ("case_id", "activity", "timestamp", 34724),
    "pm_roadtraffic/roadtraffic100traces.csv": ("case:concept:name", "concept:name", "time:timestamp", 390),
    "pm_patients/patients.csv": ("patient", "handling", "time", 5442),
    "retention_cdnow/cdnow_master.csv": ("customer_id", None, "date", 69659),
}


@pytest.mark.parametrize("place", LOGS)
def test_published_logs(place):
    path = dataset(f"datasets/{place}")
    table = prepare(path, path.name, Answers())[0]
    customer, event, time, events = LOGS[place]
    assert table.recognised_as == "generic.events"
    assert table.mapping["customer"] == customer
    assert table.mapping.get("event") == event
    assert table.mapping["time"] == time
    assert sum(chunk.events.num_rows for chunk in table.chunks()) == events


def test_days_keep_the_order_of_the_file():
    path = dataset("datasets/pm_roadtraffic/traffic_fines_10000.csv")
    found = outcome(prepare(path, path.name, Answers())[0])
    assert found.events and all(found.column("day_only"))
    ordinals = found.column("ordinal")
    assert ordinals == sorted(ordinals)


def test_names_decide_before_values(prepared):
    table = prepared("""
        created_at,row,action,customerID,timestamp,deadline
        2026-01-01,1,open,c1,2026-05-01 10:00,2027-01-01
        2026-01-01,2,close,c2,2026-05-02 11:00,2027-01-02
    """)
    assert table.mapping["customer"] == "customerID"
    assert table.mapping["event"] == "action"
    assert table.mapping["time"] == "timestamp"


def test_values_decide_where_names_say_nothing(prepared):
    lines = [
        f"p{i % 7}@example.com;{['looked', 'asked', 'bought'][i % 3]} it;2026-05-{i % 28 + 1:02d} 10:00"
        for i in range(60)
    ]
    table = prepared("x;y;z\n" + "\n".join(lines) + "\n")
    assert table.mapping == {"time": "z", "customer": "x", "event": "y"}
    assert table.confidence < 0.8
    assert any("because of what its cells hold" in note for note in table.notes)
    assert outcome(table).events[0]["raw_ids"] == ["email:p0@example.com"]


def small_log(header, customers, events, rows=10):
    """A small log: customers and events in turn, a time each."""
    lines = [
        f"{customers[i % len(customers)]},{events[i % len(events)]},2026-05-{i + 10} 10:00"
        for i in range(rows)
    ]
    return "\n".join([header, *lines]) + "\n"


CODES, KINDS = ("u-101", "u-102", "u-103", "u-104"), ("Looked around", "Asked", "Bought")


def test_who_what_and_when_are_names_enough(prepared):
    table = prepared(small_log("who,what,when", ("ana", "bob", "cem"), KINDS, rows=3))
    assert table.mapping == {"customer": "who", "event": "what", "time": "when"}


@pytest.mark.parametrize("kinds", [KINDS, ("Came", "Left")])
def test_ten_rows_of_clear_values_need_no_names(prepared, kinds):
    table = prepared(small_log("a,b,c", CODES, kinds))
    assert table.mapping == {"customer": "a", "event": "b", "time": "c"}
    assert table.confidence < 0.7
    for name, ours in (("a", "customer"), ("b", "event"), ("c", "time")):
        assert f"“{name}” was taken as the {ours} because of what its cells hold." in table.notes
    assert len(outcome(table).events) == 10


@pytest.mark.parametrize(
    ("header", "customers", "why"),
    [
        ("a,b,c", ("ana", "bob", "cem"), "names of people may be events as well"),
        ("a,b,c", ("1001", "1002", "1003"), "numbers may be amounts"),
        ("sku,b,c", CODES, "it is called something else"),
        ("a,b,c", tuple(f"u-{i}" for i in range(10)), "no customer comes back"),
        ("a,b,c", ("u-1",), "there is only one"),
    ],
)
def test_values_that_may_be_something_else_are_no_customer(prepared, header, customers, why):
    assert "customer" in prepared(small_log(header, customers, KINDS)).missing, why


def test_of_two_columns_that_could_be_it_neither_is_taken(prepared):
    log = small_log("a,b,c", CODES, KINDS).replace("u-", "x1,u-").replace("a,b,c", "z,a,b,c")
    log = log.replace("x1", "x2", 3)
    assert "customer" in prepared(log).missing
    few = ("Came", "Left")
    log = small_log("a,b,c", CODES, few).replace(",Came", ",North,Came").replace(",Left", ",South,Left")
    assert "event" in prepared(log.replace("a,b,c", "a,d,b,c")).missing


def test_with_two_times_or_too_few_rows_values_conclude_nothing(prepared):
    twice = small_log("a,b,c", CODES, KINDS).replace(" 10:00", " 10:00,2026-07-01 09:00")
    assert "customer" in prepared(twice.replace("a,b,c", "a,b,c,d")).missing
    assert "customer" in prepared(small_log("a,b,c", CODES, KINDS, rows=5)).missing


def test_further_columns_by_name(read):
    found = read("""
        anonymous_id,user_id,email,event,time,device,utm_medium,price,currency,session_id,comment
        a1,u1,ANA@example.com,buy,2026-05-01 10:00,mobile,cpc,"1,234.50",eur,s1,nice
    """)
    event = found.events[0]
    assert event["raw_ids"] == ["user_id:u1", "anonymous_id:a1", "email:ana@example.com"]
    assert (event["device"], event["channel"], event["amount"], event["currency"]) == (
        "mobile",
        "cpc",
        1234.5,
        "EUR",
    )
    assert (event["session_id"], event["text"], event["properties"]) == ("s1", "nice", "{}")


def test_a_column_called_anonymous_is_no_user(read):
    assert read("anonymous_id,event,time\nx1,visit,2026-05-01\n").column("raw_ids") == [["anonymous_id:x1"]]


def test_a_map_beats_the_guess_and_the_preset(read, prepared):
    log = "user_id,event,time,kind,owner\nana,visit,2026-05-01,Seen,bo\n"
    assert read(log, map={"event": "kind", "customer": "owner"}).events[0]["event"] == "Seen"
    assert read(log, map={"event": "kind", "customer": "owner"}).events[0]["raw_ids"] == ["user_id:bo"]
    assert read(log, map={"event": "=Visited"}).names() == ["Visited"]
    tracks = "anonymous_id,received_at,event,timestamp,kind\na1,2026-05-01,x,2026-05-01 10:00,Seen\n"
    assert read(tracks, map={"event": "kind"}).names() == ["Seen"]
    assert prepared(tracks, map={"event": "kind"}).recognised_as == "segment.tracks"


def test_unknown_names_in_a_map(prepared):
    log = "user_id,event,time\nana,visit,2026-05-01\n"
    with pytest.raises(UnknownName, match="Did you mean “event”"):
        prepared(log, map={"event": "evnt"})
    with pytest.raises(BadChoice, match="customer"):
        prepared(log, map={"who": "user_id"})


def test_what_is_missing_is_named_with_its_option(prepared):
    table = prepared("user_id,event,plan\nana,visit,pro\n")
    assert table.missing == ("time",)
    with pytest.raises(BadFile, match="--map time=COLUMN"):
        list(table.chunks())
    assert table.mapping == {"customer": "user_id", "event": "event"}


@pytest.mark.parametrize(
    "place",
    [
        "click_online_shoppers/online_shoppers_intention_original.csv",
        "churn_telco_ibm/Telco-Customer-Churn.csv",
    ],
)
def test_a_table_without_times_is_explained_and_nothing_is_made_up(place):
    path = dataset(f"datasets/{place}")
    table = prepare(path, path.name, Answers())[0]
    assert "time" in table.missing and table.confidence == 0
    assert table.problem.what == (
        f"No column of “{path.name}” holds a time: its rows say how things stand, not what happened when."
    )
    assert table.problem.do.startswith(
        "Export the events behind it instead: one row for each thing that happened, with who, what and when, "
        "such as page views, orders, payments or cancellations with their dates."
    )
    with pytest.raises(BadFile, match="holds a time"):
        list(table.chunks())


@pytest.mark.parametrize(
    ("cell", "do"),
    [
        ("2026-05-04 10:00 IST", "“IST” may be several zones: take it out of the cells, and name the zone"),
        ("2026-05-04 at 10:00", "Write its cells as 2026-09-01 10:00"),
    ],
)
def test_a_time_that_is_not_read_is_named_with_its_column(prepared, cell, do):
    table = prepared("user_id,event,at\n" + "".join(f"u{n},visit,{cell}\n" for n in range(1, 8)))
    assert table.problem.what == f"No column of “file.csv” could be read as a time: “at” holds “{cell}”."
    assert table.problem.do.startswith(do)


STEPS = """
    ticket_no,kunde,opened_at,solved_at,due_date,updated_at,status
    t-1,ana,2026-05-01 10:00,2026-05-03 11:00,2026-05-04,2026-05-09,solved
    t-2,bob,2026-05-02 10:00,,2026-05-05,2026-05-09,open
    t-3,ana,2026-05-05 10:00,2026-05-06 09:00,2026-05-08,2026-05-09,dropped
"""


def test_several_dates_in_a_row_are_proposed_as_steps(read):
    found = read(STEPS)
    table = found.prepared
    assert (table.recognised_as, table.shape) == ("generic.milestones", "milestones")
    assert found.names() == ["Opened", "Solved: solved", "Opened", "Opened", "Solved: dropped"]
    assert found.column("raw_ids")[0] == ["user_id:ana"]
    assert "Not taken as steps: “due_date”, “updated_at”." in table.notes
    assert table.unconfirmed.option == "--as" and "“opened_at”, “solved_at”" in table.unconfirmed.what
    assert table.confidence < 0.8


def test_steps_that_a_person_confirmed_or_refused(prepared):
    assert prepared(STEPS, read_as=("generic.milestones",)).unconfirmed is None
    log = prepared(STEPS, map={"time": "opened_at", "event": "status"})
    assert log.recognised_as == "generic.events" and log.unconfirmed is None
    assert prepared(STEPS, read_as=("generic.events",)).recognised_as == "generic.events"


def test_a_log_with_a_second_date_stays_a_log(prepared):
    table = prepared("""
        case_id,activity,start_time,end_time
        c1,look,2026-05-01 10:00,2026-05-01 10:05
        c1,buy,2026-05-02 10:00,2026-05-02 10:05
        c2,look,2026-05-03 10:00,2026-05-03 10:05
    """)
    assert table.recognised_as == "generic.events" and table.mapping["time"] == "start_time"


def test_the_pipeline_of_deals_ends_in_won_or_lost():
    path = dataset("datasets/crm_maven_pipeline/sales_pipeline.csv")
    found = outcome(prepare(path, path.name, Answers())[0])
    counts = {name: found.names().count(name) for name in set(found.names())}
    assert counts == {"Engage": 8300, "Close: Won": 4238, "Close: Lost": 2473}
    assert found.prepared.unconfirmed is not None


@pytest.mark.parametrize(
    "asked", ["Why?", "How likely are you to recommend us (0-10)", "Warum haben Sie gekündigt"]
)
def test_an_answer_to_a_question_is_not_what_happened(tmp_path, asked):
    path = tmp_path / "survey.csv"
    rows = [
        f"2026-05-{day:02} 10:00,a{day}@x.org,{('too slow', 'ok', 'love it')[day % 3]}"
        for day in range(1, 25)
    ]
    path.write_text("\n".join([f"Timestamp,Email address,{asked}", *rows]))
    assert prepare(path, path.name, Answers())[0].missing == ("event",)


def test_days_written_as_numbers_are_found_in_a_file_without_names(prepared):
    rows = "".join(
        f" 0{n % 7 + 1:04d}  1997{n % 12 + 1:02d}{n % 28 + 1:02d}  {n % 3 + 1}  {n}.50\n" for n in range(40)
    )
    table = prepared(rows)
    assert dict(table.mapping) == {"time": "column 2"} and table.missing == ("customer", "event")
    numbers = rows.replace("  1997", "  9799")
    assert "time" in prepared(numbers).missing


LINES_OF_ORDERS = (
    "N° commande;Date de commande;Courriel;Réf.;Désignation;Quantité;Prix unitaire;Montant TTC|{} €",
    "Order number,Created,Contact email,SKU,Title,Units,Unit price,Amount|${}",
    "Bestell-Nr.;Datum;E-Mail;Artikelnr;Bezeichnung;Menge;Stückpreis;Betrag|{} €",
    "Rechnungsnr;Datum;Mail;Artikel-Nr;Name;Menge;EP;Gesamt|{}",
)


@pytest.mark.parametrize("export", LINES_OF_ORDERS)
def test_goods_and_money_of_an_order_are_never_what_happened(prepared, export):
    header, money = export.split("|")
    mark = ";" if ";" in header else ","
    goods = (("Mug", money.format("24.00")), ("Green tea", money.format("9.90")))
    rows = [
        mark.join([f"C{n}", f"2026-09-{n:02d}", f"u{n % 7}@x.example", f"SKU-{k}", name, "1", price, price])
        for n in range(1, 25)
        for k, (name, price) in enumerate(goods)
    ]
    table = prepared("\n".join([header, *rows]) + "\n")
    assert not table.missing and "event" not in table.mapping
    assert table.mapping["amount"] == header.split(mark)[-1]
    assert any("one event per" in seen.brief for seen in table.checkup), "its lines are one purchase"


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", " "])
def test_amounts_grouped_by_any_space_are_amounts(read, space):
    rows = [f'u{n},Bought,2026-09-{n:02d},"1{space}234,5{n % 10}"' for n in range(1, 25)]
    found = read("user_id,event,date,amount\n" + "\n".join(rows) + "\n")
    assert found.events[0]["amount"] == 1234.51 and all(event["amount"] for event in found.events)
