"""Money: fen, half up, no floats."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.kernel.money import fen_of_yuan, line_amount, yuan_text


@pytest.mark.parametrize(
    ("_case", "yuan", "fen"),
    [
        ("whole", 15, 1500),
        ("text", "15.00", 1500),
        ("one fen", "0.01", 1),
        ("just under half a fen", "0.0049", 0),
        ("half a fen goes up", "0.005", 1),
        ("half up, not to even", "0.025", 3),
        ("nothing", 0, 0),
        ("a refund's half goes away from zero", "-0.005", -1),
        ("large", "99999999.99", 9999999999),
    ],
)
def test_yuan_become_fen_half_up(_case, yuan, fen):
    assert fen_of_yuan(yuan) == fen


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        fen_of_yuan(0.1)


@pytest.mark.parametrize(
    ("_case", "price", "quantity", "fen"),
    [
        ("one", 1250, 1, 1250),
        ("many", 333, 3, 999),
        ("a third of a box", 1000, Decimal("0.3333"), 333),
        ("half a fen goes up", 5, Decimal("0.5"), 3),
        ("nothing", 1250, 0, 0),
    ],
)
def test_a_line_is_rounded_once(_case, price, quantity, fen):
    assert line_amount(price, quantity) == fen


@pytest.mark.parametrize(
    ("_case", "fen", "text"),
    [
        ("usual", 1500, "15.00"),
        ("fen only", 5, "0.05"),
        ("nothing", 0, "0.00"),
        ("refund", -1500, "-15.00"),
        ("refund below one yuan", -5, "-0.05"),
    ],
)
def test_fen_are_shown_as_yuan(_case, fen, text):
    assert yuan_text(fen) == text


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_what_is_shown_reads_back_exactly(fen):
    assert fen_of_yuan(yuan_text(fen)) == fen


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=10**4))
def test_whole_quantities_lose_nothing(price, quantity):
    assert line_amount(price, quantity) == price * quantity


@given(st.integers(min_value=0, max_value=10**7), st.decimals(min_value=0, max_value=1000, places=4))
def test_rounding_is_never_off_by_more_than_half_a_fen(price, quantity):
    assert abs(Decimal(line_amount(price, quantity)) - price * quantity) <= Decimal("0.5")
