"""What the API's routes work with."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import orjson
import psycopg
from botocore.config import Config

from oof.adapters.health.probes import BucketProbe, DatabaseProbe, HotTableProbe, QueueProbe
from oof.ports.health import Probe
from oof.settings import ApiServeWalletsSettings

_PATIENCE = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2})
_LONG_QUEUE = 1_000
"""Messages waiting from which `/v1/health` calls a queue's backlog a concern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeDeps:
    """Everything the routes call."""

    probes: Sequence[Probe]


@cache
def settings() -> ApiServeWalletsSettings:
    """The function's settings, read once."""
    return ApiServeWalletsSettings.from_env()


@cache
def serve_deps() -> ServeDeps:
    """Build the dependencies of this environment; opens no connection."""
    return ServeDeps(probes=_probes())


def _probes() -> tuple[Probe, ...]:
    have = settings()
    sqs = boto3.client("sqs", config=_PATIENCE)
    urls = {
        "ingest-store": have.store_queue_url,
        "ingest-fetch": have.fetch_queue_url,
        "ingest-apply": have.apply_queue_url,
    }
    return (
        HotTableProbe(client=boto3.client("dynamodb", config=_PATIENCE), table=have.hot_table),
        DatabaseProbe(connect=_connection),
        BucketProbe(client=boto3.client("s3", config=_PATIENCE), bucket=have.facts_bucket),
        *(
            QueueProbe(client=sqs, url=url, name=name, long_at=_LONG_QUEUE)
            for name, url in urls.items()
        ),
    )


@cache
def _dsn() -> str:
    secrets = boto3.client("secretsmanager", config=_PATIENCE)
    answer = secrets.get_secret_value(SecretId=settings().database_secret_arn)
    secret = orjson.loads(answer["SecretString"])
    if "dsn" in secret:
        return str(secret["dsn"])
    return psycopg.conninfo.make_conninfo(
        host=secret["host"],
        port=secret["port"],
        user=secret["username"],
        password=secret["password"],
        dbname=secret["dbname"],
    )


def _connection() -> psycopg.Connection[Any]:
    return psycopg.connect(_dsn(), connect_timeout=2, prepare_threshold=None)
