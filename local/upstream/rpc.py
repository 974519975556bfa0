"""JSON-RPC 2.0 over HTTP: single calls and batches, answered by the methods of `rpc_methods`."""

import asyncio
import time
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from local.upstream import rpc_methods
from local.upstream.faults import Fault, FaultKind
from local.upstream.rpc_errors import RpcError
from local.upstream.state import Upstream

MAX_BATCH = {"getTransaction": 100}
MAX_BATCH_OTHERWISE = 10
_HISTORICAL = {"getSignaturesForAddress", "getTransaction", "getBlock"}


async def answer_rpc(request: Request) -> Response:
    """Answer one JSON-RPC request or batch."""
    upstream: Upstream = request.app.state.upstream
    upstream.counters.http_requests += 1
    try:
        asked = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return _json(_failure(None, RpcError(-32700, "Parse error")))
    if _is_over_rate(upstream, len(asked) if isinstance(asked, list) else 1):
        upstream.counters.faults["over_rate"] += 1
        return _refused_for_now(1)
    if isinstance(asked, list):
        return await _answer_batch(upstream, asked)
    return await _answer_single(upstream, asked)


async def _answer_single(upstream: Upstream, call: dict[str, Any]) -> Response:
    method = str(call.get("method"))
    upstream.counters.call(method, time.monotonic())
    fault = upstream.faults.pick(method)
    if fault is not None:
        upstream.counters.faults[fault.kind.value] += 1
        response = await answer_with_fault(fault)
        if response is not None:
            _note_requested(upstream, method, call.get("params"))
            return response
    answer, status = _answer(upstream, call, fault)
    return _truncated(_json(answer, status), fault)


async def _answer_batch(upstream: Upstream, calls: list[dict[str, Any]]) -> Response:
    upstream.counters.batches += 1
    methods = [str(call.get("method")) for call in calls]
    for method in methods:
        upstream.counters.call(method, time.monotonic())
        upstream.counters.batched_items[method] += 1
    refusal = _refuse_batch(methods)
    if refusal is not None:
        return _json(_failure(None, refusal), 400)
    fault = next((f for f in map(upstream.faults.pick, dict.fromkeys(methods)) if f), None)
    whole = fault is not None and not fault.spares_batch
    if fault is not None and whole:
        upstream.counters.faults[fault.kind.value] += 1
        response = await answer_with_fault(fault)
        if response is not None:
            for call, method in zip(calls, methods, strict=True):
                _note_requested(upstream, method, call.get("params"))
            return response
    answers = []
    for at, call in enumerate(calls):
        # a fault that can hit one item of a batch hits the first of its method
        own = fault if fault and (at == 0 or whole) else None
        if own is not None and not whole:
            upstream.counters.faults[own.kind.value] += 1
        answers.append(_answer(upstream, call, own)[0])
    return _truncated(_json(answers), fault)


def _refuse_batch(methods: list[str]) -> RpcError | None:
    for method in set(methods):
        limit = MAX_BATCH.get(method, MAX_BATCH_OTHERWISE)
        if method in _HISTORICAL and methods.count(method) > limit:
            return RpcError(-32600, f"Batch size exceeded: at most {limit} {method} in a batch")
    if "getTransactionsForAddress" in methods:
        return RpcError(-32600, "getTransactionsForAddress cannot be batched")
    return RpcError(-32600, "Empty batch") if not methods else None


def _note_requested(upstream: Upstream, method: str, params: object) -> None:
    """Count a body as asked for, though a fault answered."""
    if method == "getTransaction" and isinstance(params, list) and params:
        upstream.counters.bodies_requested[str(params[0])] += 1


def _answer(
    upstream: Upstream, call: dict[str, Any], fault: Fault | None
) -> tuple[dict[str, Any], int]:
    """Return the answer object and the HTTP status of a call."""
    identity = call.get("id")
    if fault is not None and fault.kind is FaultKind.RPC_ERROR:
        _note_requested(upstream, str(call.get("method")), call.get("params"))
        return _failure(identity, RpcError(fault.code, fault.message)), 200
    params = call.get("params") or []
    try:
        result = rpc_methods.call(upstream, str(call.get("method")), params)
    except RpcError as error:
        return _failure(identity, error), error.status
    if fault is not None:
        result = fault.spoil(result)
    is_whole = fault is None or fault.kind is not FaultKind.TRUNCATED
    if call.get("method") == "getTransaction" and result is not None and is_whole:
        upstream.counters.body_served(str(params[0]))
    return {"jsonrpc": "2.0", "result": result, "id": identity}, 200


def _failure(identity: object, error: RpcError) -> dict[str, Any]:
    detail = {"code": error.code, "message": error.message}
    return {"jsonrpc": "2.0", "error": detail, "id": identity}


def _json(answer: object, status: int = 200) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")


def _truncated(response: Response, fault: Fault | None) -> Response:
    if fault is None or fault.kind is not FaultKind.TRUNCATED:
        return response
    body = bytes(response.body)
    return Response(body[: len(body) // 2], media_type="application/json")


def _is_over_rate(upstream: Upstream, calls: int) -> bool:
    """Tell whether the plan's rate would be exceeded; what is refused counts as no call."""
    rate = upstream.calls_per_second
    return rate is not None and upstream.counters.recent(time.monotonic()) + calls > rate


def _refused_for_now(seconds: int) -> Response:
    answer = orjson.dumps(_failure(None, RpcError(-32429, "rate limited")))
    return Response(answer, 429, {"retry-after": str(seconds)}, media_type="application/json")


async def answer_with_fault(fault: Fault) -> Response | None:
    """Return the whole HTTP answer of a transport fault, None where the call goes on."""
    if fault.kind is FaultKind.RATE_LIMITED:
        return _refused_for_now(fault.retry_after)
    if fault.kind is FaultKind.SERVER_ERROR:
        return Response(b"upstream fault", fault.status, media_type="text/plain")
    if fault.kind is FaultKind.TIMEOUT:
        await asyncio.sleep(fault.seconds)
        return Response(b"", 504)
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
    return None
