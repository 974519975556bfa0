"""What portraits are made of, and portraits, in Postgres, under the wallet's row lock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from oof.adapters.postgres.codes import KIND_CODES, codes_of
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.moment_rows import KIND_CODES as MOMENT_CODES
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.adapters.postgres.story_reads import FEES
from oof.domain.behaviour.codec import encode_behaviour
from oof.domain.behaviour.records import (
    CostMark,
    EpisodeMark,
    FirstBuy,
    MomentNote,
    TradeMark,
)
from oof.domain.classification.codec import encode_verdicts
from oof.domain.classification.config import VERSION
from oof.domain.moments.model import MomentKind
from oof.domain.positions.codec import decode_position
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.snapshot.fees import FEE_KINDS
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import QUOTES
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Address, Lamports, Mint, Signature, Slot, UnixSeconds
from oof.ports.portraits import (
    A_SECOND,
    AT_ONCE,
    MOST_WAIT_S,
    ExitMoney,
    Portrait,
    RowKey,
    TradeKey,
)

_END: Final = (2**31 - 1, 2**62, 2**15 - 1)
_ROWS_END: Final = (2**31 - 1, 2**62, b"\xff" * 33, 2**15 - 1)

_MARK: Final = """
INSERT INTO portraits_due AS d (wallet_id, at) VALUES (%(wallet_id)s, %(at)s)
ON CONFLICT (wallet_id) DO UPDATE SET at = least(d.at, excluded.at)
"""
# `portrait_wait`, in the statement that marks.
_MARK_LATER: Final = """
INSERT INTO portraits_due AS d (wallet_id, at)
SELECT %(wallet_id)s, %(at)s + make_interval(secs => CASE WHEN h.events > %(at_once)s
    THEN least(%(most)s, h.events / %(a_second)s) ELSE 0 END)
FROM (SELECT coalesce((
    SELECT events FROM position_heads WHERE wallet_id = %(wallet_id)s
), 0) AS events) h
ON CONFLICT (wallet_id) DO UPDATE SET at = least(d.at, excluded.at)
"""
_TAKE: Final = "DELETE FROM portraits_due WHERE wallet_id = %s AND at <= %s RETURNING 1"
# By trades_trader, backwards from the key; ledger_transaction tells what is applied.
_TRADES: Final = """
SELECT r.tx_id, r.leg, r.slot, t.block_time, s.address, b.address, r.venue, r.terminal,
    r.is_maker, r.arbitrage
FROM trades r JOIN transactions t USING (tx_id)
JOIN mints s ON s.mint_id = r.sold_mint_id JOIN mints b ON b.mint_id = r.bought_mint_id
WHERE r.trader_id = %(wallet_id)s AND NOT t.revoked
    AND (r.slot, r.tx_id, r.leg) < (%(slot)s, %(tx_id)s, %(leg)s)
    AND (
        SELECT op FROM ledger l WHERE l.wallet_id = %(wallet_id)s AND l.tx_id = r.tx_id
        ORDER BY seq DESC LIMIT 1
    ) <> 2
ORDER BY r.slot DESC, r.tx_id DESC, r.leg DESC LIMIT %(limit)s
"""
# By position_entries_slot and position_exits_slot, backwards from the key.
_ENTRIES: Final = """
SELECT m.address, e.slot, e.tx_id, e.place, e.document
FROM position_entries e JOIN mints m USING (mint_id)
WHERE e.wallet_id = %(wallet_id)s AND e.slot <= %(slot)s AND m.address <> ALL(%(quotes)s)
    AND (e.slot, e.tx_id, m.address, e.place) < (%(slot)s, %(tx_id)s, %(mint)s, %(place)s)
ORDER BY e.slot DESC, e.tx_id DESC, m.address DESC, e.place DESC LIMIT %(limit)s
"""
_EXITS: Final = """
SELECT m.address, e.slot, e.tx_id, e.place, e.document, e.proceeds_usd, e.cost_usd, e.fees_usd,
    e.pnl_usd
FROM position_exits e JOIN mints m USING (mint_id)
WHERE e.wallet_id = %(wallet_id)s AND e.slot <= %(slot)s AND m.address <> ALL(%(quotes)s)
    AND (e.slot, e.tx_id, m.address, e.place) < (%(slot)s, %(tx_id)s, %(mint)s, %(place)s)
ORDER BY e.slot DESC, e.tx_id DESC, m.address DESC, e.place DESC LIMIT %(limit)s
"""
# By the primary keys of both.
_EPISODES: Final = """
SELECT m.address, e.number, e.opened_slot, e.opened_at, e.closed_slot, e.closed_at
FROM position_episodes e JOIN mints m USING (mint_id)
WHERE e.wallet_id = %(wallet_id)s AND m.address <> ALL(%(quotes)s)
ORDER BY e.closed_slot DESC, m.address, e.number LIMIT %(limit)s
"""
_OPEN: Final = """
SELECT m.address, p.state FROM positions p JOIN mints m USING (mint_id)
WHERE p.wallet_id = %(wallet_id)s AND p.is_open AND m.address <> ALL(%(quotes)s)
ORDER BY m.address
"""
# By the primary key of position_entries and by trades_bought, one row each; actions_tx tells
# whether the oldest purchase minted the token.
_FIRST_BUYS: Final = """
SELECT m.address, e.tx_id, e.at, o.block_time, coalesce(o.trader_id = %(wallet_id)s, false),
    o.tx_id IS NOT NULL AND EXISTS (
        SELECT FROM actions k WHERE k.tx_id = o.tx_id AND k.slot = o.slot
            AND k.mint_id = m.mint_id AND k.kind = ANY(%(minted)s)
    )
FROM unnest(%(mints)s::bytea[]) AS i (address) JOIN mints m USING (address)
CROSS JOIN LATERAL (
    SELECT x.tx_id, x.slot, (x.document->>'at')::int8 AS at FROM position_entries x
    WHERE x.wallet_id = %(wallet_id)s AND x.mint_id = m.mint_id
    ORDER BY x.slot, x.tx_id, x.place LIMIT 1
) e
LEFT JOIN LATERAL (
    SELECT r.tx_id, r.slot, r.trader_id, t.block_time
    FROM trades r JOIN transactions t USING (tx_id)
    WHERE r.bought_mint_id = m.mint_id AND r.slot <= e.slot AND NOT t.revoked
    ORDER BY r.slot, t.tx_index NULLS LAST, r.tx_id, r.leg LIMIT 1
) o ON true
"""
# By moments_recent.
_MOMENTS: Final = """
SELECT kind, tx_id, at FROM moments WHERE wallet_id = %(wallet_id)s
ORDER BY at DESC, id DESC LIMIT %(limit)s
"""
_SIGNATURES: Final = "SELECT tx_id, signature FROM transactions WHERE tx_id = ANY(%s)"
_WRITE: Final = """
WITH told AS (
    SELECT * FROM unnest(%(windows)s::text[], %(firsts)s::int4[], %(lasts)s::int4[],
        %(behaviours)s::jsonb[], %(verdicts)s::jsonb[])
        AS i (window_code, first_day, last_day, behaviour, verdicts)
), classed AS (
    INSERT INTO wallet_classification (wallet_id, window_code, version, document)
    SELECT %(wallet_id)s, window_code, %(version)s, verdicts FROM told
    ON CONFLICT (wallet_id, window_code) DO UPDATE SET
        version = excluded.version, document = excluded.document
)
INSERT INTO wallet_behaviour
    (wallet_id, window_code, first_day, last_day, as_of_slot, portrayed_at, document)
SELECT %(wallet_id)s, window_code, first_day, last_day, %(slot)s, %(at)s, behaviour FROM told
ON CONFLICT (wallet_id, window_code) DO UPDATE SET
    first_day = excluded.first_day, last_day = excluded.last_day,
    as_of_slot = excluded.as_of_slot, portrayed_at = excluded.portrayed_at,
    document = excluded.document
"""
# By portraits_due_at.
_WALLETS: Final = """
SELECT w.address FROM portraits_due d
JOIN tracked_wallets t USING (wallet_id) JOIN wallets w USING (wallet_id)
WHERE d.at <= %(at)s AND t.blocked_code IS NULL AND t.state <> %(untracked)s
ORDER BY d.at, d.wallet_id LIMIT %(limit)s
"""
_QUOTES: Final = [address_bytes(Address(mint)) for mint in sorted(QUOTES)]
_MOMENT_OF_CODE: Final[dict[int, MomentKind]] = {code: kind for kind, code in MOMENT_CODES.items()}


class PortraitWrites:
    """The side of a transaction that keeps portraits."""

    _cursor: Cursor

    def mark_portrait(self, wallet_id: int, *, at: datetime) -> None:
        """See `PortraitTransaction.mark_portrait`."""
        asked = {
            "wallet_id": wallet_id,
            "at": at,
            "at_once": AT_ONCE,
            "most": MOST_WAIT_S,
            "a_second": A_SECOND,
        }
        self._cursor.execute(_MARK_LATER, asked)

    def mark_portrait_again(self, wallet_id: int, *, at: datetime) -> None:
        """See `PortraitTransaction.mark_portrait_again`."""
        self._cursor.execute(_MARK, {"wallet_id": wallet_id, "at": at})

    def take_portrait(self, wallet_id: int, *, at: datetime) -> bool:
        """See `PortraitTransaction.take_portrait`."""
        return self._cursor.execute(_TAKE, (wallet_id, at)).fetchone() is not None

    def trade_marks(
        self, wallet_id: int, *, after: TradeKey | None, limit: int
    ) -> tuple[TradeMark, ...]:
        """See `PortraitTransaction.trade_marks`."""
        slot, tx_id, leg = _END if after is None else after
        asked = {"wallet_id": wallet_id, "slot": slot, "tx_id": tx_id, "leg": leg, "limit": limit}
        rows = self._cursor.execute(_TRADES, asked).fetchall()
        return tuple(
            TradeMark(tx_id, leg, Slot(slot), at, _mint(sold), _mint(bought), *rest)
            for tx_id, leg, slot, at, sold, bought, *rest in rows
        )

    def cost_marks(self, wallet_id: int, trades: Sequence[TradeMark]) -> tuple[CostMark, ...]:
        """See `PortraitTransaction.cost_marks`."""
        if not trades:
            return ()
        known = {trade.tx_id: trade for trade in trades}
        slots = [trade.slot for trade in known.values()]
        asked = {
            "wallet_id": wallet_id,
            "tx_ids": list(known),
            "slots": slots,
            "lowest": min(slots),
            "highest": max(slots),
            "kinds": [KIND_CODES[kind] for kind in FEE_KINDS],
            "sol": address_bytes(Address(SOL_MINT)),
        }
        paid: dict[int, dict[int, int]] = {tx_id: {} for tx_id in known}
        for tx_id, code, lamports in self._cursor.execute(FEES, asked).fetchall():
            paid[tx_id][code] = int(lamports)
        return tuple(_cost(known[tx_id], fees) for tx_id, fees in sorted(paid.items()))

    def entry_rows(
        self, wallet_id: int, *, after: RowKey | None, limit: int
    ) -> tuple[EntryRow, ...]:
        """See `PortraitTransaction.entry_rows`."""
        rows = self._cursor.execute(_ENTRIES, _from_key(wallet_id, after, limit)).fetchall()
        return tuple(
            EntryRow(_mint(mint), Slot(slot), tx_id, place, document)
            for mint, slot, tx_id, place, document in rows
        )

    def exit_rows(
        self, wallet_id: int, *, after: RowKey | None, limit: int
    ) -> tuple[ExitMoney, ...]:
        """See `PortraitTransaction.exit_rows`."""
        rows = self._cursor.execute(_EXITS, _from_key(wallet_id, after, limit)).fetchall()
        return tuple(
            ExitMoney(ExitRow(_mint(mint), Slot(slot), tx_id, place, document), *money)
            for mint, slot, tx_id, place, document, *money in rows
        )

    def episode_marks(self, wallet_id: int, *, limit: int) -> tuple[EpisodeMark, ...]:
        """See `PortraitTransaction.episode_marks`."""
        asked = {"wallet_id": wallet_id, "limit": limit, "quotes": _QUOTES}
        ended = self._cursor.execute(_EPISODES, asked).fetchall()
        held = self._cursor.execute(_OPEN, asked).fetchall()
        marks = [EpisodeMark(_mint(mint), *rest) for mint, *rest in ended]
        for key, state in held:
            mint = _mint(key)
            position = decode_position(mint, bytes(state))
            if position.opened is not None:
                where, since = position.opened
                marks.append(EpisodeMark(mint, position.episodes, where.slot, since, None, None))
        return tuple(marks)

    def first_buys(self, wallet_id: int, mints: Sequence[Mint]) -> tuple[FirstBuy, ...]:
        """See `PortraitTransaction.first_buys`."""
        asked = {
            "wallet_id": wallet_id,
            "mints": [address_bytes(Address(mint)) for mint in mints],
            "minted": codes_of(Kind.MINT),
        }
        rows = self._cursor.execute(_FIRST_BUYS, asked).fetchall()
        found = {_mint(mint): FirstBuy(_mint(mint), *rest) for mint, *rest in rows}
        return tuple(found[mint] for mint in mints if mint in found)

    def moment_notes(self, wallet_id: int, *, limit: int) -> tuple[MomentNote, ...]:
        """See `PortraitTransaction.moment_notes`."""
        rows = self._cursor.execute(_MOMENTS, {"wallet_id": wallet_id, "limit": limit}).fetchall()
        return tuple(
            MomentNote(_MOMENT_OF_CODE[kind], tx_id, UnixSeconds(at)) for kind, tx_id, at in rows
        )

    def signatures_of(self, tx_ids: Sequence[int]) -> dict[int, Signature]:
        """See `PortraitTransaction.signatures_of`."""
        rows = self._cursor.execute(_SIGNATURES, (list(tx_ids),)).fetchall()
        return {tx_id: signature_of(signature) for tx_id, signature in rows}

    def write_portraits(
        self,
        wallet_id: int,
        portraits: Sequence[Portrait],
        *,
        as_of_slot: Slot | None,
        at: datetime,
    ) -> None:
        """See `PortraitTransaction.write_portraits`."""
        asked = {
            "wallet_id": wallet_id,
            "version": VERSION,
            "slot": as_of_slot,
            "at": at,
            "windows": [each.window.value for each in portraits],
            "firsts": [each.span.first for each in portraits],
            "lasts": [each.span.last for each in portraits],
            "behaviours": [_json(encode_behaviour(each.behaviour)) for each in portraits],
            "verdicts": [_json(encode_verdicts(each.verdicts)) for each in portraits],
        }
        self._cursor.execute(_WRITE, asked)


def wallets_with_due_portraits(cursor: Cursor, *, at: datetime, limit: int) -> tuple[Address, ...]:
    """See `PortraitReads.wallets_with_due_portraits`."""
    asked = {"at": at, "limit": limit, "untracked": WalletState.UNTRACKED}
    rows = cursor.execute(_WALLETS, asked).fetchall()
    return tuple(address_of(row[0]) for row in rows)


def _from_key(wallet_id: int, after: RowKey | None, limit: int) -> dict[str, Any]:
    slot, tx_id, mint, place = _ROWS_END
    if after is not None:
        slot, tx_id, place = after.slot, after.tx_id, after.place
        mint = address_bytes(Address(after.mint))
    return {
        "wallet_id": wallet_id,
        "slot": slot,
        "tx_id": tx_id,
        "mint": mint,
        "place": place,
        "quotes": _QUOTES,
        "limit": limit,
    }


def _cost(trade: TradeMark, fees: dict[int, int]) -> CostMark:
    priority, tip, bot = (
        Lamports(fees.get(KIND_CODES[kind], 0))
        for kind in (Kind.PRIORITY_FEE, Kind.TIP, Kind.BOT_FEE)
    )
    return CostMark(trade.tx_id, trade.at, priority, tip, bot, Lamports(sum(fees.values())))


def _mint(key: bytes) -> Mint:
    return Mint(address_of(key))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
