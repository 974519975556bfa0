"""What the steps of backfills and tail repairs work with.

Clients and connections are built once an environment; a chain source is built for every event,
because it counts what that event asked.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import boto3
import httpx
from botocore.config import Config

from oof.adapters.dynamo.items import hot_table
from oof.adapters.dynamo.read_marks import DynamoReadMarks
from oof.adapters.dynamo.token_bucket import DynamoTokenBucket
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.adapters.helius.chain_source import HeliusChainSource
from oof.adapters.helius.rpc import RpcClient
from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.adapters.system import SystemClock
from oof.app.fetch_notified import NotifiedDeps
from oof.app.finish_chunk import FinishDeps
from oof.app.lease_signatures import LeaseDeps
from oof.app.link_signatures import link_signatures
from oof.app.plan_backfill import PlanDeps
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.record_failure import FailureDeps
from oof.app.repair_tail import TailCheckDeps, TailPlanDeps
from oof.app.report_work import WorkReporter
from oof.app.run_documents import RunDocuments
from oof.app.store_transactions import store_transactions
from oof.app.untrack_unread import UntrackDeps
from oof.bootstrap.clients import read_secret
from oof.bootstrap.facts import (
    blobs,
    database,
    fact_store,
    link_deps,
    store_deps,
    store_handover,
    summary_store,
)
from oof.bootstrap.limits import limits_of
from oof.domain.backfill import Limits, share_of
from oof.domain.limits import Plan, Share
from oof.domain.units import Address, Signature
from oof.ports.workflow import Run
from oof.settings import (
    FactsBucketSettings,
    HotTableSettings,
    LimitSettings,
    StepPlanTailSettings,
    UpstreamSettings,
    WorkflowSettings,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

_PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def dynamo_client() -> "DynamoDBClient":
    """The client of the hot table where no model is needed."""
    return boto3.client("dynamodb", config=_PATIENCE)


@cache
def workflow_client() -> "SFNClient":
    """The client of the workflow service."""
    return boto3.client("stepfunctions", config=_PATIENCE)


@cache
def limits() -> Limits:
    """How far runs go."""
    return limits_of(LimitSettings.from_env())


@cache
def run_starter(machine_arn: str) -> StepFunctionsRunStarter:
    """Starts runs."""
    return StepFunctionsRunStarter(workflow_client(), machine_arn)


def documents(run: Run) -> RunDocuments:
    """The documents of one run."""
    return RunDocuments(blobs(FactsBucketSettings.from_env().facts_bucket), run.run_id)


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
    return HeliusChainSource(rpc, has_history_pages=settings.upstream_by_address)


def chain_of(run: Run) -> HeliusChainSource:
    """The provider, as this run may ask it."""
    return chain_source(share_of(run.mode))


def plan_deps(run: Run) -> PlanDeps:
    """Dependencies of `plan_backfill`."""
    return PlanDeps(
        store=_backfill_store(),
        documents=documents(run),
        reporter=_reporter(),
        project=_project,
        clock=SystemClock(),
        limits=limits(),
    )


def lease_deps(run: Run) -> LeaseDeps:
    """Dependencies of `lease_signatures`."""
    return LeaseDeps(
        store=_backfill_store(),
        documents=documents(run),
        link=_link,
        clock=SystemClock(),
        lease_s=LimitSettings.from_env().lease_s,
    )


def finish_deps(run: Run) -> FinishDeps:
    """Dependencies of `finish_chunk`."""
    return FinishDeps(
        store=_backfill_store(),
        documents=documents(run),
        reporter=_reporter(),
        project=_project,
        clock=SystemClock(),
    )


def failure_deps() -> FailureDeps:
    """Dependencies of `record_failure`."""
    return FailureDeps(
        store=_backfill_store(), reporter=_reporter(), project=_project, clock=SystemClock()
    )


def store_object(key: str, source: str) -> None:
    """Bring one object of bodies down the one store path."""
    deps = store_deps()
    store_transactions(deps.blobs.get(key), source=source, deps=deps)


def tail_plan_deps() -> TailPlanDeps:
    """Dependencies of `plan_tail`."""
    settings = StepPlanTailSettings.from_env()
    return TailPlanDeps(
        store=_backfill_store(),
        blobs=blobs(settings.facts_bucket),
        clock=SystemClock(),
        fresh_s=settings.tail_fresh_s,
    )


def tail_check_deps() -> TailCheckDeps:
    """Dependencies of `check_tail`."""
    return TailCheckDeps(
        chain=chain_source(Share.TAIL),
        blobs=blobs(FactsBucketSettings.from_env().facts_bucket),
        starter=run_starter(WorkflowSettings.from_env().backfill_machine_arn),
    )


def notified_deps() -> NotifiedDeps:
    """Dependencies of `fetch_notified`: what is notified is the tail."""
    return NotifiedDeps(
        chain=chain_source(Share.TAIL),
        blobs=blobs(FactsBucketSettings.from_env().facts_bucket),
        handover=store_handover(),
    )


def untrack_deps() -> UntrackDeps:
    """Dependencies of `untrack_unread`."""
    table = HotTableSettings.from_env().hot_table
    return UntrackDeps(
        store=_backfill_store(),
        marks=DynamoReadMarks(dynamo_client(), table),
        project=_project,
        clock=SystemClock(),
    )


@cache
def _upstream() -> UpstreamSettings:
    return UpstreamSettings.from_env()


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


@cache
def _backfill_store() -> PostgresBackfillStore:
    return PostgresBackfillStore(database())


@cache
def _reporter() -> WorkReporter:
    table = hot_table(HotTableSettings.from_env().hot_table)
    return WorkReporter(DynamoWorkStore(table), SystemClock())


@cache
def _project_deps() -> ProjectDeps:
    table = HotTableSettings.from_env().hot_table
    return ProjectDeps(facts=fact_store(), summaries=summary_store(table), clock=SystemClock())


def _project(wallet: Address) -> None:
    project_wallet(wallet, deps=_project_deps())


def _link(wallet: Address, signatures: Sequence[Signature]) -> None:
    link_signatures(wallet, signatures, deps=link_deps())
