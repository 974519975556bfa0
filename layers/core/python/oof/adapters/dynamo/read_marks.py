"""Read marks beside the summaries: `WALLET#<address>` / `READ`."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable
from oof.domain.units import Address, UnixSeconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_S: Final = 30 * 86_400
"""Longer than any wallet is followed without being read."""


class DynamoReadMarks:
    """`ReadMarks` in the hot table; a mark ends by itself."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def mark(self, wallet: Address, *, at: UnixSeconds) -> None:
        """See `ReadMarks`."""
        numbers = {"read_at": at, "expires_at": at + KEEP_S}
        item = {**_key(wallet), **{name: {"N": str(value)} for name, value in numbers.items()}}
        try:
            self._client.put_item(TableName=self._table, Item=item)
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("a read could not be marked") from fault

    def last(self, wallet: Address) -> UnixSeconds | None:
        """See `ReadMarks`."""
        try:
            answer = self._client.get_item(TableName=self._table, Key=_key(wallet))
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("a read mark could not be read") from fault
        item = answer.get("Item")
        return None if item is None else UnixSeconds(int(item["read_at"]["N"]))


def _key(wallet: Address) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"WALLET#{wallet}"}, "sk": {"S": "READ"}}
