"""How many wallets were opened today, counted in DynamoDB."""

from datetime import UTC, datetime
from typing import Final

from pynamodb.exceptions import TransactWriteError

from oof.adapters.dynamo.items import TRANSACTION_CANCELLED, CounterItem, HotTable, faults_named
from oof.domain.errors import Conflict

_EVERYBODY: Final = "*"
_KEEP_S: Final = 3 * 86_400
_TRIES: Final = 5


class DynamoOpenQuota:
    """An `OpenQuota` over the hot table: both counts rise together, or neither."""

    def __init__(self, table: HotTable) -> None:
        self._table = table

    def take(self, caller: str, *, day: str, per_caller: int, per_day: int) -> bool:
        """See `OpenQuota`. Raises Conflict when too many count at once."""
        for _ in range(_TRIES):
            try:
                with self._table.transaction() as transaction:
                    for name, cap in ((caller, per_caller), (_EVERYBODY, per_day)):
                        taken = self._table.counters.taken
                        transaction.update(
                            self._counter(name, day),
                            actions=[
                                taken.add(1),
                                self._table.counters.expires_at.set(_expiry(day)),
                            ],
                            condition=taken.does_not_exist() | (taken < cap),
                        )
            except TransactWriteError as fault:
                if fault.cause_response_code != TRANSACTION_CANCELLED:
                    with faults_named():
                        raise
                reasons = [each.code for each in fault.cancellation_reasons if each is not None]
                if "ConditionalCheckFailed" in reasons:
                    return False
            else:
                return True
        raise Conflict("too many wallets are being opened at once")

    def _counter(self, name: str, day: str) -> CounterItem:
        return self._table.counters(pk=f"CALLER#{name}", sk=f"DAY#{day}")


def _expiry(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) + _KEEP_S
