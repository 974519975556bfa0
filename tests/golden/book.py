"""The engine's price book over the golden wallet's markets, candles as the APIs tell them."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from local.upstream.golden.market import Market
from local.upstream.golden.script import Golden
from oof.domain.prices.book import MintPrices, PriceBook
from oof.domain.prices.candles import (
    CONFIDENCE,
    DAY_S,
    Candle,
    Source,
    width_at,
)
from oof.domain.prices.wants import FOLLOWED_DAYS
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from tests.golden.reference import MONEY, changes_of

KEPT_DAYS = 1_700


def days_of(golden: Golden, now: int) -> dict[str, set[int]]:
    """Return the days of each mint that prices are known of: those it moved on, a week after each.

    Of SOL all days: nothing happens to what lies idle.
    """
    days: dict[str, set[int]] = defaultdict(set)
    for event in golden.events:
        day = event.time // DAY_S
        for mint in changes_of(event):
            days[mint].update(range(day, day + FOLLOWED_DAYS + 1))
    days[SOL_MINT] = set(range(min(days[SOL_MINT]), now // DAY_S + 1))
    return {mint: {day for day in theirs if day * DAY_S < now} for mint, theirs in days.items()}


def book_of(golden: Golden, market: Market, now: int) -> PriceBook:
    """Return the prices of these days."""
    days = days_of(golden, now)
    return PriceBook(_prices(market, mint, sorted(theirs), now) for mint, theirs in days.items())


def _prices(market: Market, mint: str, days: Iterable[int], now: int) -> MintPrices:
    days = list(days)
    told = market.is_priced(mint)
    candles = [each for day in days for each in _day(market, mint, day, now)] if told else []
    decimals = market.decimals(mint)
    return MintPrices(Mint(mint), decimals, candles, frozenset(days), frozenset())


def _day(market: Market, mint: str, day: int, now: int) -> Iterable[Candle]:
    is_money = mint in MONEY
    source = Source.PYTH if is_money else Source.GECKOTERMINAL
    at = day * DAY_S
    while at < min((day + 1) * DAY_S, now):
        width = width_at(at, now, KEPT_DAYS)
        if width is None:
            raise ValueError(f"{at} is beyond what candles are kept of")
        bar = market.bar(mint, at, width)
        if bar is not None:
            first, high, low, last = (Decimal(repr(price)) for price in bar)
            volume = None if is_money else Decimal(repr(market.volume(mint, at)))
            start = UnixSeconds(at)
            sure = CONFIDENCE[source]
            yield Candle(start, width, first, high, low, last, volume, source, sure)
        at += width
