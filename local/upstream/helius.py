"""Helius' REST API: enhanced transactions and webhooks; who tells prices and tokens beside it."""

import time
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.upstream.enhanced import enhance
from local.upstream.faults import Fault, FaultKind
from local.upstream.rpc import answer_with_fault
from local.upstream.state import Upstream
from local.upstream.tokens import POOLED_AT_MOST, SEARCHED_AT_MOST, pooled, searched

FRAME_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}


def reply(answer: object, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(orjson.dumps(answer), status, media_type="application/json")


async def _admit(request: Request, method: str) -> tuple[Upstream, Response | None]:
    """Count a REST call; the response is set where a fault answers it."""
    upstream: Upstream = request.app.state.upstream
    upstream.counters.http_requests += 1
    upstream.counters.call(method, time.monotonic())
    fault = upstream.faults.pick(method)
    if fault is None:
        return upstream, None
    upstream.counters.faults[fault.kind.value] += 1
    return upstream, await _faulty(fault)


async def _faulty(fault: Fault) -> Response | None:
    """Return the answer of a fault; what only a listing can suffer becomes plain nonsense."""
    response = await answer_with_fault(fault)
    if response is not None or fault.kind is FaultKind.SLOW:
        return response
    return Response(b'{"trunca', media_type="application/json")


async def parse_transactions(request: Request) -> Response:
    """Answer `POST /v0/transactions`: enhanced transactions in the order asked for."""
    upstream, fault = await _admit(request, "POST /v0/transactions")
    if fault is not None:
        return fault
    asked = orjson.loads(await request.body()).get("transactions", [])
    if len(asked) > 100:
        return reply({"error": "transactions: at most 100"}, 400)
    found = []
    for signature in asked:
        upstream.counters.bodies_requested[signature] += 1
        body = upstream.chain.transaction(signature)
        if body is not None and body["meta"].get("err") is None:
            upstream.counters.body_served(signature)
            found.append(enhance(body))
    return reply(found)


async def webhooks(request: Request) -> Response:
    """Answer `GET` and `POST /v0/webhooks`."""
    upstream, fault = await _admit(request, f"{request.method} /v0/webhooks")
    if fault is not None:
        return fault
    if request.method == "GET":
        return reply(list(upstream.webhooks.hooks.values()))
    try:
        return reply(upstream.webhooks.create(orjson.loads(await request.body())))
    except ValueError as error:
        return reply({"error": str(error)}, 400)


async def webhook(request: Request) -> Response:
    """Answer `GET`, `PUT`, `PATCH` and `DELETE /v0/webhooks/{id}`."""
    upstream, fault = await _admit(request, f"{request.method} /v0/webhooks")
    if fault is not None:
        return fault
    identity = request.path_params["identity"]
    if identity not in upstream.webhooks.hooks:
        return reply({"error": "webhook not found"}, 404)
    if request.method == "DELETE":
        del upstream.webhooks.hooks[identity]
        return Response(status_code=200)
    try:
        return reply(_changed(upstream, identity, request.method, await request.body()))
    except ValueError as error:
        return reply({"error": str(error)}, 400)


def _changed(upstream: Upstream, identity: str, method: str, body: bytes) -> dict[str, Any]:
    if method == "PUT":
        return upstream.webhooks.replace(identity, orjson.loads(body))
    hook = upstream.webhooks.hooks[identity]
    if method == "PATCH":
        hook["active"] = bool(orjson.loads(body)["active"])
    return hook


async def jupiter_price(request: Request) -> Response:
    """Answer Jupiter's `GET /price/v3?ids=…`, at most 50 ids."""
    upstream, fault = await _admit(request, "GET /price/v3")
    if fault is not None:
        return fault
    mints = [mint for mint in request.query_params.get("ids", "").split(",") if mint]
    if not 1 <= len(mints) <= 50:
        return reply({"error": "ids: 1 to 50 mints"}, 400)
    return reply(upstream.prices.jupiter(mints))


async def jupiter_tokens(request: Request) -> Response:
    """Answer Jupiter's `GET /tokens/v2/search?query=…`, at most 100 mints."""
    upstream, fault = await _admit(request, "GET /tokens/v2/search")
    if fault is not None:
        return fault
    mints = [mint for mint in request.query_params.get("query", "").split(",") if mint]
    if not 1 <= len(mints) <= SEARCHED_AT_MOST:
        return reply({"error": f"query: 1 to {SEARCHED_AT_MOST} mints"}, 400)
    return reply(searched(upstream, mints))


async def dexscreener_tokens(request: Request) -> Response:
    """Answer DexScreener's `GET /tokens/v1/solana/{mints}`, at most 30 mints."""
    upstream, fault = await _admit(request, "GET /tokens/v1/solana/…")
    if fault is not None:
        return fault
    mints = [mint for mint in request.path_params["mints"].split(",") if mint]
    if not 1 <= len(mints) <= POOLED_AT_MOST:
        return reply({"error": f"tokens: 1 to {POOLED_AT_MOST}"}, 400)
    return reply(pooled(upstream, mints))


async def pyth_history(request: Request) -> Response:
    """Answer Pyth's TradingView shim `GET /v1/shims/tradingview/history`."""
    upstream, fault = await _admit(request, "GET /v1/shims/tradingview/history")
    if fault is not None:
        return fault
    asked = request.query_params
    try:
        answer = upstream.prices.history(
            asked["symbol"], asked["resolution"], int(asked["from"]), int(asked["to"])
        )
    except (KeyError, ValueError) as error:
        return reply({"s": "error", "errmsg": f"bad parameter: {error}"}, 400)
    return reply(answer)


async def gecko_pools(request: Request) -> Response:
    """Answer GeckoTerminal's `GET /api/v2/networks/solana/tokens/{mint}/pools`."""
    upstream, fault = await _admit(request, "GET /api/v2/networks/solana/tokens/…/pools")
    if fault is not None:
        return fault
    return reply({"data": upstream.prices.pools(request.path_params["mint"])})


async def gecko_candles(request: Request) -> Response:
    """Answer GeckoTerminal's `GET /api/v2/networks/solana/pools/{pool}/ohlcv/{timeframe}`."""
    upstream, fault = await _admit(request, "GET /api/v2/networks/solana/pools/…/ohlcv")
    if fault is not None:
        return fault
    asked = request.query_params
    try:
        before, limit = int(asked["before_timestamp"]), int(asked.get("limit", "100"))
        frame = FRAME_SECONDS[request.path_params["timeframe"]]
        step = frame * int(asked.get("aggregate", "1"))
    except (KeyError, ValueError) as error:
        return reply({"errors": [{"title": f"bad parameter: {error}"}]}, 400)
    pool = request.path_params["pool"]
    bars = upstream.prices.pool_bars(pool, step=step, before=before, limit=min(limit, 1_000))
    if bars is None:
        return reply({"errors": [{"status": "404", "title": "Not Found"}]}, 404)
    return reply({"data": {"type": "ohlcv_request_response", "attributes": {"ohlcv_list": bars}}})


ROUTES = [
    Route("/v0/transactions", parse_transactions, methods=["POST"]),
    Route("/v0/webhooks", webhooks, methods=["GET", "POST"]),
    Route("/v0/webhooks/{identity}", webhook, methods=["GET", "PUT", "PATCH", "DELETE"]),
    Route("/price/v3", jupiter_price, methods=["GET"]),
    Route("/tokens/v2/search", jupiter_tokens, methods=["GET"]),
    Route("/tokens/v1/solana/{mints}", dexscreener_tokens, methods=["GET"]),
    Route("/v1/shims/tradingview/history", pyth_history, methods=["GET"]),
    Route("/api/v2/networks/solana/tokens/{mint}/pools", gecko_pools, methods=["GET"]),
    Route("/api/v2/networks/solana/pools/{pool}/ohlcv/{timeframe}", gecko_candles, methods=["GET"]),
]
