"""Daily results from Postgres."""

from typing import Final

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.position_reader import positions_head
from oof.adapters.postgres.rows import address_bytes
from oof.domain.positions.days import FIGURES, figures_of_row
from oof.domain.tokens import QUOTES
from oof.domain.units import Address
from oof.ports.pnl_days import PnlDay, PnlDays

# position_days_day, the wallet's rows alone.
_DAYS: Final = f"""
SELECT d.day, {", ".join(f"sum(d.{name})" for name in FIGURES)}
FROM position_days d JOIN mints m USING (mint_id)
WHERE d.wallet_id = %s AND m.address <> ALL(%s) GROUP BY d.day ORDER BY d.day
"""  # noqa: S608 - names of our own columns


class PostgresPnlReader:
    """A `PnlReader` over the stored days of positions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, wallet: Address) -> PnlDays | None:
        """See `PnlReader.days`."""
        quotes = [address_bytes(Address(mint)) for mint in sorted(QUOTES)]
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            rows = cursor.execute(_DAYS, (wallet_id, quotes)).fetchall()
        days = (
            PnlDay(day, figures_of_row(dict(zip(FIGURES, sums, strict=True))))
            for day, *sums in rows
        )
        return PnlDays(head, tuple(days))
