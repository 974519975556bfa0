"""Helius' webhooks: https://www.helius.dev/docs/api-reference/webhooks.

A webhook is only ever put whole. Making one is tried once, because a lost answer may have made
it; everything else may be repeated.
"""

from typing import Any, Final

import orjson

from oof.adapters.helius.faults import BROKEN_ANSWER, fault_of
from oof.adapters.helius.transport import Ask, Transport
from oof.domain.errors import NotFound, UpstreamRejected
from oof.domain.gate import CallClass
from oof.domain.units import Address
from oof.domain.webhooks import KIND, STATUS, TRANSACTION_TYPES, Hook, Wanted
from oof.ports.upstream import Usage

PATH: Final = "/v0/webhooks"


class HeliusWebhooks:
    """A `WebhookRegistry` over Helius' REST API."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def usage(self) -> Usage:
        """See `WebhookRegistry`."""
        return self._transport.usage

    def hooks(self) -> tuple[Hook, ...]:
        """See `WebhookRegistry`."""
        rows = self._tried("GET")
        if not isinstance(rows, list):
            raise fault_of(f"GET {PATH}", BROKEN_ANSWER, "the webhooks came as no array")
        return tuple(_hook(row) for row in rows)

    def create(self, wanted: Wanted) -> str:
        """See `WebhookRegistry`."""
        row = self._once("POST", content=_body(wanted))
        if not isinstance(row, dict) or not row.get("webhookID"):
            raise fault_of(f"POST {PATH}", BROKEN_ANSWER, "the new webhook came without an id")
        return str(row["webhookID"])

    def replace(self, hook_id: str, wanted: Wanted) -> None:
        """See `WebhookRegistry`."""
        self._of_one("PUT", hook_id, _body(wanted))

    def switch_on(self, hook_id: str) -> None:
        """See `WebhookRegistry`."""
        self._of_one("PATCH", hook_id, {"active": True})

    def delete(self, hook_id: str) -> None:
        """See `WebhookRegistry`."""
        try:
            self._of_one("DELETE", hook_id, None)
        except NotFound:
            return

    def _of_one(self, verb: str, hook_id: str, body: dict[str, Any] | None) -> None:
        try:
            self._tried(verb, f"/{hook_id}", body)
        except UpstreamRejected as fault:
            if fault.reason == "not_found":
                raise NotFound(f"there is no webhook {hook_id}") from fault
            raise

    def _tried(self, verb: str, path: str = "", content: dict[str, Any] | None = None) -> Any:
        for attempt in self._transport.attempts():
            with attempt:
                return self._once(verb, path, content)
        raise AssertionError("stamina ends by returning or raising")

    def _once(self, verb: str, path: str = "", content: dict[str, Any] | None = None) -> Any:
        ask = Ask(
            name=f"{verb} {PATH}",
            kind=CallClass.ENHANCED,
            content=b"" if content is None else orjson.dumps(content),
            verb=verb,
            path=f"{PATH}{path}",
        )
        return self._transport.exchange(ask)


def _body(wanted: Wanted) -> dict[str, Any]:
    return {
        "webhookURL": wanted.url,
        "transactionTypes": list(TRANSACTION_TYPES),
        "accountAddresses": list(wanted.addresses),
        "webhookType": KIND,
        "txnStatus": STATUS,
        "authHeader": wanted.auth_header,
    }


def _hook(row: dict[str, Any]) -> Hook:
    """Return a webhook as told; what an older one of ours leaves out is as we ask for."""
    return Hook(
        hook_id=str(row["webhookID"]),
        url=str(row.get("webhookURL") or ""),
        addresses=frozenset(Address(each) for each in row.get("accountAddresses") or ()),
        auth_header=row.get("authHeader") or None,
        kind=str(row.get("webhookType") or ""),
        status=str(row.get("txnStatus") or STATUS),
        transaction_types=tuple(row.get("transactionTypes") or TRANSACTION_TYPES),
        is_active=row.get("active") is not False,
    )
