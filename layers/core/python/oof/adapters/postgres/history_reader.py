"""Pages of a wallet's facts from Postgres: one indexed query a page."""

from collections.abc import Mapping
from typing import Any, Final

from psycopg.sql import SQL

from oof.adapters.postgres.codes import codes_of, meaning_of
from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.domain.block_times import MILLIS_PER_SLOT
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.model import Anomaly, Role, Status
from oof.domain.units import Address, Lamports, Mint, RawAmount, Slot, UnixSeconds
from oof.ports.history import (
    SCAN_LIMIT,
    HoldingPage,
    HoldingRecord,
    MovementRecord,
    PageKey,
    TradeRecord,
    TransactionFilter,
    TransactionPage,
    TransactionRecord,
    WalletHead,
)

_NO_SLOT: Final = 2**31 - 1

# By wallets' unique address, then two primary keys.
_HEAD: Final = SQL("""
    SELECT w.wallet_id, t.state, t.blocked_code, t.revision, t.newest_slot, e.epoch,
           (SELECT m.mint_id FROM mints m WHERE m.address = %(mint)s)
    FROM wallets w JOIN tracked_wallets t USING (wallet_id) CROSS JOIN database_epoch e
    WHERE w.address = %(address)s
""")

# The smallest slot from which on every known time is at or after %(time)s, by bisection: some
# thirty probes of participants_wallet, whatever the length of the history.
_SLOT_AT: Final = SQL("""
    WITH RECURSIVE bisection (low, high) AS (
        SELECT min(slot), max(slot) + 1 FROM participants WHERE wallet_id = %(wallet)s
        UNION ALL
        SELECT CASE WHEN probe.block_time < %(time)s THEN probe.slot + 1 ELSE low END,
               CASE WHEN probe.block_time < %(time)s THEN high ELSE middle END
        FROM bisection
        CROSS JOIN LATERAL (SELECT low + (high - low) / 2 AS middle) AS halves
        LEFT JOIN LATERAL (
            SELECT p.slot, t.block_time
            FROM participants p JOIN transactions t USING (tx_id)
            WHERE p.wallet_id = %(wallet)s AND p.slot >= middle AND t.block_time IS NOT NULL
            ORDER BY p.slot LIMIT 1
        ) AS probe ON true
        WHERE low < high
    )
    SELECT low, (
        SELECT p.slot FROM participants p JOIN transactions t USING (tx_id)
        WHERE p.wallet_id = %(wallet)s AND p.slot >= low AND t.block_time IS NOT NULL
        ORDER BY p.slot LIMIT 1
    )
    FROM bisection WHERE low >= high
""")

# participants_wallet, backwards from the cursor's slot.
_OF_WALLET: Final = SQL("""
    SELECT slot, tx_id FROM participants
    WHERE wallet_id = %(wallet)s AND slot BETWEEN %(bottom)s AND %(top)s
""")

# actions_owner_mint, backwards from the cursor's slot.
_OF_MINT: Final = SQL("""
    SELECT DISTINCT slot, tx_id FROM actions
    WHERE owner_id = %(wallet)s AND mint_id = %(mint)s AND slot BETWEEN %(bottom)s AND %(top)s
""")

# `walked` stops the walk along the index, but never within a slot; there the order is the
# block's where known.
_TRANSACTIONS: Final = SQL("""
    WITH walked AS (
        {source} AND NOT (slot = %(top)s AND tx_id = ANY(%(seen)s))
        ORDER BY slot DESC FETCH FIRST (%(scan)s) ROWS WITH TIES
    ),
    scanned AS (
        SELECT s.slot, s.tx_id, t.tx_index, t.signature, t.block_time, t.failed, t.fee_payer_id,
               t.fee_lamports, t.normalizer_version, t.anomalies
        FROM walked s JOIN transactions t USING (tx_id)
        WHERE NOT t.revoked
    ),
    timed AS (
        SELECT s.*, coalesce(s.block_time,
            below.time + coalesce((above.time - below.time) * (s.slot - below.slot)
                                      / nullif(above.slot - below.slot, 0),
                                  (s.slot - below.slot) * %(millis)s / 1000),
            above.time - (above.slot - s.slot) * %(millis)s / 1000) AS time
        FROM scanned s
        LEFT JOIN LATERAL (
            SELECT p.slot, t.block_time AS time
            FROM participants p JOIN transactions t USING (tx_id)
            WHERE s.block_time IS NULL AND p.wallet_id = %(wallet)s AND p.slot <= s.slot
                AND t.block_time IS NOT NULL AND NOT t.revoked
            ORDER BY p.slot DESC LIMIT 1
        ) AS below ON true
        LEFT JOIN LATERAL (
            SELECT p.slot, t.block_time AS time
            FROM participants p JOIN transactions t USING (tx_id)
            WHERE s.block_time IS NULL AND p.wallet_id = %(wallet)s AND p.slot > s.slot
                AND t.block_time IS NOT NULL AND NOT t.revoked
            ORDER BY p.slot LIMIT 1
        ) AS above ON true
    ),
    matched AS (
        SELECT * FROM timed s
        WHERE (%(failed)s::boolean IS NULL OR s.failed = %(failed)s)
            AND (%(since)s::int8 IS NULL OR s.time >= %(since)s)
            AND (%(until)s::int8 IS NULL OR s.time < %(until)s)
            AND (%(kinds)s::int2[] IS NULL OR EXISTS (
                SELECT FROM actions a
                WHERE a.tx_id = s.tx_id AND a.slot = s.slot AND a.owner_id = %(wallet)s
                    AND a.kind = ANY(%(kinds)s)
                    AND (%(mint)s::int4 IS NULL OR a.mint_id = %(mint)s)))
        ORDER BY s.slot DESC, s.tx_index DESC NULLS FIRST, s.signature DESC
        LIMIT %(limit)s + 1
    ),
    last_walked AS (
        SELECT (SELECT count(*) FROM walked) AS rows, slot, array_agg(tx_id) AS tx_ids
        FROM walked WHERE slot = (SELECT min(slot) FROM walked) GROUP BY slot
    )
    SELECT l.rows, l.slot, l.tx_ids, m.tx_id, m.signature, m.slot, m.tx_index, m.time,
           m.block_time IS NULL, m.failed,
           (SELECT address FROM wallets WHERE wallet_id = m.fee_payer_id),
           m.fee_lamports, m.normalizer_version, m.anomalies, trades.listed, movements.listed,
           soft.tx_id IS NOT NULL,
           unordered.due_at IS NOT NULL, unordered.tx_id IS NOT NULL AND unordered.due_at IS NULL
    FROM last_walked l
    LEFT JOIN matched m ON true
    LEFT JOIN soft_transactions soft ON soft.tx_id = m.tx_id
    LEFT JOIN unordered_transactions unordered
        ON unordered.slot = m.slot AND unordered.tx_id = m.tx_id AND m.tx_index IS NULL
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(
            encode(sold.address, 'hex'), r.sold_raw::text, sold.decimals,
            encode(bought.address, 'hex'), r.bought_raw::text, bought.decimals,
            r.venue, r.route, r.outer_index, r.is_maker, r.arbitrage, r.terminal,
            sold.symbol, bought.symbol
        ) ORDER BY r.leg) AS listed
        FROM trades r
        JOIN mints sold ON sold.mint_id = r.sold_mint_id
        JOIN mints bought ON bought.mint_id = r.bought_mint_id
        WHERE r.tx_id = m.tx_id AND r.trader_id = %(wallet)s
    ) AS trades ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(
            encode(mint.address, 'hex'), a.delta_raw::text, mint.decimals, a.kind,
            encode(other.address, 'hex'), mint.symbol
        ) ORDER BY a.kind, a.mint_id, a.counterparty_id) AS listed
        FROM actions a
        JOIN mints mint USING (mint_id)
        LEFT JOIN wallets other ON other.wallet_id = a.counterparty_id
        WHERE a.tx_id = m.tx_id AND a.slot = m.slot AND a.owner_id = %(wallet)s
    ) AS movements ON true
    ORDER BY m.slot DESC, m.tx_index DESC NULLS FIRST, m.signature DESC
""")

# holdings' primary key, the wallet's rows alone; mint ids never change.
_HOLDINGS: Final = SQL("""
    SELECT h.mint_id, mint.address, sum(h.post_raw), mint.decimals, count(*),
           max(h.slot), bool_or(h.order_unresolved AND NOT u.is_unknown),
           bool_or(h.post_raw > 0 AND (h.slot >= w.floor_slot OR l.is_ended) IS NOT TRUE),
           (SELECT t.signature FROM transactions t
            WHERE t.tx_id = (array_agg(h.tx_id ORDER BY h.slot DESC, h.tx_id DESC))[1]),
           bool_or(s.tx_id IS NOT NULL), bool_or(h.order_unresolved AND u.is_unknown), mint.symbol
    FROM holdings h JOIN mints mint USING (mint_id)
    JOIN tracked_wallets w USING (wallet_id) JOIN token_accounts a USING (account_id)
    LEFT JOIN listed_addresses l ON l.wallet_id = h.wallet_id AND l.address = a.address
    LEFT JOIN soft_transactions s ON s.tx_id = h.tx_id
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AND bool_and(due_at IS NULL) AS is_unknown
        FROM unordered_transactions WHERE h.order_unresolved AND slot = h.slot
    ) u
    WHERE h.wallet_id = %(wallet)s AND (%(after)s::int4 IS NULL OR h.mint_id < %(after)s)
    GROUP BY h.mint_id, mint.address, mint.decimals, mint.symbol
    HAVING %(with_empty)s OR sum(h.post_raw) <> 0
    ORDER BY h.mint_id DESC
    LIMIT %(limit)s + 1
""")


class PostgresHistoryReader:
    """A `HistoryReader` over the fact tables; three round trips at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def transactions(
        self, wallet: Address, wanted: TransactionFilter, *, after: PageKey | None, limit: int
    ) -> TransactionPage | None:
        """See `HistoryReader`."""
        with self._database.transaction() as cursor:
            found = _head(cursor, wallet, wanted.mint)
            if found is None:
                return None
            wallet_id, mint_id, head = found
            if wanted.mint is not None and mint_id is None:
                return TransactionPage(head=head, records=(), next_key=None)
            asked = _bindings(wallet_id, mint_id, wanted, after=after, limit=limit)
            asked |= _slot_range(cursor, wallet_id, wanted, top=asked["top"])
            source = _OF_WALLET if mint_id is None else _OF_MINT
            rows = cursor.execute(_TRANSACTIONS.format(source=source), asked).fetchall()
        return _page(head, rows, asked=asked, after=after)

    def holdings(
        self, wallet: Address, *, after: int | None, limit: int, with_empty: bool
    ) -> HoldingPage | None:
        """See `HistoryReader`."""
        with self._database.transaction() as cursor:
            found = _head(cursor, wallet, None)
            if found is None:
                return None
            asked = {"wallet": found[0], "after": after, "limit": limit, "with_empty": with_empty}
            rows = cursor.execute(_HOLDINGS, asked).fetchall()
        records = tuple(_holding(row) for row in rows[:limit])
        next_key = records[-1].mint_id if len(rows) > limit else None
        return HoldingPage(head=found[2], records=records, next_key=next_key)


def _head(
    cursor: Cursor, wallet: Address, mint: Mint | None
) -> tuple[int, int | None, WalletHead] | None:
    asked = {
        "address": address_bytes(wallet),
        "mint": None if mint is None else address_bytes(mint),
    }
    row = cursor.execute(_HEAD, asked).fetchone()
    if row is None:
        return None
    wallet_id, state, blocked_code, revision, newest_slot, epoch, mint_id = row
    head = WalletHead(
        state=WalletState(state) if blocked_code is None else WalletState.BLOCKED,
        epoch=epoch,
        revision=revision,
        as_of_slot=None if newest_slot is None else Slot(newest_slot),
    )
    return wallet_id, mint_id, head


def _bindings(
    wallet_id: int,
    mint_id: int | None,
    wanted: TransactionFilter,
    *,
    after: PageKey | None,
    limit: int,
) -> dict[str, Any]:
    residual = (wanted.kind, wanted.status, wanted.since, wanted.until)
    is_filtered = any(each is not None for each in residual)
    return {
        "wallet": wallet_id,
        "mint": mint_id,
        "kinds": None if wanted.kind is None else codes_of(wanted.kind),
        "failed": None if wanted.status is None else wanted.status is Status.FAILED,
        "since": wanted.since,
        "until": wanted.until,
        "top": _NO_SLOT if after is None else after.slot,
        "seen": [] if after is None else list(after.seen),
        "limit": limit,
        "scan": max(SCAN_LIMIT, limit + 1) if is_filtered else limit + 1,
        "millis": MILLIS_PER_SLOT,
    }


def _slot_range(
    cursor: Cursor, wallet_id: int, wanted: TransactionFilter, *, top: int
) -> dict[str, int]:
    """Slots outside of which no transaction's time can be within the wanted range."""
    bottom = 0
    if wanted.since is not None:
        low, _ = _slot_at(cursor, wallet_id, wanted.since)
        bottom = low
    if wanted.until is not None:
        _, timed = _slot_at(cursor, wallet_id, wanted.until)
        top = min(top, timed)
    return {"bottom": bottom, "top": top}


def _slot_at(cursor: Cursor, wallet_id: int, time: UnixSeconds) -> tuple[int, int]:
    row = cursor.execute(_SLOT_AT, {"wallet": wallet_id, "time": time}).fetchone()
    low, timed = row or (None, None)
    return (low or 0), (_NO_SLOT if timed is None else timed)


def _page(
    head: WalletHead,
    rows: list[tuple[Any, ...]],
    *,
    asked: Mapping[str, Any],
    after: PageKey | None,
) -> TransactionPage:
    if not rows:
        return TransactionPage(head=head, records=(), next_key=None)
    walked, last_slot, last_ids = rows[0][:3]
    matched = [row[3:] for row in rows if row[3] is not None]
    records = tuple(_transaction(row) for row in matched[: asked["limit"]])
    next_key = None
    if len(matched) > asked["limit"]:
        slot = records[-1].slot
        next_key = _key(slot, [each.tx_id for each in records if each.slot == slot], after)
    elif walked >= asked["scan"]:
        next_key = _key(Slot(last_slot), last_ids, after)
    return TransactionPage(head=head, records=records, next_key=next_key)


def _key(slot: Slot, tx_ids: list[int], after: PageKey | None) -> PageKey:
    earlier = after.seen if after is not None and after.slot == slot else ()
    return PageKey(slot=slot, seen=tuple(sorted({*earlier, *tx_ids})))


def _transaction(row: tuple[Any, ...]) -> TransactionRecord:
    tx_id, signature, slot, tx_index, time, is_estimated, failed, payer, fee = row[:9]
    version, anomalies, trades, movements, is_soft, is_unresolved, is_unknown = row[9:]
    return TransactionRecord(
        tx_id=tx_id,
        signature=signature_of(signature),
        slot=Slot(slot),
        tx_index=tx_index,
        block_time=None if time is None else UnixSeconds(time),
        is_time_estimated=is_estimated and time is not None,
        status=Status.FAILED if failed else Status.OK,
        fee_payer=address_of(payer),
        fee_lamports=Lamports(fee),
        normalizer_version=version,
        trades=tuple(_trade(each) for each in trades or ()),
        movements=tuple(_movement(each) for each in movements or ()),
        anomalies=tuple(Anomaly(each["code"], each["detail"]) for each in anomalies or ()),
        is_soft=is_soft,
        is_order_unresolved=is_unresolved,
        is_order_unknown=is_unknown,
    )


def _trade(listed: list[Any]) -> TradeRecord:
    return TradeRecord(
        sold_mint=_mint(listed[0]),
        sold_raw=RawAmount(int(listed[1])),
        sold_decimals=listed[2],
        bought_mint=_mint(listed[3]),
        bought_raw=RawAmount(int(listed[4])),
        bought_decimals=listed[5],
        venue=listed[6],
        route=tuple(listed[7]),
        outer_index=listed[8],
        role=Role.MAKER if listed[9] else Role.TAKER,
        arbitrage=listed[10],
        terminal=listed[11],
        sold_symbol=listed[12],
        bought_symbol=listed[13],
    )


def _movement(listed: list[Any]) -> MovementRecord:
    counterparty = listed[4]
    kind, mark = meaning_of(listed[3])
    return MovementRecord(
        mint=_mint(listed[0]),
        delta_raw=RawAmount(int(listed[1])),
        decimals=listed[2],
        kind=kind,
        counterparty=None if counterparty is None else address_of(bytes.fromhex(counterparty)),
        mark=mark,
        symbol=listed[5],
    )


def _mint(text: str) -> Mint:
    return Mint(address_of(bytes.fromhex(text)))


def _holding(row: tuple[Any, ...]) -> HoldingRecord:
    mint_id, mint, raw, decimals, accounts, slot, is_unresolved, is_partial, signature = row[:9]
    return HoldingRecord(
        mint_id=mint_id,
        mint=Mint(address_of(mint)),
        raw=RawAmount(int(raw)),
        decimals=decimals,
        accounts=accounts,
        slot=Slot(slot),
        signature=signature_of(signature),
        is_order_unresolved=is_unresolved,
        is_history_partial=is_partial,
        is_soft=row[9],
        is_order_unknown=row[10],
        symbol=row[11],
    )
