"""Helius' Digital Asset Standard API: every mint that has metadata, traded or not.

https://www.helius.dev/docs/api-reference/das/getassetbatch. Up to 1,000 ids a request; one it does
not know is null. It has read the metadata already, so that nobody here has to follow its links.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from oof.adapters.helius.faults import failure_of, fault_of
from oof.adapters.helius.rpc import worst_of
from oof.adapters.helius.transport import Ask, Transport
from oof.adapters.prices.client import broken
from oof.domain.gate import CallClass
from oof.domain.tokens_facts import Said, TokenSource, ToldToken, told_token
from oof.domain.units import Mint

NAME: Final = "getAssetBatch"


class HeliusTokens:
    """A `TokenProvider` behind the chain provider's own gate."""

    batch: Final = 1_000

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def reads(self) -> int:
        """See `TokenProvider`."""
        return self._transport.usage.calls

    def tell(self, mints: Sequence[Mint]) -> Mapping[Mint, ToldToken]:
        """See `TokenProvider`."""
        result = self._ask(mints)
        if not isinstance(result, list):
            raise broken(NAME)
        wanted = {str(mint): mint for mint in mints}
        found = (_told(asset, wanted) for asset in result if isinstance(asset, dict))
        return {told.mint: told for told in found if told is not None}

    def _ask(self, mints: Sequence[Mint]) -> Any:
        """Return the result of one call, tried again where that helps."""
        params = {"ids": list(mints)}
        request = {"jsonrpc": "2.0", "id": 0, "method": NAME, "params": params}
        ask = Ask(NAME, CallClass.ENHANCED, orjson.dumps(request))
        for attempt in self._transport.attempts():
            with attempt:
                answer = self._transport.exchange(ask, worst_of)
                failure = failure_of(answer)
                if failure is None:
                    return answer["result"]
                text = self._transport.without_key(failure.message)[:200]
                told = f"{NAME} was answered with error {failure.code}: {text}"
                raise fault_of(NAME, failure.verdict, told)
        raise AssertionError("stamina ends by returning or raising")


def _told(asset: Mapping[str, Any], wanted: Mapping[str, Mint]) -> ToldToken | None:
    mint = wanted.get(str(asset.get("id")))
    if mint is None:
        return None
    content = _object(asset.get("content"))
    metadata = _object(content.get("metadata"))
    token = _object(asset.get("token_info"))
    said = Said(
        symbol=metadata.get("symbol") or token.get("symbol"),
        name=metadata.get("name"),
        decimals=token.get("decimals"),
        logo=_object(content.get("links")).get("image"),
    )
    return told_token(mint, TokenSource.HELIUS, said)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
