"""The public API, as a client of it sees it."""

from collections.abc import Sequence
from typing import Any

import httpx

from local.cli.faults import CliFault

_TIMEOUT_S = 60
"""A local function that was never called before takes seconds to start."""


class WalletApi:
    """Requests to one API; every problem becomes a `CliFault` with its own words."""

    def __init__(self, base_url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._client = httpx.Client(timeout=_TIMEOUT_S, transport=transport)

    def summary(self, address: str) -> dict[str, Any]:
        """The wallet's summary; opens the wallet where nobody did before."""
        return self._ask("GET", f"/v1/wallets/{address}/summary")

    def holdings(self, address: str, limit: int) -> dict[str, Any]:
        """A page of what the wallet holds."""
        return self._ask("GET", f"/v1/wallets/{address}/holdings?limit={limit}")

    def positions(self, address: str, limit: int) -> dict[str, Any]:
        """A page of what the wallet's tokens came to, latest changed first."""
        return self._ask("GET", f"/v1/wallets/{address}/positions?limit={limit}")

    def pnl_chart(self, address: str) -> dict[str, Any]:
        """What the wallet's tokens came to, day by day."""
        return self._ask("GET", f"/v1/wallets/{address}/pnl-chart")

    def pnl_calendar(self, address: str) -> dict[str, Any]:
        """What each day came to."""
        return self._ask("GET", f"/v1/wallets/{address}/pnl-calendar")

    def pnl_overview(self, address: str) -> dict[str, Any]:
        """How good the wallet's results were."""
        return self._ask("GET", f"/v1/wallets/{address}/pnl-overview")

    def behaviour(self, address: str) -> dict[str, Any]:
        """How the wallet trades."""
        return self._ask("GET", f"/v1/wallets/{address}/behavior-analysis")

    def classification(self, address: str) -> dict[str, Any]:
        """What the wallet is classed as."""
        return self._ask("GET", f"/v1/wallets/{address}/classification")

    def extremes(self, address: str) -> dict[str, Any]:
        """The wallet's dearest moment of each kind."""
        return self._ask("GET", f"/v1/wallets/{address}/extremes")

    def transactions(self, address: str, limit: int) -> dict[str, Any]:
        """A page of the wallet's transactions, newest first."""
        return self._ask("GET", f"/v1/wallets/{address}/transactions?limit={limit}")

    def backfill(self, address: str, days: int) -> dict[str, Any]:
        """The job that brings in that many days of history."""
        return self._ask("POST", f"/v1/wallets/{address}/history/backfill?older={days}d")

    def similarity(self, addresses: Sequence[str]) -> dict[str, Any]:
        """How alike wallets are, by what is stored of them."""
        return self._ask("POST", "/v1/analyses/similarity", {"wallets": list(addresses)})

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it stands."""
        return self._ask("GET", f"/v1/jobs/{job_id}")

    def _ask(self, method: str, path: str, asked: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._client.request(method, f"{self.base_url}{path}", json=asked)
            body = answer.json()
        except httpx.TransportError as fault:
            raise CliFault(
                f"the API at {self.base_url} does not answer ({fault}); is it up? `make up`"
            ) from fault
        except ValueError as fault:
            raise CliFault(f"the API answered {answer.status_code} without JSON") from fault
        if answer.is_error:
            raise CliFault(_in_words(answer.status_code, body))
        if not isinstance(body, dict):
            raise CliFault(f"the API answered {answer.status_code} with something else")
        return body


def _in_words(status: int, body: Any) -> str:
    if isinstance(body, dict) and "code" in body:
        return f"{body.get('detail', body.get('title'))} ({status} {body['code']})"
    return f"the API answered {status}: {str(body)[:200]}"
