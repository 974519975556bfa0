"""One cheap look at each of the stores and queues."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from botocore.exceptions import BotoCoreError, ClientError

from oof.adapters.postgres.connection import Database
from oof.domain.errors import StoreUnavailable
from oof.ports.health import Reading
from oof.ports.limiter import GateReader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_QUEUE_FIGURES: Final = {
    "ApproximateNumberOfMessages": "waiting",
    "ApproximateNumberOfMessagesNotVisible": "in_flight",
    "ApproximateNumberOfMessagesDelayed": "delayed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseProbe:
    """Postgres, through the connection that this environment holds anyway."""

    database: Database
    name: str = "database"
    is_vital: bool = False

    def read(self) -> Reading:
        """Run the cheapest statement there is. Raises StoreUnavailable."""
        with self.database.transaction() as cursor:
            cursor.execute("SELECT 1")
        return Reading()


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTableProbe:
    """The table of summaries and jobs, without which there is nothing to serve."""

    client: "DynamoDBClient"
    table: str
    name: str = "hot_table"
    is_vital: bool = True

    def read(self) -> Reading:
        """Get an item that need not exist. Raises StoreUnavailable."""
        key = {"pk": {"S": "HEALTH"}, "sk": {"S": "HEALTH"}}
        try:
            self.client.get_item(TableName=self.table, Key=key)
        except (BotoCoreError, ClientError) as fault:
            raise StoreUnavailable("the hot table does not answer") from fault
        return Reading()


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketProbe:
    """The bucket of raw bodies."""

    client: "S3Client"
    bucket: str
    name: str = "facts_bucket"
    is_vital: bool = False

    def read(self) -> Reading:
        """List at most one key. Raises StoreUnavailable."""
        try:
            self.client.list_objects_v2(Bucket=self.bucket, Prefix="packs/", MaxKeys=1)
        except (BotoCoreError, ClientError) as fault:
            raise StoreUnavailable("the bucket does not answer") from fault
        return Reading()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueProbe:
    """One queue's length; a long one is a concern."""

    client: "SQSClient"
    url: str
    name: str
    long_at: int
    """Waiting messages from which the queue counts as falling behind."""
    is_vital: bool = False

    def read(self) -> Reading:
        """Ask for the queue's approximate counts. Raises StoreUnavailable."""
        asked = cast("list[Literal['All']]", list(_QUEUE_FIGURES))
        try:
            answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=asked)
        except (BotoCoreError, ClientError) as fault:
            raise StoreUnavailable("the queue does not answer") from fault
        attributes = answer.get("Attributes", {})
        figures = {
            figure: int(attributes[name])
            for name, figure in _QUEUE_FIGURES.items()
            if name in attributes
        }
        concern = "backlog" if figures.get("waiting", 0) >= self.long_at else None
        return Reading(figures=figures, concern=concern)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderProbe:
    """The chain's provider, as the functions that ask it found it last; it is not asked here."""

    reader: GateReader
    name: str = "provider"
    is_vital: bool = False

    def read(self) -> Reading:
        """Look at the shared gate. Raises StoreUnavailable."""
        found = self.reader.reading()
        if found is None:
            return Reading()
        spend = found.spend
        figures = {
            "credits_spent_today": spend.spent,
            "credits_a_day": spend.cap,
            "credits_spent_percent": spend.percent,
            "paused_s": math.ceil(found.paused_s),
        }
        concern = "circuit_open" if found.broken else None
        if concern is None and spend.stopped:
            concern = f"budget_stops_{spend.stopped[-1]}"
        return Reading(figures=figures, concern=concern)
