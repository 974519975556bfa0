"""A mint's stored prices, a page at a time; nothing is fetched for it."""

from typing import NamedTuple

from oof.domain.prices.candles import Candle, Width, coarsen
from oof.domain.units import Mint, UnixSeconds
from oof.ports.prices import PriceReader
from oof.ports.system import Clock


class PricePage(NamedTuple):
    """Candles of one width, ascending."""

    candles: tuple[Candle, ...]
    next_start: UnixSeconds | None
    """Where the next page begins; None on the last."""
    is_pending: bool


def list_prices(
    prices: PriceReader, mint: Mint, width: Width, *, since: UnixSeconds, limit: int, clock: Clock
) -> PricePage:
    """Return up to `limit` buckets from the one of `since` on.

    Narrower candles are put together; wider ones, of older days, are left out.
    """
    found = prices.page(mint, width=width, since=width.bucket(since), buckets=limit + 1)
    candles = coarsen(found, width)
    rest = candles[limit:]
    return PricePage(
        candles=candles[:limit],
        next_start=rest[0].start if rest else None,
        is_pending=prices.is_pending(mint, at=clock.now()),
    )
