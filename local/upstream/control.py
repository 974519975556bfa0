"""The control API: counters, faults, the clock, deliveries, new transactions, reorgs.

Requests and answers are JSON. Nothing under `/_control/` is ever counted or made to fail.
"""

import random
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.upstream.deliveries import deliver_records, post_to
from local.upstream.faults import Fault, FaultKind
from local.upstream.helius import reply
from local.upstream.model import Record
from local.upstream.state import Upstream
from local.upstream.webhooks import Target


async def _asked(request: Request) -> tuple[Upstream, dict[str, Any]]:
    text = await request.body()
    return request.app.state.upstream, orjson.loads(text) if text else {}


async def read_counters(request: Request) -> Response:
    """Return what was asked of the stand-in since the last reset."""
    upstream, _ = await _asked(request)
    return reply(upstream.counters.snapshot())


async def reset(request: Request) -> Response:
    """Forget counters and faults; with `{"chain": true}` hidden signatures too."""
    upstream, asked = await _asked(request)
    upstream.counters.reset()
    upstream.faults.replace([])
    if asked.get("chain"):
        for signature in upstream.chain.hidden():
            upstream.chain.reveal(signature)
    return reply({"reset": True})


async def set_faults(request: Request) -> Response:
    """Replace the rules: `{"rules": [{"method", "kind", "count", …}], "seed": 0}`."""
    upstream, asked = await _asked(request)
    try:
        rules = [_rule(rule) for rule in asked.get("rules", [])]
    except (TypeError, ValueError, KeyError) as error:
        return reply({"error": str(error)}, 400)
    upstream.faults.replace(rules, int(asked.get("seed", 0)))
    return reply({"rules": len(rules)})


def _rule(asked: dict[str, Any]) -> Fault:
    return Fault(**{**asked, "kind": FaultKind(asked["kind"])})


async def set_clock(request: Request) -> Response:
    """Move the clock: `{"freeze": t}`, `{"run_from": t}`, `{"advance": s}` or `{"real": true}`."""
    upstream, asked = await _asked(request)
    clock = upstream.chain.clock
    if "freeze" in asked:
        clock.freeze(float(asked["freeze"]))
    elif "run_from" in asked:
        clock.run_from(float(asked["run_from"]))
    elif asked.get("real"):
        clock.follow_real_time()
    clock.advance(float(asked.get("advance", 0)))
    return reply({"now": clock.now(), "slot": upstream.chain.tip_slot()})


async def deliver(request: Request) -> Response:
    """Deliver transactions by webhook, at once, and answer with what became of each post.

    `{"signatures": […]}` or `{"wallet", "count", "skip"}` (oldest first) choose what;
    `url` and `auth_header` where to (else the registered webhooks that watch them);
    `type` raw or enhanced; `per_post`, `repeats`, `shuffle`, `seed`, `timeout` how.
    """
    upstream, asked = await _asked(request)
    records = _chosen(upstream, asked)
    rng = random.Random(asked.get("seed", 0))
    records = records * int(asked.get("repeats", 1))
    if asked.get("shuffle"):
        rng.shuffle(records)
    size = max(1, int(asked.get("per_post", 1)))
    posts = [records[at : at + size] for at in range(0, len(records), size)]
    outcomes = []
    for post in posts:
        if "url" in asked:
            target = Target(
                url=asked["url"],
                auth_header=asked.get("auth_header"),
                timeout=float(asked.get("timeout", 5)),
            )
            client = request.app.state.client
            kind = asked.get("type", "raw")
            outcomes.append(await post_to(client, upstream, target, post, kind))
        else:
            outcomes += await deliver_records(request.app.state.client, upstream, post)
    return reply({"transactions": len(records), "posts": outcomes})


def _chosen(upstream: Upstream, asked: dict[str, Any]) -> list[Record]:
    if "signatures" in asked:
        found = [upstream.chain.record(signature) for signature in asked["signatures"]]
        return [record for record in found if record is not None]
    history = upstream.chain.history(asked["wallet"])
    skip = int(asked.get("skip", 0))
    return history[skip:][: int(asked.get("count", 1))]


async def append(request: Request) -> Response:
    """Make `count` new transactions of `wallet`, or one of each of `wallets`, now.

    With `deliver` the webhooks are told.
    """
    upstream, asked = await _asked(request)
    extend = getattr(upstream.chain, "append_each", None)
    if extend is None:
        return reply({"error": "a recorded chain has no new transactions"}, 409)
    try:
        wallets = asked.get("wallets") or [asked["wallet"]] * int(asked.get("count", 1))
        signatures = extend(wallets, asked.get("kind"))
    except KeyError as error:
        return reply({"error": f"unknown wallet or kind {error}"}, 404)
    except ValueError as error:
        return reply({"error": str(error)}, 409)
    outcomes = []
    if asked.get("deliver"):
        found = [upstream.chain.record(signature) for signature in signatures]
        records = [record for record in found if record is not None]
        outcomes = await deliver_records(request.app.state.client, upstream, records)
    return reply({"signatures": signatures, "posts": outcomes})


async def hide(request: Request) -> Response:
    """Hide or reveal signatures: `{"hide": […], "reveal": […]}`."""
    upstream, asked = await _asked(request)
    for signature in asked.get("hide", []):
        upstream.chain.hide(signature)
    for signature in asked.get("reveal", []):
        upstream.chain.reveal(signature)
    return reply({"hidden": upstream.chain.hidden()})


async def reland(request: Request) -> Response:
    """Move a transaction to another slot: `{"signature", "slot"}`."""
    upstream, asked = await _asked(request)
    try:
        upstream.chain.reland(asked["signature"], int(asked["slot"]))
    except KeyError as error:
        return reply({"error": f"unknown {error}"}, 404)
    except ValueError as error:
        return reply({"error": str(error)}, 409)
    return reply({"signature": asked["signature"], "slot": asked["slot"]})


async def describe(request: Request) -> Response:
    """Return the chain's wallets (address, role, transactions) and its present."""
    upstream, _ = await _asked(request)
    chain = upstream.chain
    now = {"now": chain.now(), "slot": chain.tip_slot()}
    return reply({**now, "wallets": chain.describe()})


async def plan(request: Request) -> Response:
    """Change the plan: `address_history`, `page_bodies`, `calls_per_second` (null: no limit)."""
    upstream, asked = await _asked(request)
    if "address_history" in asked:
        upstream.has_address_history = bool(asked["address_history"])
    if "page_bodies" in asked:
        upstream.page_bodies = int(asked["page_bodies"])
    if "calls_per_second" in asked:
        upstream.calls_per_second = asked["calls_per_second"]
    return reply(
        {
            "calls_per_second": upstream.calls_per_second,
            "address_history": upstream.has_address_history,
            "page_bodies": upstream.page_bodies,
        }
    )


ROUTES = [
    Route("/_control/counters", read_counters, methods=["GET"]),
    Route("/_control/reset", reset, methods=["POST"]),
    Route("/_control/faults", set_faults, methods=["POST"]),
    Route("/_control/clock", set_clock, methods=["POST"]),
    Route("/_control/deliver", deliver, methods=["POST"]),
    Route("/_control/append", append, methods=["POST"]),
    Route("/_control/visibility", hide, methods=["POST"]),
    Route("/_control/reland", reland, methods=["POST"]),
    Route("/_control/chain", describe, methods=["GET"]),
    Route("/_control/plan", plan, methods=["POST"]),
]
