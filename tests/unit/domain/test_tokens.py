"""Amounts for people are the exact ones, shifted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.tokens import Amount
from oof.domain.units import SOL_MINT, Mint, RawAmount

COIN = Mint("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")


@pytest.mark.parametrize(
    ("raw", "decimals", "ui"),
    [
        (1_500_000_000, 9, "1.5"),
        (-1, 9, "-0.000000001"),
        (0, 9, "0"),
        (100, 0, "100"),
        (100, 2, "1"),
        (-105, 2, "-1.05"),
        (5, None, None),
    ],
)
def test_ui_is_raw_shifted(raw: int, decimals: int | None, ui: str | None) -> None:
    """Without trailing zeros, and nothing at all without decimals."""
    assert Amount(RawAmount(raw), decimals, COIN).ui == ui


@given(raw=st.integers(-(2**90), 2**90), decimals=st.integers(0, 18))
def test_ui_is_exact(raw: int, decimals: int) -> None:
    """No digit is lost at any size."""
    ui = Amount(RawAmount(raw), decimals, COIN).ui

    assert ui is not None
    assert Decimal(ui).scaleb(decimals) == raw or abs(raw) >= 10**28
    whole, _, part = ui.removeprefix("-").partition(".")
    assert int(whole + part.ljust(decimals, "0")) == abs(raw)
    assert not part.endswith("0")


def test_symbols_are_only_what_is_beyond_doubt() -> None:
    """SOL is SOL; an unknown mint has no symbol."""
    assert Amount(RawAmount(1), 9, SOL_MINT).symbol == "SOL"
    assert Amount(RawAmount(1), 9, COIN).symbol is None
