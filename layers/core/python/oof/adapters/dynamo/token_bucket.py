"""The provider's token bucket, shared by all functions through one item.

Each reservation reads the item and puts it back on the condition that nobody did in between, so
no call is ever counted twice or missed. The arithmetic is `domain.limits`.
"""

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable
from oof.domain.limits import Bucket, Plan, Share, full, refuse_long_wait, reserve

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES: Final = 40
_PAUSE_S: Final = 0.02
_LOST: Final = "ConditionalCheckFailedException"


def wall_clock_ms() -> int:
    """Return the time that all functions share, in milliseconds."""
    return time.time_ns() // 1_000_000


class DynamoTokenBucket:
    """A `RateLimiter` in one item of the hot table."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        plan: Plan,
        *,
        name: str = "upstream",
        now_ms: Callable[[], int] = wall_clock_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._plan = plan
        self._key = {"pk": {"S": f"BUCKET#{name}"}, "sk": {"S": "BUCKET"}}
        self._now_ms = now_ms
        self._sleep = sleep

    def reserve(self, share: Share, calls: int) -> float:
        """See `RateLimiter`."""
        for _ in range(_TRIES):
            version, held = self._read()
            reservation = reserve(self._plan, held, share, calls, self._now_ms())
            refuse_long_wait(reservation.wait_ms)
            if self._write(version, reservation.bucket):
                return reservation.wait_ms / 1_000
            self._sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - spreads callers, hides nothing
        raise StoreUnavailable("the token bucket is contended")

    def batch(self, share: Share) -> int:
        """See `RateLimiter`."""
        return self._plan.batch(share)

    def _read(self) -> tuple[int, Bucket]:
        try:
            answer = self._client.get_item(
                TableName=self._table, Key=self._key, ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("the token bucket could not be read") from fault
        item = answer.get("Item")
        if item is None:
            return 0, full(self._plan, self._now_ms())
        return int(item["version"]["N"]), _bucket(item)

    def _write(self, version: int, bucket: Bucket) -> bool:
        """Put the bucket over the version read; False where somebody was first."""
        numbers: dict[str, int] = {str(share): held for share, held in bucket.tokens.items()}
        numbers |= {"version": version + 1, "at_ms": bucket.at_ms}
        item: dict[str, Any] = {**self._key, **{k: {"N": str(v)} for k, v in numbers.items()}}
        condition = "attribute_not_exists(pk)" if version == 0 else "version = :seen"
        values = {} if version == 0 else {":seen": {"N": str(version)}}
        kept: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        try:
            self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression=condition, **kept
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] == _LOST:
                return False
            raise StoreUnavailable("the token bucket could not be written") from fault
        except BotoCoreError as fault:
            raise StoreUnavailable("the token bucket could not be written") from fault
        return True


def _bucket(item: Mapping[str, Any]) -> Bucket:
    tokens = {share: int(item[share]["N"]) for share in Share}
    return Bucket(tokens, int(item["at_ms"]["N"]))
