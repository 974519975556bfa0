"""Stored positions in Postgres, under the wallet's row lock."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from oof.adapters.postgres.codes import meaning_of
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.holding_writes import PUT_BACK, TAKE_BACK, write_holdings
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.adapters.postgres.valuation_writes import MARK
from oof.domain.positions.events import Exchange, TransactionHead, of_sides
from oof.domain.positions.lots import Moment
from oof.domain.positions.stored import (
    EntryRow,
    ExitRow,
    HistoryEvent,
    PageRows,
    PositionRow,
    chain_order,
)
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount, Slot
from oof.ports.positions import FoldedTo, PositionHead

# Both rows are locked, as only what is locked is read as it stands after a wait for it.
_LOCK: Final = """
SELECT wallet_id, p.head_slot, p.events, p.other_fees_lamports, p.stale_from, p.stale_since,
    p.is_due, p.checkpoints
FROM tracked_wallets JOIN position_heads p USING (wallet_id)
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %s) AND blocked_code IS NULL
FOR UPDATE OF tracked_wallets, p
"""

# participants_wallet from the slot on; ledger_transaction tells what is live.
_HISTORY: Final = """
WITH walked AS (
    SELECT p.slot, p.tx_id FROM participants p
    WHERE p.wallet_id = %(wallet_id)s AND p.slot > %(after)s AND (
        SELECT op FROM ledger WHERE wallet_id = %(wallet_id)s AND tx_id = p.tx_id
        ORDER BY seq DESC LIMIT 1
    ) <> 2
    ORDER BY p.slot FETCH FIRST %(limit)s ROWS WITH TIES
)
SELECT t.tx_id, t.slot, t.tx_index, t.signature, t.block_time
FROM walked JOIN transactions t USING (tx_id)
"""
# By actions_tx, each within the partition of its slot.
_MOVEMENTS: Final = """
SELECT a.tx_id, m.address, a.kind, a.delta_raw
FROM unnest(%(tx_ids)s::int8[], %(slots)s::int4[]) AS i (tx_id, slot)
JOIN actions a ON a.slot = i.slot AND a.tx_id = i.tx_id JOIN mints m USING (mint_id)
WHERE a.slot BETWEEN %(lowest)s AND %(highest)s AND a.owner_id = %(wallet_id)s
"""
_TRADES: Final = """
SELECT r.tx_id, s.address, r.sold_raw, b.address, r.bought_raw
FROM trades r JOIN mints s ON s.mint_id = r.sold_mint_id
JOIN mints b ON b.mint_id = r.bought_mint_id
WHERE r.tx_id = ANY(%(tx_ids)s) AND r.trader_id = %(wallet_id)s ORDER BY r.tx_id, r.leg
"""
_MARKS: Final = """
SELECT b.tx_id, b.account_id, m.address, b.pre_raw, b.post_raw
FROM balances b JOIN token_accounts a USING (account_id) JOIN mints m USING (mint_id)
WHERE b.tx_id = ANY(%(tx_ids)s) AND a.owner_id = %(wallet_id)s ORDER BY b.tx_id, b.account_id
"""
_KNOWN: Final = """
SELECT account_id FROM position_accounts WHERE wallet_id = %s AND account_id = ANY(%s)
"""
_POSITIONS: Final = """
SELECT m.address, p.is_open, p.last_slot, p.last_at, p.state, p.figures
FROM positions p JOIN mints m USING (mint_id)
WHERE p.wallet_id = %s AND m.address = ANY(%s)
"""

# What changed is marked as to be valued in dollars, where a slot from which on is given.
_WRITE: Final = f"""
WITH changed AS (
    SELECT m.mint_id, i.*
    FROM unnest(%(mint)s::bytea[], %(is_open)s::boolean[], %(last_slot)s::int4[],
        %(last_at)s::int8[], %(realized)s::numeric[], %(state)b::bytea[], %(figures)s::jsonb[],
        %(from_slot)s::int4[])
        AS i (mint, is_open, last_slot, last_at, realized, state, figures, from_slot)
    JOIN mints m ON m.address = i.mint
), marked AS (
    INSERT INTO valuation_due AS d (wallet_id, mint_id, from_slot, at)
    SELECT %(wallet_id)s, mint_id, from_slot, %(at)s FROM changed
    WHERE from_slot IS NOT NULL ORDER BY mint_id {MARK}
)
INSERT INTO positions
    (wallet_id, mint_id, is_open, last_slot, last_at, realized_lamports, state, figures)
SELECT %(wallet_id)s, mint_id, is_open, last_slot, last_at, realized, state, figures FROM changed
ON CONFLICT (wallet_id, mint_id) DO UPDATE SET
    is_open = excluded.is_open, last_slot = excluded.last_slot, last_at = excluded.last_at,
    realized_lamports = excluded.realized_lamports, state = excluded.state,
    figures = excluded.figures
"""  # noqa: S608 - the end of a statement of our own
_WRITE_TRADES: Final = """
WITH traded AS (
    SELECT m.mint_id, i.*
    FROM unnest(%(mint)s::bytea[], %(slot)s::int4[], %(tx_id)s::int8[], %(place)s::int2[],
        %(document)s::jsonb[], %(is_entry)s::boolean[])
        AS i (mint, slot, tx_id, place, document, is_entry)
    JOIN mints m ON m.address = i.mint
), entered AS (
    INSERT INTO position_entries (wallet_id, mint_id, slot, tx_id, place, document)
    SELECT %(wallet_id)s, mint_id, slot, tx_id, place, document FROM traded WHERE is_entry
)
INSERT INTO position_exits (wallet_id, mint_id, slot, tx_id, place, document)
SELECT %(wallet_id)s, mint_id, slot, tx_id, place, document FROM traded WHERE NOT is_entry
"""
_WRITE_EPISODES: Final = """
INSERT INTO position_episodes
    (wallet_id, mint_id, number, opened_slot, opened_at, closed_slot, closed_at)
SELECT %(wallet_id)s, m.mint_id, i.number, i.opened_slot, i.opened_at, i.closed_slot, i.closed_at
FROM unnest(%(mint)s::bytea[], %(number)s::int4[], %(opened_slot)s::int4[],
    %(opened_at)s::int8[], %(closed_slot)s::int4[], %(closed_at)s::int8[])
    AS i (mint, number, opened_slot, opened_at, closed_slot, closed_at)
JOIN mints m ON m.address = i.mint
"""
_WRITE_ACCOUNTS: Final = """
INSERT INTO position_accounts (wallet_id, account_id, slot)
SELECT %s, i.* FROM unnest(%s::int8[], %s::int4[]) AS i (account_id, slot)
"""

# A checkpoint is what changed since the one before: of each mint, the newest row up to it.
_SAVE_CHECKPOINT: Final = """
INSERT INTO position_checkpoints (wallet_id, slot, mint_id, is_open, last_slot, last_at,
    realized_lamports, state, figures)
SELECT wallet_id, %(slot)s, mint_id, is_open, last_slot, last_at, realized_lamports, state, figures
FROM positions WHERE wallet_id = %(wallet_id)s AND last_slot > %(newest)s
"""
_RESTORE: Final = f"""
WITH restored AS (
INSERT INTO positions (wallet_id, mint_id, is_open, last_slot, last_at, realized_lamports, state,
    figures)
SELECT DISTINCT ON (mint_id) wallet_id, mint_id, is_open, last_slot, last_at, realized_lamports,
    state, figures
FROM position_checkpoints WHERE wallet_id = %(wallet_id)s AND slot <= %(slot)s
ORDER BY mint_id, slot DESC ON CONFLICT DO NOTHING
RETURNING mint_id, last_slot, last_at, figures
),
{PUT_BACK}
"""  # noqa: S608 - the end of a statement of our own
# What did not change since stays, with what it is worth.
_DELETE_CHANGED: Final = f"""
WITH changed AS (
    DELETE FROM positions WHERE wallet_id = %(wallet_id)s AND last_slot > %(slot)s
    RETURNING mint_id
),
{TAKE_BACK}
INSERT INTO valuation_due AS d (wallet_id, mint_id, from_slot, at)
SELECT %(wallet_id)s, mint_id, %(slot)s + 1, %(at)s FROM changed JOIN mints m USING (mint_id)
WHERE m.address <> %(sol)s ORDER BY mint_id {MARK}
"""  # noqa: S608 - the end of a statement of our own
# What the oldest one that is kept does without: rows of before it, of mints that it has itself.
_FORGET: Final = """
DELETE FROM position_checkpoints AS older USING position_checkpoints AS kept
WHERE older.wallet_id = %(wallet_id)s AND older.slot < %(oldest)s
    AND kept.wallet_id = %(wallet_id)s AND kept.slot = %(oldest)s AND kept.mint_id = older.mint_id
"""
_SAVE: Final = (_SAVE_CHECKPOINT, _FORGET)
_REWIND: Final = (
    _DELETE_CHANGED,
    _RESTORE,
    "DELETE FROM position_checkpoints WHERE wallet_id = %(wallet_id)s AND slot > %(slot)s",
    "DELETE FROM position_exits WHERE wallet_id = %(wallet_id)s AND slot > %(slot)s",
    "DELETE FROM position_entries WHERE wallet_id = %(wallet_id)s AND slot > %(slot)s",
    "DELETE FROM position_episodes WHERE wallet_id = %(wallet_id)s AND closed_slot > %(slot)s",
    "DELETE FROM position_accounts WHERE wallet_id = %(wallet_id)s AND slot > %(slot)s",
)
_SAVE_HEAD: Final = """
WITH head AS (
    UPDATE position_heads SET head_slot = %(slot)s, events = %(events)s,
        other_fees_lamports = %(fees)s, stale_from = %(stale_from)s,
        stale_since = CASE WHEN %(stale_from)s::int4 IS NOT NULL THEN stale_since END,
        is_due = is_due AND %(stale_from)s::int4 IS NOT NULL, checkpoints = %(checkpoints)s
    WHERE wallet_id = %(wallet_id)s
)
UPDATE tracked_wallets SET revision = revision + 1, changed_at = %(at)s
WHERE wallet_id = %(wallet_id)s
"""
_ASK: Final = """
UPDATE position_heads SET is_due = true WHERE stale_from IS NOT NULL
    AND wallet_id = (SELECT wallet_id FROM wallets WHERE address = %s)
"""
# By position_heads_stale.
_STALE: Final = """
SELECT w.address FROM position_heads p
JOIN tracked_wallets t USING (wallet_id) JOIN wallets w USING (wallet_id)
WHERE p.stale_since < %s AND t.blocked_code IS NULL ORDER BY p.stale_since, p.wallet_id LIMIT %s
"""
_BEFORE_ALL: Final = -1


class PositionWrites:
    """The side of a transaction that keeps positions."""

    _cursor: Cursor

    def lock_positions(self, wallet: Address) -> PositionHead | None:
        """See `PositionTransaction.lock_positions`."""
        row = self._cursor.execute(_LOCK, (address_bytes(wallet),)).fetchone()
        if row is None:
            return None
        wallet_id, slot, events, fees, stale_from, stale_since, is_due, checkpoints = row
        saved = tuple(FoldedTo(at, count, int(paid)) for at, count, paid in checkpoints)
        folded = FoldedTo(slot, events, int(fees))
        return PositionHead(wallet_id, folded, stale_from, stale_since, is_due, saved)

    def history(
        self, wallet_id: int, *, after: Slot | None, limit: int
    ) -> tuple[HistoryEvent, ...]:
        """See `PositionTransaction.history`."""
        asked = {
            "wallet_id": wallet_id,
            "after": _BEFORE_ALL if after is None else after,
            "limit": limit,
        }
        rows = self._cursor.execute(_HISTORY, asked).fetchall()
        return self._events(wallet_id, rows) if rows else ()

    def known_accounts(self, wallet_id: int, accounts: Collection[int]) -> frozenset[int]:
        """See `PositionTransaction.known_accounts`."""
        rows = self._cursor.execute(_KNOWN, (wallet_id, sorted(accounts))).fetchall()
        return frozenset(row[0] for row in rows)

    def positions(self, wallet_id: int, mints: Collection[Mint]) -> tuple[PositionRow, ...]:
        """See `PositionTransaction.positions`."""
        keys = [address_bytes(Address(mint)) for mint in sorted(mints)]
        # As text the states would be twice as long.
        rows = self._cursor.execute(_POSITIONS, (wallet_id, keys), binary=True).fetchall()
        return tuple(_position(row) for row in rows)

    def write_positions(self, wallet_id: int, rows: PageRows, *, at: datetime) -> None:
        """See `PositionTransaction.write_positions`."""
        held = rows.positions
        traded: list[ExitRow | EntryRow] = [*rows.exits, *rows.entries]
        self._insert(
            _WRITE,
            wallet_id,
            at=at,
            mint=[address_bytes(Address(row.mint)) for row in held],
            is_open=[row.is_open for row in held],
            last_slot=[row.last_slot for row in held],
            last_at=[row.last_at for row in held],
            realized=[str(row.figures["realized_lamports"]) for row in held],
            state=[row.state for row in held],
            figures=[_json({k: str(v) for k, v in row.figures.items()}) for row in held],
            from_slot=[rows.changed_from.get(row.mint) for row in held],
        )
        self._insert(
            _WRITE_TRADES,
            wallet_id,
            mint=[address_bytes(Address(row.mint)) for row in traded],
            slot=[row.slot for row in traded],
            tx_id=[row.tx_id for row in traded],
            place=[row.place for row in traded],
            document=[_json(row.document) for row in traded],
            is_entry=[isinstance(row, EntryRow) for row in traded],
        )
        self._insert(
            _WRITE_EPISODES,
            wallet_id,
            mint=[address_bytes(Address(row.mint)) for row in rows.episodes],
            number=[row.number for row in rows.episodes],
            opened_slot=[row.opened_slot for row in rows.episodes],
            opened_at=[row.opened_at for row in rows.episodes],
            closed_slot=[row.closed_slot for row in rows.episodes],
            closed_at=[row.closed_at for row in rows.episodes],
        )
        if rows.accounts:
            accounts = sorted(rows.accounts.items())
            ids, slots = [each for each, _ in accounts], [slot for _, slot in accounts]
            self._cursor.execute(_WRITE_ACCOUNTS, (wallet_id, ids, slots))
        write_holdings(self._cursor, wallet_id, rows.holdings)

    def save_checkpoint(self, wallet_id: int, slot: Slot, *, kept: Sequence[Slot]) -> None:
        """See `PositionTransaction.save_checkpoint`."""
        newest, oldest = max(kept, default=_BEFORE_ALL), min(kept, default=slot)
        keys = {"wallet_id": wallet_id, "slot": slot, "newest": newest, "oldest": oldest}
        for statement in _SAVE:
            self._cursor.execute(statement, keys)

    def rewind(self, wallet_id: int, slot: Slot | None, *, at: datetime) -> None:
        """See `PositionTransaction.rewind`."""
        last = _BEFORE_ALL if slot is None else slot
        sol = address_bytes(Address(SOL_MINT))
        keys = {"wallet_id": wallet_id, "slot": last, "sol": sol, "at": at}
        for statement in _REWIND:
            self._cursor.execute(statement, keys)

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
        keys = {
            "wallet_id": wallet_id,
            "slot": folded.slot,
            "events": folded.events,
            "fees": folded.other_fees_lamports,
            "stale_from": stale_from,
            "checkpoints": _json([[s.slot, s.events, s.other_fees_lamports] for s in checkpoints]),
            "at": at,
        }
        self._cursor.execute(_SAVE_HEAD, keys)

    def ask_for_positions(self, wallet: Address) -> None:
        """See `PositionTransaction.ask_for_positions`."""
        self._cursor.execute(_ASK, (address_bytes(wallet),))

    def _insert(self, statement: str, wallet_id: int, **columns: Any) -> None:
        if columns["mint"]:
            self._cursor.execute(statement, {"wallet_id": wallet_id, **columns})

    def _events(self, wallet_id: int, rows: Sequence[tuple[Any, ...]]) -> tuple[HistoryEvent, ...]:
        slots = [row[1] for row in rows]
        keys = {
            "wallet_id": wallet_id,
            "tx_ids": [row[0] for row in rows],
            "slots": slots,
            "lowest": min(slots),
            "highest": max(slots),
        }
        movements: dict[int, list[tuple[Mint, Kind, RawAmount]]] = defaultdict(list)
        for tx_id, mint, code, delta in self._cursor.execute(_MOVEMENTS, keys).fetchall():
            kind, _ = meaning_of(code)
            movements[tx_id].append((Mint(address_of(mint)), kind, RawAmount(int(delta))))
        trades: dict[int, list[Exchange]] = defaultdict(list)
        for tx_id, sold, sold_raw, bought, got_raw in self._cursor.execute(
            _TRADES, keys
        ).fetchall():
            gave = Mint(address_of(sold)), RawAmount(int(sold_raw))
            got = Mint(address_of(bought)), RawAmount(int(got_raw))
            trades[tx_id].append(Exchange(*gave, *got))
        marks: dict[int, list[BalanceMark]] = defaultdict(list)
        for tx_id, account, mint, pre, post in self._cursor.execute(_MARKS, keys).fetchall():
            amounts = RawAmount(int(pre)), RawAmount(int(post))
            marks[tx_id].append(BalanceMark(account, Mint(address_of(mint)), *amounts))
        events = (
            HistoryEvent(
                tx_id,
                of_sides(
                    TransactionHead(Moment(Slot(slot), index), signature_of(signature), time),
                    trades[tx_id],
                    movements[tx_id],
                ),
                tuple(marks[tx_id]),
            )
            for tx_id, slot, index, signature, time in rows
        )
        return tuple(sorted(events, key=chain_order))


def stale_wallets(cursor: Cursor, *, before: datetime, limit: int) -> tuple[Address, ...]:
    """See `PositionReads.stale_wallets`."""
    rows = cursor.execute(_STALE, (before, limit)).fetchall()
    return tuple(address_of(row[0]) for row in rows)


def _position(row: tuple[Any, ...]) -> PositionRow:
    mint, is_open, last_slot, last_at, state, figures = row
    return PositionRow(
        Mint(address_of(mint)),
        is_open,
        Slot(last_slot),
        last_at,
        bytes(state),
        {name: int(value) for name, value in figures.items()},
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
