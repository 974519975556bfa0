"""Views in memory, folded from the facts and prices in memory."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from oof.domain.errors import Conflict
from oof.domain.positions.events import Exchange, TransactionHead
from oof.domain.positions.group import GroupExchange, GroupMovement, GroupTransaction
from oof.domain.positions.lots import Moment
from oof.domain.positions.view import ViewPosition
from oof.domain.prices.book import PriceBook, Span
from oof.domain.snapshot.ledger import LedgerOp
from oof.domain.snapshot.model import WalletState
from oof.domain.snapshot.newest import settle
from oof.domain.units import Address, Mint, RawAmount, Slot
from oof.ports.memory.fact_tables import StoredTransaction, Tables, marks_of, slot_of
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.prices import PriceReader
from oof.ports.views import ViewHead, ViewKey, ViewMember, ViewPage, ViewRecord


class _Kept(NamedTuple):
    """A kept view."""

    head: ViewHead
    computed_at: datetime
    expires_at: datetime
    records: tuple[ViewRecord, ...]


class MemoryViewStore:
    """A `ViewStore` over a `MemoryFactStore` and its prices."""

    def __init__(self, facts: MemoryFactStore, prices: PriceReader) -> None:
        self._facts = facts
        self._prices = prices
        self._kept: dict[str, _Kept] = {}

    @contextmanager
    def snapshot(self) -> Iterator["MemorySnapshot"]:
        """See `ViewStore.snapshot`."""
        before, kept = dict(self._kept), dict(self._kept)
        yield MemorySnapshot(self._facts.tables, self._prices, kept)
        changed = {name: row for name, row in kept.items() if row is not before.get(name)}
        if any(self._kept.get(name) is not before.get(name) for name in changed):
            raise Conflict("another one kept the same view meanwhile")
        self._kept |= changed

    def page(
        self, view_id: str, *, owner: str, at: datetime, after: ViewKey | None, limit: int
    ) -> ViewPage | None:
        """See `ViewStore.page`."""
        kept = self._kept.get(view_id)
        if kept is None or kept.head.owner != owner or kept.expires_at <= at:
            return None
        ordered = sorted(kept.records, key=_key, reverse=True)
        left = [each for each in ordered if after is None or _key(each) < after]
        next_key = _key(left[limit - 1]) if len(left) > limit else None
        page = tuple(left[:limit])
        return ViewPage(kept.head, kept.computed_at, kept.expires_at, page, next_key)

    def drop_expired(self, *, at: datetime, limit: int) -> int:
        """See `ViewStore.drop_expired`."""
        expired = sorted(
            (kept.expires_at, name) for name, kept in self._kept.items() if kept.expires_at <= at
        )
        for _, name in expired[:limit]:
            del self._kept[name]
        return len(expired[:limit])


class MemorySnapshot:
    """A `GroupSnapshot` of tables that nobody changes meanwhile."""

    def __init__(self, tables: Tables, prices: PriceReader, kept: dict[str, _Kept]) -> None:
        self._tables = tables
        self._prices = prices
        self._kept = kept

    def members(self, wallets: Sequence[Address]) -> tuple[ViewMember, ...]:
        """See `GroupSnapshot.members`."""
        return tuple(self._member(wallet) for wallet in wallets)

    def expected(self, wallets: Sequence[Address]) -> int:
        """See `GroupSnapshot.expected`."""
        return sum(
            head.folded.events
            for wallet_id, head in self._tables.position_heads.items()
            if self._tables.addresses[wallet_id] in wallets
        )

    def history(
        self, wallets: Sequence[Address], *, after: Slot | None, limit: int
    ) -> tuple[GroupTransaction, ...]:
        """See `GroupSnapshot.history`."""
        tables = self._tables
        live = {
            tx_id
            for (owner, tx_id), last in tables.last_rows.items()
            if last.op is not LedgerOp.REVOKE
            and tables.addresses[owner] in wallets
            and tables.addresses[owner] in tables.transactions[tx_id].transaction.participants
        }
        found = sorted((tables.transactions[tx_id] for tx_id in live), key=slot_of)
        above = [row for row in found if after is None or slot_of(row) > after]
        last_slot = slot_of(above[min(limit, len(above)) - 1]) if above else 0
        page = [self._sides(row, wallets) for row in above if slot_of(row) <= last_slot]
        return tuple(sorted(page, key=GroupTransaction.chain_order))

    def book(self, spans: Iterable[Span]) -> PriceBook:
        """See `GroupSnapshot.book`."""
        return self._prices.book(spans)

    def holdings(self, wallets: Sequence[Address]) -> Mapping[Mint, RawAmount]:
        """See `GroupSnapshot.holdings`."""
        held: Counter[Mint] = Counter()
        for (owner, account), newest in self._tables.holdings.items():
            if self._tables.addresses[owner] in wallets:
                held[self._tables.account_keys[account].mint] += settle(newest).rival.post_raw
        return {mint: RawAmount(raw) for mint, raw in held.items()}

    def keep(
        self,
        head: ViewHead,
        positions: Sequence[ViewPosition],
        held: Mapping[Mint, RawAmount],
        *,
        at: datetime,
        expires_at: datetime,
    ) -> bool:
        """See `GroupSnapshot.keep`."""
        known = self._kept.get(head.view_id)
        if known is not None and known.head.digest == head.digest:
            self._kept[head.view_id] = known._replace(expires_at=expires_at)
            return False
        decimals = self._tables.decimals
        records = tuple(
            ViewRecord(
                list(decimals).index(each.mint) + 1,
                decimals[each.mint],
                RawAmount(held.get(each.mint, 0)),
                each,
                self._tables.symbol(each.mint),
            )
            for each in positions
        )
        self._kept[head.view_id] = _Kept(head, at, expires_at, records)
        return True

    def _member(self, wallet: Address) -> ViewMember:
        tables = self._tables
        row = tables.tracked.get(wallet)
        if row is None:
            return ViewMember(
                wallet,
                WalletState.UNSEEN,
                None,
                is_history_partial=True,
                is_order_unresolved=False,
                is_soft=False,
            )
        unresolved = (
            tables.transactions[tx_id]
            for (_, tx_id), asked in tables.unordered.items()
            if asked.due_at is not None
        )
        return ViewMember(
            wallet,
            row.state if row.blocked_code is None else WalletState.BLOCKED,
            row.span.newest_slot,
            is_history_partial=not row.coverage.complete,
            is_order_unresolved=any(wallet in each.transaction.participants for each in unresolved),
            is_soft=row.soft_count > 0,
        )

    def _sides(self, row: StoredTransaction, wallets: Sequence[Address]) -> GroupTransaction:
        told = row.transaction
        head = TransactionHead(Moment(slot_of(row), told.tx_index), told.signature, told.block_time)
        trades = tuple(
            GroupExchange(t.trader, Exchange(t.sold_mint, t.sold_raw, t.bought_mint, t.bought_raw))
            for t in told.trades
            if t.trader in wallets
        )
        movements = tuple(
            GroupMovement(m.owner, m.counterparty, m.mint, m.kind, m.delta_raw)
            for m in told.movements
            if m.owner is not None and m.owner in wallets
        )
        marks = [mark for w in wallets for mark in marks_of(self._tables, told, w)]
        marks.sort(key=lambda mark: mark.account_id)
        return GroupTransaction(row.tx_id, head, trades, movements, tuple(marks))


def _key(record: ViewRecord) -> ViewKey:
    return ViewKey(record.position.figures["realized_lamports"], record.mint_id)
