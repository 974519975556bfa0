"""Sums of days over windows: of a wallet's tokens, and of each of them.

SOL and dollars aside, everywhere: they are what results are told in.
"""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from typing import Final, NamedTuple

from oof.domain.positions.days import DayFigures, DayRow, summed
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.domain.windows import DAYS, DaySpan

_EXACT: Final = Context(prec=200, traps=[Inexact])
_PLACES: Final = 6


class TokenWindow(NamedTuple):
    """What a wallet's trades of one token came to within some days."""

    mint: Mint
    first_slot: Slot
    last_slot: Slot
    first_at: UnixSeconds | None
    """Of its first trade of a known time; None where none has one."""
    last_at: UnixSeconds | None
    figures: DayFigures

    @property
    def roi(self) -> Decimal | None:
        """See `roi_of`."""
        return roi_of(self.figures)


class WalletWindow(NamedTuple):
    """What all of a wallet's tokens came to within a window."""

    to_day: int
    """The window's last day."""
    turns: int
    """How often what it is made of was valued."""
    figures: DayFigures


def ratio_of(part: Decimal, whole: Decimal) -> Decimal:
    """Return `part / whole` with six decimals, half away from zero; `whole` is above zero."""
    doubled = _EXACT.multiply(abs(part), Decimal(2 * 10**_PLACES))
    units = _EXACT.divide_int(_EXACT.add(doubled, whole), _EXACT.multiply(whole, Decimal(2)))
    return _EXACT.scaleb(units.copy_sign(part) if units else abs(units), -_PLACES)


def roi_of(figures: DayFigures) -> Decimal | None:
    """Return on investment: realized_usd / cost_usd, 1 being all of the cost; no unit.

    None where nothing was sold at a known cost in dollars.
    """
    return ratio_of(figures.realized_usd, figures.cost_usd) if figures.cost_usd > 0 else None


def token_window(mint: Mint, days: Iterable[DayRow], span: DaySpan) -> TokenWindow | None:
    """Return the sums of a token's days that are within a span; None where none is."""
    rows = [row for row in days if span.has(row.day)]
    if not rows:
        return None
    return TokenWindow(
        mint,
        min(row.first_slot for row in rows),
        max(row.last_slot for row in rows),
        min((row.first_at for row in rows if row.first_at is not None), default=None),
        max((row.last_at for row in rows if row.last_at is not None), default=None),
        summed(rows),
    )


def aged_days(to_day: int, today: int) -> tuple[DaySpan, ...]:
    """Return the days that leave or enter some window when their last day moves on.

    What traded on none of them comes to the same in every window.
    """
    if today <= to_day:
        return ()
    left = (DaySpan(to_day - days + 1, today - days) for days in DAYS.values() if days is not None)
    return (DaySpan(to_day + 1, today), *left)
