"""The price APIs: Jupiter v3, Pyth benchmarks, GeckoTerminal; recorded answers where they exist.

For a generated chain `quotes` and `candles` come from the chain's own price path, so that prices
and trades tell one story. A mint nobody priced is omitted, as Jupiter does.
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import zstandard

Quote = dict[str, Any]
Candle = tuple[int, float, float, float, float]
"""Start in Unix seconds, open, high, low, close, as the APIs send them: JSON numbers."""

PoolBars = list[list[float]]
"""Start, open, high, low, close, volume in dollars."""

RESOLUTION_SECONDS = {
    "1": 60,
    "5": 300,
    "15": 900,
    "30": 1800,
    "60": 3600,
    "240": 14_400,
    "D": 86_400,
}


_SOL = "So11111111111111111111111111111111111111112"
_DOLLAR = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


class Prices:
    """Answers of the price APIs, by mint and by symbol."""

    def __init__(
        self,
        quotes: Callable[[str], Quote | None],
        candles: Callable[[str, int, int, int], list[Candle]],
        pools: Mapping[str, PoolBars] | None = None,
    ) -> None:
        self._quotes = quotes
        self._candles = candles
        self._pools = pools or {}

    def jupiter(self, mints: list[str]) -> dict[str, Quote]:
        """Return the quotes of those mints that have one."""
        found = {mint: self._quotes(mint) for mint in mints}
        return {mint: quote for mint, quote in found.items() if quote is not None}

    def pools(self, mint: str) -> list[dict[str, Any]]:
        """Return GeckoTerminal's pools of a mint."""
        return self.only_pool(mint) if mint in self._pools else []

    @staticmethod
    def only_pool(mint: str) -> list[dict[str, Any]]:
        """Return a mint's only pool, which bears its address here."""
        attributes = {"address": mint, "reserve_in_usd": "1000000.0"}
        return [{"id": f"solana_{mint}", "type": "pool", "attributes": attributes}]

    def pool_bars(
        self,
        pool: str,
        *,
        step: int,  # noqa: ARG002 - what is recorded has one width
        before: int,
        limit: int,
    ) -> PoolBars | None:
        """Return up to `limit` bars that start before a time, newest first; None of no pool."""
        bars = self._pools.get(pool)
        if bars is None:
            return None
        return sorted((bar for bar in bars if bar[0] < before), reverse=True)[:limit]

    def history(self, symbol: str, resolution: str, start: int, end: int) -> dict[str, Any]:
        """Return TradingView bars of `symbol` that start within `[start, end]`.

        Raises:
            KeyError: a resolution that is not served.
        """
        bars = self._candles(symbol, RESOLUTION_SECONDS[resolution], start, end)
        columns: list[list[Any]] = [[bar[at] for bar in bars] for at in range(5)]
        names = ("t", "o", "h", "l", "c")
        answer: dict[str, Any] = dict(zip(names, columns, strict=True))
        return {"s": "ok", **answer, "v": [0] * len(bars)}


def recorded_prices(folder: Path) -> Prices:
    """Build the price APIs over a folder of recorded answers."""
    quotes: dict[str, Quote] = {}
    for answer in _answers(folder / "jupiter_price_v3.jsonl.zst"):
        quotes |= answer
    bars: list[Candle] = []
    for answer in _answers(folder / "pyth_tradingview_history.jsonl.zst"):
        bars += zip(answer["t"], answer["o"], answer["h"], answer["l"], answer["c"], strict=True)

    def candles(symbol: str, step: int, start: int, end: int) -> list[Candle]:
        # the recording is of bitcoin, by the minute
        if symbol != "Crypto.BTC/USD" or step != 60:
            return []
        return [bar for bar in bars if start <= bar[0] <= end]

    pools = {
        mint: answer["ohlcv_list"]
        for mint, answer in zip(
            (_DOLLAR, _SOL), _answers(folder / "geckoterminal_ohlcv.jsonl.zst"), strict=False
        )
    }
    return Prices(quotes.get, candles, pools)


def _answers(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        text = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file)).read()
    return [orjson.loads(line)["response"] for line in text.splitlines() if line.strip()]
