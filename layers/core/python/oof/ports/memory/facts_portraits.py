"""Portraits among the facts in memory."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from oof.domain.behaviour.records import (
    CostMark,
    EpisodeMark,
    FirstBuy,
    MomentNote,
    TradeMark,
)
from oof.domain.classification.config import VERSION
from oof.domain.positions.codec import decode_position
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.snapshot.ledger import LedgerOp
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import QUOTES
from oof.domain.transactions.model import Kind, Role
from oof.domain.units import Address, Lamports, Mint, Signature, Slot, UnixSeconds
from oof.ports.memory.fact_tables import StoredTransaction, Tables, fees_paid, slot_of
from oof.ports.portraits import (
    ExitMoney,
    Portrait,
    RowKey,
    StoredPortrait,
    TradeKey,
    portrait_wait,
)


class PortraitSide:
    """The side of a transaction that keeps portraits."""

    _tables: Tables

    def mark_portrait(self, wallet_id: int, *, at: datetime) -> None:
        """See `PortraitTransaction.mark_portrait`."""
        head = self._tables.position_heads.get(wallet_id)
        wait = portrait_wait(0 if head is None else head.folded.events)
        self.mark_portrait_again(wallet_id, at=at + wait)

    def mark_portrait_again(self, wallet_id: int, *, at: datetime) -> None:
        """See `PortraitTransaction.mark_portrait_again`."""
        due = self._tables.portraits_due
        due[wallet_id] = min(at, due.get(wallet_id, at))

    def take_portrait(self, wallet_id: int, *, at: datetime) -> bool:
        """See `PortraitTransaction.take_portrait`."""
        due = self._tables.portraits_due.get(wallet_id)
        if due is None or due > at:
            return False
        del self._tables.portraits_due[wallet_id]
        return True

    def trade_marks(
        self, wallet_id: int, *, after: TradeKey | None, limit: int
    ) -> tuple[TradeMark, ...]:
        """See `PortraitTransaction.trade_marks`."""
        found = [
            mark for row in self._applied(wallet_id) for mark in self._marks_of(wallet_id, row)
        ]
        return _page(found, _trade_key, after, limit)

    def cost_marks(self, wallet_id: int, trades: Sequence[TradeMark]) -> tuple[CostMark, ...]:
        """See `PortraitTransaction.cost_marks`."""
        wallet = self._tables.addresses[wallet_id]
        marks = []
        for tx_id in sorted({trade.tx_id for trade in trades}):
            t = self._tables.transactions[tx_id].transaction
            fees = fees_paid(t, wallet)
            priority, tip, bot = (
                fees.get(kind.value, Lamports(0))
                for kind in (Kind.PRIORITY_FEE, Kind.TIP, Kind.BOT_FEE)
            )
            total = Lamports(sum(fees.values()))
            marks.append(CostMark(tx_id, t.block_time, priority, tip, bot, total))
        return tuple(marks)

    def entry_rows(
        self, wallet_id: int, *, after: RowKey | None, limit: int
    ) -> tuple[EntryRow, ...]:
        """See `PortraitTransaction.entry_rows`."""
        rows = [
            row
            for key, row in self._tables.position_entries.items()
            if key[0] == wallet_id and row.mint not in QUOTES
        ]
        return _page(rows, _row_key, after, limit)

    def exit_rows(
        self, wallet_id: int, *, after: RowKey | None, limit: int
    ) -> tuple[ExitMoney, ...]:
        """See `PortraitTransaction.exit_rows`."""
        rows = [
            row
            for key, row in self._tables.position_exits.items()
            if key[0] == wallet_id and row.mint not in QUOTES
        ]
        return tuple(
            self._with_money(wallet_id, row) for row in _page(rows, _row_key, after, limit)
        )

    def episode_marks(self, wallet_id: int, *, limit: int) -> tuple[EpisodeMark, ...]:
        """See `PortraitTransaction.episode_marks`."""
        ended = [
            EpisodeMark(
                row.mint,
                row.number,
                row.opened_slot,
                row.opened_at,
                row.closed_slot,
                row.closed_at,
            )
            for key, row in self._tables.position_episodes.items()
            if key[0] == wallet_id and row.mint not in QUOTES
        ]
        ended.sort(key=lambda each: (-(each.closed_slot or 0), each.mint, each.number))
        return (*ended[:limit], *self._open_marks(wallet_id))

    def first_buys(self, wallet_id: int, mints: Sequence[Mint]) -> tuple[FirstBuy, ...]:
        """See `PortraitTransaction.first_buys`."""
        wanted = dict.fromkeys(mints)
        first: dict[Mint, EntryRow] = {}
        for key, row in sorted(
            self._tables.position_entries.items(), key=lambda item: _row_key(item[1])
        ):
            if key[0] == wallet_id and row.mint in wanted:
                first.setdefault(row.mint, row)
        return tuple(self._first_buy_of(wallet_id, first[mint]) for mint in mints if mint in first)

    def moment_notes(self, wallet_id: int, *, limit: int) -> tuple[MomentNote, ...]:
        """See `PortraitTransaction.moment_notes`."""
        own = [each for (owner, _), each in self._tables.moments.items() if owner == wallet_id]
        own.sort(key=lambda each: (each.moment.at, each.id), reverse=True)
        return tuple(
            MomentNote(each.moment.kind, each.tx_id, each.moment.at) for each in own[:limit]
        )

    def signatures_of(self, tx_ids: Sequence[int]) -> dict[int, Signature]:
        """See `PortraitTransaction.signatures_of`."""
        rows = self._tables.transactions
        return {tx_id: rows[tx_id].transaction.signature for tx_id in tx_ids if tx_id in rows}

    def write_portraits(
        self,
        wallet_id: int,
        portraits: Sequence[Portrait],
        *,
        as_of_slot: Slot | None,
        at: datetime,
    ) -> None:
        """See `PortraitTransaction.write_portraits`."""
        for each in portraits:
            stored = StoredPortrait(each, VERSION, as_of_slot, UnixSeconds(int(at.timestamp())))
            self._tables.portraits[wallet_id, each.window] = stored

    def _applied(self, wallet_id: int) -> Iterable[StoredTransaction]:
        for (owner, tx_id), last in self._tables.last_rows.items():
            row = self._tables.transactions[tx_id]
            if owner == wallet_id and last.op is not LedgerOp.REVOKE and not row.revoked:
                yield row

    def _marks_of(self, wallet_id: int, row: StoredTransaction) -> Iterable[TradeMark]:
        t, wallet = row.transaction, self._tables.addresses[wallet_id]
        for leg, trade in enumerate(t.trades):
            if trade.trader == wallet:
                yield TradeMark(
                    row.tx_id,
                    leg,
                    slot_of(row),
                    t.block_time,
                    trade.sold_mint,
                    trade.bought_mint,
                    trade.venue,
                    trade.terminal,
                    trade.role is Role.MAKER,
                    trade.arbitrage,
                )

    def _with_money(self, wallet_id: int, row: ExitRow) -> ExitMoney:
        value = self._tables.exit_values.get((wallet_id, row.mint, row.tx_id, row.place))
        if value is None:
            return ExitMoney(row, None, None, None, None)
        return ExitMoney(row, value.proceeds_usd, value.cost_usd, value.fees_usd, value.pnl_usd)

    def _open_marks(self, wallet_id: int) -> Iterable[EpisodeMark]:
        for (owner, mint), row in sorted(self._tables.positions.items()):
            if owner != wallet_id or not row.is_open or mint in QUOTES:
                continue
            position = decode_position(mint, row.state)
            if position.opened is not None:
                where, since = position.opened
                yield EpisodeMark(mint, position.episodes, where.slot, since, None, None)

    def _first_buy_of(self, wallet_id: int, row: EntryRow) -> FirstBuy:
        wallet = self._tables.addresses[wallet_id]
        bought = [
            (slot_of(each), t.tx_index is None, t.tx_index or 0, each.tx_id, trade.trader)
            for each in self._tables.transactions.values()
            if not each.revoked and slot_of(each) <= row.slot
            for t in (each.transaction,)
            for trade in t.trades
            if trade.bought_mint == row.mint
        ]
        at = row.document["at"]
        if not bought:
            return FirstBuy(row.mint, row.tx_id, at, None, is_own=False, is_created=False)
        *_, tx_id, trader = min(bought)
        oldest = self._tables.transactions[tx_id].transaction
        return FirstBuy(
            row.mint,
            row.tx_id,
            at,
            oldest.block_time,
            is_own=trader == wallet,
            is_created=any(m.mint == row.mint and m.kind is Kind.MINT for m in oldest.movements),
        )


class PortraitQueries:
    """Reads outside of any transaction."""

    tables: Tables

    def wallets_with_due_portraits(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """See `PortraitReads.wallets_with_due_portraits`."""
        tables = self.tables
        due = sorted((when, w) for w, when in tables.portraits_due.items() if when <= at)
        wallets = (tables.addresses[wallet_id] for _, wallet_id in due)
        return tuple(wallet for wallet in wallets if _is_followed(tables, wallet))[:limit]


def _is_followed(tables: Tables, wallet: Address) -> bool:
    row = tables.tracked[wallet]
    return row.blocked_code is None and row.state is not WalletState.UNTRACKED


def _page[Row, Key: tuple[object, ...]](
    rows: Iterable[Row], key_of: Callable[[Row], Key], after: Key | None, limit: int
) -> tuple[Row, ...]:
    ordered = sorted(rows, key=key_of, reverse=True)
    return tuple(row for row in ordered if after is None or key_of(row) < after)[:limit]


def _trade_key(mark: TradeMark) -> TradeKey:
    return TradeKey(mark.slot, mark.tx_id, mark.leg)


def _row_key(row: EntryRow | ExitRow) -> RowKey:
    return RowKey(row.slot, row.tx_id, row.mint, row.place)
