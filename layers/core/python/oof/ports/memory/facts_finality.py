"""What is not final and what has no order yet, over the facts in memory."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from oof.domain.units import Address, Signature, Slot
from oof.ports.finality import Landing, SoftTransaction, UnorderedSlot
from oof.ports.memory.fact_tables import (
    SoftRow,
    StoredTransaction,
    Tables,
    UnorderedRow,
    is_recorded,
    prefix_of,
    slot_of,
    soft_of,
)


class FinalitySide:
    """The finality side of a transaction."""

    _tables: Tables

    def contest(self, signatures: Sequence[Signature], *, at: datetime) -> frozenset[Signature]:
        """See `FinalityTransaction.contest`."""
        tables = self._tables
        found = [row for row in map(tables.find, signatures) if row is not None]
        for row in found:
            soft = tables.soft.get(row.tx_id)
            if soft is not None:
                due_at = min(soft.due_at, at)
                tables.soft[row.tx_id] = SoftRow(due_at, absent=0, heard=soft.heard + 1)
        return frozenset(row.transaction.signature for row in found)

    def finalize(self, tx_ids: Sequence[int]) -> None:
        """See `FinalityTransaction.finalize`."""
        for tx_id in tx_ids:
            self._tables.soft.pop(tx_id, None)

    def postpone(self, absences: Mapping[int, int], *, due_at: datetime) -> None:
        """See `FinalityTransaction.postpone`."""
        for tx_id, absent in absences.items():
            soft = self._tables.soft.get(tx_id)
            if soft is not None:
                self._tables.soft[tx_id] = soft._replace(absent=absent, due_at=due_at)

    def revoke(self, landings: Sequence[Landing], *, at: datetime) -> tuple[Address, ...]:
        """See `FinalityTransaction.revoke`."""
        woken: set[Address] = set()
        for landing in landings:
            row = self._tables.transactions[landing.tx_id]
            soft = self._tables.soft.get(landing.tx_id)
            is_meant = landing.heard is None or (soft is not None and soft.heard == landing.heard)
            if is_meant and not row.revoked:
                self._drop(row)
                woken |= self._queue(row.tx_id, at)
        return tuple(sorted(woken))

    def clear_soft(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """See `FinalityTransaction.clear_soft`."""
        changed: list[Address] = []
        for address, row in self._tables.tracked.items():
            first, count = soft_of(self._tables, row.wallet_id)
            if row.soft_count == 0 or (row.soft_from, row.soft_count) == (first, count):
                continue
            self._tables.tracked[address] = replace(
                row, soft_from=first, soft_count=count, revision=row.revision + 1, changed_at=at
            )
            changed.append(address)
            if len(changed) == limit:
                break
        return tuple(sorted(changed))

    def note_shared_slots(
        self,
        wallet_id: int,
        slots: Sequence[Slot],
        rivals: Sequence[tuple[Slot, int]],
        *,
        at: datetime,
    ) -> None:
        """See `FinalityTransaction.note_shared_slots`."""
        tables = self._tables
        wallet = tables.addresses[wallet_id]
        own = [
            row
            for row in tables.transactions.values()
            if slot_of(row) in set(slots)
            and not row.revoked
            and wallet in row.transaction.participants
        ]
        shared = Counter(slot_of(row) for row in own)
        wanted = {row.tx_id for row in own if shared[slot_of(row)] > 1}
        for tx_id in sorted(wanted | {tx_id for _, tx_id in rivals}):
            row = tables.transactions[tx_id]
            if row.transaction.tx_index is None and not row.revoked:
                tables.unordered.setdefault((slot_of(row), tx_id), UnorderedRow(0, at))

    def place(self, indexes: Mapping[int, int], *, at: datetime) -> tuple[Address, ...]:
        """See `FinalityTransaction.place`."""
        woken: set[Address] = set()
        for tx_id, index in indexes.items():
            row = self._tables.transactions[tx_id]
            if row.revoked:
                continue
            if row.transaction.tx_index is None:
                told = row.transaction._replace(tx_index=index)
                self._tables.transactions[tx_id] = row._replace(transaction=told)
            woken |= self._queue(tx_id, at, only=_owners(row))
        self._tables.unordered = {
            (slot, tx_id): row
            for (slot, tx_id), row in self._tables.unordered.items()
            if row.due_at is None or self._tables.transactions[tx_id].transaction.tx_index is None
        }
        return tuple(sorted(woken))

    def retry_slots(
        self, tries: Mapping[Slot, int], *, due_at: datetime | None, at: datetime
    ) -> tuple[Address, ...]:
        """See `FinalityTransaction.retry_slots`."""
        tables = self._tables
        failed: set[int] = set()
        for (slot, tx_id), row in tables.unordered.items():
            if slot in tries and row.due_at is not None:
                tables.unordered[slot, tx_id] = UnorderedRow(tries[slot], due_at)
                failed.add(tx_id)
        if due_at is not None:
            return ()
        owners = {owner for tx_id in failed for owner in _owners(tables.transactions[tx_id])}
        changed = sorted(owners & tables.tracked.keys())
        for address in changed:
            row_ = tables.tracked[address]
            tables.tracked[address] = replace(row_, revision=row_.revision + 1, changed_at=at)
        return tuple(changed)

    def _drop(self, row: StoredTransaction) -> None:
        tables = self._tables
        tables.transactions[row.tx_id] = row._replace(revoked=True)
        del tables.by_prefix[prefix_of(row.transaction.signature)]
        tables.soft.pop(row.tx_id, None)
        tables.unordered.pop((slot_of(row), row.tx_id), None)

    def _queue(
        self, tx_id: int, at: datetime, only: frozenset[Address] | None = None
    ) -> set[Address]:
        woken: set[Address] = set()
        for address, wallet in self._tables.tracked.items():
            key = wallet.wallet_id, tx_id
            if is_recorded(self._tables, key) and (only is None or address in only):
                self._tables.pending.setdefault(key, at)
                woken.add(address)
        return woken


def remember_landing(tables: Tables, row: StoredTransaction, at: datetime) -> None:
    """Queue a new landing for whoever had a dropped one of the same signature."""
    signature = row.transaction.signature
    dropped = [
        each.tx_id
        for each in tables.transactions.values()
        if each.revoked and each.transaction.signature == signature
    ]
    for wallet in tables.tracked.values():
        if any(is_recorded(tables, (wallet.wallet_id, tx_id)) for tx_id in dropped):
            tables.pending.setdefault((wallet.wallet_id, row.tx_id), at)


def soft_due(
    tables: Tables, *, at: datetime, after: int, limit: int
) -> tuple[SoftTransaction, ...]:
    """See `FinalityReads.soft_due`."""
    found = []
    for tx_id, soft in sorted(tables.soft.items()):
        row = tables.transactions[tx_id]
        if tx_id > after and soft.due_at <= at:
            signature = row.transaction.signature
            found.append(SoftTransaction(tx_id, signature, slot_of(row), soft.absent, soft.heard))
    return tuple(found[:limit])


def witness(tables: Tables) -> Signature | None:
    """See `FinalityReads.witness`."""
    final = [
        r for r in tables.transactions.values() if not r.revoked and r.tx_id not in tables.soft
    ]
    return max(final, key=lambda row: row.tx_id).transaction.signature if final else None


def unordered_due(tables: Tables, *, at: datetime, limit: int) -> tuple[UnorderedSlot, ...]:
    """See `FinalityReads.unordered_due`."""
    slots: dict[Slot, list[int]] = defaultdict(list)
    for (slot, tx_id), row in sorted(tables.unordered.items()):
        known = tables.transactions[tx_id].transaction.tx_index
        if row.due_at is not None and row.due_at <= at and known is None:
            slots[slot].append(tx_id)
    return tuple(
        UnorderedSlot(
            slot,
            max(tables.unordered[slot, tx_id].tries for tx_id in tx_ids),
            tuple((tx_id, tables.transactions[tx_id].transaction.signature) for tx_id in tx_ids),
        )
        for slot, tx_ids in slots.items()
        if not any(tx_id in tables.soft for tx_id in tx_ids)
    )[:limit]


def _owners(row: StoredTransaction) -> frozenset[Address]:
    return frozenset(b.owner for b in row.transaction.balances if b.owner is not None)
