"""The stand-in provider in this process, reached through the real adapter."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import stamina

from local.upstream.server import build_app
from local.upstream.state import Upstream
from oof.adapters.helius.chain_source import HeliusChainSource, HistoryAccess
from oof.adapters.helius.rpc import RpcClient
from oof.adapters.helius.transport import Endpoint, Transport
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.ports.memory.limiter import MemoryRateLimiter

API_KEY = "not-to-be-seen"


class InProcess(httpx.BaseTransport):
    """Hands a blocking client's requests to an ASGI application in this process."""

    def __init__(self, upstream: Upstream, runner: asyncio.Runner) -> None:
        self._transport = httpx.ASGITransport(build_app(upstream))
        self._runner = runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        again = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        response = await self._transport.handle_async_request(again)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=content)


class Provider:
    """A stand-in with its counters and faults, and chain sources that ask it."""

    def __init__(self, upstream: Upstream, client: httpx.Client) -> None:
        self.upstream = upstream
        self.client = client
        self.now_ms = 0
        self.slept_s: list[float] = []
        self.access = HistoryAccess(is_allowed=upstream.has_address_history)
        plan = plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=10**9)
        self.limiter = MemoryRateLimiter(plan, lambda: self.now_ms)

    def chain(self, share: Share = Share.INTERACTIVE) -> HeliusChainSource:
        """A chain source as a function would build it for one event."""
        rpc = RpcClient(self.transport(share), batch_size=self.limiter.batch(share))
        return HeliusChainSource(rpc, self.access)

    def transport(self, share: Share = Share.INTERACTIVE) -> Transport:
        """Requests as a function would send them for one event."""
        return Transport(
            client=self.client,
            endpoint=Endpoint("/", API_KEY),
            limiter=self.limiter,
            share=share,
            sleep=self._sleep,
        )

    @property
    def calls(self) -> int:
        """Every call so far, each item of a batch on its own."""
        return self.upstream.counters.calls.total()

    def _sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_ms += round(seconds * 1_000)


@contextmanager
def providing(upstream: Upstream) -> Iterator[Provider]:
    """Serve `upstream` while the block lasts; retries do not pause."""
    with (
        stamina.set_testing(True, attempts=4, cap=True),
        asyncio.Runner() as runner,
        httpx.Client(transport=InProcess(upstream, runner), base_url="http://upstream") as client,
    ):
        yield Provider(upstream, client)
