"""What webhooks said, over the facts in memory."""

from collections.abc import Iterable
from datetime import datetime

from oof.domain.doubt import Doubt, Doubted, Mark, Outcome, broken_from
from oof.domain.units import Address, Signature, Slot
from oof.ports.doubts import Examined
from oof.ports.facts import TRACKED_STATES
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.fact_tables import StoredTransaction
from oof.ports.memory.facts import MemoryFactStore


class MemoryDoubtStore:
    """A `DoubtStore` in dicts; how far wallets are listed, `runs` remembers."""

    def __init__(self, facts: MemoryFactStore, runs: MemoryBackfillStore) -> None:
        self._facts = facts
        self._runs = runs

    def doubted(self, signatures: Iterable[Signature]) -> tuple[Doubted, ...]:
        """See `DoubtStore`."""
        tables = self._facts.tables
        rows = [row for row in map(tables.find, dict.fromkeys(signatures)) if row is not None]
        return tuple(
            Doubted(
                row.tx_id,
                row.transaction.signature,
                tables.checks[row.tx_id].digest,
                row.version,
                row.transaction.block_time,
                row.transaction.tx_index,
            )
            for row in sorted(rows, key=lambda row: row.tx_id)
            if row.tx_id in tables.checks and tables.checks[row.tx_id].settled_at is None
        )

    def examine(self, *, at: datetime, expired_before: datetime, limit: int) -> Examined:
        """See `DoubtStore`."""
        tables = self._facts.tables
        due = [
            tx_id
            for tx_id, check in sorted(tables.checks.items())
            if check.examined_at is None
            and (check.noted_at < expired_before or self._is_covered(tables.transactions[tx_id]))
        ][:limit]
        suspects = {suspect for tx_id in due for suspect in self._suspects(tx_id)}
        doubted = [
            tx_id
            for tx_id in suspects
            if tx_id in tables.checks and tables.checks[tx_id].is_undoubted
        ]
        for tx_id in doubted:
            tables.checks[tx_id] = tables.checks[tx_id]._replace(doubt=Doubt.CONTINUITY)
        for tx_id in due:
            tables.checks[tx_id] = tables.checks[tx_id]._replace(examined_at=at)
        return Examined(len(due), len(doubted))

    def claim_doubts(
        self, *, at: datetime, again_before: datetime, tries: int, limit: int
    ) -> tuple[Signature, ...]:
        """See `DoubtStore`."""
        tables = self._facts.tables
        due = [
            tx_id
            for tx_id, check in sorted(tables.checks.items())
            if check.is_open
            and not tables.transactions[tx_id].revoked
            and check.tries < tries
            and (check.asked_at is None or check.asked_at <= again_before)
        ][:limit]
        for tx_id in due:
            check = tables.checks[tx_id]
            tables.checks[tx_id] = check._replace(asked_at=at, tries=check.tries + 1)
        return tuple(tables.transactions[tx_id].transaction.signature for tx_id in due)

    def give_up_doubts(self, *, at: datetime, again_before: datetime, tries: int) -> int:
        """See `DoubtStore`."""
        tables = self._facts.tables
        vain = [
            tx_id
            for tx_id, check in tables.checks.items()
            if check.is_open
            and (
                tables.transactions[tx_id].revoked
                or (
                    check.tries >= tries
                    and check.asked_at is not None
                    and check.asked_at <= again_before
                )
            )
        ]
        for tx_id in vain:
            settled = tables.checks[tx_id]._replace(settled_at=at, outcome=Outcome.ABSENT)
            tables.checks[tx_id] = settled
        return len(vain)

    def forget_doubts(self, *, before: datetime) -> int:
        """See `DoubtStore`."""
        tables = self._facts.tables
        old = [
            tx_id
            for tx_id, check in tables.checks.items()
            if check.noted_at < before
            and check.examined_at is not None
            and not check.is_open
            and check.outcome is not Outcome.FALSE
        ]
        for tx_id in old:
            del tables.checks[tx_id]
        return len(old)

    def _is_covered(self, row: StoredTransaction) -> bool:
        if row.revoked:
            return True
        owners = {b.owner for b in row.transaction.balances if b.owner is not None}
        tops = [
            self._runs.rows[owner].top_slot or 0
            for owner in owners
            if owner in self._runs.rows and self._runs.rows[owner].state in TRACKED_STATES
        ]
        return all(top >= (row.transaction.slot or 0) for top in tops)

    def _suspects(self, tx_id: int) -> set[int]:
        row = self._facts.tables.transactions[tx_id]
        found: set[int] = set()
        for account, owner in _accounts(row).items():
            tracked = self._runs.rows.get(owner)
            floor = self._facts.tables.tracked[owner].reach.floor_slot if tracked else None
            slot, top = row.transaction.slot or 0, tracked.top_slot if tracked else None
            if floor is None or top is None or not floor <= slot <= top or row.revoked:
                continue
            mark = _mark(row, account, owner)
            broken = broken_from(mark, self._others(account, owner, floor)) if mark else None
            found |= {tx_id, *broken} if broken else set()
        return found

    def _others(self, account: tuple[Address, str], owner: Address, floor: Slot) -> list[Mark]:
        marks = [
            _mark(row, account, owner)
            for row in self._facts.tables.transactions.values()
            if not row.revoked
            and owner in row.transaction.participants
            and (row.transaction.slot or 0) >= floor
        ]
        return [mark for mark in marks if mark is not None]


def _accounts(row: StoredTransaction) -> dict[tuple[Address, str], Address]:
    return {(b.account, b.mint): b.owner for b in row.transaction.balances if b.owner is not None}


def _mark(row: StoredTransaction, account: tuple[Address, str], owner: Address) -> Mark | None:
    for b in row.transaction.balances:
        if (b.account, b.mint) == account and b.owner == owner:
            return Mark(row.tx_id, Slot(row.transaction.slot or 0), b.pre_raw, b.post_raw)
    return None
