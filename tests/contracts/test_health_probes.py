"""Each probe finds its dependency, and says so when it is silent."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from oof.adapters.health.probes import (
    BucketProbe,
    DatabaseProbe,
    HotTableProbe,
    ProviderProbe,
    QueueProbe,
)
from oof.adapters.postgres.connection import Database
from oof.domain.breaker import LEAST_FAILURES
from oof.domain.errors import StoreUnavailable
from oof.domain.gate import CallClass, Demand, plan_of
from oof.domain.limits import Share
from oof.ports.health import Probe
from oof.ports.memory.limiter import MemoryRateLimiter
from tests.support.local_aws import LocalAws


@pytest.fixture
def name() -> str:
    """A name for things of this test alone."""
    return f"health-{uuid4().hex[:12]}"


@pytest.fixture
def database(postgres_dsn: str) -> Iterator[Database]:
    """A database that answers."""
    database = Database(lambda: postgres_dsn)
    yield database
    database.close()


def test_what_answers_has_no_concern(dynamo: LocalAws, database: Database, name: str) -> None:
    """A table, a bucket, a queue and a database that are there."""
    where: dict[str, Any] = {"endpoint_url": dynamo.endpoint, "region_name": dynamo.region}
    dynamo.create_hot_table(name)
    s3, sqs = boto3.client("s3", **where), boto3.client("sqs", **where)
    s3.create_bucket(Bucket=name)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    probes: tuple[Probe, ...] = (
        HotTableProbe(client=boto3.client("dynamodb", **where), table=name),
        BucketProbe(client=s3, bucket=name),
        QueueProbe(client=sqs, url=url, name="queue", long_at=2),
        DatabaseProbe(database=database),
    )

    assert [probe.read().concern for probe in probes] == [None] * 4
    assert [probe.name for probe in probes if probe.is_vital] == ["hot_table"]


def test_a_long_queue_is_a_concern(dynamo: LocalAws, name: str) -> None:
    """What waits is counted, and too much of it is a backlog."""
    sqs = boto3.client("sqs", endpoint_url=dynamo.endpoint, region_name=dynamo.region)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    for text in "ab":
        sqs.send_message(QueueUrl=url, MessageBody=text)

    reading = QueueProbe(client=sqs, url=url, name="queue", long_at=2).read()

    assert (reading.figures["waiting"], reading.concern) == (2, "backlog")


def test_what_is_silent_is_named(dynamo: LocalAws, name: str) -> None:
    """Something that is not there, or an address where nobody answers."""
    quick = Config(connect_timeout=1, retries={"total_max_attempts": 1})
    nowhere: dict[str, Any] = {
        "endpoint_url": "http://127.0.0.1:1",
        "region_name": dynamo.region,
        "config": quick,
    }
    lost = Database(lambda: "postgresql://nobody@127.0.0.1:1/none")
    probes: tuple[Probe, ...] = (
        HotTableProbe(client=boto3.client("dynamodb", **nowhere), table=name),
        BucketProbe(client=boto3.client("s3", **nowhere), bucket=name),
        QueueProbe(
            client=boto3.client("sqs", **nowhere),
            url="http://127.0.0.1:1/0/queue",
            name="queue",
            long_at=2,
        ),
        DatabaseProbe(database=lost),
    )

    for probe in probes:
        with pytest.raises(StoreUnavailable):
            probe.read()


def test_the_provider_tells_what_is_spent_and_what_stopped() -> None:
    """Percent of the day's credits, and the last that stopped of the stated order."""
    gate = MemoryRateLimiter(
        plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=200), lambda: 0
    )
    probe = ProviderProbe(reader=gate)
    assert (probe.read().figures, probe.read().concern) == ({}, None)

    gate.charge(100)
    assert (probe.read().figures["credits_spent_percent"], probe.read().concern) == (50, None)
    gate.charge(75)
    assert probe.read().concern == "budget_stops_deep"


def test_the_provider_tells_when_it_does_not_answer() -> None:
    """An open breaker is a concern before any budget."""
    gate = MemoryRateLimiter(
        plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=200), lambda: 0
    )
    gate.charge(190)
    for _ in range(LEAST_FAILURES):
        turn = gate.reserve(Demand(CallClass.RPC, Share.TAIL, 1, 0))
        gate.answered(turn, is_failure=True)

    assert ProviderProbe(reader=gate).read().concern == "circuit_open"
