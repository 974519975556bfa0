"""Prices implied by our own facts: what people paid, guarded against who trades with himself.

Each minute's price is what was paid for it altogether over how much of it changed hands; a bucket's
highest and lowest are those of its minutes, so no single odd fill makes a peak.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Final, NamedTuple

from oof.domain.prices.candles import Candle, Source, Width, coarsen, flat, price_of
from oof.domain.units import Address, UnixSeconds

LEAST_USD: Final = Decimal(1)
"""Smaller trades say more about rounding than about price."""
WASH_PERCENT: Final = 90
"""Who sells within a bucket as much of what he bought has moved nothing but the volume."""
OUTLIER_FACTOR: Final = 2
"""Further from what the traders around it paid, a trade is no price."""
DEEP_USD: Final = Decimal(10_000)


class Swap(NamedTuple):
    """A trade against SOL or dollars."""

    ts: UnixSeconds
    trader: Address
    is_buy: bool
    qty: Decimal
    """Whole tokens."""
    usd: Decimal

    @property
    def price(self) -> Decimal:
        """USD of one whole token."""
        return self.usd / self.qty


def swap_candles(swaps: Iterable[Swap], width: Width) -> tuple[Candle, ...]:
    """Return the candles that swaps imply, ascending; a bucket without a sound one has none."""
    buckets: dict[UnixSeconds, list[Swap]] = defaultdict(list)
    for swap in swaps:
        if swap.qty > 0 and swap.usd >= LEAST_USD:
            buckets[width.bucket(swap.ts)].append(swap)
    honest = {start: _without_wash(inside) for start, inside in buckets.items()}
    candles = (_candle(start, width, honest) for start in sorted(honest))
    return tuple(candle for candle in candles if candle is not None)


def _candle(
    start: UnixSeconds, width: Width, buckets: Mapping[UnixSeconds, Sequence[Swap]]
) -> Candle | None:
    around = [
        swap
        for place in (start - width, start, start + width)
        for swap in buckets.get(UnixSeconds(place), ())
    ]
    kept = _without_outliers(buckets[start], around)
    if not kept:
        return None
    confidence = _confidence(kept)
    minutes: dict[UnixSeconds, list[Swap]] = defaultdict(list)
    for swap in kept:
        minutes[Width.MINUTE.bucket(swap.ts)].append(swap)
    [candle] = coarsen((_minute(at, inside, confidence) for at, inside in minutes.items()), width)
    return candle


def _minute(start: UnixSeconds, swaps: Sequence[Swap], confidence: int) -> Candle:
    usd, qty = _sums(swaps)
    candle = flat(start, Width.MINUTE, price_of(usd / qty), Source.SWAPS, confidence)
    return candle._replace(volume_usd=price_of(usd))


def _without_wash(swaps: Sequence[Swap]) -> list[Swap]:
    """Leave out who, within the bucket, bought about as much as he sold."""
    bought: dict[Address, Decimal] = defaultdict(Decimal)
    sold: dict[Address, Decimal] = defaultdict(Decimal)
    for swap in swaps:
        (bought if swap.is_buy else sold)[swap.trader] += swap.qty
    washing = {
        trader
        for trader in bought.keys() & sold.keys()
        if min(bought[trader], sold[trader]) * 100
        >= max(bought[trader], sold[trader]) * WASH_PERCENT
    }
    return [swap for swap in swaps if swap.trader not in washing]


def _without_outliers(swaps: Sequence[Swap], around: Sequence[Swap]) -> list[Swap]:
    """Leave out what is far from the median trader: one voice a trader, whatever his volume."""
    if not swaps:
        return []
    by_trader: dict[Address, list[Swap]] = defaultdict(list)
    for swap in around:
        by_trader[swap.trader].append(swap)
    paid = [_sums(theirs) for theirs in by_trader.values()]
    middle = median(usd / qty for usd, qty in paid)
    low, high = middle / OUTLIER_FACTOR, middle * OUTLIER_FACTOR
    return [swap for swap in swaps if low <= swap.price <= high]


def _confidence(swaps: Sequence[Swap]) -> int:
    """Return how far to believe it, in percent: one trader's word is one trader's word."""
    traders = len({swap.trader for swap in swaps})
    if traders >= 5 and _sums(swaps)[0] >= DEEP_USD:
        return 70
    return {1: 30, 2: 50}.get(traders, 60)


def _sums(swaps: Sequence[Swap]) -> tuple[Decimal, Decimal]:
    usd = sum((swap.usd for swap in swaps), Decimal(0))
    return usd, sum((swap.qty for swap in swaps), Decimal(0))
