"""Prices told beforehand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from oof.domain.positions.pricing import PricePoint, PriceTable

POINTS = [
    PricePoint("cat", 100, Decimal("2.5")),
    PricePoint("cat", 50, Decimal(1)),
    PricePoint("cat", 100, Decimal(3)),
]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (49, None),
        (50, Fraction(1, 2)),
        (99, Fraction(1, 2)),
        (100, Fraction(3, 2)),
        (3_700, Fraction(3, 2)),
        (3_701, None),
    ],
)
def test_the_last_price_counts_for_an_hour(at, expected):
    """At or before the time asked; of two at one time, the one told last."""
    value = PriceTable(POINTS, {"cat": 2}).value("cat", 50, at)

    assert (None if value is None else Fraction(*value)) == expected


def test_without_decimals_there_is_no_value():
    """An amount that nobody can write has no price."""
    assert PriceTable(POINTS, {}).value("cat", 50, 100) is None
    assert PriceTable(POINTS, {"dog": 2}).value("dog", 50, 100) is None
