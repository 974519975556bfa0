"""Looking prices up: the one at a minute, the highest and the lowest of a span, in O(log n)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from heapq import heappop, heappush, merge
from typing import NamedTuple

from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.units import UnixSeconds


class Priced(NamedTuple):
    """A price in USD of one whole token, and on whose word."""

    usd: Decimal
    start: UnixSeconds
    """Of the bucket it was found in."""
    width: Width
    source: Source
    confidence: int
    """Percent."""


class Series:
    """The candles of one mint; of two for one bucket the more confident counts, else the later."""

    def __init__(self, candles: Iterable[Candle]) -> None:
        best: dict[Width, dict[UnixSeconds, Candle]] = defaultdict(dict)
        for candle in candles:
            known = best[candle.width].get(candle.start)
            if known is None or known.confidence <= candle.confidence:
                best[candle.width][candle.start] = candle
        self._rows = [_Row(sorted(best[width].values())) for width in sorted(best)]

    def at_minute(self, moment: UnixSeconds) -> Priced | None:
        """Return the close of the narrowest bucket that `moment` is in; None in a gap."""
        candle = self.covering(moment)
        return None if candle is None else _priced(candle, candle.close)

    def covering(self, moment: UnixSeconds) -> Candle | None:
        """Return the narrowest bucket that `moment` is in; None in a gap."""
        found = (row.covering(moment) for row in self._rows)
        return next((candle for candle in found if candle is not None), None)

    def within(self, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        """Yield the buckets that lie wholly in `[start, end)`, by start, the narrower first."""
        return merge(*(row.within(start, end) for row in self._rows), key=lambda c: c[:2])

    def from_highest(self, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        """Yield the same buckets by their highest price, downwards; of equals the earliest first.

        Each costs O(log n), so the first few of a long span are cheap.
        """
        rows = [row.from_best(start, end, row.highest, _by_high) for row in self._rows]
        return merge(*rows, key=_by_high)

    def from_lowest(self, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        """Yield the same buckets by their lowest price, upwards; of equals the earliest first."""
        rows = [row.from_best(start, end, row.lowest, _by_low) for row in self._rows]
        return merge(*rows, key=_by_low)

    def max_in(self, start: UnixSeconds, end: UnixSeconds) -> Priced | None:
        """Return the highest price of the buckets that lie wholly in `[start, end)`.

        Whole buckets alone, so that a peak before `start` never counts. Of equals the earliest.
        """
        found = [row.highest(start, end) for row in self._rows]
        return max(
            (_priced(candle, candle.high) for candle in found if candle is not None),
            key=lambda priced: (priced.usd, -priced.start),
            default=None,
        )

    def min_in(self, start: UnixSeconds, end: UnixSeconds) -> Priced | None:
        """Return the lowest price of the buckets that lie wholly in `[start, end)`."""
        found = [row.lowest(start, end) for row in self._rows]
        return min(
            (_priced(candle, candle.low) for candle in found if candle is not None),
            key=lambda priced: (priced.usd, priced.start),
            default=None,
        )

    def latest_in(self, start: UnixSeconds, end: UnixSeconds) -> Priced | None:
        """Return the close of the bucket that begins last within `[start, end)`."""
        found = [candle for row in self._rows if (candle := row.latest(start, end)) is not None]
        newest = max(found, key=lambda candle: (candle.start, -candle.width), default=None)
        return None if newest is None else _priced(newest, newest.close)


class _Row:
    """Candles of one width, ascending: no two overlap."""

    def __init__(self, candles: Sequence[Candle]) -> None:
        self._candles = candles
        self._width = candles[0].width
        self._starts = [candle.start for candle in candles]

    @cached_property
    def _highs(self) -> "_Champions":
        """Made when first asked for: who looks up single minutes needs none."""
        return _Champions(self._candles, lambda one, other: other.high > one.high)

    @cached_property
    def _lows(self) -> "_Champions":
        return _Champions(self._candles, lambda one, other: other.low < one.low)

    def covering(self, moment: UnixSeconds) -> Candle | None:
        place = bisect_right(self._starts, moment) - 1
        if place < 0 or self._candles[place].end <= moment:
            return None
        return self._candles[place]

    def latest(self, start: UnixSeconds, end: UnixSeconds) -> Candle | None:
        place = bisect_left(self._starts, end) - 1
        if place < 0 or self._candles[place].start < start:
            return None
        return self._candles[place]

    def highest(self, start: UnixSeconds, end: UnixSeconds) -> Candle | None:
        return self._highs.of(*self._places(start, end))

    def lowest(self, start: UnixSeconds, end: UnixSeconds) -> Candle | None:
        return self._lows.of(*self._places(start, end))

    def within(self, start: UnixSeconds, end: UnixSeconds) -> Iterator[Candle]:
        low, high = self._places(start, end)
        return (self._candles[place] for place in range(low, high))

    def from_best(
        self,
        start: UnixSeconds,
        end: UnixSeconds,
        best: Callable[[UnixSeconds, UnixSeconds], Candle | None],
        key: Callable[[Candle], tuple[Decimal, int]],
    ) -> Iterator[Candle]:
        """Yield the best of a span, then go on with what is left and right of it."""
        heap: list[tuple[tuple[Decimal, int], UnixSeconds, UnixSeconds, Candle]] = []
        parts = [(start, end)]
        while parts or heap:
            for since, until in parts:
                candle = best(since, until)
                if candle is not None:
                    heappush(heap, (key(candle), since, until, candle))
            if not heap:
                return
            _, since, until, candle = heappop(heap)
            yield candle
            parts = [(since, candle.start), (candle.end, until)]

    def _places(self, start: UnixSeconds, end: UnixSeconds) -> tuple[int, int]:
        low = bisect_left(self._starts, start)
        return low, bisect_right(self._starts, end - self._width)


class _Champions:
    """The best of any run of candles, from the best of runs of 1, 2, 4, 8, … beforehand."""

    def __init__(
        self, candles: Sequence[Candle], is_better: Callable[[Candle, Candle], bool]
    ) -> None:
        self._is_better = is_better
        self._levels = [list(candles)]
        step = 1
        while 2 * step <= len(candles):
            last = self._levels[-1]
            self._levels.append(
                [self._best(*pair) for pair in zip(last, last[step:], strict=False)]
            )
            step *= 2

    def of(self, low: int, high: int) -> Candle | None:
        """Return the best of `[low, high)`, the earliest of equals; None of nothing."""
        if low >= high:
            return None
        level = (high - low).bit_length() - 1
        bests = self._levels[level]
        return self._best(bests[low], bests[high - (1 << level)])

    def _best(self, one: Candle, other: Candle) -> Candle:
        """Return the better; the first where none is."""
        return other if self._is_better(one, other) else one


def _by_high(candle: Candle) -> tuple[Decimal, int]:
    return -candle.high, candle.start


def _by_low(candle: Candle) -> tuple[Decimal, int]:
    return candle.low, candle.start


def _priced(candle: Candle, usd: Decimal) -> Priced:
    return Priced(usd, candle.start, candle.width, candle.source, candle.confidence)
