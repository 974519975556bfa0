"""Formulas are exact, and nothing but formulas."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.moments.formulas import plain, solve, total_of, units_of


def test_results_are_exact_and_rounded_once():
    """A third of one is no float; a later result takes the earlier one unrounded."""
    results = solve({"third": "one / 3", "whole": "third * 3"}, {"one": 1})
    assert results == {"third": Decimal("0.33333333"), "whole": Decimal("1.00000000")}


@pytest.mark.parametrize(
    ("number", "expected"),
    [("0.000000005", "0E-8"), ("0.000000015", "2E-8"), ("-0.000000025", "-2E-8")],
)
def test_halves_are_rounded_to_even(number, expected):
    """At the eighth decimal."""
    assert solve({"it": "number"}, {"number": Decimal(number)})["it"] == Decimal(expected)


def test_functions_are_min_max_and_abs():
    """As severities need them."""
    results = solve({"it": "max(0, min(1, abs(number)))"}, {"number": Decimal("-0.5")})
    assert results["it"] == Decimal("0.5")


@pytest.mark.parametrize("text", ["one ** 2", "print(one)", "one.real", "1.5", "'one'", "one < 2"])
def test_anything_else_is_no_formula(text):
    """Texts are worked out, never run."""
    with pytest.raises(ValueError, match="no formula"):
        solve({"it": text}, {"one": 1})


def test_a_name_nobody_gave_is_an_error():
    """And no 0."""
    with pytest.raises(KeyError):
        solve({"it": "one"}, {})


@given(st.integers(-(10**40), 10**40), st.integers(0, 30))
def test_units_are_exact(raw, decimals):
    """Back and forth."""
    units = units_of(raw, decimals)
    assert units.as_integer_ratio()[0] * 10**decimals == raw * units.as_integer_ratio()[1]
    assert Decimal(plain(units)) == units
    assert "E" not in plain(units)


def test_sums_are_exact():
    """Beyond 28 digits."""
    assert total_of([Decimal(10) ** 40, Decimal("0.00000001")]) == Decimal(
        "10000000000000000000000000000000000000000.00000001"
    )
