"""Names of people are neither what happened nor kept, and a name that may mean another thing is said."""

import pyarrow as pa
import pytest

from journey_app.intake.names_of_people import MOST_KINDS, are_people, goes_with_customers

SHOP = """
    Bestellnummer;Kundennummer;Name;E-Mail;Bestelldatum;Artikel;Menge;Einzelpreis;Bestellsumme
    B-1;10119;Sven Schulz;sven@example.de;18.09.2026 18:28;Teekanne;1;24,90;24,90
    B-2;10015;Greta Weber;greta@example.com;19.09.2026 00:18;Tasse blau;1;9,50;37,50
    B-2;10015;Greta Weber;greta@example.com;19.09.2026 00:18;Kandis;2;3,10;37,50
    B-3;10119;Sven Schulz;sven@example.de;21.09.2026 10:00;Kandis;1;3,10;3,10
"""
US = """
    Order Number,Customer ID,Name,Email,Order Date,Order Total
    1001,501,Ann Lee,ann@example.com,3/14/2026,$25.00
    1002,502,Bob Ray,bob@example.com,3/15/2026,$35.50
    1003,501,Ann Lee,ann@example.com,4/2/2026,$12.00
"""


def not_stored(table):
    (seen,) = (seen for seen in table.checkup if seen.kind == "private")
    return seen.says.split(": ")[1].rstrip(".").split(", ")


@pytest.mark.parametrize(("log", "amount"), [(SHOP, "Bestellsumme"), (US, "Order Total")])
def test_the_names_in_a_shops_export_are_no_events(read, log, amount):
    found = read(log, **({"amount_of": "order"} if log == SHOP else {}))
    assert set(found.names()) == {"Purchase"}
    assert found.prepared.mapping["amount"] == amount and "event" not in found.prepared.mapping
    assert "Name" in not_stored(found.prepared)
    assert not any("Sven" in str(event) or "Ann" in str(event) for event in found.events)


def test_a_list_of_customers_is_asked_about(prepared):
    table = prepared("""
        Kundennummer;Name;E-Mail;Telefon;Kunde seit
        10001;Hans Meyer;hans@example.de;+49 170 1000037;01.02.2025
        10002;Hans Meyer;hans.m@example.de;+49 170 1000074;15.08.2024
        10003;Paul Weber;paul@example.com;+49 170 1000111;29.12.2025
    """)
    assert table.missing == ("event",) and not_stored(table) == ["Name", "Telefon"]


@pytest.mark.parametrize(
    "called", ["Name", "Kunde", "Client", "Nom", "Nombre", "Full name", "Ansprechpartner"]
)
def test_who_they_are_called_in_any_language_is_not_kept(read, called):
    found = read(f"""
        customer_id,{called},action,time
        1,Ana Ruiz,visit,2026-05-01 10:00
        2,Bob Ray,visit,2026-05-02 10:00
        1,ana ruiz,buy,2026-05-03 10:00
    """)
    assert found.names() == ["visit", "visit", "buy"] and called in not_stored(found.prepared)
    assert found.column("properties") == ["{}"] * 3


def test_numbers_of_a_second_kind_are_no_names(prepared):
    table = prepared(
        "customer_id,client,action,time\n1,77,a,2026-05-01\n2,78,b,2026-05-02\n1,77,b,2026-05-03\n"
    )
    assert not [seen for seen in table.checkup if seen.kind == "private"]


def test_two_people_of_one_household_are_still_people(prepared):
    rows = [
        f"h{n % 40},Name{chr(97 + n % 26)}{chr(97 + n // 26)} Kay,{n}.50,2026-05-{n % 28 + 1:02}"
        for n in range(80)
    ]
    table = prepared("\n".join(["household_id,name,amount,date", *rows]) + "\n")
    assert [event.name for event in table._plan.events] == ["Purchase"]


@pytest.mark.parametrize(("kinds", "are_people"), [(MOST_KINDS + 10, True), (MOST_KINDS, False)])
def test_ever_more_names_are_people_though_customers_have_several_and_share_them(kinds, are_people):
    """A family orders under two names, and many a name is borne by two families."""
    values = pa.array([f"name {n % kinds}" for n in range(120)])
    customers = pa.array([f"k{n // 2}" for n in range(120)])
    assert goes_with_customers(values, customers, unless_shown=not are_people) is are_people


def test_many_events_that_far_more_customers_share_are_no_names():
    values = pa.array([f"event {n % 40}" for n in range(240)])
    customers = pa.array([f"k{n // 2}" for n in range(240)])
    assert not goes_with_customers(values, customers, unless_shown=True)


def test_what_customers_share_is_an_event_though_it_is_called_a_name(prepared):
    table = prepared("""
        user_id,name,time
        ana,visit,2026-05-01 10:00
        bob,visit,2026-05-01 11:00
        ana,buy,2026-05-02 10:00
    """)
    assert table.mapping["event"] == "name" and table.missing == ()


def test_values_of_a_column_nobody_foresaw_that_go_with_customers_are_no_events(prepared):
    people = ("Ana Ruiz", "Bob Ray", "Cy Fox", "Di Low", "Ed Orr", "Flo Poe")
    rows = [f"k-{n % 6},{people[n % 6]},2026-05-{n + 1:02} 10:00" for n in range(24)]
    assert prepared("\n".join(["customer_id,beneficiary,time", *rows]) + "\n").missing == ("event",)


CALLS = """
    Case No,Call Date,Caller Email,Reason,Status
    1,2026-09-01 08:31,a@example.com,Return,closed
    2,2026-09-02 08:31,b@example.com,Wrong item,open
    3,2026-09-03 08:31,a@example.com,Return,open
"""


def columns_said(table):
    return [seen for seen in table.checkup if seen.kind == "columns"]


def test_a_status_taken_as_the_event_is_said_with_what_to_do(prepared):
    (seen,) = columns_said(prepared(CALLS))
    assert seen.severity == "note" and seen.says == (
        "Taken: “Caller Email” as the customer, “Status” as the event, “Call Date” as the time. A column called "
        "“Status” may say how things stand, and not what happened: if another one says that, "
        "name it (“Event” under “Change mapping”, or --map event=COLUMN)."
    )
    assert not columns_said(prepared(CALLS, map={"event": "Status"}))
    assert not columns_said(prepared(CALLS.replace("Status", "Action")))


@pytest.mark.parametrize(
    "called",
    [
        *("Bestellsumme", "Einzelpreis", "Gesamtbetrag", "Summe", "Umsatz", "Rechnungsbetrag", "Brutto"),
        *(
            "montant",
            "Prix",
            "Montant TTC",
            "importe",
            "precio",
            "Importe total",
            "prezzo",
            "totale",
            "preço",
        ),
        *("total_price", "order_total", "Total Amount", "unitPrice", "Grand total"),
    ],
)
def test_amounts_have_many_names(read, called):
    found = read(f"customer_id;{called};date\n1;1.234,50;2026-05-01\n2;9,50;2026-05-02\n")
    assert found.names() == ["Purchase", "Purchase"] and found.column("amount") == [1234.5, 9.5]


def test_an_amount_of_the_whole_comes_before_a_price(prepared):
    for whole in ("Bestellsumme", "total", "montant"):
        log = f"customer_id,price,Einzelpreis,{whole},date\n1,1.50,1.50,3.00,2026-05-01\n"
        assert prepared(log).mapping["amount"] == whole


def test_that_a_price_is_not_multiplied_is_said(prepared):
    log = "customer_id,Menge,Einzelpreis,date\n1,2,1.50,2026-05-01\n"
    (seen,) = columns_said(prepared(log))
    assert seen.says.startswith("“Einzelpreis” is taken as the amount, and is not multiplied by “Menge”")
    assert not columns_said(prepared(log, map={"amount": "Einzelpreis"}))
    assert not columns_said(prepared(log.replace("Einzelpreis", "Summe")))


@pytest.mark.parametrize("called", ["Customer", "Client", "Kunde", "Buyer name"])
@pytest.mark.parametrize("known_by", ["Email", "Courriel", "Customer number"])
def test_two_people_of_one_name_are_two_customers(read, called, known_by):
    known_as = "700{}" if known_by == "Customer number" else "c{}@x.example"
    names = ["Anna Schmidt", "Anna Schmidt", "Ben Roth"]
    rows = [f"{n},{n}/9/2026,{names[n % 3]},{known_as.format(n % 3)},{n}.5" for n in range(1, 21)]
    found = read(f"Order number,Order date,{called},{known_by},Total\n" + "\n".join(rows) + "\n", dates="dmy")
    assert found.prepared.mapping["customer"] == known_by
    assert not any("Anna" in str(event) for event in found.events)
    assert len({event["raw_ids"][0] for event in found.events}) == 3


def test_a_name_stays_the_id_where_it_is_the_only_one(prepared):
    table = prepared("Kunde,Datum,Betrag\nAnna Schmidt,2026-03-01,5\nBen Roth,2026-03-02,6\n")
    assert table.mapping["customer"] == "Kunde"


def test_a_last_name_with_several_addresses_is_no_id(prepared):
    def log(names):
        rows = [f"{n},{n}.9.2026,{names[n % 3]},c{n % 3}@x.example,{n}.5" for n in range(1, 21)]
        return "Order number,Order date,Kunde,Email,Total\n" + "\n".join(rows) + "\n"

    assert prepared(log(["Schmidt", "Schmidt", "Roth"])).mapping["customer"] == "Email"
    assert prepared(log(["Schmidt", "Weber", "Roth"])).mapping["customer"] == "Kunde", (
        "nothing shows namesakes"
    )
    assert prepared(log(["ana", "ana", "bob"])).mapping["customer"] == "Kunde", "handles tell people apart"


def test_that_rows_with_a_name_and_no_address_are_not_used_is_said(prepared):
    def log(every):
        address = [f"c{n % 5}@x.example" if n % every == 0 else "" for n in range(40)]
        rows = [f"{n},2026-09-{n % 28 + 1:02},Anna Schmidt,{address[n]},{n}.5" for n in range(40)]
        return "Order number,Order date,Customer,Email,Total\n" + "\n".join(rows) + "\n"

    (seen,) = columns_said(prepared(log(3)))
    assert seen.brief == "customer by “Email”" and "--map customer=COLUMN" in seen.says
    assert not columns_said(prepared(log(1))) and not columns_said(
        prepared(log(3), map={"customer": "Email"})
    )


REPS = ("Lukas Roth", "Max Bauer", "Sophie Kern")


def served(called, colleagues, action=""):
    rows = [
        f"2026-09-{n:02} 10:00,{colleagues[n % 3]},c{n % 7}@x.example,{n}{action and ',Called'}"
        for n in range(1, 25)
    ]
    return "\n".join([f"Date,{called},Customer email,Duration{action and ',Action'}", *rows]) + "\n"


@pytest.mark.parametrize(
    "called", ["Name", "Rep", "Agent", "Owner", "Sachbearbeiter", "Kontakt", "Angenommen von"]
)
def test_names_of_colleagues_are_not_what_happened(prepared, called):
    assert prepared(served(called, REPS)).missing == ("event",)


@pytest.mark.parametrize(
    "events",
    [
        ("Green tea", "Black tea", "Kandis"),
        ("Green Tea", "Earl Grey", "Mint"),
        ("Order Completed", "Product Viewed", "Sign Up"),
        ("Mark Read", "Bill Paid", "Will Call"),
    ],
)
def test_what_is_called_a_name_and_holds_no_people_stays_the_event(prepared, events):
    assert prepared(served("Name", events)).mapping["event"] == "Name"


@pytest.mark.parametrize("called", ["Rep", "Agent", "Bearbeiter", "Kontakt"])
def test_names_of_colleagues_are_not_kept(read, called):
    found = read(served(called, REPS, "Action"))
    assert called in not_stored(found.prepared) and not any("Roth" in str(event) for event in found.events)
    codes = read(served(called, ("R-1", "R-2", "R-3"), "Action"))
    assert "R-2" in codes.events[0]["properties"], "a code names nobody"


@pytest.mark.parametrize(
    ("values", "people"),
    [
        (("Roth, Lukas", "ROTH Lukas", "Lukas"), True),
        (("Łukasz Nowak", "Jean-Pierre Dupont", "José van der Berg", "Xu Li"), True),
        (("Anna signed up", "Lukas paid"), False),
        (("Lukas Roth", "Page View", "Sign Up"), False),
        ((), False),
    ],
)
def test_people_are_told_by_their_given_names(values, people):
    assert are_people(pa.array(values, pa.string())) is people


@pytest.mark.parametrize("called", ["Betrag", "montant", "total", "amount"])
def test_an_amount_that_cannot_be_read_is_said(prepared, called):
    rows = [f"u{n % 5},look,2026-09-{n:02},about {n} euros gross" for n in range(1, 21)]
    log = "\n".join([f"user_id,action,date,{called}", *rows]) + "\n"
    (seen,) = columns_said(prepared(log))
    assert seen.says.startswith(f"“{called}” is called an amount and is not used as one")
    assert "such as “about 1 euros gross”" in seen.says
    assert not columns_said(prepared(log.replace("about ", "").replace(" euros gross", " €")))
    assert not columns_said(prepared(log, map={"amount": called}))
