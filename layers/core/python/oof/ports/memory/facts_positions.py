"""Stored positions among the facts in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from oof.domain.positions.events import of_wallet
from oof.domain.positions.holding_days import holding_of_figures
from oof.domain.positions.stored import (
    HistoryEvent,
    PageRows,
    PositionRow,
    chain_order,
)
from oof.domain.snapshot.ledger import LedgerOp
from oof.domain.snapshot.model import PositionTotals
from oof.domain.tokens import QUOTES
from oof.domain.units import SOL_MINT, Address, Lamports, Mint, Slot
from oof.ports.memory.fact_tables import Tables, marks_of, slot_of
from oof.ports.memory.facts_valuation import mark_due
from oof.ports.positions import FoldedTo, PositionHead


class PositionSide:
    """The side of a transaction that keeps positions."""

    _tables: Tables

    def lock_positions(self, wallet: Address) -> PositionHead | None:
        """See `PositionTransaction.lock_positions`."""
        row = self._tables.tracked.get(wallet)
        if row is None or row.blocked_code is not None:
            return None
        return self._tables.position_heads.get(row.wallet_id)

    def history(
        self, wallet_id: int, *, after: Slot | None, limit: int
    ) -> tuple[HistoryEvent, ...]:
        """See `PositionTransaction.history`."""
        tables = self._tables
        wallet = tables.addresses[wallet_id]
        live = (
            tables.transactions[tx_id]
            for (owner, tx_id), last in tables.last_rows.items()
            if owner == wallet_id and last.op is not LedgerOp.REVOKE
        )
        wanted = sorted(
            (row for row in live if wallet in row.transaction.participants),
            key=slot_of,
        )
        above = [row for row in wanted if after is None or slot_of(row) > after]
        last_slot = slot_of(above[min(limit, len(above)) - 1]) if above else 0
        events = (
            HistoryEvent(
                row.tx_id,
                of_wallet(row.transaction, wallet),
                marks_of(tables, row.transaction, wallet),
            )
            for row in above
            if slot_of(row) <= last_slot
        )
        return tuple(sorted(events, key=chain_order))

    def known_accounts(self, wallet_id: int, accounts: Collection[int]) -> frozenset[int]:
        """See `PositionTransaction.known_accounts`."""
        met = self._tables.position_accounts
        return frozenset(account for account in accounts if (wallet_id, account) in met)

    def positions(self, wallet_id: int, mints: Collection[Mint]) -> tuple[PositionRow, ...]:
        """See `PositionTransaction.positions`."""
        found = (self._tables.positions.get((wallet_id, mint)) for mint in sorted(mints))
        return tuple(row for row in found if row is not None)

    def write_positions(self, wallet_id: int, rows: PageRows, *, at: datetime) -> None:
        """See `PositionTransaction.write_positions`."""
        tables = self._tables
        for row in rows.positions:
            tables.positions[wallet_id, row.mint] = row
        for sold in rows.exits:
            tables.position_exits[wallet_id, sold.mint, sold.tx_id, sold.place] = sold
        for episode in rows.episodes:
            tables.position_episodes[wallet_id, episode.mint, episode.number] = episode
        for account, slot in rows.accounts.items():
            tables.position_accounts[wallet_id, account] = slot
        for bought in rows.entries:
            tables.position_entries[wallet_id, bought.mint, bought.tx_id, bought.place] = bought
        for held in rows.holdings:
            tables.holding_days[wallet_id, held.mint, held.day] = held
        mark_due(tables, wallet_id, rows.changed_from, at)

    def save_checkpoint(self, wallet_id: int, slot: Slot, *, kept: Sequence[Slot]) -> None:
        """See `PositionTransaction.save_checkpoint`."""
        tables = self._tables
        rows = tuple(row for (owner, _), row in tables.positions.items() if owner == wallet_id)
        tables.position_checkpoints = {
            key: saved
            for key, saved in tables.position_checkpoints.items()
            if key[0] != wallet_id or key[1] in kept
        } | {(wallet_id, slot): rows}

    def rewind(self, wallet_id: int, slot: Slot | None, *, at: datetime) -> None:
        """See `PositionTransaction.rewind`."""
        tables, last = self._tables, -1 if slot is None else slot
        saved = tables.position_checkpoints[wallet_id, slot] if slot is not None else ()
        changed = {
            k for k, row in tables.positions.items() if k[0] == wallet_id and row.last_slot > last
        }
        tables.positions = {k: row for k, row in tables.positions.items() if k not in changed}
        tables.positions = {(wallet_id, row.mint): row for row in saved} | tables.positions
        tables.position_usd = {k: u for k, u in tables.position_usd.items() if k not in changed}
        mints = {mint for _, mint in changed if mint != SOL_MINT}
        mark_due(tables, wallet_id, dict.fromkeys(mints, Slot(last + 1)), at)
        self._forget_trades(wallet_id, last)
        tables.holding_days = {
            k: row
            for k, row in tables.holding_days.items()
            if k[0] != wallet_id or row.slot <= last
        }
        for row in saved:
            held = holding_of_figures(row.mint, row.last_slot, row.last_at, row.figures)
            tables.holding_days.setdefault((wallet_id, held.mint, held.day), held)
        tables.position_episodes = {
            k: row
            for k, row in tables.position_episodes.items()
            if k[0] != wallet_id or row.closed_slot <= last
        }
        tables.position_accounts = {
            k: met
            for k, met in tables.position_accounts.items()
            if k[0] != wallet_id or met <= last
        }
        tables.position_checkpoints = {
            k: rows
            for k, rows in tables.position_checkpoints.items()
            if k[0] != wallet_id or k[1] <= last
        }

    def _forget_trades(self, wallet_id: int, last: int) -> None:
        tables = self._tables
        exits, entries = tables.position_exits, tables.position_entries
        tables.position_exits = {
            k: row for k, row in exits.items() if k[0] != wallet_id or row.slot <= last
        }
        tables.exit_values = {
            k: value for k, value in tables.exit_values.items() if k in tables.position_exits
        }
        tables.position_entries = {
            k: row for k, row in entries.items() if k[0] != wallet_id or row.slot <= last
        }

    def save_folded(
        self,
        wallet_id: int,
        folded: FoldedTo,
        *,
        stale_from: Slot | None,
        checkpoints: Sequence[FoldedTo],
        at: datetime,
    ) -> None:
        """See `PositionTransaction.save_folded`."""
        tables = self._tables
        head = tables.position_heads[wallet_id]
        is_done = stale_from is None
        tables.position_heads[wallet_id] = head._replace(
            folded=folded,
            stale_from=stale_from,
            stale_since=None if is_done else head.stale_since,
            is_due=head.is_due and not is_done,
            checkpoints=tuple(checkpoints),
        )
        address = tables.addresses[wallet_id]
        row = tables.tracked[address]
        tables.tracked[address] = replace(row, revision=row.revision + 1, changed_at=at)

    def ask_for_positions(self, wallet: Address) -> None:
        """See `PositionTransaction.ask_for_positions`."""
        row = self._tables.tracked.get(wallet)
        head = None if row is None else self._tables.position_heads.get(row.wallet_id)
        if head is not None and head.stale_from is not None:
            self._tables.position_heads[head.wallet_id] = head._replace(is_due=True)


def mark_stale(tables: Tables, wallet_id: int, slot: Slot, at: datetime) -> None:
    """Mark a wallet's positions as stale from a slot."""
    fresh = PositionHead(wallet_id, FoldedTo(), None, None, is_due=False, checkpoints=())
    head = tables.position_heads.get(wallet_id, fresh)
    tables.position_heads[wallet_id] = head._replace(
        stale_from=slot if head.stale_from is None else min(slot, head.stale_from),
        stale_since=head.stale_since or at,
    )


def stale_wallets(tables: Tables, *, before: datetime, limit: int) -> tuple[Address, ...]:
    """See `PositionReads.stale_wallets`."""
    found = sorted(
        (head.stale_since, wallet_id)
        for wallet_id, head in tables.position_heads.items()
        if head.stale_since is not None and head.stale_since < before
    )
    wallets = [tables.addresses[wallet_id] for _, wallet_id in found]
    return tuple(w for w in wallets if tables.tracked[w].blocked_code is None)[:limit]


def position_totals(tables: Tables, wallet_id: int) -> PositionTotals:
    """Return what a wallet's tokens came to."""
    rows = [
        row
        for (owner, mint), row in tables.positions.items()
        if owner == wallet_id and mint not in QUOTES
    ]
    head = tables.position_heads.get(wallet_id)

    def total(name: str) -> int:
        return sum(row.figures[name] for row in rows)

    return PositionTotals(
        open_count=sum(row.is_open for row in rows),
        closed_count=sum(not row.is_open for row in rows),
        realized_lamports=Lamports(total("realized_lamports")),
        fees_lamports=Lamports(total("fees_lamports")),
        wins=total("wins"),
        losses=total("losses"),
        excluded_lamports=Lamports(total("excluded_lamports")),
        unpriced=total("unpriced"),
        is_folding=head is not None and head.stale_from is not None,
    )
