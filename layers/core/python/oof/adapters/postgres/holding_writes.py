"""What a wallet held by day, written and taken back with its positions."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes
from oof.domain.positions.holding_days import OPEN_END, HoldingDay
from oof.domain.units import Address
from oof.domain.windows import NO_DAY

# Each row ends where the next one begins, be it of this batch or stored before; so does the stored
# one before it. By the primary key, a few probes a row.
KEEP: Final = f"""
ended AS (
    UPDATE holding_days AS h SET until_day = t.day
    FROM told t CROSS JOIN LATERAL (
        SELECT p.day FROM holding_days p
        WHERE p.wallet_id = %(wallet_id)s AND p.mint_id = t.mint_id AND p.day < t.day
        ORDER BY p.day DESC LIMIT 1
    ) AS before
    WHERE h.wallet_id = %(wallet_id)s AND h.mint_id = t.mint_id AND h.day = before.day
        AND before.day > coalesce(t.previous, {NO_DAY}) AND t.day > {NO_DAY}
)
INSERT INTO holding_days (wallet_id, mint_id, day, until_day, slot, held_raw)
SELECT %(wallet_id)s, t.mint_id, t.day, CASE WHEN t.day = {NO_DAY} THEN {OPEN_END} ELSE least(
        t.following, {OPEN_END}, (
            SELECT n.day FROM holding_days n
            WHERE n.wallet_id = %(wallet_id)s AND n.mint_id = t.mint_id AND n.day > t.day
            ORDER BY n.day LIMIT 1
        )
    ) END, t.slot, t.held_raw
FROM told t
ON CONFLICT (wallet_id, mint_id, day) DO UPDATE SET
    until_day = excluded.until_day, slot = excluded.slot, held_raw = excluded.held_raw
"""  # noqa: S608 - numbers of our own
_WRITE: Final = f"""
WITH told AS MATERIALIZED (
    SELECT m.mint_id, i.*
    FROM unnest(%(mint)s::bytea[], %(day)s::int4[], %(previous)s::int4[], %(following)s::int4[],
        %(slot)s::int4[], %(held)s::numeric[])
        AS i (mint, day, previous, following, slot, held_raw)
    JOIN mints m ON m.address = i.mint
),
{KEEP}
"""  # noqa: S608 - a part of our own
# Of positions that are put back as they were: the day on which each changed last.
PUT_BACK: Final = f"""
told AS MATERIALIZED (
    SELECT mint_id, coalesce((last_at / 86400)::int4, {NO_DAY}) AS day, NULL::int4 AS previous,
        NULL::int4 AS following, last_slot AS slot, greatest(
            (figures->>'held_raw')::numeric - (figures->>'short_raw')::numeric, 0
        ) AS held_raw
    FROM restored
),
{KEEP}
"""  # noqa: S608 - a part of our own
# Of positions that are gone: what came after a slot; what was before it holds on.
TAKE_BACK: Final = f"""
ended AS (
    DELETE FROM holding_days AS h USING changed c
    WHERE h.wallet_id = %(wallet_id)s AND h.mint_id = c.mint_id AND h.slot > %(slot)s
    RETURNING h.mint_id, h.day
),
reopened AS (
    UPDATE holding_days AS h SET until_day = {OPEN_END} FROM ended e
    WHERE h.wallet_id = %(wallet_id)s AND h.mint_id = e.mint_id AND h.until_day = e.day
        AND h.slot <= %(slot)s
)
"""  # noqa: S608 - a number of our own


def write_holdings(cursor: Cursor, wallet_id: int, rows: Sequence[HoldingDay]) -> None:
    """Write rows, which come by mint and day."""
    if not rows:
        return
    previous: list[int | None] = []
    following: list[int | None] = []
    for _, group in groupby(rows, key=lambda row: row.mint):
        days = [row.day for row in group]
        previous += [None, *days[:-1]]
        following += [*days[1:], None]
    columns: dict[str, Any] = {
        "wallet_id": wallet_id,
        "mint": [address_bytes(Address(row.mint)) for row in rows],
        "day": [row.day for row in rows],
        "previous": previous,
        "following": following,
        "slot": [row.slot for row in rows],
        "held": [str(row.held_raw) for row in rows],
    }
    cursor.execute(_WRITE, columns)
