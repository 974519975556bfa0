"""Vectors and neighbours from Postgres; each question is one indexed query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.domain.similarity.codec import decode_vector
from oof.domain.similarity.features import VERSION
from oof.domain.similarity.model import NamedNeighbour, Scores
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Mint, Slot, UnixSeconds
from oof.ports.vectors import (
    FoundNeighbours,
    KeptVector,
    NamedMint,
    Names,
    Neighbourhood,
    NeighbourView,
    StoredVector,
    VectorKey,
)

# By wallets' unique address, then primary keys. What another version left is to be made anew.
VECTORS: Final = """
SELECT w.address, t.state, t.blocked_code IS NOT NULL, t.newest_slot, v.purchases,
    extract(epoch FROM v.computed_at)::int8, v.vector
FROM wallets w JOIN tracked_wallets t USING (wallet_id)
LEFT JOIN wallet_vectors v ON v.wallet_id = t.wallet_id AND v.version = %(version)s
WHERE w.address = ANY(%(wallets)s)
"""
# By primary keys.
NAMES: Final = """
SELECT m.mint_id::int8, m.address, true, m.symbol
FROM mints m WHERE m.mint_id = ANY(%(mints)s::int4[])
UNION ALL
SELECT t.tx_id, t.signature, false, NULL
FROM transactions t WHERE t.tx_id = ANY(%(transactions)s::int8[])
"""
# By wallets' unique address, then primary keys.
NEIGHBOURS: Final = """
SELECT t.state, t.blocked_code IS NOT NULL, t.newest_slot, v.purchases,
    extract(epoch FROM v.computed_at)::int8, v.vector IS NOT NULL,
    n.compared, extract(epoch FROM n.computed_at)::int8, n.scores,
    ARRAY(SELECT o.address FROM unnest(n.neighbour_ids) WITH ORDINALITY AS i (wallet_id, place)
          JOIN wallets o USING (wallet_id) ORDER BY i.place)
FROM wallets w JOIN tracked_wallets t USING (wallet_id)
LEFT JOIN wallet_vectors v ON v.wallet_id = t.wallet_id AND v.version = %(version)s
LEFT JOIN wallet_neighbours n ON n.wallet_id = t.wallet_id
WHERE w.address = %(wallet)s
"""
# wallet_vectors_recent.
PAGE: Final = """
SELECT computed_at, wallet_id, vector FROM wallet_vectors
WHERE version = %(version)s AND vector IS NOT NULL AND (%(at)s::timestamptz IS NULL
    OR computed_at <= %(at)s AND (computed_at < %(at)s OR wallet_id > %(wallet_id)s))
ORDER BY computed_at DESC, wallet_id LIMIT %(limit)s
"""
# A wallet that is gone meanwhile is nobody's neighbour, and has none.
_KEEP: Final = """
INSERT INTO wallet_neighbours AS n (wallet_id, compared, computed_at, neighbour_ids, scores)
SELECT i.wallet_id, %(compared)s, %(at)s, i.neighbours::int4[], i.scores::real[]
FROM unnest(%(wallet_ids)s::int4[], %(neighbours)s::text[], %(scores)s::text[])
    AS i (wallet_id, neighbours, scores)
ON CONFLICT (wallet_id) DO UPDATE SET compared = excluded.compared,
    computed_at = excluded.computed_at, neighbour_ids = excluded.neighbour_ids,
    scores = excluded.scores
"""
_DROP: Final = "DELETE FROM wallet_neighbours WHERE computed_at < %s"
_PARTS: Final = len(Scores._fields)


class PostgresVectorReader:
    """A `VectorReader` over stored vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def vectors(self, wallets: Sequence[Address]) -> Mapping[Address, StoredVector]:
        """See `VectorReader.vectors`."""
        asked = {"version": VERSION, "wallets": [address_bytes(wallet) for wallet in wallets]}
        with self._database.transaction() as cursor:
            rows = cursor.execute(VECTORS, asked, binary=True).fetchall()
        return {
            address_of(address): _stored(
                standing, None if vector is None else decode_vector(bytes(vector))
            )
            for address, *standing, vector in rows
        }

    def names(self, mints: Sequence[int], transactions: Sequence[int]) -> Names:
        """See `VectorReader.names`."""
        asked = {"mints": list(mints), "transactions": list(transactions)}
        with self._database.transaction() as cursor:
            rows = cursor.execute(NAMES, asked).fetchall()
        return Names(
            {
                number: NamedMint(Mint(address_of(name)), symbol)
                for number, name, is_mint, symbol in rows
                if is_mint
            },
            {number: signature_of(name) for number, name, is_mint, _ in rows if not is_mint},
        )

    def neighbours(self, wallet: Address) -> NeighbourView | None:
        """See `VectorReader.neighbours`."""
        asked = {"version": VERSION, "wallet": address_bytes(wallet)}
        with self._database.transaction() as cursor:
            row = cursor.execute(NEIGHBOURS, asked).fetchone()
        if row is None:
            return None
        *standing, has_vector, compared, computed_at, scores, wallets = row
        found = None
        if compared is not None:
            found = Neighbourhood(compared, UnixSeconds(computed_at), _named(wallets, scores))
        return NeighbourView(_stored(standing, None), has_vector, found)


class PostgresNeighbourStore:
    """A `NeighbourStore` over stored vectors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, *, after: VectorKey | None, limit: int) -> tuple[KeptVector, ...]:
        """See `NeighbourStore.page`."""
        asked = {
            "version": VERSION,
            "at": None if after is None else after.computed_at,
            "wallet_id": None if after is None else after.wallet_id,
            "limit": limit,
        }
        with self._database.transaction() as cursor:
            rows = cursor.execute(PAGE, asked, binary=True).fetchall()
        return tuple(
            KeptVector(VectorKey(at, wallet_id), decode_vector(bytes(vector)))
            for at, wallet_id, vector in rows
        )

    def keep(self, found: Sequence[FoundNeighbours], *, compared: int, at: datetime) -> None:
        """See `NeighbourStore.keep`."""
        rows = sorted(found)
        asked = {
            "wallet_ids": [row.wallet_id for row in rows],
            "neighbours": [_array(each.wallet_id for each in row.neighbours) for row in rows],
            "scores": [
                _array(score for each in row.neighbours for score in each.scores) for row in rows
            ],
            "compared": compared,
            "at": at,
        }
        with self._database.transaction() as cursor:
            cursor.execute(_KEEP, asked)

    def drop(self, *, before: datetime) -> int:
        """See `NeighbourStore.drop`."""
        with self._database.transaction() as cursor:
            return cursor.execute(_DROP, (before,)).rowcount


def _stored(standing: Sequence[Any], vector: Any) -> StoredVector:
    state, is_blocked, newest_slot, purchases, computed_at = standing
    return StoredVector(
        WalletState.BLOCKED if is_blocked else WalletState(state),
        None if newest_slot is None else Slot(newest_slot),
        purchases,
        None if computed_at is None else UnixSeconds(computed_at),
        vector,
    )


def _named(wallets: Sequence[bytes], scores: Sequence[float | None]) -> tuple[NamedNeighbour, ...]:
    parts = [None if score is None else round(score, 4) for score in scores]
    return tuple(
        NamedNeighbour(address_of(wallet), Scores(*parts[place * _PARTS : (place + 1) * _PARTS]))
        for place, wallet in enumerate(wallets)
    )


def _array(values: Any) -> str:
    """Return numbers as Postgres writes an array: arrays of several lengths fit no parameter."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
