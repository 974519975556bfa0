"""Read marks beside the summaries: `WALLET#<address>` / `READ`."""

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable
from oof.domain.units import Address, UnixSeconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEEP_S: Final = 30 * 86_400
"""Longer than any wallet is followed without being read."""
BATCH: Final = 100
"""Items that may be asked for at once."""


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

    def last_of(self, wallets: Sequence[Address]) -> dict[Address, UnixSeconds]:
        """See `ReadMarks`."""
        found: dict[Address, UnixSeconds] = {}
        try:
            for group in batched(dict.fromkeys(wallets), BATCH, strict=False):
                keys = [_key(wallet) for wallet in group]
                answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys}})
                for item in answer["Responses"].get(self._table, ()):
                    wallet = Address(item["pk"]["S"].removeprefix("WALLET#"))
                    found[wallet] = UnixSeconds(int(item["read_at"]["N"]))
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("read marks could not be read") from fault
        return found


def _key(wallet: Address) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"WALLET#{wallet}"}, "sk": {"S": "READ"}}
