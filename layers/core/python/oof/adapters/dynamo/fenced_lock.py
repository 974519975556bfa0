"""A lock in one item of the hot table: `LOCK#<name>` / `LOCK`.

The item stays for ever, so that its fence only rises; `ends_at` tells whether anybody holds it.
"""

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable
from oof.domain.units import UnixSeconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LOST: Final = "ConditionalCheckFailedException"
_NOBODY: Final = "-"


class DynamoFencedLock:
    """A `FencedLock` in the hot table."""

    def __init__(self, client: "DynamoDBClient", table: str, *, name: str) -> None:
        self._client = client
        self._table = table
        self._key = {"pk": {"S": f"LOCK#{name}"}, "sk": {"S": "LOCK"}}

    def enter(self, holder: str, *, at: UnixSeconds, for_s: int) -> int | None:
        """See `FencedLock`."""
        item = self._update(
            "SET holder = :holder, ends_at = :ends ADD fence :one",
            "attribute_not_exists(pk) OR holder IN (:holder, :nobody) OR ends_at <= :at",
            {
                ":holder": {"S": holder},
                ":nobody": {"S": _NOBODY},
                ":ends": {"N": str(at + for_s)},
                ":at": {"N": str(at)},
                ":one": {"N": "1"},
            },
        )
        return None if item is None else int(item["fence"]["N"])

    def hold(self, holder: str, fence: int, *, at: UnixSeconds, for_s: int) -> bool:
        """See `FencedLock`."""
        item = self._update(
            "SET ends_at = :ends",
            "holder = :holder AND fence = :fence",
            {
                ":holder": {"S": holder},
                ":fence": {"N": str(fence)},
                ":ends": {"N": str(at + for_s)},
            },
        )
        return item is not None

    def leave(self, holder: str) -> None:
        """See `FencedLock`."""
        self._update(
            "SET holder = :nobody",
            "holder = :holder",
            {":holder": {"S": holder}, ":nobody": {"S": _NOBODY}},
        )

    def _update(
        self, expression: str, condition: str, values: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Return the item after the change; None where the condition does not hold."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] == _LOST:
                return None
            raise StoreUnavailable("the lock could not be changed") from fault
        except BotoCoreError as fault:
            raise StoreUnavailable("the lock could not be changed") from fault
        return answer["Attributes"]
