"""Amounts of money, as countries write them."""

import pyarrow as pa
import pytest

from journey_app.intake.numbers import amount_text, amounts, currencies, currency, marks

POINT = ["1,234.56", "€ 12.50", "12.50 USD", "(7.25)", "7.25-", "1'234.50", "-3", "1e3", "1,234,567", "$0.99"]


def test_amounts_with_a_decimal_point():
    expected = [1234.56, 12.5, 12.5, -7.25, -7.25, 1234.5, -3.0, 1000.0, 1234567.0, 0.99]
    assert amounts(pa.array(POINT), ".").to_pylist() == expected
    assert marks(pa.array(POINT)) == {"."}


def test_amounts_with_a_decimal_comma():
    values = pa.array(["1.234,56", "12,5", "1\u202f020,50", "0,00", "12\u00a0€"])
    assert amounts(values, ",").to_pylist() == [1234.56, 12.5, 1020.5, 0.0, 12.0]
    assert marks(values) == {","}


@pytest.mark.parametrize("value", ["1,234", "1.234", "12"])
def test_one_group_of_three_proves_nothing(value):
    assert marks(pa.array([value])) == frozenset()


@pytest.mark.parametrize(
    ("written", "read"),
    {
        "Rs. 1500": 1500.0,
        "Rs. 1,500": 1500.0,
        "Rs.1,50,000.00": 150000.0,
        "Fr. 50": 50.0,
        "SFr. 1'250.50": 1250.5,
        "12.50kr": 12.5,
        "Kr. 75": 75.0,
        "US$ 5 USD": 5.0,
        "R$ 12.50": 12.5,
        "R 1 500": 1500.0,
        "usd12": 12.0,
        "$.50": 0.5,
        "-$5": -5.0,
        "$-5": -5.0,
        "($5.00)": -5.0,
        "USD (5.00)": -5.0,
        "\u22125.00 €": -5.0,
        "- 5 €": -5.0,
        "5.00- €": -5.0,
        "CHF 50.-": 50.0,
        "€ 50,-": 50.0,
        "5,000円": 5000.0,
        "1 234 567.5": 1234567.5,
        "1\u2009234\u00a0567": 1234567.0,
    }.items(),
)
def test_a_currency_that_is_known_stands_beside_an_amount(written: str, read: float):
    assert amounts(pa.array([written]), ".").to_pylist() == [read]


@pytest.mark.parametrize(
    "written",
    [
        "3 Mio",
        "2 mil",
        "1.2 bln",
        "1.5 Mio €",
        "5 k",
        "5M",
        "10% off",
        "10%",
        "5 10",
        "1 2345",
        "5 pcs",
        "12 min",
        "30 day",
        "ca 300",
        "No. 7",
        "Q. 20",
        "5 CR",
        "3/4",
        "1,2,3",
        "1,2345,678",
        "1'2",
        "(-5)",
        "--5",
        "1,23.4",
    ],
)
def test_what_stands_beside_an_amount_and_is_not_known_makes_it_unreadable(written: str):
    assert amounts(pa.array([written]), ".").to_pylist() == [None]
    turned = written.translate(str.maketrans(".,", ",."))
    assert amounts(pa.array([turned]), ",").to_pylist() == [None]


def test_an_abbreviated_currency_proves_no_decimal_mark():
    assert marks(pa.array(["Rs. 1,500", "Rs. 2,500", "3 Mio.", "a,1 b.2"])) == frozenset()


def test_millions_written_as_words_are_counted_as_unread(read):
    rows = "".join(f'ana,buy,2026-05-0{day},"{amount}"\n' for day, amount in ((1, "3 Mio"), (2, "900000")))
    found = read("user_id,event,time,amount\n" + rows)
    assert found.column("amount") == [None, 900000.0]
    assert any("could not be read" in note and note.endswith(": 1.") for note in found.prepared.notes)


def test_the_rest_of_the_file_decides(read):
    text = "user_id;event;time;amount\n" + 'ana;buy;2026-05-01;"1.234"\n' * 6000 + "ana;buy;2026-05-02;0,5\n"
    assert read(text).column("amount")[0] == 1234.0


def test_what_is_no_number_is_unknown():
    assert amounts(pa.array(["tbd", None, "nan", "inf", "12 of 13"]), ".").to_pylist() == [None] * 5


def test_amounts_as_text_are_short():
    assert [amount_text(x) for x in (12.5, 100.0, -3.0, 0.1)] == ["12.5", "100", "-3", "0.1"]


@pytest.mark.parametrize(
    ("written", "code"),
    [("9,90 €", "EUR"), ("€ 10", "EUR"), ("$11", "$"), ("US$ 5", "USD"), ("12 EUR", "EUR"), ("12 eur", "EUR"),
     ("(£3.00)", "GBP"), ("1\u202f234,50 €", "EUR"), ("5", None), ("3 Mio", None), ("12 pcs", None), ("R 500", "ZAR"),
     ("kr 12", "kr"), ("-12 zł", "PLN"), ("50,- €", "EUR"), (None, None),
     ("12\u2019000 CHF", "CHF"), ("\u22125 €", "EUR"), ("Fr. 12.\u2013", "CHF"), ("$(5.00)", "$"), ("EUR 1e3", "EUR")],
)  # fmt: skip
def test_the_currency_beside_an_amount(written, code):
    assert currencies(pa.array([written, "€ 1"])).to_pylist() == [code, "EUR"]
    assert currencies(pa.array([written, "1"])).to_pylist() == [code, None]


@pytest.mark.parametrize(
    "written", [*POINT, "12’000 CHF", "−5 €", "Fr. 12.–", "US$(5.00)", "£3.00-", "12 Kč", "$12.00 USD"]
)
def test_whatever_is_read_as_an_amount_has_the_currency_that_stands_beside_it(written):
    assert amounts(pa.array([written]), ".").null_count == 0
    beside = any(sign.isalpha() or sign in "€$£" for sign in written.replace("1e3", ""))
    assert (currencies(pa.array([written, "€ 1"]))[0].as_py() is not None) == beside


@pytest.mark.parametrize("written", ["3 €/month", "12 $ CAD", "5 Mio €", "€", "EUR", "€12 USD"])
def test_what_is_no_amount_or_names_two_currencies_has_none(written):
    assert currencies(pa.array([written])).to_pylist() == [None]


def test_a_code_says_which_country_a_sign_is_of():
    assert currencies(pa.array(["$12.00 USD", "€12 EUR", "kr 5 SEK"])).to_pylist() == ["USD", "EUR", "SEK"]


def test_one_word_is_one_currency_however_it_is_spelled():
    assert currencies(pa.array(["kr 12", "Kr. 9", "12,50 KR"])).to_pylist() == ["kr", "kr", "kr"]


def test_words_of_several_countries_stay_words():
    # India or Pakistan, Emirates or Morocco, Bolivia or Venezuela …
    written = ["Rs. 7", "Dhs 8", "Bs 4", "12 lei", "5 元", "9 руб."]
    assert currencies(pa.array(written)).to_pylist() == ["Rs", "Dhs", "Bs", "lei", "元", "руб"]


@pytest.mark.parametrize(
    ("column", "beside", "one"),
    [("€", "€2.00", "EUR"), ("eur", "2.00 €", "EUR"), ("Kr.", "kr 2", "kr"), ("BS", "Bs 2", "Bs"), ("$", "$2", "$"),
     ("dhs", "2 Dhs", "Dhs"), ("US$", "US$ 2", "USD"), ("R", "R 2", "ZAR")],
)  # fmt: skip
def test_a_column_of_currencies_and_the_cells_of_amounts_name_one_currency_alike(read, column, beside, one):
    rows = f"ana,buy,2026-05-01,{beside},\nben,buy,2026-05-02,2.00,{column}\n"
    assert read("user_id,event,time,amount,currency\n" + rows).column("currency") == [one, one]


def test_an_unknown_currency_stays_as_its_column_says():
    assert [currency(word) for word in ("btc", "¤")] == ["BTC", "¤"]
