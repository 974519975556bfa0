"""What the functions that ask the provider work with; none of them reaches the database.

A chain source is built for every event, because it counts what that event asked.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
import httpx
from botocore.config import Config

from oof.adapters.dynamo.token_bucket import DynamoTokenBucket
from oof.adapters.helius.chain_source import HeliusChainSource, HistoryAccess
from oof.adapters.helius.rpc import RpcClient
from oof.adapters.sqs.queues import SqsStoreHandover
from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.adapters.system import SystemClock
from oof.app.fetch_notified import NotifiedDeps
from oof.app.repair_tail import TailCheckDeps
from oof.bootstrap.clients import read_secret, sqs_client
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.domain.backfill import share_of
from oof.domain.limits import Plan, Share
from oof.ports.workflow import Run
from oof.settings import StoreQueueSettings, UpstreamSettings, WorkflowSettings

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


def chain_source(share: Share) -> HeliusChainSource:
    """The provider, as one share of the plan may ask it for one event."""
    settings = _upstream()
    rpc = RpcClient(
        client=_http_client(),
        url=settings.upstream_rpc_url,
        api_key=_api_key(),
        limiter=_token_bucket(),
        share=share,
    )
    return HeliusChainSource(rpc, _history_access())


def chain_of(run: Run) -> HeliusChainSource:
    """The provider, as this run may ask it."""
    return chain_source(share_of(run.mode))


def tail_check_deps() -> TailCheckDeps:
    """Dependencies of `check_tail`."""
    return TailCheckDeps(
        chain=chain_source(Share.TAIL),
        blobs=run_blobs(),
        starter=_run_starter(WorkflowSettings.from_env().backfill_machine_arn),
    )


def notified_deps() -> NotifiedDeps:
    """Dependencies of `fetch_notified`: what is notified is the tail."""
    url = StoreQueueSettings.from_env().store_queue_url
    return NotifiedDeps(
        chain=chain_source(Share.TAIL),
        blobs=run_blobs(),
        handover=SqsStoreHandover(sqs_client(), url, SystemClock()),
    )


@cache
def _workflow_client() -> "SFNClient":
    return boto3.client("stepfunctions", config=_PATIENCE)


@cache
def _run_starter(machine_arn: str) -> StepFunctionsRunStarter:
    return StepFunctionsRunStarter(_workflow_client(), machine_arn)


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
def _api_key() -> str:
    return str(read_secret(_upstream().upstream_secret_arn).get("api_key") or "")


@cache
def _token_bucket() -> DynamoTokenBucket:
    settings = _upstream()
    return DynamoTokenBucket(
        dynamo_client(), settings.hot_table, Plan(settings.upstream_rate_per_s)
    )
