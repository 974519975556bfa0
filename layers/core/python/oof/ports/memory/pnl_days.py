"""Results by day and altogether, read from the facts in memory."""

from oof.domain.positions.days import DayFigures
from oof.domain.rollups.metrics import DayResult
from oof.domain.units import Address, UnixSeconds
from oof.domain.windows import AskedDays, DaySpan, window_days
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_valuation import worth_of
from oof.ports.memory.position_pages import positions_head
from oof.ports.pnl_days import PnlDay, PnlDays, PnlTotals


class MemoryPnlReader:
    """A `PnlReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def days(self, wallet: Address, span: DaySpan) -> PnlDays | None:
        """See `PnlReader.days`."""
        tables = self._facts.tables
        tracked = tables.tracked.get(wallet)
        if tracked is None:
            return None
        days = _days(tables, tracked.wallet_id, span)
        return PnlDays(positions_head(tables, wallet), days)

    def totals(self, wallet: Address, asked: AskedDays, *, at: UnixSeconds) -> PnlTotals | None:
        """See `PnlReader.totals`."""
        tables = self._facts.tables
        tracked = tables.tracked.get(wallet)
        if tracked is None:
            return None
        wallet_id, span, figures = tracked.wallet_id, asked.span, DayFigures()
        if asked.window is not None:
            window = tables.wallet_windows.get((wallet_id, asked.window))
            if window is not None:
                span = window_days(asked.window, window.to_day)
                figures.add(window.figures)
        days = _days(tables, wallet_id, span)
        if asked.window is None:
            for each in days:
                figures.add(each.figures)
        return PnlTotals(
            positions_head(tables, wallet),
            span,
            figures,
            tuple(DayResult(day, sums.realized_usd, sums.wins + sums.losses) for day, sums in days),
            worth_of(tables, wallet, at=at).held,
            is_valuing=any(owner == wallet_id for owner, _ in tables.valuation_due),
        )


def _days(tables: Tables, wallet_id: int, span: DaySpan) -> tuple[PnlDay, ...]:
    return tuple(
        PnlDay(day, figures)
        for (owner, day), figures in sorted(tables.wallet_days.items(), key=lambda item: item[0])
        if owner == wallet_id and span.has(day)
    )
