"""DexScreener's pools of tokens, each of which names both of its tokens.

https://docs.dexscreener.com/api/reference (`/tokens/v1/{chainId}/{tokenAddresses}`). Up to 30 mints
a request. A picture is that of the pool's base token. Decimals are not told, nor a review.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from oof.adapters.prices.client import PriceClient, broken
from oof.domain.tokens_facts import Said, TokenSource, ToldToken, told_token
from oof.domain.units import Mint

ROOT: Final = "/tokens/v1/solana"
NAME: Final = f"GET {ROOT}/…"


class DexScreenerTokens:
    """A `TokenProvider` of tokens that have a pool."""

    batch: Final = 30

    def __init__(self, client: PriceClient) -> None:
        self._client = client

    @property
    def reads(self) -> int:
        """See `TokenProvider`."""
        return self._client.reads

    def tell(self, mints: Sequence[Mint]) -> Mapping[Mint, ToldToken]:
        """See `TokenProvider`."""
        answer = self._client.get(NAME, f"{ROOT}/{','.join(mints)}", {})
        if not isinstance(answer, list):
            raise broken(NAME)
        wanted = {str(mint): mint for mint in mints}
        found: dict[Mint, ToldToken] = {}
        for address, token, logo in _named(answer):
            mint = wanted.get(address)
            if mint is None:
                continue
            said = Said(token.get("symbol"), token.get("name"), logo=logo)
            told = told_token(mint, TokenSource.DEXSCREENER, said)
            had = found.get(mint)
            if told is not None and (had is None or (had.logo is None and told.logo is not None)):
                found[mint] = told
        return found


def _named(pairs: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield each token of each pool, with its picture where the pool has one of it."""
    for pair in pairs:
        if not isinstance(pair, dict):
            continue
        info = pair.get("info")
        logo = info.get("imageUrl") if isinstance(info, dict) else None
        for side, picture in (("baseToken", logo), ("quoteToken", None)):
            token = pair.get(side)
            if isinstance(token, dict):
                yield str(token.get("address")), token, picture
