"""Builds what the API's routes work with; opens no connection."""

import base64
import hashlib
import hmac
import time
from functools import cache
from typing import Final

import boto3
from botocore.config import Config

from oof.adapters.dynamo.items import HotTable, hot_table
from oof.adapters.dynamo.job_store import DynamoJobStore, DynamoRequestMemory
from oof.adapters.dynamo.open_quota import DynamoOpenQuota
from oof.adapters.dynamo.provider_gate import DynamoGateReader
from oof.adapters.dynamo.read_marks import DynamoReadMarks
from oof.adapters.dynamo.summary_store import DynamoSummaryStore
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.adapters.health.probes import (
    BucketProbe,
    DatabaseProbe,
    HotTableProbe,
    ProviderProbe,
    QueueProbe,
)
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.flow_reader import PostgresFlowReader
from oof.adapters.postgres.history_reader import PostgresHistoryReader
from oof.adapters.postgres.holding_reader import PostgresHoldingDaysReader
from oof.adapters.postgres.moment_reader import PostgresMomentReader
from oof.adapters.postgres.pnl_reader import PostgresPnlReader
from oof.adapters.postgres.portrait_reader import PostgresPortraitReader
from oof.adapters.postgres.position_reader import PostgresPositionReader
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.adapters.postgres.status_reader import PostgresStatusReader
from oof.adapters.postgres.token_results import PostgresTokenResults
from oof.adapters.postgres.token_store import PostgresTokenStore
from oof.adapters.postgres.vector_reader import PostgresVectorReader
from oof.adapters.postgres.view_store import PostgresViewStore
from oof.adapters.sqs.queues import SqsAnalysisQueue
from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.adapters.system import SystemClock
from oof.app.follow_work import FollowDeps
from oof.app.mark_read import ReadMarker
from oof.app.open_wallet import OpenCaps, OpenDeps
from oof.app.read_job import JobDeps
from oof.app.read_statuses import StatusDeps
from oof.app.read_summary import SummaryDeps
from oof.app.read_view import ViewDeps
from oof.app.remember_request import RememberDeps
from oof.app.request_backfill import BackfillDeps
from oof.app.request_view import ViewAskDeps, ViewCaps
from oof.bootstrap.clients import read_secret
from oof.bootstrap.database_secret import database_dsn
from oof.bootstrap.limits import limits_of
from oof.bootstrap.serve_deps import CursorKeys, ServeDeps
from oof.domain.provider_names import PRIMARY
from oof.ports.health import Probe
from oof.settings import ApiServeWalletsSettings

_PATIENCE: Final = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2})
"""Shorter than the other functions': somebody waits for the answer."""
_LONG_QUEUE: Final = 1_000
"""Messages waiting from which `/v1/health` calls a queue's backlog a concern."""
_KEYS_TTL_S: Final = 60.0
"""How long a rotated key may stay unnoticed."""


@cache
def serve_deps() -> ServeDeps:
    """The dependencies of this environment."""
    settings = ApiServeWalletsSettings.from_env()
    database = Database(
        lambda: database_dsn(settings.database_secret_arn, host=settings.database_host)
    )
    keys = RotatedKeys(settings.cursor_secret_arn)
    return compose(settings, database=database, keys=keys, aws=boto3.Session())


def compose(
    settings: ApiServeWalletsSettings,
    *,
    database: Database,
    keys: "RotatedKeys",
    aws: boto3.Session,
) -> ServeDeps:
    """The dependencies by these settings, over a database and keys that are there."""
    table = hot_table(settings.hot_table)
    clock = SystemClock()
    works, jobs = DynamoWorkStore(table), DynamoJobStore(table)
    summaries = DynamoSummaryStore(table)
    opening = _opening(settings, table, works, aws)
    following = FollowDeps(jobs=jobs, job_ids=keys.job_id)
    remembering = RememberDeps(requests=DynamoRequestMemory(table), following=following)
    return ServeDeps(
        probes=_probes(settings, database, aws),
        clock=clock,
        summary=SummaryDeps(
            summaries=summaries,
            clock=clock,
            opening=opening,
            following=following,
            mark_read=ReadMarker(_read_marks(settings.hot_table, aws)),
        ),
        history=PostgresHistoryReader(database),
        positions=PostgresPositionReader(database),
        token_results=PostgresTokenResults(database),
        pnl=PostgresPnlReader(database),
        flows=PostgresFlowReader(database),
        holding_days=PostgresHoldingDaysReader(database),
        moments=PostgresMomentReader(database),
        portraits=PostgresPortraitReader(database),
        prices=PostgresPriceStore(database),
        tokens=PostgresTokenStore(database),
        backfill=BackfillDeps(summaries=summaries, opening=opening, remembering=remembering),
        job_views=JobDeps(jobs=jobs, works=works, clock=clock),
        views=ViewDeps(views=PostgresViewStore(database), clock=clock),
        view_asks=ViewAskDeps(
            works=works,
            queue=_analysis_queue(settings, aws),
            quota=DynamoOpenQuota(table),
            summaries=summaries,
            remembering=remembering,
            clock=clock,
            caps=ViewCaps(
                per_caller=settings.analyses_per_caller_per_minute,
                per_minute=settings.analyses_per_minute,
            ),
        ),
        statuses=StatusDeps(
            statuses=PostgresStatusReader(database),
            clock=clock,
            fresh_for_s=settings.statuses_fresh_for_s,
        ),
        vectors=PostgresVectorReader(database),
        cursor_keys=keys.current,
        cors_origins=tuple(filter(None, settings.cors_origins.split(","))),
    )


class RotatedKeys:
    """The keys that cursors and job ids are made with, asked for anew once a minute."""

    def __init__(self, secret_arn: str) -> None:
        self._arn = secret_arn
        self._keys: CursorKeys | None = None
        self._read_at = 0.0

    def current(self) -> CursorKeys:
        """The keys valid now. Raises `StoreUnavailable`."""
        if self._keys is None or time.monotonic() - self._read_at > _KEYS_TTL_S:
            secret = read_secret(self._arn)
            previous = secret.get("previous")
            self._keys = CursorKeys(
                current=secret["current"].encode(),
                previous=previous.encode() if previous else None,
            )
            self._read_at = time.monotonic()
        return self._keys

    def job_id(self, owner: str, work_id: str, attempt: int) -> str:
        """The id of one caller's job: 128 bits that only the key's holder can work out."""
        text = f"job\x00{owner}\x00{work_id}\x00{attempt}".encode()
        digest = hmac.new(self.current().current, text, hashlib.sha256).digest()[:16]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _analysis_queue(settings: ApiServeWalletsSettings, aws: boto3.Session) -> SqsAnalysisQueue:
    return SqsAnalysisQueue(aws.client("sqs", config=_PATIENCE), settings.analysis_queue_url)


def _read_marks(table: str, aws: boto3.Session) -> DynamoReadMarks:
    return DynamoReadMarks(aws.client("dynamodb", config=_PATIENCE), table)


def _gate_reader(table: str, aws: boto3.Session) -> DynamoGateReader:
    client = aws.client("dynamodb", config=_PATIENCE)
    return DynamoGateReader(client, table, provider=PRIMARY)


def _opening(
    settings: ApiServeWalletsSettings, table: HotTable, works: DynamoWorkStore, aws: boto3.Session
) -> OpenDeps:
    client = aws.client("stepfunctions", config=_PATIENCE)
    return OpenDeps(
        works=works,
        quota=DynamoOpenQuota(table),
        gate=_gate_reader(settings.hot_table, aws),
        starter=StepFunctionsRunStarter(client, settings.backfill_machine_arn),
        clock=SystemClock(),
        limits=limits_of(settings),
        caps=OpenCaps(per_caller=settings.opens_per_caller_per_day, per_day=settings.opens_per_day),
    )


def _probes(
    settings: ApiServeWalletsSettings, database: Database, aws: boto3.Session
) -> tuple[Probe, ...]:
    sqs = aws.client("sqs", config=_PATIENCE)
    urls = {
        "ingest-store": settings.store_queue_url,
        "ingest-fetch": settings.fetch_queue_url,
        "ingest-apply": settings.apply_queue_url,
        "analysis-operations": settings.analysis_queue_url,
    }
    queues = (
        QueueProbe(client=sqs, url=url, name=name, long_at=_LONG_QUEUE)
        for name, url in urls.items()
    )
    return (
        HotTableProbe(client=aws.client("dynamodb", config=_PATIENCE), table=settings.hot_table),
        DatabaseProbe(database=database),
        BucketProbe(client=aws.client("s3", config=_PATIENCE), bucket=settings.facts_bucket),
        ProviderProbe(reader=_gate_reader(settings.hot_table, aws)),
        *queues,
    )
