"""Helius webhooks: the registry, and deliveries with three tries a second apart."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from local.upstream.counters import Counters
from local.upstream.model import Body, Record

TRIES = 3
TRY_EVERY_SECONDS = 1.0
ADDRESSES_AT_MOST = 100_000

_FIELDS = ("webhookURL", "transactionTypes", "accountAddresses", "webhookType", "authHeader")


@dataclass(slots=True)
class Webhooks:
    """The registered webhooks, by id."""

    hooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    switched_off_after: int = 25
    """Lost deliveries in a row after which a webhook is switched off."""
    _losses: Counter[str] = field(default_factory=Counter)

    def create(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Register a webhook.

        Raises:
            ValueError: a required field is missing or there are too many addresses.
        """
        hook = {"webhookID": str(uuid.uuid4()), "wallet": "stand-in", **_checked(asked)}
        hook["active"] = True
        self.hooks[hook["webhookID"]] = hook
        return hook

    def replace(self, identity: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Replace a webhook whole, as Helius' PUT does.

        Raises:
            KeyError: no such webhook.
            ValueError: as for `create`.
        """
        old = self.hooks[identity]
        kept = {key: old[key] for key in ("webhookID", "wallet", "active")}
        self.hooks[identity] = {**kept, **_checked(asked)}
        return self.hooks[identity]

    def interested(self, record: Record) -> list[dict[str, Any]]:
        """List the active webhooks that name an account of this transaction.

        Who owns a token account is no account of it: a transfer into one that no list names is
        told to nobody.
        """
        keys = set(record.keys)
        return [hook for hook in self.hooks.values() if _wants(hook, record, keys)]

    def note(self, identity: str, *, is_delivered: bool) -> None:
        """Count how deliveries go; a webhook that keeps failing is switched off."""
        if is_delivered:
            del self._losses[identity]
            return
        self._losses[identity] += 1
        if self._losses[identity] >= self.switched_off_after and identity in self.hooks:
            self.hooks[identity]["active"] = False
            del self._losses[identity]


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    if not asked.get("webhookURL"):
        raise ValueError("webhookURL is required")
    addresses = asked.get("accountAddresses") or []
    if len(addresses) > ADDRESSES_AT_MOST:
        raise ValueError(f"at most {ADDRESSES_AT_MOST} accountAddresses")
    hook = {name: asked.get(name) for name in _FIELDS}
    hook["accountAddresses"] = addresses
    hook["transactionTypes"] = asked.get("transactionTypes") or ["ANY"]
    hook["webhookType"] = asked.get("webhookType") or "enhanced"
    hook["txnStatus"] = asked.get("txnStatus") or "all"
    return hook


def _wants(hook: dict[str, Any], record: Record, keys: set[str]) -> bool:
    if not hook["active"] or keys.isdisjoint(hook["accountAddresses"]):
        return False
    failed = record.err is not None
    if hook["webhookType"] == "enhanced" and failed:
        return False
    return hook["txnStatus"] in ("all", "failed" if failed else "success")


def raw_item(body: Body, index: int | None) -> dict[str, Any]:
    """Return a body as one element of a raw webhook's array."""
    item = {
        "blockTime": body.get("blockTime"),
        "indexWithinBlock": index,
        "meta": body["meta"],
        "slot": body["slot"],
        "transaction": body["transaction"],
        "version": body.get("version", "legacy"),
    }
    if index is None:
        del item["indexWithinBlock"]
    return item


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a delivery goes."""

    url: str
    auth_header: str | None = None
    timeout: float = 5.0
    """Seconds to wait for an answer; Helius gives one."""


async def deliver(
    client: httpx.AsyncClient, counters: Counters, target: Target, items: Iterable[Any]
) -> dict[str, Any]:
    """Post an array, at most three times a second apart; return what became of it.

    `seconds` is what the last try took until its answer.
    """
    content = orjson.dumps(list(items))
    headers = {"content-type": "application/json"}
    if target.auth_header:
        headers["authorization"] = target.auth_header
    status: int | None = None
    seconds = 0.0
    for attempt in range(1, TRIES + 1):
        begun = time.monotonic()
        status = await _post(client, target, content, headers)
        seconds = time.monotonic() - begun
        if status is not None and (status < 300 or status == 403):
            counters.deliveries["delivered" if status < 300 else "refused"] += 1
            outcome = {"status": status, "attempts": attempt, "delivered": status < 300}
            return {**outcome, "seconds": seconds}
        if attempt < TRIES:
            counters.deliveries["retried"] += 1
            await asyncio.sleep(TRY_EVERY_SECONDS)
    counters.deliveries["lost"] += 1
    return {"status": status, "attempts": TRIES, "delivered": False, "seconds": seconds}


async def _post(
    client: httpx.AsyncClient, target: Target, content: bytes, headers: dict[str, str]
) -> int | None:
    try:
        answer = await client.post(
            target.url, content=content, headers=headers, timeout=target.timeout
        )
    except httpx.TransportError:
        return None
    return answer.status_code
