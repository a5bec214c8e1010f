"""A list of customers without times says who is who, where a person says that it does."""

from __future__ import annotations

import pytest

from journey_app.errors import BadFile, Question
from journey_app.vocabulary import Answers

ORDERS = "Kundennummer,event,timestamp\n" + "".join(
    f"{n},bestellt,2026-03-{n:02d} 10:00:00\n" for n in range(1, 10)
)
CLICKS = "email,event,timestamp\n" + "".join(
    f"k{n}@example.com,geklickt,2026-03-{n:02d} 09:00:00\n" for n in range(1, 10)
)
LIST = "Kundennummer;Name;E-Mail;Telefon;Ort\n" + "".join(
    f"{n};Zoe M{n};K{n}@Example.com;+49 30 1234{n:03d};Ulm\n" for n in range(1, 10)
)
WHO = Answers(read_as=("generic.people",))


def customers(space):
    events = space.events()
    return events.run(events.customers.select("key", "raw_ids")).to_pylist()


def test_without_a_word_it_is_refused_and_told_how_to_say_it(space, put):
    with pytest.raises(BadFile) as refused:
        put(space, LIST, "Kundenliste.csv")
    assert "--as generic.people" in refused.value.do and not space.batches()


def test_it_joins_what_other_files_say_of_its_people_and_brings_no_event(space, put):
    put(space, ORDERS, "Bestellungen.csv")
    put(space, CLICKS, "Newsletter.csv")
    assert len(customers(space)) == 18
    report = put(space, LIST, "Kundenliste.csv", answers=WHO).files[0]
    assert (report.events, report.rejected) == (0, 0)
    found = customers(space)
    assert len(found) == 9
    assert found[0]["raw_ids"] == ["email:k1@example.com", "phone:+49301234001", "user_id:1"]
    assert put(space, LIST, "Kundenliste.csv").files[0].already_there == 0, "and is remembered"
    assert len(customers(space)) == 9


def test_nothing_of_it_is_kept_but_ids(space, put):
    put(space, LIST, "Kundenliste.csv", answers=WHO)
    kept = b"".join(file.read_bytes() for file in space.batch_files.folder.glob("*.parquet"))
    assert b"Zoe" not in kept and b"Ulm" not in kept


def test_whose_its_numbers_are_is_asked_as_of_any_list(space, put):
    put(space, ORDERS.replace("Kundennummer", "user_id"), "web.csv")
    with pytest.raises(Question) as asked:
        put(space, LIST, "Kundenliste.csv", answers=WHO)
    assert asked.value.option == "--ids"


def test_a_list_with_one_id_a_row_says_nothing(space, put):
    with pytest.raises(BadFile) as refused:
        put(space, "Kundennummer;Ort\n1;Ulm\n2;Bonn\n", "Liste.csv")
    assert "generic.people" not in refused.value.do
    with pytest.raises(BadFile):
        put(space, "Kundennummer;Ort\n1;Ulm\n2;Bonn\n", "Liste.csv", answers=WHO)


@pytest.mark.parametrize("called", ["id", "ID", "N° client", "No.", "Number"])
def test_the_numbers_of_a_contact_list_are_ids_however_they_are_called(put, space, called):
    text = f"{called},name,email,company\n" + "".join(
        f"{n},Ann Lee {n},u{n}@x.example,ACME\n" for n in (1, 2, 3)
    )
    with pytest.raises(BadFile) as refused:
        put(space, text, "contacts.csv")
    assert "--as generic.people" in refused.value.do
    put(space, text, "contacts.csv", answers=WHO)
    assert space.batches()[0].body["columns"][1] == f"customer={called.lower()}"
    with pytest.raises(Question, match=r"“user_id” 2.*those of “contacts”"):
        put(space, "user_id,event,timestamp\n2,called,2026-03-01 10:00\n", "calls.csv")
    put(
        space,
        "user_id,event,timestamp\n2,called,2026-03-01 10:00\n",
        "calls.csv",
        answers=Answers(ids="contacts"),
    )
    found = customers(space)
    assert len(found) == 3 and any("email:u2@x.example" in one["raw_ids"] for one in found)
