"""Sending a chain's transactions to webhooks: on demand, and as they happen."""

import asyncio
from typing import Any

import httpx
from starlette.applications import Starlette

from local.upstream.enhanced import enhance
from local.upstream.index import body_of
from local.upstream.model import Record
from local.upstream.state import Upstream
from local.upstream.webhooks import Target, raw_item
from local.upstream.webhooks import deliver as post

LOOK_EVERY_SECONDS = 0.5


async def post_to(
    client: httpx.AsyncClient, upstream: Upstream, target: Target, records: list[Record], kind: str
) -> dict[str, Any]:
    """Post records as one raw or enhanced array to a target."""
    bodies = [(body_of(record, "json"), record) for record in records]
    if kind == "enhanced":
        items = [enhance(body) for body, record in bodies if record.err is None]
    else:
        items = [raw_item(body, record.tx_index) for body, record in bodies]
    return await post(client, upstream.counters, target, items)


async def deliver_records(
    client: httpx.AsyncClient, upstream: Upstream, records: list[Record]
) -> list[dict[str, Any]]:
    """Post each record on its own to every registered webhook that watches it."""
    outcomes = []
    for record in records:
        for hook in upstream.webhooks.interested(record):
            target = Target(url=hook["webhookURL"], auth_header=hook["authHeader"])
            kind = hook["webhookType"].removesuffix("Devnet")
            outcome = await post_to(client, upstream, target, [record], kind)
            upstream.webhooks.note(hook["webhookID"], is_delivered=outcome["delivered"])
            outcomes.append(outcome)
    return outcomes


async def follow_chain(app: Starlette, upstream: Upstream, seen: str | None) -> None:
    """Deliver every transaction after `seen` as the clock reaches it, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        fresh = upstream.chain.since(seen)
        if fresh:
            seen = fresh[-1].signature
            await deliver_records(app.state.client, upstream, fresh)
