"""Candles: what one whole token was worth in USD within a bucket of time.

A bucket that nobody traded in, or that nobody told of, has no candle: gaps stay gaps, and a missing
price is missing, never 0.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from oof.domain.units import UnixSeconds

DAY_S: Final = 86_400
_DIGITS: Final = Context(prec=12)


class Width(IntEnum):
    """How long a bucket is, in seconds; buckets start at its multiples."""

    MINUTE = 60
    FIVE_MINUTES = 300
    HOUR = 3_600

    def bucket(self, moment: int) -> UnixSeconds:
        """Return the start of the bucket that `moment` is in."""
        return UnixSeconds(moment // self * self)


KEPT_DAYS: Final = {Width.MINUTE: 7, Width.FIVE_MINUTES: 180, Width.HOUR: 730}
"""Up to which age buckets are so narrow; beyond the last there is no price, by default."""


class Source(StrEnum):
    """Who said so."""

    PYTH = "pyth"
    JUPITER = "jupiter"
    GECKOTERMINAL = "geckoterminal"
    SWAPS = "swaps"
    """Our own facts: the trades against SOL and dollars that we have stored."""


CONFIDENCE: Final = {Source.PYTH: 95, Source.GECKOTERMINAL: 80, Source.JUPITER: 75}
"""Percent; that of swaps depends on how many people traded. Jupiter tells one price of a minute,
which a candle of the whole minute replaces."""


class Candle(NamedTuple):
    """One bucket: first, highest, lowest and last price in USD of one whole token."""

    start: UnixSeconds
    width: Width
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume_usd: Decimal | None
    """None where the source does not say."""
    source: Source
    confidence: int
    """Percent."""

    @property
    def end(self) -> UnixSeconds:
        """When the bucket is over."""
        return UnixSeconds(self.start + self.width)

    @property
    def is_sound(self) -> bool:
        """Whether its prices are prices, and the lowest and highest what they are called."""
        prices = (self.open, self.high, self.low, self.close)
        if not all(price.is_finite() and price > 0 for price in prices):
            return False
        return self.low == min(prices) and self.high == max(prices)


def price_of(number: Decimal) -> Decimal:
    """Return a price with no more digits than mean anything: twelve."""
    return _DIGITS.plus(number)


def flat(start: UnixSeconds, width: Width, usd: Decimal, source: Source, confidence: int) -> Candle:
    """Return the candle of a single price."""
    return Candle(start, width, usd, usd, usd, usd, None, source, confidence)


def width_at(moment: int, now: int, kept_days: int = KEPT_DAYS[Width.HOUR]) -> Width | None:
    """Return how wide the bucket of `moment` is at `now`; None where it is too old for any.

    A bucket changes as a whole: only once all of the wider one is old enough.
    """
    hour_over = Width.HOUR.bucket(moment) + Width.HOUR
    if hour_over <= now - kept_days * DAY_S:
        return None
    if hour_over <= now - KEPT_DAYS[Width.FIVE_MINUTES] * DAY_S:
        return Width.HOUR
    five_over = Width.FIVE_MINUTES.bucket(moment) + Width.FIVE_MINUTES
    if five_over <= now - KEPT_DAYS[Width.MINUTE] * DAY_S:
        return Width.FIVE_MINUTES
    return Width.MINUTE


def coarsen(candles: Iterable[Candle], width: Width) -> tuple[Candle, ...]:
    """Return candles of one width, ascending; those that are wider already stay as they are."""
    return _merged((candle, width) for candle in candles)


def compact(
    candles: Iterable[Candle], now: int, kept_days: int = KEPT_DAYS[Width.HOUR]
) -> tuple[Candle, ...]:
    """Return candles as wide as their age asks, ascending; what is too old is left out."""
    targets = ((candle, width_at(candle.start, now, kept_days)) for candle in candles)
    return _merged((candle, width) for candle, width in targets if width is not None)


def _merged(targets: Iterable[tuple[Candle, Width]]) -> tuple[Candle, ...]:
    buckets: dict[tuple[UnixSeconds, Width], list[Candle]] = defaultdict(list)
    for candle, asked in targets:
        width = max(asked, candle.width)
        buckets[width.bucket(candle.start), width].append(candle)
    return tuple(
        parts[0] if len(parts) == 1 and parts[0].width == width else _one(start, width, parts)
        for (start, width), parts in sorted(buckets.items())
    )


def _one(start: UnixSeconds, width: Width, parts: Sequence[Candle]) -> Candle:
    """Merge the parts of a bucket; it is worth believing as much as the least of them."""
    parts = sorted(parts)
    volumes = [part.volume_usd for part in parts if part.volume_usd is not None]
    weakest = min(parts, key=lambda part: (part.confidence, part.source))
    return Candle(
        start=start,
        width=width,
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        volume_usd=sum(volumes, Decimal(0)) if len(volumes) == len(parts) else None,
        source=weakest.source,
        confidence=weakest.confidence,
    )
