"""Calling a stand-in in-process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from local.upstream.server import build_app
from local.upstream.state import Upstream


class Caller:
    """Calls a stand-in in-process, over ASGI."""

    def __init__(self, client: httpx.AsyncClient, app: Starlette) -> None:
        self.http, self.app = client, app

    async def rpc(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the whole JSON-RPC answer."""
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer: dict[str, Any] = (await self.http.post("/", json=call)).json()
        return answer

    async def result(self, method: str, *params: Any) -> Any:
        """Return the result of a call that must succeed."""
        answer = await self.rpc(method, *params)
        assert "error" not in answer, answer
        return answer["result"]

    async def control(self, name: str, **asked: Any) -> dict[str, Any]:
        """Return the answer of the control API."""
        answer = await self.http.post(f"/_control/{name}", json=asked)
        assert answer.status_code == 200, answer.text
        outcome: dict[str, Any] = answer.json()
        return outcome

    async def counters(self) -> dict[str, Any]:
        """Return what was counted."""
        counted: dict[str, Any] = (await self.http.get("/_control/counters")).json()
        return counted


@asynccontextmanager
async def calling(upstream: Upstream) -> AsyncIterator[Caller]:
    """Serve `upstream` in-process while the block lasts."""
    app = build_app(upstream)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://upstream") as client,
    ):
        yield Caller(client, app)
