"""Stored positions read from the facts in memory."""

from oof.domain.positions.codec import decode_position
from oof.domain.positions.stored import PositionRow
from oof.domain.positions.valuation import ExitValue, Prices, lot_needs
from oof.domain.snapshot.model import WalletState
from oof.domain.snapshot.newest import settle
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, RawAmount, UnixSeconds
from oof.ports.history import WalletHead
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_valuation import looked_up, newest_price
from oof.ports.position_pages import (
    MAX_LOTS,
    ExitKey,
    ExitRecord,
    ExitUsd,
    PositionDetail,
    PositionFilter,
    PositionKey,
    PositionPage,
    PositionRecord,
    PositionsHead,
    PositionSort,
    PositionStatus,
)


class MemoryPositionReader:
    """A `PositionReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def page(
        self,
        wallet: Address,
        wanted: PositionFilter,
        *,
        at: UnixSeconds,
        after: PositionKey | None,
        limit: int,
    ) -> PositionPage | None:
        """See `PositionReader.page`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        records = [
            _record(tables, row.wallet_id, stored, at)
            for (owner, mint), stored in tables.positions.items()
            if owner == row.wallet_id and (wanted.with_quotes or mint not in QUOTES)
        ]
        if wanted.status is not PositionStatus.ALL:
            is_open = wanted.status is PositionStatus.OPEN
            records = [each for each in records if each.is_open == is_open]
        keyed = sorted(((_key(each, wanted.sort), each) for each in records), key=lambda p: p[0])
        left = [(key, each) for key, each in reversed(keyed) if after is None or key < after]
        page = left[:limit]
        next_key = page[-1][0] if len(left) > limit else None
        return PositionPage(
            positions_head(tables, wallet), tuple(each for _, each in page), next_key
        )

    def detail(
        self,
        wallet: Address,
        mint: Mint,
        *,
        at: UnixSeconds,
        after: ExitKey | None,
        limit: int,
    ) -> PositionDetail | None:
        """See `PositionReader.detail`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        stored = None if row is None else tables.positions.get((row.wallet_id, mint))
        if row is None or stored is None:
            return None
        own = (row.wallet_id, mint)
        ended = [each for key, each in tables.position_episodes.items() if key[:2] == own]
        sold = sorted(
            (
                (ExitKey(each.slot, each.tx_id, each.place), each)
                for key, each in tables.position_exits.items()
                if key[:2] == own
            ),
            key=lambda pair: pair[0],
            reverse=True,
        )
        left = [(key, each) for key, each in sold if after is None or key < after]
        exits = [
            ExitRecord(
                key,
                tables.transactions[key.tx_id].transaction.signature,
                each.document,
                _usd(tables.exit_values.get((*own, key.tx_id, key.place))),
            )
            for key, each in left[:limit]
        ]
        position = decode_position(mint, stored.state)
        lots = position.book.lots[:MAX_LOTS]
        book = looked_up(tables, (span for lot in lots for span in lot_needs(mint, lot)))
        return PositionDetail(
            head=positions_head(tables, wallet),
            record=_record(tables, row.wallet_id, stored, at),
            lots=lots,
            lots_usd=[Prices(book=book).lot(mint, lot) for lot in lots],
            aside={kind.value: book.qty_raw for kind, book in position.aside.items()},
            episodes=tuple(sorted(ended, key=lambda e: -e.number)[:MAX_LOTS]),
            exits=tuple(exits),
            next_key=exits[-1].key if len(left) > limit else None,
        )


def positions_head(tables: Tables, wallet: Address) -> PositionsHead:
    """Return how a wallet's positions stand."""
    row = tables.tracked[wallet]
    head = tables.position_heads.get(row.wallet_id)
    unresolved = (
        tables.transactions[tx_id]
        for (_, tx_id), asked in tables.unordered.items()
        if asked.due_at is not None
    )
    return PositionsHead(
        wallet=WalletHead(
            state=row.state if row.blocked_code is None else WalletState.BLOCKED,
            epoch=tables.epoch["epoch"],
            revision=row.revision,
            as_of_slot=row.span.newest_slot,
        ),
        folded_slot=None if head is None else head.folded.slot,
        is_folding=head is not None and head.stale_from is not None,
        is_history_partial=not row.coverage.complete,
        is_order_unresolved=any(wallet in each.transaction.participants for each in unresolved),
        is_soft=row.soft_count > 0,
    )


def _usd(value: ExitValue | None) -> ExitUsd | None:
    if value is None:
        return None
    parts = value.proceeds_usd, value.cost_usd, value.fees_usd, value.pnl_usd
    return ExitUsd(*parts, value.basis)


def _record(tables: Tables, wallet_id: int, stored: PositionRow, at: UnixSeconds) -> PositionRecord:
    held = sum(
        settle(newest).rival.post_raw
        for (owner, account), newest in tables.holdings.items()
        if owner == wallet_id and tables.account_keys[account].mint == stored.mint
    )
    return PositionRecord(
        mint_id=list(tables.decimals).index(stored.mint) + 1,
        mint=stored.mint,
        decimals=tables.decimals[stored.mint],
        is_open=stored.is_open,
        last_slot=stored.last_slot,
        last_at=stored.last_at,
        figures=stored.figures,
        on_chain_raw=RawAmount(held),
        usd=tables.position_usd.get((wallet_id, stored.mint)),
        quote=newest_price(tables, stored.mint, at),
        symbol=tables.symbol(stored.mint),
    )


def _key(record: PositionRecord, sort: PositionSort) -> PositionKey:
    values = {
        PositionSort.RECENT: int(record.last_slot),
        PositionSort.PNL: record.figures["realized_lamports"],
        PositionSort.MET: record.mint_id,
    }
    return PositionKey(values[sort], record.mint_id)
