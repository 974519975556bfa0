"""One transaction by its signature, from the provider that the running stack uses."""

from typing import Any

import httpx

from local.cli.faults import CliFault
from local.runtime import upstream
from local.runtime.settings import LocalSettings
from local.runtime.stack import Stack

_TIMEOUT_S = 30
_OPTIONS = {"encoding": "json", "maxSupportedTransactionVersion": 0, "commitment": "confirmed"}


class ChainRpc:
    """The JSON-RPC of one provider; every problem becomes a `CliFault` of one line."""

    def __init__(
        self, url: str, *, api_key: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._query = {"api-key": api_key} if api_key else {}
        self._client = httpx.Client(timeout=_TIMEOUT_S, transport=transport)

    def transaction(self, signature: str) -> dict[str, Any]:
        """The body of one transaction. Raises CliFault, also where the chain has none."""
        asked = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "getTransaction",
            "params": [signature, _OPTIONS],
        }
        try:
            answer = self._client.post(self.url, params=self._query, json=asked)
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            # The words of httpx may hold the address, and that holds the key.
            reason = type(fault).__name__
            raise CliFault(f"{self.url} does not answer ({reason}); is it up? `make up`") from None
        except ValueError:
            raise CliFault(f"{self.url} answered {answer.status_code} without JSON") from None
        error = body.get("error") if isinstance(body, dict) else body
        if error is not None:
            message = error.get("message") if isinstance(error, dict) else None
            raise CliFault(f"{self.url} refused: {str(message or error)[:200]}")
        if not isinstance(found := body.get("result"), dict):
            raise CliFault(f"the chain of {self.url} has no transaction {signature}")
        return found


def running_rpc() -> ChainRpc:
    """The provider of the running stack. Raises CliFault when no stack is up."""
    address = Stack().address()
    if address is None:
        raise CliFault("the stack is not up, so no chain is known: run `make up`, or give --rpc")
    chosen = upstream.choose(address.instance, LocalSettings.from_env())
    return ChainRpc(chosen.rpc_url, api_key=chosen.api_key)
