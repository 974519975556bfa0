"""Surrogate ids of addresses: looked up, or given out on first sight.

Ids come from an anti-join (`ON CONFLICT` alone would burn a sequence value per conflict), inserts
are sorted by key, and each table is written once a transaction, in one fixed order: so concurrent
stores wait for each other, and never in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes
from oof.domain.errors import Conflict

_WALLETS = """
WITH wanted AS (SELECT unnest(%(addresses)s::bytea[]) AS address),
added AS (
    INSERT INTO wallets (address)
    SELECT address FROM wanted
    WHERE NOT EXISTS (SELECT FROM wallets WHERE wallets.address = wanted.address)
    ORDER BY address ON CONFLICT DO NOTHING RETURNING wallet_id, address
)
SELECT address, wallet_id FROM added
UNION ALL SELECT address, wallet_id FROM wallets JOIN wanted USING (address)
"""

_MINTS = """
WITH wanted AS (
    SELECT * FROM unnest(%(addresses)s::bytea[], %(decimals)s::int2[]) AS t (address, decimals)
),
added AS (
    INSERT INTO mints (address, decimals)
    SELECT address, decimals FROM wanted
    WHERE NOT EXISTS (SELECT FROM mints WHERE mints.address = wanted.address)
    ORDER BY address ON CONFLICT DO NOTHING RETURNING mint_id, address
)
SELECT address, mint_id, false FROM added
UNION ALL
SELECT address, mint_id, mints.decimals IS NULL AND wanted.decimals IS NOT NULL
FROM mints JOIN wanted USING (address)
"""

_LEARN_DECIMALS = """
WITH wanted AS (
    SELECT * FROM unnest(%(addresses)s::bytea[], %(decimals)s::int2[]) AS t (address, decimals)
),
locked AS (
    SELECT mint_id, wanted.decimals FROM mints JOIN wanted USING (address)
    WHERE mints.decimals IS NULL AND wanted.decimals IS NOT NULL
    ORDER BY mint_id FOR UPDATE OF mints
)
UPDATE mints SET decimals = locked.decimals FROM locked WHERE mints.mint_id = locked.mint_id
"""

_ACCOUNTS = """
WITH wanted AS (
    SELECT * FROM unnest(%(owners)s::int4[], %(mints)s::int4[], %(addresses)s::bytea[])
    AS t (owner_id, mint_id, address)
),
added AS (
    INSERT INTO token_accounts (owner_id, mint_id, address)
    SELECT owner_id, mint_id, address FROM wanted
    WHERE NOT EXISTS (
        SELECT FROM token_accounts a WHERE a.owner_id = wanted.owner_id
        AND a.mint_id = wanted.mint_id AND a.address = wanted.address
    )
    ORDER BY owner_id, mint_id, address
    ON CONFLICT DO NOTHING RETURNING owner_id, mint_id, address, account_id
)
SELECT owner_id, mint_id, address, account_id FROM added
UNION ALL
SELECT owner_id, mint_id, address, account_id
FROM token_accounts JOIN wanted USING (owner_id, mint_id, address)
"""

type AccountKey = tuple[int, int, bytes]
"""Owner id, mint id, address."""


def wallet_ids(cursor: Cursor, addresses: Collection[str]) -> dict[str, int]:
    """Return the id of every address, giving out new ones."""
    keys = {address_bytes(address): address for address in addresses}
    rows = _resolve(cursor, _WALLETS, {"addresses": sorted(keys)}, len(keys))
    return {keys[bytes(row[0])]: row[1] for row in rows}


def mint_ids(cursor: Cursor, decimals: Mapping[str, int | None]) -> dict[str, int]:
    """Return the id of every mint, giving out new ones and learning decimals not known before."""
    keys = {address_bytes(mint): mint for mint in decimals}
    ordered = sorted(keys)
    parameters = {"addresses": ordered, "decimals": [decimals[keys[key]] for key in ordered]}
    rows = _resolve(cursor, _MINTS, parameters, len(keys))
    if any(row[2] for row in rows):
        cursor.execute(_LEARN_DECIMALS, parameters)
    return {keys[bytes(row[0])]: row[1] for row in rows}


def account_ids(cursor: Cursor, keys: Collection[AccountKey]) -> dict[AccountKey, int]:
    """Return the id of every account, giving out new ones."""
    ordered = sorted(keys)
    parameters = {
        "owners": [key[0] for key in ordered],
        "mints": [key[1] for key in ordered],
        "addresses": [key[2] for key in ordered],
    }
    rows = _resolve(cursor, _ACCOUNTS, parameters, len(ordered))
    return {(row[0], row[1], bytes(row[2])): row[3] for row in rows}


def _resolve(
    cursor: Cursor, statement: str, parameters: Mapping[str, Any], expected: int
) -> Sequence[tuple[Any, ...]]:
    if not expected:
        return []
    rows = cursor.execute(statement, parameters).fetchall()
    if len(rows) < expected:
        # Somebody else was inserting the same keys; we waited, and now they are there to see.
        rows = cursor.execute(statement, parameters).fetchall()
    if len(rows) < expected:
        raise Conflict("identities appeared and vanished again")
    return rows
