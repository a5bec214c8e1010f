"""Amounts of money, as countries write them."""

import pyarrow as pa
import pytest

from journey_app.intake.numbers import amount_text, amounts, marks

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


def test_the_rest_of_the_file_decides(read):
    text = "user_id;event;time;amount\n" + 'ana;buy;2026-05-01;"1.234"\n' * 6000 + "ana;buy;2026-05-02;0,5\n"
    assert read(text).column("amount")[0] == 1234.0


def test_what_is_no_number_is_unknown():
    assert amounts(pa.array(["tbd", None, "nan", "inf", "12 of 13"]), ".").to_pylist() == [None] * 5


def test_amounts_as_text_are_short():
    assert [amount_text(x) for x in (12.5, 100.0, -3.0, 0.1)] == ["12.5", "100", "-3", "0.1"]
