"""The stand-in provider as the storm drives it: what happens on the chain, and who is told."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import httpx

from local.runtime import LocalRuntimeFault, RunningStack
from local.upstream.generated.people import crowd

_TIMEOUT_S = 120
_SLOT_S = 0.1
_TRIES = 40


class Outcome(NamedTuple):
    """What became of one post."""

    status: int | None
    attempts: int
    is_delivered: bool
    seconds: float
    """What the last try took."""


class Provider:
    """Controls of the stand-in; safe to use by several threads."""

    def __init__(self, stack: RunningStack) -> None:
        self._http = httpx.Client(base_url=stack.upstream_url, timeout=_TIMEOUT_S)
        self._target = {
            "url": f"{stack.ingest_url}/ingest/webhook/helius",
            "auth_header": stack.webhook_secret,
        }

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def control(self, name: str, **asked: Any) -> Any:
        """Ask the control API. Raises LocalRuntimeFault where it refuses."""
        return _told(self._http.post(f"/_control/{name}", json=asked))

    def counters(self) -> dict[str, Any]:
        """What was asked of the stand-in since the last reset."""
        counted: dict[str, Any] = _told(self._http.get("/_control/counters"))
        return counted

    def crowd(self, size: int) -> list[str]:
        """The addresses of the crowd, in their order.

        Raises LocalRuntimeFault where the chain has a smaller crowd.
        """
        rows = _told(self._http.get("/_control/chain"))["wallets"]
        by_role = {row["role"]: str(row["address"]) for row in rows}
        names = [spec.name for spec in crowd(size)]
        if names[-1] not in by_role:
            raise LocalRuntimeFault(f"the chain has no crowd of {size}")
        return [by_role[name] for name in names]

    def happen(self, wallets: Sequence[str]) -> list[str]:
        """Let each of these wallets act once, in this order; return the signatures."""
        made: list[str] = self.control("append", wallets=list(wallets))["signatures"]
        return made

    def deliver(
        self, signatures: Sequence[str], *, is_enhanced: bool, secret: str | None = None
    ) -> Outcome:
        """Post transactions to our webhook as the provider does: three tries, a second apart."""
        target = self._target if secret is None else {**self._target, "auth_header": secret}
        answer = self.control(
            "deliver",
            signatures=list(signatures),
            per_post=len(signatures),
            type="enhanced" if is_enhanced else "raw",
            **target,
        )
        (post,) = answer["posts"]
        return Outcome(post["status"], post["attempts"], post["delivered"], post["seconds"])

    def drop(self, signature: str) -> None:
        """Let a transaction never have landed."""
        self.control("visibility", hide=[signature])

    def move(self, signature: str, *, to_slot: int) -> None:
        """Let a transaction have landed at the end of another slot."""
        self.control("reland", signature=signature, slot=to_slot)

    def slot_ended_by(self, signature: str) -> int | None:
        """The slot whose last transaction this is; None where others stand behind it.

        It is over when this returns: nothing can come behind it any more.
        """
        (status,) = self._call("getSignatureStatuses", [[signature]])["value"]
        slot = int(status["slot"])
        while self._call("getSlot", [{"commitment": "confirmed"}]) <= slot:
            time.sleep(_SLOT_S)
        how = {"transactionDetails": "signatures", "commitment": "confirmed"}
        block = self._call("getBlock", [slot, how])["signatures"]
        return slot if block[-1] == signature else None

    def ask(self, signature: str) -> None:
        """Ask for a body by its signature, as nobody but the product should."""
        options = {"commitment": "confirmed", "maxSupportedTransactionVersion": 0}
        self._call("getTransaction", [signature, options])

    def bodies(self, address: str) -> list[dict[str, Any]]:
        """Everything the chain holds of a wallet and its token accounts, oldest first."""
        options: dict[str, Any] = {
            "transactionDetails": "full",
            "sortOrder": "asc",
            "limit": 100,
            "commitment": "confirmed",
            "maxSupportedTransactionVersion": 0,
            "filters": {"tokenAccounts": "all"},
        }
        found: list[dict[str, Any]] = []
        while True:
            page = self._call("getTransactionsForAddress", [address, options])
            found += page["data"]
            if page["paginationToken"] is None:
                return found
            options["paginationToken"] = page["paginationToken"]

    def _call(self, method: str, params: list[Any]) -> Any:
        """Call a method; the weather spoils our own calls too, so they are made again.

        Raises LocalRuntimeFault where that does not help.
        """
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = None
        for _ in range(_TRIES):
            answer = self._http.post("/", json=call)
            with suppress(ValueError):
                told = answer.json()
                if answer.is_success and "result" in told:
                    return told["result"]
            time.sleep(_SLOT_S)
        text = "" if answer is None else answer.text[:300]
        raise LocalRuntimeFault(f"{method} was answered {text}")


def _told(answer: httpx.Response) -> Any:
    if answer.is_error:
        where, text = answer.request.url.path, answer.text[:300]
        raise LocalRuntimeFault(f"{where} answered {answer.status_code}: {text}")
    return answer.json()
