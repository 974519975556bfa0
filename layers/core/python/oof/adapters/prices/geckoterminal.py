"""GeckoTerminal's candles of any mint that has a pool, from the mint's deepest one.

https://apiguide.geckoterminal.com. The public API knows about the last six months.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from oof.adapters.prices.client import PriceClient, broken, candles_of
from oof.domain.errors import UpstreamRejected
from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.prices.wants import PAGE, Want
from oof.domain.units import Address, Mint

ROOT: Final = "/api/v2/networks/solana"
POOLS: Final = f"GET {ROOT}/tokens/…/pools"
CANDLES: Final = f"GET {ROOT}/pools/…/ohlcv"
_TIMEFRAMES: Final = {
    Width.MINUTE: ("minute", "1"),
    Width.FIVE_MINUTES: ("minute", "5"),
    Width.HOUR: ("hour", "1"),
}


class GeckoTerminalPrices:
    """A `PriceProvider` over pools; made for one event, for which it remembers each mint's pool."""

    batch: Final = 1

    def __init__(self, client: PriceClient) -> None:
        self._client = client
        self._pools: dict[Mint, Address | None] = {}

    @property
    def reads(self) -> int:
        """See `PriceProvider`."""
        return self._client.reads

    def tells(self, want: Want) -> bool:
        """See `PriceProvider`."""
        return not want.is_now

    def tell(self, wants: Sequence[Want]) -> Mapping[Want, tuple[Candle, ...]]:
        """See `PriceProvider`."""
        found = {want: self._told(want) for want in wants}
        return {want: candles for want, candles in found.items() if candles}

    def _told(self, want: Want) -> tuple[Candle, ...]:
        if want.mint not in self._pools:
            self._pools[want.mint] = self._pool(want.mint)
        pool = self._pools[want.mint]
        if pool is None:
            return ()
        frame, aggregate = _TIMEFRAMES[want.width]
        query = {
            "aggregate": aggregate,
            "before_timestamp": str(want.end),
            "limit": str(PAGE),
            "currency": "usd",
            "token": want.mint,
        }
        answer = self._client.get(CANDLES, f"{ROOT}/pools/{pool}/ohlcv/{frame}", query)
        try:
            rows = answer["data"]["attributes"]["ohlcv_list"]
            return candles_of(rows, want, Source.GECKOTERMINAL)
        except (ArithmeticError, IndexError, KeyError, TypeError, ValueError) as fault:
            raise broken(CANDLES) from fault

    def _pool(self, mint: Mint) -> Address | None:
        """Return the mint's deepest pool; None where it has none."""
        try:
            answer = self._client.get(POOLS, f"{ROOT}/tokens/{mint}/pools", {"page": "1"})
        except UpstreamRejected as fault:
            if fault.reason == "not_found":
                return None
            raise
        try:
            return _deepest(answer["data"])
        except (ArithmeticError, KeyError, TypeError, ValueError) as fault:
            raise broken(POOLS) from fault


def _deepest(pools: Sequence[Mapping[str, Any]]) -> Address | None:
    """Return the pool that holds most: volume is what whoever trades with himself has."""
    attributes = [pool["attributes"] for pool in pools]
    if not attributes:
        return None
    deepest = max(attributes, key=lambda each: Decimal(each["reserve_in_usd"] or 0))
    return Address(deepest["address"])
