"""Prices told beforehand: the last one at or before a time, and not too old."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.positions.worth import Ratio
from oof.domain.units import Mint, RawAmount, UnixSeconds

MAX_AGE_S: Final = 3_600


class PricePoint(NamedTuple):
    """What one whole token was worth in USD at a time."""

    mint: Mint
    ts: UnixSeconds
    usd: Decimal


class PriceTable:
    """Looks prices up in O(log n); of several at one time the one told last counts."""

    def __init__(self, points: Iterable[PricePoint], decimals: Mapping[Mint, int]) -> None:
        self._decimals = decimals
        series: dict[Mint, list[PricePoint]] = defaultdict(list)
        for point in points:
            series[point.mint].append(point)
        self._times: dict[Mint, list[int]] = {}
        self._prices: dict[Mint, list[Ratio]] = {}
        for mint, told in series.items():
            told.sort(key=lambda point: point.ts)
            self._times[mint] = [point.ts for point in told]
            self._prices[mint] = [Ratio(*point.usd.as_integer_ratio()) for point in told]

    def value(self, mint: Mint, raw: RawAmount, at: UnixSeconds) -> Ratio | None:
        """Return what `raw` base units were worth at `at`; None without price or decimals."""
        decimals = self._decimals.get(mint)
        times = self._times.get(mint)
        if decimals is None or times is None:
            return None
        place = bisect_right(times, at) - 1
        if place < 0 or at - times[place] > MAX_AGE_S:
            return None
        price = self._prices[mint][place]
        return Ratio(price.num * raw, price.den * 10**decimals)
