"""What the functions that ask the provider work with; none of them reaches the database.

A chain source is built for every event, because it counts what that event asked.
"""

from functools import cache

import httpx
from botocore.config import Config

from oof.adapters.dynamo.provider_gate import DynamoProviderGate
from oof.adapters.helius.chain_source import HeliusChainSource, HistoryAccess
from oof.adapters.helius.failover import FailoverChainSource
from oof.adapters.helius.rpc import RpcClient
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.system import SystemClock
from oof.app.fetch_notified import NotifiedDeps
from oof.app.repair_tail import TailCheckDeps
from oof.app.settle_finality import AskDeps
from oof.app.warm_programs import MAJOR_PROGRAMS, SNAPSHOT, WarmDeps
from oof.bootstrap.clients import read_secret
from oof.bootstrap.queues import fetch_requester, store_handover
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.domain.backfill import share_of
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.provider_names import FALLBACK, PRIMARY
from oof.ports.limiter import RateLimiter
from oof.ports.upstream import ChainSource
from oof.ports.workflow import Run
from oof.settings import JobWarmProgramsSettings, UpstreamSettings

_PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


def chain_source(share: Share) -> ChainSource:
    """The chain, as one share of the plan may ask for it for one event.

    Where a second provider is set, it stands in for the first.
    """
    settings = _upstream()
    endpoint = Endpoint(settings.upstream_rpc_url, _api_key("api_key"))
    first = HeliusChainSource(_rpc(endpoint, _gate(), share), _history_access())
    if not settings.upstream_fallback_rpc_url:
        return first
    endpoint = Endpoint(settings.upstream_fallback_rpc_url, _api_key("fallback_api_key"))
    second = HeliusChainSource(
        _rpc(endpoint, _fallback_gate(), share), HistoryAccess(is_allowed=False)
    )
    return FailoverChainSource(first, second)


def rest_transport(share: Share) -> Transport:
    """The provider's REST API, behind the same gate as its RPC."""
    endpoint = Endpoint(_upstream().upstream_api_url, _api_key("api_key"))
    return Transport(client=_http_client(), endpoint=endpoint, limiter=_gate(), share=share)


def rpc_transport(share: Share) -> Transport:
    """The provider's RPC address itself, for calls that a chain source does not make."""
    endpoint = Endpoint(_upstream().upstream_rpc_url, _api_key("api_key"))
    return Transport(client=_http_client(), endpoint=endpoint, limiter=_gate(), share=share)


def chain_of(run: Run) -> ChainSource:
    """The chain, as this run may ask for it."""
    return chain_source(share_of(run.mode))


def tail_check_deps() -> TailCheckDeps:
    """Dependencies of `check_tail`."""
    return TailCheckDeps(chain=chain_source(Share.TAIL), blobs=run_blobs())


def ask_finality_deps() -> AskDeps:
    """Dependencies of `ask_finality`."""
    return AskDeps(chain=chain_source(Share.TAIL), blobs=run_blobs())


def notified_deps(reason: str) -> NotifiedDeps:
    """Dependencies of `fetch_notified`: what is notified is the tail, or what nobody asked for."""
    share = Share.SPARE if reason == SNAPSHOT else Share.TAIL
    return NotifiedDeps(
        chain=chain_source(share),
        blobs=run_blobs(),
        handover=store_handover(),
        requester=fetch_requester(),
    )


def warm_deps() -> WarmDeps:
    """Dependencies of `warm_programs`; without programs where the stage does not want it."""
    settings = JobWarmProgramsSettings.from_env()
    return WarmDeps(
        chain=chain_source(Share.SPARE),
        handover=store_handover(),
        clock=SystemClock(),
        programs=MAJOR_PROGRAMS if settings.hot_snapshot else (),
        signatures_each=settings.snapshot_signatures,
    )


@cache
def _upstream() -> UpstreamSettings:
    return UpstreamSettings.from_env()


@cache
def _history_access() -> HistoryAccess:
    return HistoryAccess(is_allowed=_upstream().upstream_by_address)


@cache
def _http_client() -> httpx.Client:
    return httpx.Client(timeout=httpx.Timeout(_upstream().upstream_timeout_s, connect=5.0))


@cache
def _api_key(name: str) -> str:
    return str(read_secret(_upstream().upstream_secret_arn).get(name) or "")


def _rpc(endpoint: Endpoint, limiter: RateLimiter, share: Share) -> RpcClient:
    transport = Transport(client=_http_client(), endpoint=endpoint, limiter=limiter, share=share)
    return RpcClient(transport, batch_size=limiter.batch(share))


@cache
def _gate() -> DynamoProviderGate:
    settings = _upstream()
    plan = plan_of(
        rpc_per_s=settings.upstream_rate_per_s,
        enhanced_per_s=settings.upstream_enhanced_rate_per_s,
        credits_per_day=settings.upstream_credits_per_day,
    )
    return DynamoProviderGate(dynamo_client(), settings.hot_table, plan, provider=PRIMARY)


@cache
def _fallback_gate() -> DynamoProviderGate:
    settings = _upstream()
    plan = plan_of(
        rpc_per_s=settings.upstream_fallback_rate_per_s,
        enhanced_per_s=1,
        credits_per_day=settings.upstream_fallback_credits_per_day,
    )
    return DynamoProviderGate(dynamo_client(), settings.hot_table, plan, provider=FALLBACK)
