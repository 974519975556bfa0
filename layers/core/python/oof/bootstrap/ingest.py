"""What the steps of backfills and tail repairs work with on the database's side.

Clients and connections are built once an environment.
"""

import time
from collections.abc import Sequence
from functools import cache

from oof.adapters.dynamo.items import hot_table
from oof.adapters.dynamo.read_marks import DynamoReadMarks
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.system import SystemClock, random_id
from oof.app.advance_positions import ask_for_positions
from oof.app.finish_chunk import FinishDeps
from oof.app.lease_signatures import LeaseDeps
from oof.app.link_signatures import link_signatures
from oof.app.plan_backfill import PlanDeps
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.record_failure import FailureDeps
from oof.app.report_work import WorkReporter
from oof.app.untrack_unread import UntrackDeps
from oof.bootstrap.facts import (
    apply_deps,
    database,
    fact_store,
    link_deps,
    summary_store,
    wallet_waker,
)
from oof.bootstrap.runs import documents, dynamo_client, limits, price_starter, token_starter
from oof.domain.units import Address, Signature
from oof.ports.workflow import Run
from oof.settings import HotTableSettings, LimitSettings


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
        fold=_fold,
        ask_prices=lambda name: price_starter().go_on(name, {}),
        ask_tokens=lambda name: token_starter().go_on(name, {}),
        clock=SystemClock(),
        pause=time.sleep,
        limits=limits(),
    )


def failure_deps() -> FailureDeps:
    """Dependencies of `record_failure`."""
    return FailureDeps(
        store=_backfill_store(), reporter=_reporter(), project=_project, clock=SystemClock()
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


def _fold(wallet: Address) -> None:
    ask_for_positions(wallet, deps=apply_deps(), waker=wallet_waker(), batch=random_id())


def _link(wallet: Address, signatures: Sequence[Signature]) -> None:
    link_signatures(wallet, signatures, deps=link_deps())
