"""What the functions of the store path work with; each built once an environment."""

from functools import cache

from oof.adapters.dynamo.items import hot_table
from oof.adapters.dynamo.summary_store import DynamoSummaryStore
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.s3.blobs import S3Blobs
from oof.adapters.sqs.patience import Patience
from oof.adapters.sqs.queues import SqsWalletWaker
from oof.adapters.system import SystemClock, random_id
from oof.app.advance_wallet import AdvanceDeps
from oof.app.apply_wallet import ApplyDeps
from oof.app.link_signatures import LinkDeps
from oof.app.project_wallet import ProjectDeps
from oof.app.sweep_pending import SweepDeps
from oof.bootstrap.clients import s3_client, sqs_client
from oof.bootstrap.database_secret import database_dsn
from oof.domain.moments.thresholds import with_thresholds
from oof.settings import (
    ApplyQueueSettings,
    DatabaseSettings,
    JobMigrateSettings,
    JobSweepPendingSettings,
    WorkerApplyWalletSettings,
)


@cache
def database() -> Database:
    """The environment's one connection."""
    settings = DatabaseSettings.from_env()
    return Database(lambda: database_dsn(settings.database_secret_arn, host=settings.database_host))


@cache
def fact_store() -> PostgresFactStore:
    """Facts and ledgers."""
    return PostgresFactStore(database())


@cache
def blobs(bucket: str) -> S3Blobs:
    """Objects of one bucket."""
    return S3Blobs(s3_client(), bucket)


@cache
def summary_store(table: str) -> DynamoSummaryStore:
    """Projected summaries."""
    return DynamoSummaryStore(hot_table(table))


@cache
def wallet_waker() -> SqsWalletWaker:
    """Wakes wallets."""
    return SqsWalletWaker(sqs_client(), ApplyQueueSettings.from_env().apply_queue_url)


@cache
def patience(queue_arn: str) -> Patience:
    """Postpones messages of one queue."""
    return Patience(sqs_client(), queue_arn)


@cache
def link_deps() -> LinkDeps:
    """Dependencies of `link_signatures`."""
    return LinkDeps(facts=fact_store(), waker=wallet_waker(), clock=SystemClock(), new_id=random_id)


@cache
def apply_deps() -> ApplyDeps:
    """Dependencies of `apply_wallet`."""
    return ApplyDeps(facts=fact_store(), clock=SystemClock())


@cache
def advance_deps() -> AdvanceDeps:
    """Dependencies of `advance_wallet`."""
    settings = WorkerApplyWalletSettings.from_env()
    summaries = summary_store(settings.hot_table)
    return AdvanceDeps(
        applying=apply_deps(),
        projecting=ProjectDeps(facts=fact_store(), summaries=summaries, clock=SystemClock()),
        waker=wallet_waker(),
        new_id=random_id,
        moments=with_thresholds(settings.moment_thresholds),
    )


@cache
def sweep_deps() -> SweepDeps:
    """Dependencies of `sweep_pending`."""
    settings = JobSweepPendingSettings.from_env()
    return SweepDeps(
        facts=fact_store(),
        summaries=summary_store(settings.hot_table),
        waker=wallet_waker(),
        clock=SystemClock(),
        new_id=random_id,
        pending_age_s=settings.pending_age_s,
    )


def migration_dsn() -> str:
    """The connection string that migrations are applied with."""
    return database_dsn(JobMigrateSettings.from_env().database_secret_arn)
