"""What is stored by day of activity, transfers and holdings, alike from memory and from Postgres.

Of Postgres also that every row of holdings ends where the next one begins.
"""

from typing import Any

import psycopg

from oof.adapters.postgres.rows import address_of
from oof.domain.positions.holding_days import OPEN_END
from oof.domain.windows import NO_DAY
from oof.ports.memory.fact_tables import Tables

type Days = dict[str, dict[str, list[list[Any]]]]
"""By part and wallet."""

_ACTIVITY = """
SELECT w.address, a.day, a.name, a.value
FROM wallet_activity_days a JOIN wallets w USING (wallet_id)
"""
_FLOWS = """
SELECT w.address, f.day, c.address, m.address, f.direction, f.transfers, f.raw
FROM wallet_flow_days f JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
LEFT JOIN wallets c ON c.wallet_id = f.counterparty_id
"""
_HOLDINGS = """
SELECT w.address, m.address, h.day, h.slot, h.held_raw, h.until_day, lead(h.day) OVER (
    PARTITION BY h.wallet_id, h.mint_id, h.day = -1 ORDER BY h.day
) FROM holding_days h JOIN wallets w USING (wallet_id) JOIN mints m USING (mint_id)
"""


def memory_days(tables: Tables) -> Days:
    """Return what is stored by day."""
    found = _Days()
    for (wallet_id, day, name), value in tables.activity.items():
        found.add("activity", tables.addresses[wallet_id], [day, name, str(value)])
    for (wallet_id, key), total in tables.flows.items():
        what: list[Any] = [key.day, key.counterparty, key.mint, key.direction.value]
        found.add("flows", tables.addresses[wallet_id], [*what, total.transfers, str(total.raw)])
    for (wallet_id, mint, day), row in tables.holding_days.items():
        held: list[Any] = [mint, day, row.slot, str(row.held_raw)]
        found.add("holdings", tables.addresses[wallet_id], held)
    return found.sorted()


def postgres_days(connection: psycopg.Connection[Any]) -> Days:
    """Return the same of a database. Raises AssertionError where rows of holdings do not join."""
    found = _Days()
    for wallet, day, name, value in connection.execute(_ACTIVITY).fetchall():
        found.add("activity", address_of(wallet), [day, name, str(value)])
    for wallet, day, other, mint, way, *sums in connection.execute(_FLOWS).fetchall():
        whom = None if other is None else address_of(other)
        what = [day, whom, address_of(mint), way, sums[0], str(sums[1])]
        found.add("flows", address_of(wallet), what)
    for wallet, mint, day, slot, held, until, following in connection.execute(_HOLDINGS).fetchall():
        if until != (OPEN_END if following is None or day == NO_DAY else following):
            raise AssertionError(f"{address_of(mint)}: {day} ends {until}, {following} follows")
        what = [address_of(mint), day, slot, str(held)]
        found.add("holdings", address_of(wallet), what)
    return found.sorted()


class _Days:
    def __init__(self) -> None:
        self._parts: Days = {"activity": {}, "flows": {}, "holdings": {}}

    def add(self, part: str, wallet: str, row: list[Any]) -> None:
        """Add one row."""
        self._parts[part].setdefault(wallet, []).append(row)

    def sorted(self) -> Days:
        """Return all rows in one order."""
        return {
            part: {wallet: sorted(rows, key=repr) for wallet, rows in sorted(wallets.items())}
            for part, wallets in self._parts.items()
        }
