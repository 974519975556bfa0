"""What every `SummaryStore` and `OpenQuota` keeps to."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.client import BaseClient

from oof.adapters.dynamo.items import HotTable
from oof.adapters.dynamo.open_quota import DynamoOpenQuota
from oof.adapters.dynamo.summary_store import DynamoSummaryStore
from oof.domain.errors import Conflict, StoreUnavailable
from oof.domain.snapshot.model import Coverage, LastError, MintBalance, Provisional
from oof.domain.units import SOL_MINT, Address, Lamports, RawAmount, Slot
from oof.ports.limiter import OpenQuota
from oof.ports.memory.limiter import MemoryOpenQuota
from oof.ports.memory.snapshots import MemorySummaryStore
from oof.ports.snapshots import SummaryStore
from tests.support.serving import NOW_S, WALLET, summary


@pytest.fixture(params=["memory", "dynamo"])
def summaries(request: pytest.FixtureRequest) -> SummaryStore:
    """Each implementation in turn."""
    if request.param == "memory":
        return MemorySummaryStore()
    table: HotTable = request.getfixturevalue("dynamo_table")
    return DynamoSummaryStore(table)


@pytest.fixture(params=["memory", "dynamo"])
def quota(request: pytest.FixtureRequest) -> OpenQuota:
    """Each implementation in turn."""
    if request.param == "memory":
        return MemoryOpenQuota()
    table: HotTable = request.getfixturevalue("dynamo_table")
    return DynamoOpenQuota(table)


def test_what_is_put_is_got_whole(summaries: SummaryStore) -> None:
    """Every field survives, with amounts beyond 64 bits."""
    whole = summary(
        balances=(MintBalance(SOL_MINT, RawAmount(2**70), 9, Slot(5), True, False),),
        balances_count=1,
        hourly={NOW_S - NOW_S % 3600: 3},
        daily={NOW_S - NOW_S % 86_400: 3},
        venues={"pump_fun": 3},
        fees_lamports={"network_fee": Lamports(5_000)},
        coverage=Coverage(
            addresses=2, complete=True, oldest_time=NOW_S, newest_time=NOW_S, stopped_by="days"
        ),
        last_error=LastError("code", NOW_S, None),
        provisional=frozenset({Provisional.HISTORY_PARTIAL}),
        tail_checked_at=NOW_S,
    )

    assert summaries.put_if_newer(whole)
    assert summaries.get(WALLET) == whole
    assert summaries.get(Address("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")) is None


def test_many_are_got_by_one_read(summaries: SummaryStore) -> None:
    """Those that are there, each once, however often they are named."""
    other, unseen = Address("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"), Address("1" * 32)
    both = {each: summary(address=each) for each in (WALLET, other)}
    for each in both.values():
        summaries.put_if_newer(each)

    assert summaries.get_many([other, WALLET, unseen, WALLET]) == both
    assert summaries.get_many([unseen]) == summaries.get_many([]) == {}


def test_only_newer_is_written(summaries: SummaryStore) -> None:
    """(epoch, revision) orders items: what was projected late never covers what is newer."""
    assert summaries.put_if_newer(summary(epoch=2, revision=5, tx_count=1))
    assert not summaries.put_if_newer(summary(epoch=2, revision=5, tx_count=2))
    assert not summaries.put_if_newer(summary(epoch=2, revision=4, tx_count=3))
    assert not summaries.put_if_newer(summary(epoch=1, revision=9, tx_count=4))
    seen = summaries.get(WALLET)
    assert seen is not None
    assert seen.tx_count == 1
    assert summaries.put_if_newer(summary(epoch=2, revision=6, tx_count=5))
    assert summaries.put_if_newer(summary(epoch=3, revision=1, tx_count=6))
    seen = summaries.get(WALLET)
    assert seen is not None
    assert seen.tx_count == 6


def test_a_caller_may_open_so_many_a_day(quota: OpenQuota) -> None:
    """Its own cap ends it, on that day alone, and others go on."""
    taken = [quota.take("a", day="2025-06-01", per_caller=2, per_day=9) for _ in range(3)]

    assert taken == [True, True, False]
    assert quota.take("b", day="2025-06-01", per_caller=2, per_day=9)
    assert quota.take("a", day="2025-06-02", per_caller=2, per_day=9)


def test_a_minute_is_a_period_as_well(quota: OpenQuota) -> None:
    """What is counted by the minute counts for no day, and the next minute begins anew."""
    for minute in ("2025-06-01T12:30", "2025-06-01T12:31"):
        taken = [quota.take("a", day=minute, per_caller=1, per_day=9) for _ in range(2)]
        assert taken == [True, False]
    assert quota.take("a", day="2025-06-01", per_caller=1, per_day=1)


def test_all_callers_share_a_cap(quota: OpenQuota) -> None:
    """The day's cap ends everybody, and a refusal counts for nobody."""
    taken = [quota.take(name, day="2025-06-01", per_caller=5, per_day=2) for name in "abc"]

    assert taken == [True, True, False]
    assert quota.take("c", day="2025-06-01", per_caller=1, per_day=3)


def test_openings_at_once_are_all_counted(quota: OpenQuota) -> None:
    """Callers who race never pass the cap together."""

    def take(_: int) -> bool:
        try:
            return quota.take("a", day="2025-06-01", per_caller=3, per_day=99)
        except Conflict:
            return False

    with ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(take, range(12)))

    assert taken <= 3
    rest = [quota.take("a", day="2025-06-01", per_caller=3, per_day=99) for _ in range(4)]
    assert taken + sum(rest) == 3


def test_reading_is_one_get_item(dynamo_table: HotTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """A summary costs one request of the kind that costs least, found or not."""
    store = DynamoSummaryStore(dynamo_table)
    store.put_if_newer(summary())
    asked: list[str] = []
    send: Any = vars(BaseClient)["_make_api_call"]

    def recorded(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        asked.append(operation)
        return send(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    store.get(WALLET)
    store.get(Address("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"))

    assert asked == ["GetItem", "GetItem"]


def test_a_table_that_is_not_there_is_a_store_that_does_not_answer(dynamo_table: HotTable) -> None:
    """Vendor exceptions end in the adapter."""
    dynamo_table.summaries.Meta.table_name = "no-such-table"
    dynamo_table.summaries._connection = None

    with pytest.raises(StoreUnavailable):
        DynamoSummaryStore(dynamo_table).get(WALLET)
