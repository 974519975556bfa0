"""USD as it is written down: eight decimals, rounded once half to even, summed without any loss."""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from typing import Final

from oof.domain.positions.worth import Ratio

PLACES: Final = 8
NO_USD: Final = Decimal("0.00000000")
_EXACT: Final = Context(prec=200, traps=[Inexact])


def rounded_usd(amount: Decimal, *, of: int = 1, whole: int = 1) -> Decimal:
    """Return `of / whole` of an exact amount with eight decimals, half to even."""
    share = Ratio(*amount.as_integer_ratio()).part(of, whole)
    return _EXACT.scaleb(Decimal(share.in_parts(10**PLACES)), -PLACES)


def usd_of(amount: Ratio | None) -> Decimal | None:
    """Return an exact amount with eight decimals, half to even; None stays missing."""
    if amount is None:
        return None
    return _EXACT.scaleb(Decimal(amount.in_parts(10**PLACES)), -PLACES)


def sum_usd(parts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    total = NO_USD
    for part in parts:
        total = _EXACT.add(total, part)
    return total


def less(amount: Decimal, *parts: Decimal) -> Decimal:
    """Return what is left of an amount after all parts, exactly."""
    return _EXACT.subtract(amount, sum_usd(parts))
