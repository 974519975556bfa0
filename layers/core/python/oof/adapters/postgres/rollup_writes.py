"""Rollups of days in Postgres, under the wallet's row lock: four statements a turn."""

from collections.abc import Collection
from typing import Any

from oof.adapters.postgres import rollup_statements as statements
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.rollups.windows import aged_days
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint
from oof.domain.windows import Window, window_days


class RollupWrites:
    """The side of a transaction that keeps rollups."""

    _cursor: Cursor

    def roll(
        self, wallet_id: int, *, mints: Collection[Mint], days: Collection[int], today: int
    ) -> None:
        """See `RollupTransaction.roll`."""
        known = self._cursor.execute(statements.AT, (wallet_id,)).fetchone()
        last = today if known is None else max(today, known[0])
        aged = () if known is None else aged_days(known[0], last)
        spans = {window: window_days(window, last) for window in Window}
        keys: dict[str, Any] = {
            "wallet_id": wallet_id,
            "hidden": hidden_mints(),
            "mint": [address_bytes(Address(mint)) for mint in mints],
            "day": list(days),
            "days": [statements.SPAN_CODES[window] for window in spans],
            "lowest": [span.lowest for span in spans.values()],
            "today": last,
            "turns": int(bool(mints)),
            "aged_from": [span.first for span in aged],
            "aged_to": [span.last for span in aged],
        }
        if days:
            self._cursor.execute(statements.ROLL_DAYS, keys)
        if mints or aged:
            self._cursor.execute(statements.ROLL_TOKENS, keys)
        self._cursor.execute(statements.ROLL_WALLET, keys)


def hidden_mints() -> list[bytes]:
    """What results are told in: in no rollup of a wallet."""
    return [address_bytes(Address(mint)) for mint in sorted(QUOTES)]


def wallets_behind(cursor: Cursor, *, today: int, limit: int) -> tuple[Address, ...]:
    """See `RollupReads.wallets_behind`."""
    rows = cursor.execute(statements.BEHIND, (today, limit)).fetchall()
    return tuple(address_of(row[0]) for row in rows)
