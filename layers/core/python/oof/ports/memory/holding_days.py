"""What wallets held by day, read from the facts in memory."""

from collections import defaultdict

from oof.domain.positions.held_values import HeldSpan
from oof.domain.positions.holding_days import OPEN_END, HoldingDay
from oof.domain.prices.book import Span
from oof.domain.prices.candles import DAY_S
from oof.domain.prices.series import Priced
from oof.domain.snapshot.activity import TX
from oof.domain.units import Address, Mint, UnixSeconds
from oof.domain.windows import NO_DAY, DaySpan
from oof.ports.holding_days import MAX_SPANS, HoldingDaysPage
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_valuation import looked_up
from oof.ports.memory.position_pages import positions_head


class MemoryHoldingDaysReader:
    """A `HoldingDaysReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def page(self, wallet: Address, span: DaySpan) -> HoldingDaysPage | None:
        """See `HoldingDaysReader.page`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        spans = _spans(tables, row.wallet_id, span)
        closes = {
            (held.mint, day): price
            for held in spans
            for day in range(held.first, held.last + 1)
            if (price := _close(tables, held.mint, day)) is not None
        }
        return HoldingDaysPage(
            head=positions_head(tables, wallet),
            oldest_time=row.span.oldest_time,
            undated=tables.activity.get((row.wallet_id, NO_DAY, TX), 0),
            spans=tuple(spans[:MAX_SPANS]),
            closes=closes,
            is_cut=len(spans) > MAX_SPANS,
        )


def _spans(tables: Tables, wallet_id: int, span: DaySpan) -> list[HeldSpan]:
    rows: dict[Mint, list[HoldingDay]] = defaultdict(list)
    for (owner, mint, day), row in tables.holding_days.items():
        if owner == wallet_id and day != NO_DAY:
            rows[mint].append(row)
    found: list[HeldSpan] = []
    for mint, days in sorted(rows.items()):
        days.sort(key=lambda row: row.day)
        ends = [*(row.day for row in days[1:]), OPEN_END]
        for row, end in zip(days, ends, strict=True):
            first, last = max(row.day, span.lowest), min(end - 1, span.last)
            if row.held_raw and first <= last:
                decimals, symbol = tables.decimals.get(mint), tables.symbol(mint)
                found.append(HeldSpan(mint, decimals, row.held_raw, first, last, symbol))
    return found


def _close(tables: Tables, mint: Mint, day: int) -> Priced | None:
    span = Span(mint, UnixSeconds(day * DAY_S), UnixSeconds((day + 1) * DAY_S))
    return looked_up(tables, [span]).latest_in(*span)
