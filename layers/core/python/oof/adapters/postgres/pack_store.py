"""Packs in Postgres.

What points into a pack is found by the span of ids that the pack's rows lie between, through the
primary key of `transactions`: an index on `pack_id` would cost bytes on every row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.rows import signature_of
from oof.ports.facts import PackRecord
from oof.ports.packs import BodyPointer, Move, StoredPack, Superseded

# The constant repeats the condition of the index packs_small, for the planner to see it.
_SMALL = """
SELECT pack_id, object_key, dictionary_id, bytes, stored_at FROM packs
WHERE superseded_at IS NULL AND bytes < 1000000 AND bytes < %(below_bytes)s
    AND stored_at < %(before)s AND fault IS NULL AND first_tx_id IS NOT NULL
ORDER BY pack_id LIMIT %(limit)s
"""
_POINTERS = """
SELECT t.tx_id, t.signature, t.pack_id, t.frame_offset, t.frame_length, t.anomalies IS NOT NULL
FROM packs p
JOIN transactions t ON t.tx_id BETWEEN p.first_tx_id AND p.last_tx_id AND t.pack_id = p.pack_id
WHERE p.pack_id = ANY(%s)
ORDER BY t.pack_id, t.frame_offset, t.tx_id
"""
_ADD = """
WITH span AS (SELECT min(tx_id) AS first, max(tx_id) AS last FROM unnest(%(tx_ids)s::int8[]) tx_id),
added AS (
    INSERT INTO packs (
        object_key, dictionary_id, frames, bytes, stored_at, first_tx_id, last_tx_id
    )
    SELECT %(key)s, %(dictionary)s, %(frames)s, %(bytes)s, %(stored_at)s, first, last FROM span
    ON CONFLICT (object_key) DO UPDATE SET superseded_at = NULL,
        first_tx_id = least(packs.first_tx_id, excluded.first_tx_id),
        last_tx_id = greatest(packs.last_tx_id, excluded.last_tx_id)
    RETURNING pack_id
)
SELECT pack_id FROM added
"""
# Locked in one order, as fills lock them, so that the two never wait for each other in a ring.
_MOVE = """
WITH told AS (
    SELECT * FROM unnest(%(tx_id)s::int8[], %(from_pack)s::int4[], %(offset)s::int4[],
        %(length)s::int4[]) AS m (tx_id, from_pack, frame_offset, frame_length)
),
locked AS (
    SELECT t.tx_id, told.frame_offset, told.frame_length FROM transactions t
    JOIN told ON told.tx_id = t.tx_id AND told.from_pack = t.pack_id
    ORDER BY t.tx_id FOR UPDATE OF t
)
UPDATE transactions t SET pack_id = %(pack_id)s, frame_offset = locked.frame_offset,
    frame_length = locked.frame_length
FROM locked WHERE t.tx_id = locked.tx_id
"""
_SUPERSEDE = """
UPDATE packs p SET superseded_at = %(at)s, is_whole = emptied.is_whole
FROM unnest(%(pack_ids)s::int4[], %(are_whole)s::boolean[]) AS emptied (pack_id, is_whole)
WHERE p.pack_id = emptied.pack_id AND NOT EXISTS (
    SELECT FROM transactions t
    WHERE t.tx_id BETWEEN p.first_tx_id AND p.last_tx_id AND t.pack_id = p.pack_id
)
"""
_SUPERSEDED = """
SELECT pack_id, object_key, dictionary_id, bytes, stored_at FROM packs
WHERE superseded_at < %s AND is_whole
ORDER BY superseded_at, pack_id LIMIT %s
"""
_FORGET = """
DELETE FROM packs p WHERE p.pack_id = %s AND p.superseded_at IS NOT NULL AND p.is_whole
    AND NOT EXISTS (
        SELECT FROM transactions t
        WHERE t.tx_id BETWEEN p.first_tx_id AND p.last_tx_id AND t.pack_id = p.pack_id
    )
RETURNING p.pack_id
"""
_DUE_CHECKS = """
SELECT pack_id, object_key, dictionary_id, bytes, stored_at FROM packs
WHERE superseded_at IS NULL AND (checked_at IS NULL OR checked_at < %s)
ORDER BY checked_at NULLS FIRST, pack_id LIMIT %s
"""
_NOTE_CHECK = "UPDATE packs SET checked_at = %s, fault = %s WHERE pack_id = %s"
_BROKEN = "SELECT count(*) FROM packs WHERE superseded_at IS NULL AND fault IS NOT NULL"
_WARM = """
SELECT pack_id, object_key, dictionary_id, bytes, stored_at FROM packs p
WHERE superseded_at IS NULL AND cooled_at IS NULL AND stored_at < %s AND bytes >= %s
    AND NOT EXISTS (
        SELECT FROM transactions t
        WHERE t.tx_id BETWEEN p.first_tx_id AND p.last_tx_id AND t.pack_id = p.pack_id
            AND t.anomalies IS NOT NULL
    )
ORDER BY pack_id LIMIT %s
"""
_NOTE_COOLED = "UPDATE packs SET cooled_at = %s WHERE pack_id = %s"
_SPREAD = """
SELECT pack_id, object_key, dictionary_id, bytes, stored_at FROM (
    SELECT *, row_number() OVER (ORDER BY pack_id) - 1 AS place, count(*) OVER () AS total
    FROM packs WHERE superseded_at IS NULL AND fault IS NULL
) numbered
WHERE place %% greatest((total + %(limit)s - 1) / %(limit)s, 1) = 0
ORDER BY pack_id LIMIT %(limit)s
"""


class PostgresPackStore:
    """`PackStore` on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def small(self, *, below_bytes: int, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.small`."""
        return self._packs(_SMALL, {"below_bytes": below_bytes, "before": before, "limit": limit})

    def pointers(self, packs: Sequence[StoredPack]) -> tuple[BodyPointer, ...]:
        """See `PackStore.pointers`."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(_POINTERS, ([pack.pack_id for pack in packs],)).fetchall()
        return tuple(
            BodyPointer(tx_id, signature_of(signature), *place) for tx_id, signature, *place in rows
        )

    def repoint(
        self,
        pack: PackRecord,
        moves: Sequence[Move],
        emptied: Sequence[Superseded],
        *,
        stored_at: datetime,
        at: datetime,
    ) -> int:
        """See `PackStore.repoint`."""
        added = {
            "tx_ids": [move.tx_id for move in moves],
            "key": pack.object_key,
            "dictionary": pack.dictionary_id,
            "frames": pack.frames,
            "bytes": pack.bytes,
            "stored_at": stored_at,
        }
        with self._database.transaction() as cursor:
            [pack_id] = cursor.execute(_ADD, added).fetchall()[0]
            moved = cursor.execute(
                _MOVE,
                {
                    "pack_id": pack_id,
                    "tx_id": [move.tx_id for move in moves],
                    "from_pack": [move.from_pack for move in moves],
                    "offset": [move.offset for move in moves],
                    "length": [move.length for move in moves],
                },
            ).rowcount
            cursor.execute(
                _SUPERSEDE,
                {
                    "at": at,
                    "pack_ids": [each.pack_id for each in emptied],
                    "are_whole": [each.is_whole for each in emptied],
                },
            )
        return moved

    def superseded(self, *, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.superseded`."""
        return self._packs(_SUPERSEDED, (before, limit))

    def forget(self, pack_id: int) -> bool:
        """See `PackStore.forget`."""
        with self._database.transaction() as cursor:
            return cursor.execute(_FORGET, (pack_id,)).fetchone() is not None

    def due_checks(self, *, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.due_checks`."""
        return self._packs(_DUE_CHECKS, (before, limit))

    def note_check(self, pack_id: int, fault: str | None, *, at: datetime) -> None:
        """See `PackStore.note_check`."""
        with self._database.transaction() as cursor:
            cursor.execute(_NOTE_CHECK, (at, fault, pack_id))

    def broken(self) -> int:
        """See `PackStore.broken`."""
        with self._database.transaction() as cursor:
            [count] = cursor.execute(_BROKEN).fetchall()[0]
        return int(count)

    def warm(
        self, *, stored_before: datetime, at_least_bytes: int, limit: int
    ) -> tuple[StoredPack, ...]:
        """See `PackStore.warm`."""
        return self._packs(_WARM, (stored_before, at_least_bytes, limit))

    def note_cooled(self, pack_id: int, *, at: datetime) -> None:
        """See `PackStore.note_cooled`."""
        with self._database.transaction() as cursor:
            cursor.execute(_NOTE_COOLED, (at, pack_id))

    def spread(self, *, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.spread`."""
        return self._packs(_SPREAD, {"limit": limit})

    def _packs(self, query: Any, parameters: Any) -> tuple[StoredPack, ...]:
        with self._database.transaction() as cursor:
            rows = cursor.execute(query, parameters).fetchall()
        return tuple(StoredPack(*row) for row in rows)
