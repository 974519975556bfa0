"""How wallets stand, from Postgres."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.freshness import Standing
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Slot, UnixSeconds

# By wallets' unique address, then primary keys alone; of what is pending or due one row is enough.
# OFFSET and LIMIT keep the planner from reading whole tables for some hundred wallets.
STANDINGS: Final = """
SELECT w.address, t.state, t.blocked_code IS NOT NULL, t.newest_slot,
    extract(epoch FROM t.tail_checked_at)::int8,
    (SELECT true FROM pending q WHERE q.wallet_id = t.wallet_id LIMIT 1) IS NOT NULL,
    coalesce(h.stale_from IS NOT NULL, false),
    (SELECT true FROM valuation_due d WHERE d.wallet_id = t.wallet_id LIMIT 1) IS NOT NULL,
    NOT t.coverage_complete
FROM wallets w
CROSS JOIN LATERAL (SELECT * FROM tracked_wallets WHERE wallet_id = w.wallet_id OFFSET 0) t
LEFT JOIN LATERAL (SELECT * FROM position_heads WHERE wallet_id = w.wallet_id OFFSET 0) h ON true
WHERE w.address = ANY(%s)
"""


class PostgresStatusReader:
    """A `StatusReader` over the tracked wallets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standings(self, wallets: Sequence[Address]) -> Mapping[Address, Standing]:
        """See `StatusReader.standings`."""
        asked = [address_bytes(wallet) for wallet in wallets]
        with self._database.transaction() as cursor:
            rows = cursor.execute(STANDINGS, (asked,)).fetchall()
        return {address_of(row[0]): _standing(row[1:]) for row in rows}


def _standing(row: Sequence[Any]) -> Standing:
    state, is_blocked, newest_slot, checked_at, *told = row
    return Standing(
        WalletState.BLOCKED if is_blocked else WalletState(state),
        None if newest_slot is None else Slot(newest_slot),
        None if checked_at is None else UnixSeconds(checked_at),
        *told,
    )
