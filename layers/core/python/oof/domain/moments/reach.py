"""Peaks that a seller could have had, and troughs that were no wick.

The highest price of a span proves little: it may be one odd fill, or so thin that a sale would have
moved it. A peak is reachable for a quantity where enough was traded at or above it::

    price · units ≤ volume_share · Σ volume of the buckets that stood at `price` or above

So it is the highest such price, at most the naive one. A bucket stands at its high, unless that is
a wick; then at the higher of what it opened and closed at. Buckets below `peak_confidence` count
for nothing, and of buckets of several widths over one hour those of the first that is met.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple

from oof.domain.moments.config import MomentConfig
from oof.domain.prices.book import PriceBook, Span
from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.prices.series import Priced

_DEEP = frozenset({Source.PYTH})
"""Who quotes markets of many venues, deeper than any wallet; tells no volume."""


class Peak(NamedTuple):
    """A price at which a quantity could have been sold, and what shows it."""

    usd: Decimal
    candle: Candle
    """The bucket that stood at it."""
    counted: tuple[Candle, ...]
    """That and all that stood higher, from the highest down."""
    volume_usd: Decimal
    """Told by all of these."""
    is_assumed: bool
    """Whether some of these told none, and a small sale was taken to be possible."""
    is_deep: bool
    """Whether one of these is of a market deeper than any wallet: volume does not matter."""
    confidence: int
    """Percent, of the weakest of these, lowered where it is assumed."""


class Trough(NamedTuple):
    """The lowest price that was no wick."""

    usd: Decimal
    candle: Candle


def reachable_peak(
    prices: PriceBook, span: Span, units: Decimal, least_usd: Fraction, config: MomentConfig
) -> Peak | None:
    """Return the highest price in `span` at which `units` could have been sold.

    None where none of `least_usd` or more is known: nothing below is looked at.
    """
    tally = _Tally(units, config)
    for usd, candle in _standing_high(prices, span, config):
        if usd < least_usd:
            return None
        if tally.add(candle) and tally.bears(usd):
            return tally.peak(usd, candle)
    return None


def naive_peak(prices: PriceBook, span: Span) -> Priced | None:
    """Return the highest price of a span, whatever it rests on."""
    return prices.max_in(*span)


def trough_in(prices: PriceBook, span: Span, config: MomentConfig) -> Trough | None:
    """Return the lowest price in `span` that was no wick; of equals the earliest."""
    found = _standing_low(prices, span, config)
    return next((Trough(usd, candle) for usd, candle in found), None)


def confirmed(candle: Candle, config: MomentConfig) -> bool:
    """Whether a bucket is believed enough to make a peak or a trough."""
    return candle.confidence >= config.peak_confidence


def high_of(candle: Candle, config: MomentConfig) -> Decimal:
    """Return where a bucket stood at its highest."""
    body = max(candle.open, candle.close)
    return candle.high if candle.high <= body * config.wick_factor else body


def low_of(candle: Candle, config: MomentConfig) -> Decimal:
    """Return where a bucket stood at its lowest."""
    body = min(candle.open, candle.close)
    return candle.low if candle.low * config.wick_factor >= body else body


class _Tally:
    """Volume of the buckets that stood so high."""

    def __init__(self, units: Decimal, config: MomentConfig) -> None:
        self._units, self._config = Fraction(units), config
        self._widths: dict[int, Width] = {}
        self._counted: list[Candle] = []
        self._volume = Decimal(0)
        self._assumed = 0
        self._is_deep = False

    def add(self, candle: Candle) -> bool:
        """Count a bucket, and return true, unless its hour is told in another width."""
        hour = Width.HOUR.bucket(candle.start)
        if self._widths.setdefault(hour, candle.width) != candle.width:
            return False
        self._counted.append(candle)
        if candle.volume_usd is not None:
            self._volume += candle.volume_usd
        elif candle.source in _DEEP:
            self._is_deep = True
        else:
            self._assumed += 1
        return True

    def bears(self, usd: Decimal) -> bool:
        """Whether the units could have been sold at a price."""
        borne = Fraction(self._volume) * Fraction(self._config.volume_share)
        borne += self._assumed * Fraction(self._config.assumed_usd)
        return self._is_deep or self._units * Fraction(usd) <= borne

    def peak(self, usd: Decimal, candle: Candle) -> Peak:
        """Return what was found."""
        is_assumed = bool(self._assumed) and not self._is_deep
        confidence = min(each.confidence for each in self._counted)
        if is_assumed:
            confidence = min(confidence, self._config.assumed_confidence)
        counted, is_deep = tuple(self._counted), self._is_deep
        return Peak(usd, candle, counted, self._volume, is_assumed, is_deep, confidence)


def _standing_high(
    prices: PriceBook, span: Span, config: MomentConfig
) -> Iterator[tuple[Decimal, Candle]]:
    """Yield where buckets stood, from the highest down; wicks wait for their turn."""
    told = (c for c in prices.from_highest(*span) if confirmed(c, config))
    rows = ((c.high, high_of(c, config), c) for c in told)
    for usd, candle in _in_turn((-limit, -usd, candle) for limit, usd, candle in rows):
        yield -usd, candle


def _standing_low(
    prices: PriceBook, span: Span, config: MomentConfig
) -> Iterator[tuple[Decimal, Candle]]:
    told = (c for c in prices.from_lowest(*span) if confirmed(c, config))
    return _in_turn((c.low, low_of(c, config), c) for c in told)


def _in_turn(
    rows: Iterable[tuple[Decimal, Decimal, Candle]],
) -> Iterator[tuple[Decimal, Candle]]:
    """Yield values upwards, given rows by a limit that none is below; of equals the earliest."""
    waiting: list[tuple[Decimal, int, int, Candle]] = []
    for limit, value, candle in rows:
        while waiting and waiting[0][0] < limit:
            yield _first(waiting)
        heappush(waiting, (value, candle.start, candle.width, candle))
    while waiting:
        yield _first(waiting)


def _first(waiting: list[tuple[Decimal, int, int, Candle]]) -> tuple[Decimal, Candle]:
    value, _, _, candle = heappop(waiting)
    return value, candle
