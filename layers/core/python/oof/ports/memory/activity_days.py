"""What wallets did by day, read from the facts in memory."""

from collections import Counter

from oof.domain.units import Address
from oof.domain.windows import DaySpan
from oof.ports.activity_days import ActivityTotals
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import positions_head


class MemoryActivityReader:
    """An `ActivityReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def totals(self, wallet: Address, span: DaySpan) -> ActivityTotals | None:
        """See `ActivityReader.totals`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        head = positions_head(tables, wallet).wallet
        return ActivityTotals(head, activity_totals(tables, row.wallet_id, span))


def activity_totals(tables: Tables, wallet_id: int, span: DaySpan) -> dict[str, int]:
    """Return the sums of a wallet's counters over the days of a span, by name."""
    found: Counter[str] = Counter()
    for (owner, day, name), value in tables.activity.items():
        if owner == wallet_id and span.has(day):
            found[name] += value
    return dict(sorted(found.items()))
