"""Daily results read from the facts in memory."""

from collections import defaultdict

from oof.domain.positions.days import DayFigures
from oof.domain.tokens import QUOTES
from oof.domain.units import Address
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import positions_head
from oof.ports.pnl_days import PnlDay, PnlDays


class MemoryPnlReader:
    """A `PnlReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def days(self, wallet: Address) -> PnlDays | None:
        """See `PnlReader.days`."""
        tables = self._facts.tables
        tracked = tables.tracked.get(wallet)
        if tracked is None:
            return None
        whole: dict[int, DayFigures] = defaultdict(DayFigures)
        for (owner, mint, day), row in tables.position_days.items():
            if owner == tracked.wallet_id and mint not in QUOTES:
                whole[day].add(row.figures)
        days = tuple(PnlDay(day, figures) for day, figures in sorted(whole.items()))
        return PnlDays(positions_head(tables, wallet), days)
