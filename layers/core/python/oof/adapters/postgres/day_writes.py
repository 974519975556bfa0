"""A wallet's activity and transfers by day, advanced with its ledger."""

from typing import Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes
from oof.domain.snapshot.fold import FoldPlan
from oof.domain.units import Address

NOBODY_KNOWN: Final = 0
"""Stands for a counterparty that nobody knows; ids begin at 1."""

_ACTIVITY: Final = """
INSERT INTO wallet_activity_days AS a (wallet_id, day, name, value)
SELECT %(wallet_id)s, i.* FROM unnest(%(day)s::int4[], %(name)s::text[], %(value)s::numeric[])
    AS i (day, name, value)
ON CONFLICT (wallet_id, day, name) DO UPDATE SET value = a.value + excluded.value
"""
_DROP_ACTIVITY: Final = """
DELETE FROM wallet_activity_days AS a
USING unnest(%(day)s::int4[], %(name)s::text[]) AS i (day, name)
WHERE a.wallet_id = %(wallet_id)s AND a.day = i.day AND a.name = i.name AND a.value = 0
"""
_FLOWS: Final = f"""
INSERT INTO wallet_flow_days AS f
    (wallet_id, counterparty_id, day, mint_id, direction, transfers, raw)
SELECT %(wallet_id)s, coalesce(c.wallet_id, {NOBODY_KNOWN}), i.day, m.mint_id, i.direction,
    i.transfers, i.raw
FROM unnest(%(counterparty)s::bytea[], %(day)s::int4[], %(mint)s::bytea[], %(direction)s::int2[],
    %(transfers)s::int4[], %(raw)s::numeric[])
    AS i (counterparty, day, mint, direction, transfers, raw)
JOIN mints m ON m.address = i.mint LEFT JOIN wallets c ON c.address = i.counterparty
ON CONFLICT (wallet_id, counterparty_id, day, mint_id, direction) DO UPDATE SET
    transfers = f.transfers + excluded.transfers, raw = f.raw + excluded.raw
"""  # noqa: S608 - a number of our own
_DROP_FLOWS: Final = f"""
DELETE FROM wallet_flow_days AS f
USING unnest(%(counterparty)s::bytea[], %(day)s::int4[]) AS i (counterparty, day)
LEFT JOIN wallets c ON c.address = i.counterparty
WHERE f.wallet_id = %(wallet_id)s AND f.counterparty_id = coalesce(c.wallet_id, {NOBODY_KNOWN})
    AND f.day = i.day AND f.transfers = 0
"""  # noqa: S608 - a number of our own
CLEAR: Final = (
    "DELETE FROM wallet_activity_days WHERE wallet_id = %s",
    "DELETE FROM wallet_flow_days WHERE wallet_id = %s",
)


def save_days(cursor: Cursor, wallet_id: int, plan: FoldPlan) -> None:
    """Add what changed; a row of which nothing is left goes."""
    _save_activity(cursor, wallet_id, plan)
    _save_flows(cursor, wallet_id, plan)


def _save_activity(cursor: Cursor, wallet_id: int, plan: FoldPlan) -> None:
    changes = sorted((key, change) for key, change in plan.activity.items() if change)
    if not changes:
        return
    columns = {
        "wallet_id": wallet_id,
        "day": [day for (day, _), _ in changes],
        "name": [name for (_, name), _ in changes],
        "value": [str(change) for _, change in changes],
    }
    cursor.execute(_ACTIVITY, columns)
    if any(change < 0 for _, change in changes):
        cursor.execute(_DROP_ACTIVITY, columns)


def _save_flows(cursor: Cursor, wallet_id: int, plan: FoldPlan) -> None:
    changes = list(plan.flows.changes())
    if not changes:
        return
    others = [key.counterparty for key, _ in changes]
    columns = {
        "wallet_id": wallet_id,
        "counterparty": [None if other is None else address_bytes(other) for other in others],
        "day": [key.day for key, _ in changes],
        "mint": [address_bytes(Address(key.mint)) for key, _ in changes],
        "direction": [key.direction.value for key, _ in changes],
        "transfers": [change.transfers for _, change in changes],
        "raw": [str(change.raw) for _, change in changes],
    }
    cursor.execute(_FLOWS, columns)
    if any(change.transfers < 0 for _, change in changes):
        cursor.execute(_DROP_FLOWS, columns)
