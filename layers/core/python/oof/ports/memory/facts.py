"""The facts in memory: the twin of the Postgres store, with a rollback that is real.

A transaction works on copies of all tables and puts them in place when it commits; transactions
run one after the other, which is one of the histories that Postgres allows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import RLock

from oof.domain.positions.headline import WalletWorth
from oof.domain.snapshot.fold import FoldPlan, Span
from oof.domain.snapshot.ledger import (
    LastRow,
    LedgerOp,
    WalletEntry,
)
from oof.domain.snapshot.model import (
    MAX_BALANCES,
)
from oof.domain.snapshot.newest import Newest, Rival, place
from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.model import (
    NormalizedTransaction,
    Status,
)
from oof.domain.units import (
    Address,
    Signature,
    Slot,
    UnixSeconds,
)
from oof.domain.wallets import SETTLED
from oof.ports.facts import (
    TRACKED_STATES,
    FoldPosition,
    FoldSave,
    Inserted,
    PackedTransaction,
    PackRecord,
    UnreadableRecord,
    WalletView,
)
from oof.ports.finality import SoftTransaction, UnorderedSlot
from oof.ports.memory.fact_tables import (
    PackRow,
    SoftRow,
    StoredTransaction,
    Tables,
    account_key,
    balances_held,
    fees_paid,
    hours_shown,
    is_unresolved,
    marks_of,
    prefix_of,
    slot_of,
    soft_of,
    transfers_of,
)
from oof.ports.memory.facts_days import save_days
from oof.ports.memory.facts_doubts import DoubtSide
from oof.ports.memory.facts_finality import (
    FinalitySide,
    remember_landing,
    soft_due,
    unordered_due,
    witness,
)
from oof.ports.memory.facts_membership import MembershipSide
from oof.ports.memory.facts_moments import MomentQueries, MomentSide
from oof.ports.memory.facts_portraits import PortraitQueries, PortraitSide
from oof.ports.memory.facts_positions import (
    PositionSide,
    mark_stale,
    position_totals,
    stale_wallets,
)
from oof.ports.memory.facts_rewriting import RewritingSide, renormalization, stale_bodies
from oof.ports.memory.facts_rollups import RollupQueries, RollupSide
from oof.ports.memory.facts_valuation import ValuationSide, unvalued_wallets, worth_of
from oof.ports.memory.facts_vectors import VectorSide
from oof.ports.memory.stories import StorySide
from oof.ports.rewriting import Renormalization, StoredBody


class _StoreSide:
    """Facts of a store batch."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def insert(
        self,
        pack: PackRecord,
        transactions: Sequence[PackedTransaction],
        *,
        at: datetime,
        ask_at: datetime | None = None,
    ) -> Inserted:
        """See `FactTransaction.insert`."""
        tables = self._tables
        refused: list[Signature] = []
        known: dict[Signature, Slot] = {}
        if transactions:
            row = tables.packs.setdefault(pack.object_key, PackRow(pack, at))
            tables.packs[pack.object_key] = row._replace(superseded_at=None)
        for packed in transactions:
            t = packed.transaction
            if tables.find(t.signature) is not None:
                known |= self.fill([t])
            elif prefix_of(t.signature) in tables.by_prefix:
                refused.append(t.signature)
            else:
                row_ = self._add(packed, pack.object_key)
                remember_landing(tables, row_, at)
                if pack.finalized_slot is None or slot_of(row_) > pack.finalized_slot:
                    tables.soft[row_.tx_id] = SoftRow(ask_at or at, absent=0, heard=0)
        return Inserted(tuple(refused), known)

    def fill(self, transactions: Sequence[NormalizedTransaction]) -> Mapping[Signature, Slot]:
        """See `FactTransaction.fill`."""
        known: dict[Signature, Slot] = {}
        for t in transactions:
            row = self._tables.find(t.signature)
            if row is None:
                continue
            known[t.signature] = slot_of(row)
            if t.slot != slot_of(row):
                continue
            had = row.transaction
            told = had._replace(
                tx_index=t.tx_index if had.tx_index is None else had.tx_index,
                block_time=t.block_time if had.block_time is None else had.block_time,
            )
            self._tables.transactions[row.tx_id] = row._replace(transaction=told)
        return known

    def enqueue(
        self, transactions: Sequence[NormalizedTransaction], *, at: datetime
    ) -> tuple[Address, ...]:
        """See `FactTransaction.enqueue`."""
        woken: set[Address] = set()
        for t in transactions:
            row = self._tables.find(t.signature)
            for address in t.participants if row is not None and slot_of(row) == t.slot else ():
                wallet = self._tables.tracked.get(address)
                if row is not None and wallet is not None and wallet.state in TRACKED_STATES:
                    self._tables.pending.setdefault((wallet.wallet_id, row.tx_id), at)
                    woken.add(address)
        return tuple(sorted(woken))

    def record_unreadable(self, records: Sequence[UnreadableRecord], *, at: datetime) -> None:
        """See `FactTransaction.record_unreadable`."""
        for record in records:
            self._tables.unreadable.setdefault((record.body_sha256, record.code), (record, at))

    def _add(self, packed: PackedTransaction, object_key: str) -> StoredTransaction:
        tables, t = self._tables, packed.transaction
        tx_id = len(tables.transactions) + 1
        row = StoredTransaction(
            tx_id,
            t,
            object_key,
            packed.offset,
            packed.length,
            revoked=False,
            version=packed.version,
        )
        tables.transactions[tx_id] = row
        tables.by_prefix[prefix_of(t.signature)] = tx_id
        for mint, decimals in t.decimals.items():
            tables.decimals.setdefault(mint, decimals)
        for balance in t.balances:
            key = account_key(balance)
            if key is not None and key not in tables.accounts:
                tables.accounts[key] = len(tables.accounts) + 1
                tables.account_keys[tables.accounts[key]] = key
        return row


class _LedgerSide:
    """One wallet's ledger and fold state."""

    _tables: Tables

    def lock(self, wallet: Address) -> FoldPosition | None:
        """See `FactTransaction.lock`; transactions run one by one, so there is nothing to lock."""
        row = self._tables.tracked.get(wallet)
        if row is None:
            return None
        return FoldPosition(
            row.wallet_id,
            row.applied_seq,
            row.span,
            row.blocked_code,
            is_settled=row.state in SETTLED,
            is_fold_due=row.fold_due_at is not None,
        )

    def take_pending(self, wallet_id: int, *, limit: int) -> tuple[WalletEntry, ...]:
        """See `FactTransaction.take_pending`."""
        keys = sorted(key for key in self._tables.pending if key[0] == wallet_id)[:limit]
        for key in keys:
            del self._tables.pending[key]
        entries = [self._entry(wallet_id, tx_id) for _, tx_id in keys]
        return tuple(sorted(entries, key=lambda e: (not e.revoked, e.slot, e.tx_id)))

    def live_entries(self, wallet_id: int, *, after_tx: int, limit: int) -> tuple[WalletEntry, ...]:
        """See `FactTransaction.live_entries`."""
        live = [tx_id for tx_id in self._live(wallet_id) if tx_id > after_tx]
        return tuple(self._entry(wallet_id, tx_id) for tx_id in live[:limit])

    def append(self, wallet_id: int, plan: FoldPlan, *, after_seq: int) -> int:
        """See `FactTransaction.append`."""
        rows = self._tables.ledgers.get(wallet_id, ())
        if len(rows) != after_seq:
            raise AssertionError("the ledger does not end where its wallet says")
        self._tables.ledgers[wallet_id] = (*rows, *plan.rows)
        for row in plan.rows:
            last = LastRow(row.op, row.known, row.version)
            self._tables.last_rows[wallet_id, row.tx_id] = last
        address = self._tables.addresses[wallet_id]
        first, count = soft_of(self._tables, wallet_id)
        wallet = replace(self._tables.tracked[address], soft_from=first, soft_count=count)
        self._tables.tracked[address] = wallet
        return after_seq + len(plan.rows)

    def newest_held(self, wallet_id: int, accounts: Sequence[int]) -> dict[int, Newest]:
        """See `FactTransaction.newest_held`."""
        held = self._tables.holdings
        return {a: held[wallet_id, a] for a in accounts if (wallet_id, a) in held}

    def newest_from_facts(self, wallet_id: int, accounts: Sequence[int]) -> dict[int, Newest]:
        """See `FactTransaction.newest_from_facts`."""
        found: dict[int, Newest] = {}
        wanted = set(accounts)
        for tx_id in self._live(wallet_id):
            entry = self._entry(wallet_id, tx_id)
            for mark in entry.balances:
                if mark.account_id in wanted:
                    amounts = mark.pre_raw, mark.post_raw
                    rival = Rival(tx_id, entry.signature, entry.tx_index, *amounts)
                    newest = place(found.get(mark.account_id), entry.slot, [rival])
                    if newest is not None:
                        found[mark.account_id] = newest
        return found

    def span_from_facts(self, wallet_id: int) -> Span:
        """See `FactTransaction.span_from_facts`."""
        span = Span()
        for tx_id in self._live(wallet_id):
            span = span.reaching(self._entry(wallet_id, tx_id))
        return span

    def clear_fold(self, wallet_id: int) -> None:
        """See `FactTransaction.clear_fold`."""
        tables = self._tables
        tables.counters = {k: v for k, v in tables.counters.items() if k[0] != wallet_id}
        tables.hours = {k: v for k, v in tables.hours.items() if k[0] != wallet_id}
        tables.holdings = {k: v for k, v in tables.holdings.items() if k[0] != wallet_id}
        tables.activity = {k: v for k, v in tables.activity.items() if k[0] != wallet_id}
        tables.flows = {k: v for k, v in tables.flows.items() if k[0] != wallet_id}

    def save(self, wallet_id: int, save: FoldSave, *, at: datetime) -> None:
        """See `FactTransaction.save`."""
        tables = self._tables
        for name, change in save.plan.counters.items():
            key = wallet_id, name
            tables.counters[key] = tables.counters.get(key, 0) + change
        for hour, change in save.plan.hours.items():
            at_hour = wallet_id, hour
            tables.hours[at_hour] = tables.hours.get(at_hour, 0) + change
        save_days(tables, wallet_id, save.plan)
        for account in save.plan.accounts:
            tables.holdings.pop((wallet_id, account), None)
        for account, newest in save.newest.items():
            tables.holdings[wallet_id, account] = newest
        if save.stale_from is not None:
            mark_stale(tables, wallet_id, save.stale_from, at)
        address = tables.addresses[wallet_id]
        row = tables.tracked[address]
        tables.tracked[address] = replace(
            row,
            applied_seq=save.applied_seq,
            span=save.span,
            applied_lag_s=row.applied_lag_s if save.lag_s is None else save.lag_s,
            fold_due_at=None if save.is_whole else row.fold_due_at,
            revision=row.revision + 1,
            changed_at=at,
        )

    def _live(self, wallet_id: int) -> list[int]:
        last_rows = self._tables.last_rows.items()
        return sorted(
            tx_id
            for (owner, tx_id), last in last_rows
            if owner == wallet_id and last.op is not LedgerOp.REVOKE
        )

    def _entry(self, wallet_id: int, tx_id: int) -> WalletEntry:
        tables = self._tables
        row = tables.transactions[tx_id]
        t = row.transaction
        wallet = tables.addresses[wallet_id]
        return WalletEntry(
            tx_id=tx_id,
            signature=t.signature,
            slot=Slot(t.slot or 0),
            tx_index=t.tx_index,
            block_time=t.block_time,
            failed=t.status is Status.FAILED,
            revoked=row.revoked,
            version=row.version,
            is_participant=wallet in t.participants,
            fees=fees_paid(t, wallet),
            venues=tuple(trade.venue for trade in t.trades if trade.trader == wallet),
            balances=marks_of(tables, t, wallet),
            last=tables.last_rows.get((wallet_id, tx_id)),
            terminals=tuple(
                r.terminal for r in t.trades if r.trader == wallet and r.terminal is not None
            ),
            transfers=transfers_of(t, wallet),
        )


class MemoryFactTransaction(
    _StoreSide,
    MembershipSide,
    FinalitySide,
    DoubtSide,
    _LedgerSide,
    RewritingSide,
    PositionSide,
    ValuationSide,
    RollupSide,
    MomentSide,
    VectorSide,
    PortraitSide,
    StorySide,
):
    """Everything that is committed together, on copied tables."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)


class MemoryFactStore(MomentQueries, RollupQueries, PortraitQueries):
    """`FactStore` in memory; `transaction_type` is what its transactions are made of."""

    transaction_type = MemoryFactTransaction

    def __init__(self) -> None:
        self.tables = Tables()
        self._turn = RLock()

    @contextmanager
    def transaction(self) -> Iterator[MemoryFactTransaction]:
        """See `FactStore.transaction`."""
        with self._turn:
            tables = self.tables.copy()
            yield self.transaction_type(tables)
            self.tables = tables

    def stored(self, signatures: Iterable[Signature]) -> frozenset[Signature]:
        """See `FactStore.stored`."""
        tables = self.tables
        return frozenset(s for s in signatures if tables.find(s) is not None)

    def view(self, wallet: Address) -> WalletView | None:
        """See `FactStore.view`."""
        tables = self.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        balances = balances_held(tables, row.wallet_id, row.reach)
        return WalletView(
            address=wallet,
            state=row.state,
            blocked_code=row.blocked_code,
            epoch=tables.epoch["epoch"],
            revision=row.revision,
            projected_revision=row.projected_revision,
            applied_seq=row.applied_seq,
            span=row.span,
            counters={n: v for (w, n), v in tables.counters.items() if w == row.wallet_id},
            hours=hours_shown(tables, row),
            balances=tuple(balances[:MAX_BALANCES]),
            balances_count=len(balances),
            has_unresolved_order=any(
                is_unresolved(tables, newest) is True
                for (owner, _), newest in tables.holdings.items()
                if owner == row.wallet_id
            ),
            is_soft=row.soft_count > 0,
            coverage=row.coverage,
            tail_checked_at=row.tail_checked_at,
            listed_at=row.listed_at,
            tokens_checked_at=row.tokens_checked_at,
            applied_lag_s=row.applied_lag_s,
            last_error=row.last_error,
            positions=position_totals(tables, row.wallet_id),
            moments=self.extremes(wallet).totals,
            symbols=tables.symbols(
                *(each.mint for each in balances[:MAX_BALANCES]),
                *(each.mint for each in self.extremes(wallet).dearest),
            ),
        )

    def mark_projected(self, wallet: Address, revision: int) -> None:
        """See `FactStore.mark_projected`."""
        with self.transaction() as transaction:
            transaction.mark_projected(wallet, revision)

    def forgotten(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `FactStore.forgotten`."""
        tables = self.tables
        oldest: dict[Address, datetime] = {}
        for (wallet_id, _), at in tables.pending.items():
            address = tables.addresses[wallet_id]
            if tables.tracked[address].blocked_code is None:
                oldest[address] = min(at, oldest.get(address, at))
        for address, row in tables.tracked.items():
            due = row.fold_due_at if row.blocked_code is None else None
            if due is not None:
                oldest[address] = min(due, oldest.get(address, due))
        found = [(at, decode_base58(address), address) for address, at in oldest.items()]
        return tuple(address for at, _, address in sorted(found) if at < before)[:limit]

    def lagging(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `FactStore.lagging`."""
        found = sorted(
            (row.changed_at, row.wallet_id, address)
            for address, row in self.tables.tracked.items()
            if row.revision > row.projected_revision and row.changed_at < before
        )
        return tuple(address for _, _, address in found[:limit])

    def tracked(self, *, after: Address | None, limit: int) -> tuple[Address, ...]:
        """See `FactStore.tracked`."""
        ordered = sorted(self.tables.tracked, key=decode_base58)
        start = 0 if after is None else ordered.index(after) + 1
        return tuple(ordered[start : start + limit])

    def soft_due(self, *, at: datetime, after: int, limit: int) -> tuple[SoftTransaction, ...]:
        """See `FinalityReads.soft_due`."""
        return soft_due(self.tables, at=at, after=after, limit=limit)

    def witness(self) -> Signature | None:
        """See `FinalityReads.witness`."""
        return witness(self.tables)

    def unordered_due(self, *, at: datetime, limit: int) -> tuple[UnorderedSlot, ...]:
        """See `FinalityReads.unordered_due`."""
        return unordered_due(self.tables, at=at, limit=limit)

    def stale_bodies(self, version: int, *, after: int, limit: int) -> tuple[StoredBody, ...]:
        """See `RewritingReads.stale_bodies`."""
        return stale_bodies(self.tables, version, after=after, limit=limit)

    def renormalization(self, version: int) -> Renormalization:
        """See `RewritingReads.renormalization`."""
        return renormalization(self.tables, version)

    def stale_wallets(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `PositionReads.stale_wallets`."""
        return stale_wallets(self.tables, before=before, limit=limit)

    def worth(self, wallet: Address, *, at: UnixSeconds) -> WalletWorth:
        """See `ValuationReads.worth`."""
        return worth_of(self.tables, wallet, at=at)

    def unvalued_wallets(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `ValuationReads.unvalued_wallets`."""
        return unvalued_wallets(self.tables, before=before, limit=limit)
