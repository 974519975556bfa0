"""Jupiter's price API v3: what mints are worth now.

https://dev.jup.ag/docs/price. A mint it does not trust, or that nobody traded for a week, is left
out or null.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from oof.adapters.prices.client import PriceClient, broken
from oof.domain.prices.candles import CONFIDENCE, Candle, Source, flat, price_of
from oof.domain.prices.wants import Want

NAME: Final = "GET /price/v3"


class JupiterPrices:
    """A `PriceProvider` of the present."""

    batch: Final = 50

    def __init__(self, client: PriceClient) -> None:
        self._client = client

    @property
    def reads(self) -> int:
        """See `PriceProvider`."""
        return self._client.reads

    def tells(self, want: Want) -> bool:
        """See `PriceProvider`."""
        return want.is_now

    def tell(self, wants: Sequence[Want]) -> Mapping[Want, tuple[Candle, ...]]:
        """See `PriceProvider`."""
        ids = ",".join(want.mint for want in wants)
        answer = self._client.get(NAME, NAME.removeprefix("GET "), {"ids": ids})
        try:
            quotes = {mint: quote["usdPrice"] for mint, quote in answer.items() if quote}
            found = [
                (want, _candle(want, Decimal(quotes[want.mint])))
                for want in wants
                if quotes.get(want.mint) is not None
            ]
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as fault:
            raise broken(NAME) from fault
        return {want: (candle,) for want, candle in found if candle.is_sound}


def _candle(want: Want, usd: Decimal) -> Candle:
    source = Source.JUPITER
    return flat(want.start, want.width, price_of(usd), source, CONFIDENCE[source])
