"""What wallets did by day, from Postgres."""

from typing import Final

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.position_reader import positions_head
from oof.domain.units import Address
from oof.domain.windows import DaySpan
from oof.ports.activity_days import ActivityTotals

# A stretch of the primary key.
TOTALS: Final = """
SELECT name, sum(value) FROM wallet_activity_days
WHERE wallet_id = %s AND day BETWEEN %s AND %s GROUP BY name ORDER BY name
"""


class PostgresActivityReader:
    """An `ActivityReader` over the stored days."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def totals(self, wallet: Address, span: DaySpan) -> ActivityTotals | None:
        """See `ActivityReader.totals`."""
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            return ActivityTotals(head.wallet, activity_totals(cursor, wallet_id, span))


def activity_totals(cursor: Cursor, wallet_id: int, span: DaySpan) -> dict[str, int]:
    """Return the sums of a wallet's counters over the days of a span, by name. One round trip."""
    rows = cursor.execute(TOTALS, (wallet_id, span.lowest, span.last)).fetchall()
    return {name: int(value) for name, value in rows}
