"""Reading stored bodies anew, over the facts in memory."""

from collections.abc import Sequence
from datetime import datetime

from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import Address, Slot
from oof.ports.facts import TRACKED_STATES
from oof.ports.memory.fact_tables import Tables, account_key, is_recorded, slot_of
from oof.ports.rewriting import Renormalization, Rewrite, Rewritten, StoredBody


class RewritingSide:
    """The rewriting side of a transaction."""

    _tables: Tables

    def rewrite(self, rewrites: Sequence[Rewrite], *, version: int, at: datetime) -> Rewritten:
        """See `RewritingTransaction.rewrite`."""
        changed = 0
        woken: set[Address] = set()
        for tx_id, told in rewrites:
            row = self._tables.transactions[tx_id]
            if row.revoked or row.version >= version:
                continue
            had = row.transaction
            new = told._replace(
                slot=had.slot,
                tx_index=told.tx_index if had.tx_index is None else had.tx_index,
                block_time=told.block_time if had.block_time is None else had.block_time,
            )
            is_same = _facts(new) == _facts(had)
            kept = had if is_same else new
            self._tables.transactions[tx_id] = row._replace(transaction=kept, version=version)
            if not is_same:
                changed += 1
                self._name_accounts(new)
                woken |= self._queue_changed(tx_id, had, new, at)
        return Rewritten(changed, tuple(sorted(woken)))

    def note_renormalization(self, state: Renormalization, *, at: datetime) -> None:  # noqa: ARG002
        """See `RewritingTransaction.note_renormalization`."""
        self._tables.renormalizations[state.version] = state

    def queue_history(self, wallet_id: int, *, from_slot: Slot, at: datetime) -> int:
        """See `RewritingTransaction.queue_history`."""
        wallet = self._tables.addresses[wallet_id]
        queued = 0
        for row in self._tables.transactions.values():
            key = wallet_id, row.tx_id
            is_theirs = wallet in row.transaction.participants or key in self._tables.last_rows
            if slot_of(row) >= from_slot and is_theirs and key not in self._tables.pending:
                self._tables.pending[key] = at
                queued += 1
        return queued

    def _name_accounts(self, t: NormalizedTransaction) -> None:
        tables = self._tables
        for mint, decimals in t.decimals.items():
            tables.decimals.setdefault(mint, decimals)
        for balance in t.balances:
            key = account_key(balance)
            if key is not None and key not in tables.accounts:
                tables.accounts[key] = len(tables.accounts) + 1
                tables.account_keys[tables.accounts[key]] = key

    def _queue_changed(
        self, tx_id: int, had: NormalizedTransaction, new: NormalizedTransaction, at: datetime
    ) -> set[Address]:
        concerned = _named(had) | _named(new)
        woken: set[Address] = set()
        for address, wallet in self._tables.tracked.items():
            key = wallet.wallet_id, tx_id
            is_new = address in new.participants and wallet.state in TRACKED_STATES
            if address in concerned and (is_new or is_recorded(self._tables, key)):
                self._tables.pending.setdefault(key, at)
                woken.add(address)
        return woken


def stale_bodies(tables: Tables, version: int, *, after: int, limit: int) -> tuple[StoredBody, ...]:
    """See `RewritingReads.stale_bodies`."""
    rows = [
        row
        for tx_id, row in sorted(tables.transactions.items())
        if tx_id > after and row.version < version and not row.revoked
    ]
    return tuple(
        StoredBody(
            row.tx_id,
            slot_of(row),
            row.object_key,
            tables.packs[row.object_key].record.dictionary_id,
            row.offset,
            row.length,
        )
        for row in rows[:limit]
    )


def renormalization(tables: Tables, version: int) -> Renormalization:
    """See `RewritingReads.renormalization`."""
    newest = max(tables.transactions, default=0)
    return tables.renormalizations.get(version, Renormalization(version, 0, newest))


def _named(t: NormalizedTransaction) -> set[Address]:
    owners = {b.owner for b in t.balances if b.owner is not None}
    return {*t.participants, *owners, *(m.owner for m in t.movements if m.owner is not None)}


def _facts(t: NormalizedTransaction) -> tuple[object, ...]:
    owned = sorted(repr(b) for b in t.balances if b.owner is not None)
    head = t.fee_payer, t.fee_lamports, t.status, t.anomalies, t.trades
    return (*head, sorted(map(repr, t.movements)), owned)
