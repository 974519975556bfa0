"""The prices of several mints, looked up together: whoever values something holds one of these.

It knows what was told, and of which days nobody will tell more: a price that is missing while its
day is still to be asked about is pending; else there is none.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.prices.candles import DAY_S, Candle
from oof.domain.prices.series import Priced, Series
from oof.domain.units import SOL_DECIMALS, SOL_MINT, Mint, RawAmount, UnixSeconds

_EXACT: Final = Context(prec=120, traps=[Inexact])


class Span(NamedTuple):
    """A stretch of time in which a mint's prices are looked up: `[start, end)`."""

    mint: Mint
    start: UnixSeconds
    end: UnixSeconds


class DayState(StrEnum):
    """Whether more may be told of a UTC day."""

    PENDING = "pending"
    """It is still to be asked about, or will be again."""
    ASKED = "asked"
    """It is over and was asked about: what is missing stays missing."""
    NEVER = "never"
    """It is older than what is ever asked for."""
    UNNOTED = "unnoted"
    """No trade of it was noted yet: as soon as one is, it will be asked about, or never."""


class MintPrices(NamedTuple):
    """What is stored of one mint's prices."""

    mint: Mint
    decimals: int | None
    candles: Sequence[Candle]
    asked: frozenset[int]
    """Days that are over and were asked about."""
    pending: frozenset[int]
    """Days that are still to be asked about."""
    never: frozenset[int] = frozenset()
    """Days that nobody is ever asked about."""


class Valued(NamedTuple):
    """What an amount was worth, exactly, and by which price."""

    usd: Decimal
    priced: Priced


class PriceBook:
    """Prices of mints; of one that nobody put in nothing is known."""

    def __init__(self, prices: Iterable[MintPrices] = ()) -> None:
        self._series: dict[Mint, Series] = {}
        self._decimals: dict[Mint, int | None] = {}
        self._days: dict[tuple[Mint, int], DayState] = {}
        for told in prices:
            self._series[told.mint] = Series(told.candles)
            self._decimals[told.mint] = told.decimals
            self._days |= {(told.mint, day): DayState.ASKED for day in told.asked}
            self._days |= {(told.mint, day): DayState.PENDING for day in told.pending}
            self._days |= {(told.mint, day): DayState.NEVER for day in told.never}

    def at_minute(self, mint: Mint, moment: UnixSeconds) -> Priced | None:
        """Return the close of the narrowest bucket that `moment` is in; None in a gap."""
        series = self._series.get(mint)
        return None if series is None else series.at_minute(moment)

    def max_in(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Priced | None:
        """Return the highest price of the buckets wholly in `[start, end)`; the earliest of equals.

        None where no price is known there; `is_asked` tells whether more may become known.
        """
        series = self._series.get(mint)
        return None if series is None else series.max_in(start, end)

    def min_in(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Priced | None:
        """Return the lowest price of the buckets wholly in `[start, end)`, as `max_in`."""
        series = self._series.get(mint)
        return None if series is None else series.min_in(start, end)

    def candle_at(self, mint: Mint, moment: UnixSeconds) -> Candle | None:
        """Return the narrowest bucket that `moment` is in; None in a gap."""
        series = self._series.get(mint)
        return None if series is None else series.covering(moment)

    def within(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        """Yield the buckets wholly in `[start, end)`, by start, the narrower first."""
        series = self._series.get(mint)
        return iter(()) if series is None else series.within(start, end)

    def from_highest(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        """Yield the same buckets from the highest downwards, each in O(log n)."""
        series = self._series.get(mint)
        return iter(()) if series is None else series.from_highest(start, end)

    def from_lowest(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        """Yield the same buckets from the lowest upwards, each in O(log n)."""
        series = self._series.get(mint)
        return iter(()) if series is None else series.from_lowest(start, end)

    def latest_in(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> Priced | None:
        """Return the close of the bucket that begins last within `[start, end)`."""
        series = self._series.get(mint)
        return None if series is None else series.latest_in(start, end)

    def decimals(self, mint: Mint) -> int | None:
        """Return how many decimals a whole token has; None where that is not known."""
        return SOL_DECIMALS if mint == SOL_MINT else self._decimals.get(mint)

    def day_state(self, mint: Mint, moment: UnixSeconds) -> DayState:
        """Return whether more may be told of the UTC day of `moment`."""
        return self._days.get((mint, moment // DAY_S), DayState.UNNOTED)

    def is_asked(self, mint: Mint, start: UnixSeconds, end: UnixSeconds) -> bool:
        """Return whether all days of `[start, end)` are over and were asked about."""
        days = range(start // DAY_S, -(-end // DAY_S))
        return all(self._days.get((mint, day)) is DayState.ASKED for day in days)

    def value(self, mint: Mint, raw: RawAmount, moment: UnixSeconds) -> Valued | None:
        """Return what `raw` base units were worth at `moment`, not rounded.

        None without a price of that minute, or where the mint's decimals are not known.
        """
        decimals, priced = self.decimals(mint), self.at_minute(mint, moment)
        if decimals is None or priced is None:
            return None
        whole = _EXACT.scaleb(Decimal(raw), -decimals)
        return Valued(_EXACT.multiply(whole, priced.usd), priced)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same stretches, those that overlap or touch put together; in order."""
    by_mint: dict[Mint, list[Span]] = defaultdict(list)
    for span in sorted(spans):
        theirs = by_mint[span.mint]
        if theirs and span.start <= theirs[-1].end:
            theirs[-1] = theirs[-1]._replace(end=max(theirs[-1].end, span.end))
        elif span.start < span.end:
            theirs.append(span)
    return tuple(span for theirs in by_mint.values() for span in theirs)
