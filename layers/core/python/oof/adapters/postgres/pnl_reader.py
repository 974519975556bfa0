"""Results by day and altogether from Postgres."""

from typing import Any, Final

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.position_reader import positions_head
from oof.adapters.postgres.rollup_statements import SPAN_CODES
from oof.adapters.postgres.worth_reads import held_of
from oof.domain.positions.days import FIGURES, DayFigures, figures_of_row
from oof.domain.rollups.metrics import DayResult
from oof.domain.units import Address, UnixSeconds
from oof.domain.windows import AskedDays, DaySpan, window_days
from oof.ports.pnl_days import PnlDay, PnlDays, PnlTotals

# The primary key, within the span alone.
_DAYS: Final = f"""
SELECT day, {", ".join(FIGURES)} FROM wallet_days
WHERE wallet_id = %s AND day BETWEEN %s AND %s ORDER BY day
"""  # noqa: S608 - names of our own columns
_CURVE: Final = """
    coalesce(array_agg(d.day ORDER BY d.day) FILTER (WHERE d.day IS NOT NULL), '{}'),
    coalesce(array_agg(d.realized_usd ORDER BY d.day) FILTER (WHERE d.day IS NOT NULL), '{}'),
    coalesce(array_agg(d.wins + d.losses ORDER BY d.day) FILTER (WHERE d.day IS NOT NULL), '{}')
"""
_VALUING: Final = """
EXISTS (SELECT FROM valuation_due v WHERE v.wallet_id = %(wallet_id)s)
"""
# By primary keys; a window has the days that it was summed for.
_OF_WINDOW: Final = f"""
SELECT w.to_day, {_VALUING}, {_CURVE}, {", ".join(f"w.{name}" for name in FIGURES)}
FROM (SELECT) AS one
LEFT JOIN wallet_windows w ON w.wallet_id = %(wallet_id)s AND w.days = %(days)s
LEFT JOIN wallet_days d ON d.wallet_id = w.wallet_id AND d.day <= w.to_day
    AND d.day >= CASE WHEN w.days = 0 THEN -1 ELSE greatest(w.to_day - w.days + 1, 0) END
GROUP BY w.wallet_id, w.days
"""  # noqa: S608 - parts of our own
_OF_DAYS: Final = f"""
SELECT %(last)s, {_VALUING}, {_CURVE},
    {", ".join(f"coalesce(sum(d.{name}), 0)" for name in FIGURES)}
FROM wallet_days d
WHERE d.wallet_id = %(wallet_id)s AND d.day BETWEEN %(first)s AND %(last)s
"""  # noqa: S608 - parts of our own


class PostgresPnlReader:
    """A `PnlReader` over the stored rollups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, wallet: Address, span: DaySpan) -> PnlDays | None:
        """See `PnlReader.days`."""
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            rows = cursor.execute(_DAYS, (wallet_id, span.lowest, span.last)).fetchall()
        return PnlDays(head, tuple(PnlDay(day, _figures(sums)) for day, *sums in rows))

    def totals(self, wallet: Address, asked: AskedDays, *, at: UnixSeconds) -> PnlTotals | None:
        """See `PnlReader.totals`."""
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            last, is_valuing, days, usd, results, *sums = _totals(cursor, wallet_id, asked)
            held = held_of(cursor, wallet, at=at)
        curve = (DayResult(*each) for each in zip(days, usd, results, strict=True))
        return PnlTotals(
            head,
            asked.span if asked.window is None or last is None else window_days(asked.window, last),
            DayFigures() if last is None else _figures(sums),
            tuple(curve),
            held,
            is_valuing=is_valuing,
        )


def _totals(cursor: Cursor, wallet_id: int, asked: AskedDays) -> tuple[Any, ...]:
    """Return one row; its first column is None where nothing was summed of a wallet yet."""
    span, days = asked.span, 0 if asked.window is None else SPAN_CODES[asked.window]
    keys = {"wallet_id": wallet_id, "days": days, "first": span.lowest, "last": span.last}
    statement = _OF_DAYS if asked.window is None else _OF_WINDOW
    [row] = cursor.execute(statement, keys).fetchall()
    return row


def _figures(sums: list[Any]) -> DayFigures:
    return figures_of_row(dict(zip(FIGURES, sums, strict=True)))
