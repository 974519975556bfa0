"""Jupiter's tokens API v2, by mint.

https://dev.jup.ag/api-reference/tokens/v2/search. Up to 100 mints a request; mints it does not know
are left out. `isVerified` is the word of its own review.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from oof.adapters.prices.client import PriceClient, broken
from oof.domain.tokens_facts import Said, TokenSource, ToldToken, told_token
from oof.domain.units import Mint

NAME: Final = "GET /tokens/v2/search"


class JupiterTokens:
    """A `TokenProvider` of tokens that are traded."""

    batch: Final = 100

    def __init__(self, client: PriceClient) -> None:
        self._client = client

    @property
    def reads(self) -> int:
        """See `TokenProvider`."""
        return self._client.reads

    def tell(self, mints: Sequence[Mint]) -> Mapping[Mint, ToldToken]:
        """See `TokenProvider`."""
        query = {"query": ",".join(mints)}
        answer = self._client.get(NAME, NAME.removeprefix("GET "), query)
        if not isinstance(answer, list):
            raise broken(NAME)
        wanted = {str(mint): mint for mint in mints}
        found: dict[Mint, ToldToken] = {}
        for entry in answer:
            # a search: what nobody asked for may be in the answer
            mint = wanted.get(str(entry.get("id"))) if isinstance(entry, dict) else None
            if mint is None:
                continue
            said = Said(*map(entry.get, ("symbol", "name", "decimals", "icon", "isVerified")))
            told = told_token(mint, TokenSource.JUPITER, said)
            if told is not None:
                found[mint] = told
        return found
