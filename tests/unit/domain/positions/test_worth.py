"""Ratios: exact sums, rounded once."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.positions.worth import Ratio

RATIOS = st.builds(Ratio, st.integers(-(10**30), 10**30), st.integers(1, 10**400))


@given(RATIOS, RATIOS)
def test_sums_are_exact(one, other):
    """Whatever their size, and however often they are shortened."""
    assert Fraction(*one.plus(other)) == Fraction(*one) + Fraction(*other)
    assert Fraction(*one.minus(other)) == Fraction(*one) - Fraction(*other)


@given(RATIOS, st.integers(1, 10**20), st.integers(1, 10**20))
def test_parts_are_exact(ratio, of, whole):
    """A part of a whole."""
    assert Fraction(*ratio.part(of, whole)) == Fraction(*ratio) * of / whole


@pytest.mark.parametrize(
    ("num", "den", "text"),
    [
        (1, 8, "0.12"),
        (3, 8, "0.38"),
        (-1, 8, "-0.12"),
        (-3, 8, "-0.38"),
        (1, 3, "0.33"),
        (-7, 1, "-7.00"),
        (999, 1000, "1.00"),
        (-1, 1000, "0.00"),
    ],
)
def test_text_is_rounded_half_to_even(num, den, text):
    """In plain notation, with as many decimals as asked for."""
    assert Ratio(num, den).text(2) == text
