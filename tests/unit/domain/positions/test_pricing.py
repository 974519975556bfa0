"""Prices told beforehand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from oof.domain.positions.pricing import PricePoint, PriceTable
from oof.domain.units import Mint, RawAmount, UnixSeconds

CAT, DOG = Mint("cat"), Mint("dog")
POINTS = [
    PricePoint(CAT, UnixSeconds(100), Decimal("2.5")),
    PricePoint(CAT, UnixSeconds(50), Decimal(1)),
    PricePoint(CAT, UnixSeconds(100), Decimal(3)),
]


def value(mint, at, decimals):
    """Return what fifty base units were worth."""
    worth = PriceTable(POINTS, decimals).value(mint, RawAmount(50), at)
    return None if worth is None else Fraction(*worth)


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
    assert value(CAT, at, {CAT: 2}) == expected


def test_without_decimals_there_is_no_value():
    """An amount that nobody can write has no price."""
    assert value(CAT, 100, {}) is None
    assert value(DOG, 100, {DOG: 2}) is None
