"""Pyth Benchmarks' TradingView shim: candles of SOL, dollars and majors.

https://benchmarks.pyth.network/docs
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from oof.adapters.prices.client import PriceClient, broken, candles_of
from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.prices.wants import Want
from oof.domain.tokens import USDC_MINT, USDT_MINT
from oof.domain.units import SOL_MINT, Mint

NAME: Final = "GET /v1/shims/tradingview/history"
SYMBOLS: Final[Mapping[Mint, str]] = {
    SOL_MINT: "Crypto.SOL/USD",
    USDC_MINT: "Crypto.USDC/USD",
    USDT_MINT: "Crypto.USDT/USD",
    Mint("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN"): "Crypto.JUP/USD",
    Mint("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263"): "Crypto.BONK/USD",
    Mint("EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm"): "Crypto.WIF/USD",
    Mint("HZ1JovNiVvGrGNiiYvEozEVgZ58xaU3RKwX8eACQBCt3"): "Crypto.PYTH/USD",
    Mint("mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So"): "Crypto.MSOL/USD",
    Mint("J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn"): "Crypto.JITOSOL/USD",
}
_RESOLUTIONS: Final = {Width.MINUTE: "1", Width.FIVE_MINUTES: "5", Width.HOUR: "60"}


class PythPrices:
    """A `PriceProvider` of few mints; a symbol is trusted for the mint that stands beside it."""

    batch: Final = 1

    def __init__(self, client: PriceClient, symbols: Mapping[Mint, str] = SYMBOLS) -> None:
        self._client = client
        self._symbols = symbols

    @property
    def reads(self) -> int:
        """See `PriceProvider`."""
        return self._client.reads

    def tells(self, want: Want) -> bool:
        """See `PriceProvider`."""
        return not want.is_now and want.mint in self._symbols

    def tell(self, wants: Sequence[Want]) -> Mapping[Want, tuple[Candle, ...]]:
        """See `PriceProvider`."""
        found = {want: self._told(want) for want in wants}
        return {want: candles for want, candles in found.items() if candles}

    def _told(self, want: Want) -> tuple[Candle, ...]:
        query = {
            "symbol": self._symbols[want.mint],
            "resolution": _RESOLUTIONS[want.width],
            "from": str(want.start),
            # inclusive
            "to": str(want.end - 1),
        }
        answer = self._client.get(NAME, NAME.removeprefix("GET "), query)
        try:
            return candles_of(_rows(answer), want, Source.PYTH)
        except (ArithmeticError, KeyError, TypeError, ValueError) as fault:
            raise broken(NAME) from fault


def _rows(answer: Any) -> list[tuple[Any, ...]]:
    """Return columns as rows; what it calls volume is none."""
    if answer["s"] == "no_data":
        return []
    columns = [answer[name] for name in "tohlc"]
    return [(*row, None) for row in zip(*columns, strict=True)]
