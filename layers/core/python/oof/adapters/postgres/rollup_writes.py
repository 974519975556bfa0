"""Rollups of days in Postgres, under the wallet's row lock: four statements a turn."""

from collections.abc import Collection
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.positions.days import FIGURES, MONEY
from oof.domain.rollups.windows import aged_days
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint
from oof.domain.windows import DAYS, Window, window_days

_TYPES: Final = dict.fromkeys((*MONEY, "realized_lamports"), "numeric")
_NAMES: Final = ", ".join(FIGURES)
_SUMS: Final = ", ".join(f"sum(d.{name})::{_TYPES.get(name, 'int4')} AS {name}" for name in FIGURES)
_NEW: Final = ", ".join(f"{name} = excluded.{name}" for name in FIGURES)
SPAN_CODES: Final = {window: DAYS[window] or 0 for window in Window}
"""What windows are stored under: how many days they have, 0 for all."""

_AT: Final = """
SELECT to_day FROM wallet_windows WHERE wallet_id = %s AND days = 0
"""
_HIDDEN: Final = """
hidden AS MATERIALIZED (SELECT mint_id FROM mints WHERE address = ANY(%(hidden)s))
"""
# By position_days_day and the primary key.
_DAYS: Final = f"""
WITH {_HIDDEN}, fresh AS (
    SELECT d.day, {_SUMS} FROM position_days d
    WHERE d.wallet_id = %(wallet_id)s AND d.day = ANY(%(day)s)
        AND d.mint_id <> ALL(ARRAY(SELECT mint_id FROM hidden))
    GROUP BY d.day
), gone AS (
    DELETE FROM wallet_days w WHERE w.wallet_id = %(wallet_id)s AND w.day = ANY(%(day)s)
        AND NOT EXISTS (SELECT FROM fresh f WHERE f.day = w.day)
)
INSERT INTO wallet_days AS w (wallet_id, day, {_NAMES})
SELECT %(wallet_id)s, day, {_NAMES} FROM fresh
ON CONFLICT (wallet_id, day) DO UPDATE SET {_NEW}
"""  # noqa: S608 - names of our own columns
# By the primary keys; what time alone moved by position_days_day.
_TOKENS: Final = f"""
WITH {_HIDDEN}, spans AS (
    SELECT * FROM unnest(%(days)s::int2[], %(lowest)s::int4[]) AS s (days, lowest)
), touched AS (
    SELECT mint_id FROM mints WHERE address = ANY(%(mint)s)
    UNION
    SELECT d.mint_id FROM unnest(%(aged_from)s::int4[], %(aged_to)s::int4[]) AS a (first, last)
    JOIN position_days d ON d.wallet_id = %(wallet_id)s AND d.day BETWEEN a.first AND a.last
    EXCEPT
    SELECT mint_id FROM hidden
), fresh AS (
    SELECT s.days, d.mint_id, min(d.first_slot) AS first_slot, max(d.last_slot) AS last_slot,
        min(d.first_at) AS first_at, max(d.last_at) AS last_at, {_SUMS}
    FROM touched t JOIN position_days d ON d.wallet_id = %(wallet_id)s AND d.mint_id = t.mint_id
    JOIN spans s ON d.day >= s.lowest AND d.day <= %(today)s
    GROUP BY s.days, d.mint_id
), gone AS (
    DELETE FROM token_windows w USING touched t, spans s
    WHERE w.wallet_id = %(wallet_id)s AND w.days = s.days AND w.mint_id = t.mint_id
        AND NOT EXISTS (SELECT FROM fresh f WHERE f.days = w.days AND f.mint_id = w.mint_id)
)
INSERT INTO token_windows AS w
    (wallet_id, days, mint_id, first_slot, last_slot, first_at, last_at, roi, {_NAMES})
SELECT %(wallet_id)s, days, mint_id, first_slot, last_slot, first_at, last_at,
    CASE WHEN cost_usd > 0 THEN
        div(realized_usd * 2000000 + sign(realized_usd) * cost_usd, 2 * cost_usd) * 0.000001
    END, {_NAMES}
FROM fresh
ON CONFLICT (wallet_id, days, mint_id) DO UPDATE SET first_slot = excluded.first_slot,
    last_slot = excluded.last_slot, first_at = excluded.first_at, last_at = excluded.last_at,
    roi = excluded.roi, {_NEW}
"""  # noqa: S608 - names of our own columns
# By the primary keys.
_WALLET: Final = f"""
INSERT INTO wallet_windows AS w (wallet_id, days, to_day, turns, {_NAMES})
SELECT %(wallet_id)s, s.days, %(today)s, %(turns)s,
    {", ".join(f"coalesce(sum(d.{name}), 0)" for name in FIGURES)}
FROM unnest(%(days)s::int2[], %(lowest)s::int4[]) AS s (days, lowest)
LEFT JOIN wallet_days d
    ON d.wallet_id = %(wallet_id)s AND d.day >= s.lowest AND d.day <= %(today)s
GROUP BY s.days
ON CONFLICT (wallet_id, days) DO UPDATE SET to_day = excluded.to_day,
    turns = w.turns + excluded.turns, {_NEW}
"""  # noqa: S608 - names of our own columns
# By wallet_windows_behind.
_BEHIND: Final = """
SELECT a.address FROM wallet_windows w
JOIN tracked_wallets t USING (wallet_id) JOIN wallets a USING (wallet_id)
WHERE w.days = 0 AND w.to_day < %s ORDER BY w.to_day, w.wallet_id LIMIT %s
"""


class RollupWrites:
    """The side of a transaction that keeps rollups."""

    _cursor: Cursor

    def roll(
        self, wallet_id: int, *, mints: Collection[Mint], days: Collection[int], today: int
    ) -> None:
        """See `RollupTransaction.roll`."""
        known = self._cursor.execute(_AT, (wallet_id,)).fetchone()
        last = today if known is None else max(today, known[0])
        aged = () if known is None else aged_days(known[0], last)
        spans = {window: window_days(window, last) for window in Window}
        keys: dict[str, Any] = {
            "wallet_id": wallet_id,
            "hidden": [address_bytes(Address(mint)) for mint in sorted(QUOTES)],
            "mint": [address_bytes(Address(mint)) for mint in mints],
            "day": list(days),
            "days": [SPAN_CODES[window] for window in spans],
            "lowest": [span.lowest for span in spans.values()],
            "today": last,
            "turns": int(bool(mints)),
            "aged_from": [span.first for span in aged],
            "aged_to": [span.last for span in aged],
        }
        if days:
            self._cursor.execute(_DAYS, keys)
        if mints or aged:
            self._cursor.execute(_TOKENS, keys)
        self._cursor.execute(_WALLET, keys)


def wallets_behind(cursor: Cursor, *, today: int, limit: int) -> tuple[Address, ...]:
    """See `RollupReads.wallets_behind`."""
    rows = cursor.execute(_BEHIND, (today, limit)).fetchall()
    return tuple(address_of(row[0]) for row in rows)
