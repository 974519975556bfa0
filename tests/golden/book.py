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
    Width,
    width_at,
)
from oof.domain.prices.wants import FOLLOWED_DAYS
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from tests.golden.reference import MONEY, changes_of

KEPT_DAYS = 1_700


def book_of(golden: Golden, market: Market, now: int) -> PriceBook:
    """Return prices of all days on which a mint moved, and of the week after each."""
    days: dict[str, set[int]] = defaultdict(set)
    for event in golden.events:
        day = event.time // DAY_S
        for mint in {*changes_of(event), SOL_MINT}:
            days[mint].update(range(day, day + FOLLOWED_DAYS + 1))
    return PriceBook(
        _prices(market, mint, sorted(each for each in theirs if each * DAY_S < now), now)
        for mint, theirs in days.items()
    )


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
            yield Candle(
                UnixSeconds(at),
                Width(width),
                first,
                high,
                low,
                last,
                None,
                source,
                CONFIDENCE[source],
            )
        at += width
