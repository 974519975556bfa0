"""How values lie, and shares of whole numbers: exact, and the same in any order."""

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from oof.domain.behaviour.model import MoneySpread, Reason, Spread

LEAST: Final = 3
"""Values without which nothing is said of how they lie."""
PLACES: Final = 6
SOL_PLACES: Final = 9
USD_PLACES: Final = 8
QUANTILES: Final = {"p10": 10, "p25": 25, "median": 50, "p75": 75, "p90": 90}
_WIDE: Final = Context(prec=60)


def share(part: int | Fraction, whole: int | Fraction) -> Decimal:
    """Return `part / whole` with six places, half to even. Raises ZeroDivisionError."""
    return scaled(round(Fraction(part) / Fraction(whole) * 10**PLACES), PLACES)


def scaled(units: int, places: int) -> Decimal:
    """Return so many 10^-places, exactly."""
    return _WIDE.scaleb(Decimal(units), -places)


def usd_units(usd: Decimal) -> int:
    """Return USD as whole 10^-8."""
    return int(_WIDE.scaleb(usd, USD_PLACES))


def nearest_rank(ordered: list[int], percent: int) -> int:
    """Return the smallest of ascending values that at least so many percent do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def median(values: Iterable[int]) -> int:
    """Return the median by nearest rank. Raises IndexError without any value."""
    return nearest_rank(sorted(values), 50)


def spread(values: Iterable[int], *, why: Reason = Reason.TOO_FEW, least: int = LEAST) -> Spread:
    """Return how durations lie; `why` is said where they are fewer than `least`."""
    ordered = sorted(values)
    if len(ordered) < max(least, 1):
        nothing = dict.fromkeys(QUANTILES)
        return Spread(count=len(ordered), mean=None, missing=why, **nothing)
    told = {name: nearest_rank(ordered, percent) for name, percent in QUANTILES.items()}
    return Spread(count=len(ordered), mean=sum(ordered) // len(ordered), missing=None, **told)


def money_spread(
    values: Iterable[int], *, places: int, why: Reason = Reason.TOO_FEW, least: int = LEAST
) -> MoneySpread:
    """Return how amounts lie, given in whole 10^-places."""
    ordered = sorted(values)
    if len(ordered) < max(least, 1):
        nothing = dict.fromkeys(QUANTILES)
        return MoneySpread(count=len(ordered), mean=None, missing=why, **nothing)
    told = {
        name: scaled(nearest_rank(ordered, percent), places) for name, percent in QUANTILES.items()
    }
    mean = scaled(round(Fraction(sum(ordered), len(ordered))), places)
    return MoneySpread(count=len(ordered), mean=mean, missing=None, **told)
