"""Pages of stored positions from Postgres."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg.sql import SQL

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.price_books import load_book
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.adapters.postgres.worth_reads import NEWEST_PRICE, quote_in, quoted_within
from oof.domain.positions.codec import decode_position
from oof.domain.positions.days import decode_usd
from oof.domain.positions.stored import EpisodeRow
from oof.domain.positions.valuation import Prices, lot_needs
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, RawAmount, Slot, UnixSeconds
from oof.ports.history import WalletHead
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

# By primary keys; whose order is still asked for are few.
_HEAD: Final = """
SELECT w.wallet_id, t.state, t.blocked_code, t.revision, t.newest_slot, e.epoch, p.head_slot,
    p.stale_from IS NOT NULL, NOT t.coverage_complete, t.soft_count > 0,
    EXISTS (
        SELECT FROM unordered_transactions u
        JOIN participants r ON r.wallet_id = w.wallet_id AND r.slot = u.slot AND r.tx_id = u.tx_id
        WHERE u.due_at IS NOT NULL
    )
FROM wallets w JOIN tracked_wallets t USING (wallet_id) CROSS JOIN database_epoch e
LEFT JOIN position_heads p USING (wallet_id)
WHERE w.address = %s
"""

# positions_recent, positions_realized or the primary key, backwards from the cursor; then the
# wallet's holdings once. OFFSET keeps the planner from reading all mints for a page of them.
_PAGE: Final = SQL("""
WITH page AS (
    SELECT p.mint_id, m.address, m.decimals, m.symbol, p.is_open, p.last_slot, p.last_at, p.figures,
        p.usd, {value} AS value
    FROM positions p
    CROSS JOIN LATERAL (SELECT * FROM mints WHERE mint_id = p.mint_id OFFSET 0) m
    WHERE p.wallet_id = %(wallet)s AND (%(is_open)s::boolean IS NULL OR p.is_open = %(is_open)s)
        AND m.address <> ALL(%(hidden)s)
        AND (%(value)s::numeric IS NULL OR ({value}, p.mint_id) < (%(value)s, %(mint_id)s))
    ORDER BY {value} DESC, p.mint_id DESC LIMIT %(limit)s + 1
),
held AS (
    SELECT mint_id, sum(post_raw) AS raw FROM holdings
    WHERE wallet_id = %(wallet)s AND mint_id IN (SELECT mint_id FROM page) GROUP BY mint_id
)
SELECT p.mint_id, p.address, p.decimals, p.symbol, p.is_open, p.last_slot, p.last_at, p.figures,
    coalesce(held.raw, 0), p.usd, quote.close, quote.start, quote.width, quote.source,
    quote.confidence, p.value
FROM page p LEFT JOIN held USING (mint_id) {newest_price}
ORDER BY p.value DESC, p.mint_id DESC
""")
_VALUES: Final = {
    PositionSort.RECENT: SQL("p.last_slot"),
    PositionSort.PNL: SQL("p.realized_lamports"),
    PositionSort.MET: SQL("p.mint_id"),
}

_ONE: Final = f"""
SELECT p.mint_id, m.address, m.decimals, m.symbol, p.is_open, p.last_slot, p.last_at, p.figures,
    (SELECT coalesce(sum(post_raw), 0) FROM holdings h
     WHERE h.wallet_id = p.wallet_id AND h.mint_id = p.mint_id), p.usd, quote.close, quote.start,
    quote.width, quote.source, quote.confidence, p.state
FROM positions p JOIN mints m USING (mint_id) {NEWEST_PRICE}
WHERE p.wallet_id = %(wallet)s AND m.address = %(mint)s
"""  # noqa: S608 - a part of our own
# The primary key, backwards from the cursor.
_EXITS: Final = """
SELECT e.slot, e.tx_id, e.place, t.signature, e.document, e.proceeds_usd, e.cost_usd, e.fees_usd,
    e.pnl_usd, e.usd
FROM position_exits e JOIN transactions t USING (tx_id)
WHERE e.wallet_id = %(wallet)s AND e.mint_id = %(mint_id)s AND (
    %(slot)s::int4 IS NULL OR (e.slot, e.tx_id, e.place) < (%(slot)s, %(tx_id)s, %(place)s)
)
ORDER BY e.slot DESC, e.tx_id DESC, e.place DESC LIMIT %(limit)s + 1
"""
_EPISODES: Final = """
SELECT number, opened_slot, opened_at, closed_slot, closed_at FROM position_episodes
WHERE wallet_id = %s AND mint_id = %s ORDER BY number DESC LIMIT %s
"""


class PostgresPositionReader:
    """A `PositionReader` over the stored positions."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        hidden = [] if wanted.with_quotes else [address_bytes(Address(m)) for m in sorted(QUOTES)]
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            asked = {
                "wallet": wallet_id,
                "is_open": _is_open(wanted.status),
                "hidden": hidden,
                "value": None if after is None else after.value,
                "mint_id": None if after is None else after.mint_id,
                "limit": limit,
                **quoted_within(at),
            }
            query = _PAGE.format(value=_VALUES[wanted.sort], newest_price=SQL(NEWEST_PRICE))
            rows = cursor.execute(query, asked).fetchall()
        records = tuple(_record(row[:-1], at) for row in rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        next_key = None if last is None else PositionKey(int(last[-1]), last[0])
        return PositionPage(head, records, next_key)

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
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            key = {"wallet": wallet_id, "mint": address_bytes(Address(mint)), **quoted_within(at)}
            one = cursor.execute(_ONE, key).fetchone()
            if one is None:
                return None
            record = _record(one[:-1], at)
            asked = {"wallet": wallet_id, "mint_id": record.mint_id, "limit": limit}
            start = dict.fromkeys(ExitKey._fields) if after is None else after._asdict()
            rows = cursor.execute(_EXITS, asked | start).fetchall()
            ended = cursor.execute(_EPISODES, (wallet_id, record.mint_id, MAX_LOTS)).fetchall()
            position = decode_position(mint, bytes(one[-1]))
            lots = position.book.lots[:MAX_LOTS]
            book = load_book(cursor, (span for lot in lots for span in lot_needs(mint, lot)))
        exits = tuple(_exit(row) for row in rows[:limit])
        return PositionDetail(
            head=head,
            record=record,
            lots=lots,
            lots_usd=[Prices(book=book).lot(mint, lot) for lot in lots],
            aside={kind.value: book.qty_raw for kind, book in position.aside.items()},
            episodes=tuple(EpisodeRow(mint, *row) for row in ended),
            exits=exits,
            next_key=exits[-1].key if len(rows) > limit else None,
        )


def _is_open(status: PositionStatus) -> bool | None:
    return None if status is PositionStatus.ALL else status is PositionStatus.OPEN


def positions_head(cursor: Cursor, wallet: Address) -> tuple[int, PositionsHead] | None:
    """Return a wallet's id and how its positions stand; None where it was never tracked."""
    row = cursor.execute(_HEAD, (address_bytes(wallet),)).fetchone()
    if row is None:
        return None
    wallet_id, state, blocked_code, revision, newest_slot, epoch, folded_slot, *flags = row
    head = WalletHead(
        state=WalletState(state) if blocked_code is None else WalletState.BLOCKED,
        epoch=epoch,
        revision=revision,
        as_of_slot=None if newest_slot is None else Slot(newest_slot),
    )
    is_folding, is_partial, is_soft, is_unresolved = flags
    return wallet_id, PositionsHead(
        wallet=head,
        folded_slot=folded_slot,
        is_folding=bool(is_folding),
        is_history_partial=is_partial,
        is_order_unresolved=is_unresolved,
        is_soft=is_soft,
    )


def _record(row: Sequence[Any], at: UnixSeconds) -> PositionRecord:
    mint_id, mint, decimals, symbol, is_open, last_slot, last_at, figures, *rest = row
    on_chain, usd, *quote = rest
    return PositionRecord(
        mint_id=mint_id,
        mint=Mint(address_of(mint)),
        decimals=decimals,
        is_open=is_open,
        last_slot=Slot(last_slot),
        last_at=last_at,
        figures={name: int(value) for name, value in figures.items()},
        on_chain_raw=RawAmount(int(on_chain)),
        usd=None if usd is None else decode_usd(usd),
        quote=quote_in(quote, at),
        symbol=symbol,
    )


def _exit(row: Sequence[Any]) -> ExitRecord:
    slot, tx_id, place, signature, document, proceeds, cost, fees, pnl, basis = row
    usd = None if basis is None else ExitUsd(proceeds, cost, fees, pnl, basis)
    return ExitRecord(ExitKey(slot, tx_id, place), signature_of(signature), document, usd)
