"""A provider's gate, shared by all functions through one item of the hot table.

Each change puts the whole item back on the condition that nobody did in between, so no call is
counted twice or missed. An environment remembers what it wrote last and tries that first: the
usual reservation is one request, and one that lost is answered with what is there now. The
arithmetic is `domain.gate`.
"""

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.breaker import Breaker
from oof.domain.errors import StoreUnavailable
from oof.domain.gate import (
    DAY_MS,
    CallClass,
    Demand,
    Gate,
    GateReading,
    Lane,
    ProviderPlan,
    Turn,
    admit,
    answered,
    reading_of,
    throttled,
    untouched,
)
from oof.domain.limits import Bucket, Share

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES: Final = 40
_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 1.0
_LOST: Final = "ConditionalCheckFailedException"


class _Seen(NamedTuple):
    """The gate as it was at a version; version 0 is before the item was made."""

    version: int
    gate: Gate | None


class _Change(NamedTuple):
    """One way to count; the version rises, so that nobody puts an older count back."""

    update: str
    condition: str


_ADDED_TODAY: Final = _Change("ADD spent :credits, version :one", "#day = :today")
_BEGUN_TODAY: Final = _Change(
    "SET #day = :today, spent = :credits ADD version :one", "#day < :today"
)


def wall_clock_ms() -> int:
    """Return the time that all functions share, in milliseconds."""
    return time.time_ns() // 1_000_000


class DynamoProviderGate:
    """A `RateLimiter` and `GateReader` in one item."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        plan: ProviderPlan,
        *,
        provider: str,
        now_ms: Callable[[], int] = wall_clock_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._plan = plan
        self._key = gate_key(provider)
        self._now_ms = now_ms
        self._sleep = sleep
        self._seen = _Seen(0, None)

    def reserve(self, demand: Demand) -> Turn:
        """See `RateLimiter`."""

        def step(gate: Gate, now_ms: int) -> tuple[Gate, Turn]:
            admission = admit(self._plan, gate, demand, now_ms)
            return admission.gate, admission.turn

        return self._change(step)

    def stands(self, turn: Turn) -> bool:
        """See `RateLimiter`."""
        self._seen = self._read()
        gate = self._seen.gate
        return gate is None or gate.lanes[turn.kind].pauses == turn.pauses

    def throttled(self, turn: Turn, pause_s: float) -> None:
        """See `RateLimiter`."""
        self._change(lambda gate, now_ms: (throttled(gate, turn, now_ms, pause_s), None))

    def answered(self, turn: Turn, *, is_failure: bool) -> None:
        """See `RateLimiter`."""
        self._change(
            lambda gate, now_ms: (answered(gate, turn, now_ms, is_failure=is_failure), None)
        )

    def batch(self, share: Share) -> int:
        """See `RateLimiter`."""
        return self._plan.rates[CallClass.RPC].batch(share)

    def reading(self) -> GateReading | None:
        """See `GateReader`."""
        self._seen = self._read()
        if self._seen.gate is None:
            return None
        return reading_of(self._seen.gate, self._plan.credits_per_day, self._now_ms())

    def _change[T](self, step: Callable[[Gate, int], tuple[Gate, T]]) -> T:
        """Take one step from the newest gate; a refusal counts only if the gate seen is newest."""
        is_newest = False
        window_s = _PAUSE_S
        for _ in range(_TRIES):
            seen = self._seen
            try:
                gate, outcome = step(self._gate_of(seen), self._now_ms())
            except Exception:
                if is_newest:
                    raise
                self._seen, is_newest = self._read(), True
                continue
            if gate == seen.gate:
                return outcome
            newer = self._write(seen.version, gate)
            if newer is None:
                self._seen = _Seen(seen.version + 1, gate)
                return outcome
            self._seen, is_newest = newer, True
            # The more often it was lost, the more callers there are to spread over time.
            self._sleep(random.uniform(0, window_s))  # noqa: S311 - hides nothing
            window_s = min(2 * window_s, _LONGEST_PAUSE_S)
        raise StoreUnavailable("the provider's gate is contended")

    def _gate_of(self, seen: _Seen) -> Gate:
        return untouched(self._plan, self._now_ms()) if seen.gate is None else seen.gate

    def _read(self) -> _Seen:
        item = read_gate_item(self._client, self._table, self._key)
        return _Seen(0, None) if item is None else self._from(item)

    def _write(self, version: int, gate: Gate) -> _Seen | None:
        """Put the gate over the version seen; return what is there where somebody was first."""
        item: dict[str, Any] = {
            **self._key,
            "version": {"N": str(version + 1)},
            "day": {"N": str(gate.day)},
            "spent": {"N": str(gate.spent)},
            "cap": {"N": str(self._plan.credits_per_day)},
            "lanes": {"S": _text(gate.lanes)},
        }
        condition = "attribute_not_exists(pk)" if version == 0 else "version = :seen"
        values = {} if version == 0 else {":seen": {"N": str(version)}}
        kept: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **kept,
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] != _LOST:
                raise StoreUnavailable("the provider's gate could not be written") from fault
            there = dict(fault.response).get("Item")
            return self._from(there) if isinstance(there, dict) else self._read()
        except BotoCoreError as fault:
            raise StoreUnavailable("the provider's gate could not be written") from fault
        return None

    def _from(self, item: Mapping[str, Any]) -> _Seen:
        """Read an item; a class of calls it does not know yet begins untouched."""
        lanes = {**untouched(self._plan, self._now_ms()).lanes, **_lanes(item)}
        gate = Gate(lanes, int(item["day"]["N"]), int(item["spent"]["N"]))
        return _Seen(int(item["version"]["N"]), gate)


class DynamoGateReader:
    """A `GateReader` and `SpendMeter` of the item that others write; it needs no plan."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        *,
        provider: str,
        now_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._client = client
        self._table = table
        self._key = gate_key(provider)
        self._now_ms = now_ms

    def reading(self) -> GateReading | None:
        """See `GateReader`."""
        item = read_gate_item(self._client, self._table, self._key)
        if item is None:
            return None
        gate = Gate(_lanes(item), int(item["day"]["N"]), int(item["spent"]["N"]))
        return reading_of(gate, int(item["cap"]["N"]), self._now_ms())

    def charge(self, credits_: int) -> None:
        """See `SpendMeter`; before anybody went through the gate there is nothing to count on."""
        today = str(self._now_ms() // DAY_MS)
        if not self._add(_ADDED_TODAY, credits_, today):
            self._add(_BEGUN_TODAY, credits_, today)

    def _add(self, change: _Change, credits_: int, today: str) -> bool:
        """Change the item in one request, if it is as the change wants it."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression=change.update,
                ConditionExpression=change.condition,
                ExpressionAttributeNames={"#day": "day"},
                ExpressionAttributeValues={
                    ":today": {"N": today},
                    ":credits": {"N": str(credits_)},
                    ":one": {"N": "1"},
                },
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] == _LOST:
                return False
            raise StoreUnavailable("what was spent could not be counted") from fault
        except BotoCoreError as fault:
            raise StoreUnavailable("what was spent could not be counted") from fault
        return True


def gate_key(provider: str) -> dict[str, Any]:
    """Where a provider's gate lies."""
    return {"pk": {"S": f"BUCKET#{provider}"}, "sk": {"S": "BUCKET"}}


def read_gate_item(
    client: "DynamoDBClient", table: str, key: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return a gate's item as last written. Raises `StoreUnavailable`."""
    try:
        answer = client.get_item(TableName=table, Key=dict(key), ConsistentRead=True)
    except (ClientError, BotoCoreError) as fault:
        raise StoreUnavailable("the provider's gate could not be read") from fault
    return answer.get("Item")


def _lanes(item: Mapping[str, Any]) -> dict[CallClass, Lane]:
    rows = orjson.loads(item["lanes"]["S"])
    return {CallClass(kind): _lane(row) for kind, row in rows.items()}


def _text(lanes: Mapping[CallClass, Lane]) -> str:
    return orjson.dumps(lanes, default=tuple, option=orjson.OPT_NON_STR_KEYS).decode()


def _lane(row: list[Any]) -> Lane:
    (tokens, at_ms), paused_until_ms, pauses, breaker = row
    bucket = Bucket({Share(pool): held for pool, held in tokens.items()}, at_ms)
    return Lane(bucket, paused_until_ms, pauses, Breaker(*breaker))
