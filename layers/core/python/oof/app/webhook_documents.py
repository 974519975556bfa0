"""What the steps of a reconciliation hand on through the object store."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from oof.domain.units import Address
from oof.domain.webhooks import Put
from oof.ports.blobs import Blobs
from oof.ports.watching import Confirmed


class ShardPlan(NamedTuple):
    """One webhook that there is to be."""

    shard: int
    last: Put | None
    """What was last put there."""
    digest: str | None
    """Of the list it is to have; None where the list was not made up, because it need not change.
    """
    is_awaited: bool
    """Whether somebody on it is not reported yet."""


class ReconcilePlan(NamedTuple):
    """What one reconciliation is to bring about."""

    shards: tuple[ShardPlan, ...]
    surplus: tuple[Put, ...]
    """Webhooks nobody is on any more."""
    must_look: bool
    """Whether the provider's own list is to be read."""


class PutResult(NamedTuple):
    """What became of it."""

    confirmed: Confirmed
    drift: Mapping[str, int]
    """Webhooks found other than they were put, by how they differed."""
    fault: str | None
    """Why it stopped early; None where all is as planned."""
    calls: int
    credits: int
    fence: int
    """Under which it was brought about."""


class WebhookDocuments:
    """The documents of one reconciliation, named by its tick."""

    def __init__(self, blobs: Blobs, tick: str) -> None:
        self._blobs = blobs
        self._folder = f"runs/webhooks-{tick}"

    def put_list(self, shard: int, addresses: tuple[Address, ...]) -> None:
        """Keep a shard's list."""
        self._put(f"list-{shard}", addresses)

    def list(self, shard: int) -> tuple[Address, ...]:
        """Return a shard's list. Raises `NotFound`."""
        return tuple(Address(each) for each in self._get(f"list-{shard}"))

    def put_plan(self, plan: ReconcilePlan) -> None:
        """Keep the plan."""
        self._put("plan", plan._asdict())

    def plan(self) -> ReconcilePlan:
        """Return the plan. Raises `NotFound`."""
        document = self._get("plan")
        return ReconcilePlan(
            shards=tuple(
                ShardPlan(shard, _last(last), digest, is_awaited)
                for shard, last, digest, is_awaited in document["shards"]
            ),
            surplus=tuple(_put(row) for row in document["surplus"]),
            must_look=document["must_look"],
        )

    def put_result(self, result: PutResult) -> None:
        """Keep what became of the plan."""
        confirmed = result.confirmed._asdict()
        self._put("result", {**result._asdict(), "confirmed": confirmed})

    def result(self) -> PutResult:
        """Return what became of the plan. Raises `NotFound`."""
        document = self._get("result")
        confirmed = document["confirmed"]
        return PutResult(
            **{
                **document,
                "confirmed": Confirmed(
                    **{
                        **confirmed,
                        "puts": tuple(_put(row) for row in confirmed["puts"]),
                        "broken": frozenset(confirmed["broken"]),
                        "removed": frozenset(confirmed["removed"]),
                    }
                ),
            }
        )

    def _put(self, name: str, document: Any) -> None:
        content = orjson.dumps(document, default=_plain)
        self._blobs.put(f"{self._folder}/{name}.json", content)

    def _get(self, name: str) -> Any:
        return orjson.loads(self._blobs.get(f"{self._folder}/{name}.json"))


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else tuple(value)


def _put(row: list[Any]) -> Put:
    return Put(*row)


def _last(row: list[Any] | None) -> Put | None:
    return None if row is None else _put(row)
