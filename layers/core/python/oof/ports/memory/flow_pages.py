"""Whom wallets dealt with, read from the facts in memory."""

from collections import Counter, defaultdict

from oof.domain.snapshot.transfers import Direction, FlowKey, FlowSum
from oof.domain.units import Address, Mint
from oof.domain.windows import NO_DAY, DaySpan
from oof.ports.flow_pages import (
    MAX_MINTS,
    FlowFilter,
    FlowPage,
    FlowPageKey,
    FlowRecord,
    MintFlow,
)
from oof.ports.memory.activity_days import activity_totals
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import positions_head

type _Flow = tuple[FlowKey, FlowSum]


class MemoryFlowReader:
    """A `FlowReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def page(
        self,
        wallet: Address,
        span: DaySpan,
        wanted: FlowFilter,
        *,
        after: FlowPageKey | None,
        limit: int,
    ) -> FlowPage | None:
        """See `FlowReader.page`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        flows: dict[Address | None, list[_Flow]] = defaultdict(list)
        for (owner, key), total in tables.flows.items():
            if owner == row.wallet_id and key.direction in wanted.directions and span.has(key.day):
                flows[key.counterparty].append((key, total))
        records = (_record(tables, other, found) for other, found in flows.items())
        ordered = sorted(records, key=lambda each: each.key, reverse=True)
        left = [each for each in ordered if after is None or each.key < after]
        return FlowPage(
            positions_head(tables, wallet).wallet,
            activity_totals(tables, row.wallet_id, span),
            tuple(left[:limit]),
            left[limit - 1].key if len(left) > limit else None,
        )


def _record(tables: Tables, other: Address | None, found: list[_Flow]) -> FlowRecord:
    times: Counter[tuple[Mint, Direction]] = Counter()
    raws: Counter[tuple[Mint, Direction]] = Counter()
    for key, (transfers, raw) in found:
        way = Direction.OUT if key.direction is Direction.OUT else Direction.IN
        times[key.mint, way] += transfers
        raws[key.mint, way] += raw
    met = {mint: place for place, mint in enumerate(tables.decimals)}
    mints = [
        MintFlow(
            mint,
            tables.decimals.get(mint),
            times[mint, Direction.IN],
            raws[mint, Direction.IN],
            times[mint, Direction.OUT],
            raws[mint, Direction.OUT],
            tables.symbol(mint),
        )
        for mint in {key.mint for key, _ in found}
    ]
    mints.sort(key=lambda m: (-m.in_transfers - m.out_transfers, met.get(m.mint, len(met))))
    days = [key.day for key, _ in found]
    dated = [day for day in days if day != NO_DAY]
    return FlowRecord(
        key=FlowPageKey(max(days), other or ""),
        counterparty=other,
        first_day=min(dated, default=None),
        last_day=max(dated, default=None),
        in_transfers=sum(each.in_transfers for each in mints),
        out_transfers=sum(each.out_transfers for each in mints),
        mints=mints[:MAX_MINTS],
        mints_count=len(mints),
    )
