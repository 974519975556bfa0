"""Rollups of days in Postgres, under the wallet's row lock: four statements a turn."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from oof.adapters.postgres import rollup_statements as statements
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.rollups.windows import aged_days
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint
from oof.domain.windows import DaySpan, window_days


class RollupWrites:
    """The side of a transaction that keeps rollups."""

    _cursor: Cursor

    def roll(
        self, wallet_id: int, *, mints: Collection[Mint], days: Collection[int], today: int
    ) -> None:
        """See `RollupTransaction.roll`."""
        asked: dict[str, Any] = {
            "wallet_id": wallet_id,
            "hidden": hidden_mints(),
            "mint": [address_bytes(Address(mint)) for mint in mints],
        }
        [(known, hidden_ids, mint_ids)] = self._cursor.execute(statements.AT, asked).fetchall()
        last = today if known is None else max(today, known)
        keys: dict[str, Any] = {
            **_windows(last),
            "wallet_id": wallet_id,
            "hidden_ids": hidden_ids,
            "mint_ids": mint_ids,
            "day": list(days),
            "turns": int(bool(mints)),
        }
        if known is not None and last > known:
            keys["mint_ids"] = sorted({*mint_ids, *self._aged(keys, aged_days(known, last))})
        if days:
            self._cursor.execute(statements.ROLL_DAYS, keys)
        if keys["mint_ids"]:
            self._cursor.execute(statements.ROLL_TOKENS, keys)
        self._cursor.execute(statements.ROLL_WALLET, keys)

    def _aged(self, keys: Mapping[str, Any], spans: Iterable[DaySpan]) -> list[int]:
        """Return the tokens that time moved into or out of some window."""
        told = list(spans)
        ends = {"first": [span.lowest for span in told], "last": [span.last for span in told]}
        rows = self._cursor.execute(statements.AGED, {**keys, **ends}).fetchall()
        return [mint_id for (mint_id,) in rows]


def _windows(last: int) -> dict[str, Any]:
    """The windows that end with a day, as parameters."""
    return {
        "days": list(statements.SPAN_CODES.values()),
        "lowest": [window_days(window, last).lowest for window in statements.SPAN_CODES],
        "today": last,
    }


def hidden_mints() -> list[bytes]:
    """What results are told in: in no rollup of a wallet."""
    return [address_bytes(Address(mint)) for mint in sorted(QUOTES)]


def wallets_behind(cursor: Cursor, *, today: int, limit: int) -> tuple[Address, ...]:
    """See `RollupReads.wallets_behind`."""
    rows = cursor.execute(statements.BEHIND, (today, limit)).fetchall()
    return tuple(address_of(row[0]) for row in rows)
