"""The ASGI application: JSON-RPC at `/`, Helius and price APIs, the control API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.upstream import control, helius
from local.upstream.deliveries import follow_chain
from local.upstream.rpc import answer_rpc
from local.upstream.state import Upstream


async def _ready(_request: Request) -> Response:
    return Response(b"ok", media_type="text/plain")


def build_app(upstream: Upstream, *, live: bool = False) -> Starlette:
    """Build the application; `live` delivers transactions to webhooks as the clock passes."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient() as client:
            app.state.client = client
            if not live:
                yield
                return
            newest = upstream.chain.newest()
            follower = asyncio.create_task(follow_chain(app, upstream, newest))
            try:
                yield
            finally:
                follower.cancel()
                with suppress(asyncio.CancelledError):
                    await follower

    routes = [
        Route("/", answer_rpc, methods=["POST"]),
        Route("/health", _ready, methods=["GET"]),
        *helius.ROUTES,
        *control.ROUTES,
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.upstream = upstream
    return app
