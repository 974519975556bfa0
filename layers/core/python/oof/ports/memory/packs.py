"""Packs in memory: the twin of the Postgres store, over the same tables as the facts."""

from collections.abc import Callable, Sequence
from datetime import datetime

from oof.ports.facts import PackRecord
from oof.ports.memory.fact_tables import PackRow, StoredTransaction
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.packs import BodyPointer, Move, StoredPack, Superseded


class MemoryPackStore:
    """`PackStore` over the tables of a `MemoryFactStore`; a pack's id is its place of storing."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts
        self._ids: dict[str, int] = {}

    def small(self, *, below_bytes: int, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.small`."""
        return self._chosen(
            lambda row: (
                row.record.bytes < below_bytes
                and row.stored_at < before
                and row.fault is None
                and bool(self._rows(row.record.object_key))
            ),
            limit,
        )

    def pointers(self, packs: Sequence[StoredPack]) -> tuple[BodyPointer, ...]:
        """See `PackStore.pointers`."""
        return tuple(
            sorted(
                (
                    BodyPointer(
                        row.tx_id,
                        row.transaction.signature,
                        pack.pack_id,
                        row.offset,
                        row.length,
                        is_odd=bool(row.transaction.anomalies),
                    )
                    for pack in packs
                    for row in self._rows(pack.object_key)
                ),
                key=lambda pointer: (pointer.pack_id, pointer.offset, pointer.tx_id),
            )
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
        tables = self._facts.tables
        known = tables.packs.get(pack.object_key, PackRow(pack, stored_at))
        tables.packs[pack.object_key] = known._replace(superseded_at=None)
        moved = 0
        for move in moves:
            row = tables.transactions[move.tx_id]
            if self._id(row.object_key) == move.from_pack:
                tables.transactions[move.tx_id] = row._replace(
                    object_key=pack.object_key, offset=move.offset, length=move.length
                )
                moved += 1
        for pack_id, is_whole in emptied:
            key = self._key(pack_id)
            if not self._rows(key):
                self._set(key, superseded_at=at, is_whole=is_whole)
        return moved

    def superseded(self, *, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.superseded`."""
        rows = [
            (row.superseded_at, self._stored(row))
            for row in self._facts.tables.packs.values()
            if row.superseded_at is not None and row.superseded_at < before and row.is_whole
        ]
        rows.sort(key=lambda pair: (pair[0], pair[1].pack_id))
        return tuple(pack for _, pack in rows[:limit])

    def forget(self, pack_id: int) -> bool:
        """See `PackStore.forget`."""
        key = self._key(pack_id)
        row = self._facts.tables.packs.get(key)
        if row is None or row.superseded_at is None or not row.is_whole or self._rows(key):
            return False
        del self._facts.tables.packs[key]
        return True

    def due_checks(self, *, before: datetime, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.due_checks`."""
        due = self._chosen(lambda row: row.checked_at is None or row.checked_at < before, None)
        return tuple(sorted(due, key=self._checked)[:limit])

    def note_check(self, pack_id: int, fault: str | None, *, at: datetime) -> None:
        """See `PackStore.note_check`."""
        self._set(self._key(pack_id), checked_at=at, fault=fault)

    def broken(self) -> int:
        """See `PackStore.broken`."""
        return len(self._chosen(lambda row: row.fault is not None, None))

    def warm(
        self, *, stored_before: datetime, at_least_bytes: int, limit: int
    ) -> tuple[StoredPack, ...]:
        """See `PackStore.warm`."""
        return self._chosen(
            lambda row: (
                row.cooled_at is None
                and row.stored_at < stored_before
                and row.record.bytes >= at_least_bytes
                and not any(r.transaction.anomalies for r in self._rows(row.record.object_key))
            ),
            limit,
        )

    def note_cooled(self, pack_id: int, *, at: datetime) -> None:
        """See `PackStore.note_cooled`."""
        self._set(self._key(pack_id), cooled_at=at)

    def spread(self, *, limit: int) -> tuple[StoredPack, ...]:
        """See `PackStore.spread`."""
        packs = self._chosen(lambda row: row.fault is None, None)
        return packs[:: max(-(-len(packs) // limit), 1)][:limit]

    def _chosen(
        self, is_wanted: Callable[[PackRow], bool], limit: int | None
    ) -> tuple[StoredPack, ...]:
        rows = self._facts.tables.packs.values()
        live = [row for row in rows if row.superseded_at is None and is_wanted(row)]
        return tuple(sorted(map(self._stored, live))[:limit])

    def _checked(self, pack: StoredPack) -> tuple[bool, float, int]:
        at = self._facts.tables.packs[pack.object_key].checked_at
        return at is not None, at.timestamp() if at else 0.0, pack.pack_id

    def _rows(self, object_key: str) -> list[StoredTransaction]:
        rows = self._facts.tables.transactions.values()
        return [row for row in rows if row.object_key == object_key]

    def _set(self, key: str, **changes: object) -> None:
        row = self._facts.tables.packs[key]
        self._facts.tables.packs[key] = row._replace(**changes)  # type: ignore[arg-type]

    def _stored(self, row: PackRow) -> StoredPack:
        record = row.record
        pack_id = self._id(record.object_key)
        return StoredPack(
            pack_id, record.object_key, record.dictionary_id, record.bytes, row.stored_at
        )

    def _id(self, object_key: str) -> int:
        for key in self._facts.tables.packs:
            self._ids.setdefault(key, len(self._ids) + 1)
        return self._ids[object_key]

    def _key(self, pack_id: int) -> str:
        return next(key for key, known in self._ids.items() if known == pack_id)
