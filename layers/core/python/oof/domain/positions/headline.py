"""What is held, at the newest price, and what a wallet's tokens came to altogether.

::

    value      = units held * newest price
    unrealized = units whose cost is known * newest price - what they cost - fees on their entry
    win rate   = exits above zero / exits above or below zero

A price older than an hour is none.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.positions.days import DayFigures, PositionUsd
from oof.domain.positions.money import less, rounded_usd, sum_usd
from oof.domain.prices.candles import Source
from oof.domain.prices.series import Priced
from oof.domain.snapshot.model import WalletPnl
from oof.domain.units import Mint, UnixSeconds

QUOTE_AGE_S: Final = 3_600
"""How old the newest price of what is held may be."""


class Quote(NamedTuple):
    """The newest price in USD of one whole token."""

    usd: Decimal
    as_of: UnixSeconds
    source: Source
    confidence: int
    """Percent."""


def quote_of(priced: Priced | None, at: UnixSeconds) -> Quote | None:
    """Return a price as a quote: as of the end of its bucket, unless that is still to come."""
    if priced is None:
        return None
    as_of = UnixSeconds(min(priced.start + priced.width, at))
    return Quote(priced.usd, as_of, priced.source, priced.confidence)


class HeldPosition(NamedTuple):
    """An open position, and what a token of it is worth now."""

    mint: Mint
    decimals: int | None
    held_raw: int
    usd: PositionUsd | None
    """None until it is valued."""
    quote: Quote | None

    @property
    def value_usd(self) -> Decimal | None:
        """What is held is worth; None without a price."""
        return self._at_quote(self.held_raw)

    @property
    def unrealized_usd(self) -> Decimal | None:
        """Profit on units whose cost is known, net of fees; None without them, or a price."""
        if self.usd is None or not self.usd.open.priced_raw:
            return None
        value, held = self._at_quote(self.usd.open.priced_raw), self.usd.open
        return None if value is None else less(value, held.cost_usd, held.fees_usd)

    @property
    def is_uncosted(self) -> bool:
        """Whether the cost of some units is not known in dollars."""
        return self.usd is not None and self.usd.open.priced_raw < self.held_raw

    def _at_quote(self, raw: int) -> Decimal | None:
        if self.quote is None or self.decimals is None:
            return None
        return rounded_usd(self.quote.usd, of=raw, whole=10**self.decimals)


class WalletWorth(NamedTuple):
    """What a wallet's headline is made of: tokens alone."""

    realized: DayFigures
    """Of all positions."""
    unvalued: int
    """Positions that are still to be valued for the first time."""
    held: tuple[HeldPosition, ...]


def headline(worth: WalletWorth) -> WalletPnl:
    """Return what a wallet's tokens came to."""
    realized, held = worth.realized, [each for each in worth.held if each.held_raw]
    values = [each for each in held if each.value_usd is not None]
    return WalletPnl(
        realized_usd=realized.realized_usd,
        fees_usd=realized.fees_usd,
        wins=realized.wins,
        losses=realized.losses,
        unrealized_usd=_sum(each.unrealized_usd for each in held),
        value_usd=_sum(each.value_usd for each in held),
        prices_as_of=min((each.quote.as_of for each in values if each.quote), default=None),
        pending_exits=realized.pending,
        unpriced_exits=realized.unpriced,
        excluded_usd=realized.excluded_usd,
        unquoted=len(held) - len(values),
        uncosted=sum(each.is_uncosted for each in held),
        unvalued=worth.unvalued,
    )


def _sum(parts: Iterable[Decimal | None]) -> Decimal:
    return sum_usd(part for part in parts if part is not None)
