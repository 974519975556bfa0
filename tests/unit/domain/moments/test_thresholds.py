"""Thresholds that an operator sets."""

from decimal import Decimal

import pytest

from oof.domain.errors import InvalidInput
from oof.domain.moments.config import DEFAULTS, DIVISORS
from oof.domain.moments.thresholds import with_thresholds


def test_what_is_named_is_changed_and_nothing_else():
    """Money and fractions stay decimal, times and counts whole."""
    changed = with_thresholds({"dust_usd": Decimal("2.5"), "window_s": Decimal(3_600)})

    assert (changed.dust_usd, changed.window_s) == (Decimal("2.5"), 3_600)
    assert isinstance(changed.window_s, int)
    assert with_thresholds(
        {"dust_usd": DEFAULTS.dust_usd, "window_s": Decimal(DEFAULTS.window_s)}, changed
    ) == with_thresholds({})


@pytest.mark.parametrize(
    ("name", "value"),
    [("dust", 1), ("yields", 1), ("window_s", "0.5"), ("dust_usd", -1), ("dust_usd", "NaN")],
)
def test_what_cannot_be_set_is_refused_by_name(name, value):
    """A misspelt threshold never looks like a setting."""
    with pytest.raises(InvalidInput, match=name):
        with_thresholds({name: Decimal(value)})


@pytest.mark.parametrize("name", DIVISORS)
def test_what_is_divided_by_is_above_zero(name):
    """Else a severity would be no number."""
    with pytest.raises(InvalidInput, match=name):
        with_thresholds({name: Decimal(0)})
