"""The price APIs over the golden wallet's markets, beside those of the chain it is a guest of."""

from local.upstream.generated import programs as p
from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import DAY
from local.upstream.golden.market import USDT, Market
from local.upstream.prices import Candle, PoolBars, Prices, Quote

SYMBOLS = {"Crypto.SOL/USD": p.WSOL, "Crypto.USDC/USD": p.USDC, "Crypto.USDT/USD": USDT}


class GoldenPrices(Prices):
    """Answers of the price APIs for a generated chain with the golden wallet on it."""

    def __init__(self, chain: GeneratedChain, market: Market) -> None:
        super().__init__(self._quote, self._symbol_bars)
        self._chain, self._market = chain, market

    def _quote(self, mint: str) -> Quote | None:
        known = self._chain.quote(mint)
        if known is not None or not self._market.is_priced(mint):
            return known
        return {
            "usdPrice": self._market.usd(mint, self._chain.now()),
            "blockId": self._chain.tip_slot(),
            "decimals": self._market.decimals(mint),
            "priceChange24h": None,
        }

    def _symbol_bars(self, symbol: str, step: int, start: int, end: int) -> list[Candle]:
        mint = SYMBOLS.get(symbol)
        return [] if mint is None else self._bars(mint, step, start, end + 1)

    def _bars(self, mint: str, step: int, start: int, end: int) -> list[Candle]:
        """Return the bars that begin in `[start, end)` and are not in the future."""
        first = -(-start // step) * step
        last = min(end, int(self._chain.now()))
        bars = ((at, self._market.bar(mint, at, step)) for at in range(first, last, step))
        return [(at, *bar) for at, bar in bars if bar is not None]

    def pools(self, mint: str) -> list[dict[str, object]]:
        """See `Prices.pools`."""
        return self.only_pool(mint) if mint in self._market.coins else []

    def pool_bars(self, pool: str, *, step: int, before: int, limit: int) -> PoolBars | None:
        """See `Prices.pool_bars`."""
        if pool not in self._market.coins:
            return None
        start = max(before - limit * step, self._market.begin - DAY)
        bars = self._bars(pool, step, start, before)
        return [[*bar, self._market.volume(pool, bar[0])] for bar in reversed(bars)]
