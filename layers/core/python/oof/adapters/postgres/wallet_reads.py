"""What is committed of tracked wallets, each question one statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.moment_rows import extremes_of
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.snapshot.fold import Span
from oof.domain.snapshot.model import (
    MAX_BALANCES,
    Coverage,
    LastError,
    MintBalance,
    PositionTotals,
    WalletState,
    WatchedBy,
)
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Lamports, Mint, RawAmount, Slot, UnixSeconds
from oof.ports.facts import WalletView

# One statement, so one instant. By the keys of counters, hours, holdings, their accounts and the
# listed addresses. An amount is sure where its account was listed without a gap since; a guessed
# order is final where the slot is not asked for any more.
_VIEW = """
WITH wallet AS (
    SELECT t.* FROM tracked_wallets t JOIN wallets w USING (wallet_id) WHERE w.address = %(address)s
),
by_mint AS (
    SELECT h.mint_id, sum(h.post_raw) AS raw, max(h.slot) AS slot,
        bool_or(h.order_unresolved AND NOT u.is_unknown) AS order_unresolved,
        bool_or(h.order_unresolved AND u.is_unknown) AS order_unknown,
        bool_or(s.tx_id IS NOT NULL) AS soft,
        bool_or(h.post_raw > 0 AND (h.slot >= wallet.floor_slot OR l.is_ended) IS NOT TRUE)
            AS history_partial
    FROM holdings h JOIN wallet USING (wallet_id) JOIN token_accounts a USING (account_id)
    LEFT JOIN listed_addresses l ON l.wallet_id = h.wallet_id AND l.address = a.address
    LEFT JOIN soft_transactions s ON s.tx_id = h.tx_id
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AND bool_and(due_at IS NULL) AS is_unknown
        FROM unordered_transactions WHERE h.order_unresolved AND slot = h.slot
    ) u
    GROUP BY h.mint_id
),
held AS (
    SELECT encode(m.address, 'hex') AS mint, m.decimals, by_mint.raw::text AS raw, by_mint.slot,
        by_mint.order_unresolved, by_mint.history_partial, by_mint.order_unknown, by_mint.soft,
        m.symbol, m.address AS key
    FROM by_mint JOIN mints m USING (mint_id) WHERE by_mint.raw > 0
)
SELECT wallet.state, wallet.blocked_code, (SELECT epoch FROM database_epoch) AS epoch,
    wallet.revision, wallet.projected_revision, wallet.applied_seq,
    wallet.newest_slot, wallet.oldest_time, wallet.newest_time,
    wallet.coverage_addresses, wallet.coverage_complete, wallet.coverage_oldest_time,
    wallet.coverage_newest_time, wallet.coverage_stopped_by,
    wallet.hooked_at IS NOT NULL AS is_named,
    extract(epoch FROM wallet.live_since)::int8 AS live_since,
    extract(epoch FROM wallet.tail_checked_at)::int8 AS tail_checked_at,
    extract(epoch FROM wallet.listed_at)::int8 AS listed_at,
    extract(epoch FROM wallet.tokens_checked_at)::int8 AS tokens_checked_at, wallet.applied_lag_s,
    wallet.last_error_code, extract(epoch FROM wallet.last_error_at)::int8 AS last_error_at,
    extract(epoch FROM wallet.last_error_retry_at)::int8 AS last_error_retry_at,
    (SELECT coalesce(json_object_agg(name, value::text), '{}')
        FROM wallet_counters c WHERE c.wallet_id = wallet.wallet_id) AS counters,
    (SELECT coalesce(json_object_agg(hour, tx_count), '{}') FROM wallet_hours h
        WHERE h.wallet_id = wallet.wallet_id AND tx_count > 0
        AND hour >= wallet.newest_time - wallet.newest_time %% 86400 - 31 * 86400) AS hours,
    (SELECT coalesce(json_agg(top ORDER BY top.slot DESC, top.key), '[]') FROM (
        SELECT * FROM held ORDER BY slot DESC, key LIMIT %(balances)s) top) AS balances,
    (SELECT count(*) FROM held) AS balances_count,
    (SELECT coalesce(bool_or(order_unresolved), false) FROM by_mint) AS has_unresolved_order,
    wallet.soft_count > 0 AS is_soft,
    (SELECT stale_from IS NOT NULL FROM position_heads h WHERE h.wallet_id = wallet.wallet_id)
        AS is_folding,
    (SELECT json_build_array(
            count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE NOT is_open),
            coalesce(sum(p.realized_lamports), 0)::text,
            coalesce(sum((p.figures->>'fees_lamports')::numeric), 0)::text,
            coalesce(sum((p.figures->>'wins')::int8), 0)::text,
            coalesce(sum((p.figures->>'losses')::int8), 0)::text,
            coalesce(sum((p.figures->>'excluded_lamports')::numeric), 0)::text,
            coalesce(sum((p.figures->>'unpriced')::int8), 0)::text)
        FROM positions p JOIN mints m USING (mint_id)
        WHERE p.wallet_id = wallet.wallet_id AND m.address <> ALL(%(quotes)s)) AS positions,
    (SELECT document FROM wallet_extremes x WHERE x.wallet_id = wallet.wallet_id) AS extremes,
    (SELECT json_object_agg(encode(m.address, 'hex'), m.symbol)
        FROM wallet_extremes x CROSS JOIN jsonb_array_elements(x.document->'dearest') AS dearest
        JOIN moments o ON o.id = decode(dearest->>1, 'hex')
        JOIN mints m USING (mint_id)
        WHERE x.wallet_id = wallet.wallet_id AND m.symbol IS NOT NULL) AS symbols
FROM wallet
"""

_MARK = """
UPDATE tracked_wallets SET projected_revision = %(revision)s
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %(address)s)
    AND projected_revision < %(revision)s
"""

# By the key of pending, and tracked_wallets_fold_due.
_FORGOTTEN = """
SELECT w.address FROM (
    SELECT wallet_id, min(enqueued_at) AS since FROM pending GROUP BY wallet_id
    UNION ALL
    SELECT wallet_id, fold_due_at FROM tracked_wallets WHERE fold_due_at IS NOT NULL
) due JOIN tracked_wallets t USING (wallet_id) JOIN wallets w USING (wallet_id)
WHERE t.blocked_code IS NULL
GROUP BY w.address HAVING min(due.since) < %s ORDER BY min(due.since), w.address LIMIT %s
"""

# By tracked_wallets_lagging.
_LAGGING = """
SELECT w.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
WHERE t.revision > t.projected_revision AND t.changed_at < %s
ORDER BY t.changed_at, t.wallet_id LIMIT %s
"""

_TRACKED = """
SELECT w.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
WHERE %(after)s::bytea IS NULL OR w.address > %(after)s ORDER BY w.address LIMIT %(limit)s
"""


class WalletReads:
    """Reads (and one mark) outside of any use case's transaction."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def view(self, wallet: Address) -> WalletView | None:
        """See `FactStore.view`."""
        parameters = {
            "address": address_bytes(wallet),
            "balances": MAX_BALANCES,
            "quotes": [address_bytes(Address(mint)) for mint in sorted(QUOTES)],
        }
        row = self._cursor.execute(_VIEW, parameters).fetchone()
        if row is None or self._cursor.description is None:
            return None
        names = [column.name for column in self._cursor.description]
        return _view(wallet, dict(zip(names, row, strict=True)))

    def mark_projected(self, wallet: Address, revision: int) -> None:
        """See `FactStore.mark_projected`."""
        parameters = {"address": address_bytes(wallet), "revision": revision}
        self._cursor.execute(_MARK, parameters)

    def forgotten(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `FactStore.forgotten`."""
        rows = self._cursor.execute(_FORGOTTEN, (before, limit)).fetchall()
        return tuple(address_of(row[0]) for row in rows)

    def lagging(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `FactStore.lagging`."""
        rows = self._cursor.execute(_LAGGING, (before, limit)).fetchall()
        return tuple(address_of(row[0]) for row in rows)

    def tracked(self, *, after: Address | None, limit: int) -> tuple[Address, ...]:
        """See `FactStore.tracked`."""
        key = address_bytes(after) if after is not None else None
        rows = self._cursor.execute(_TRACKED, {"after": key, "limit": limit}).fetchall()
        return tuple(address_of(row[0]) for row in rows)


def _view(wallet: Address, row: Mapping[str, Any]) -> WalletView:
    return WalletView(
        address=wallet,
        state=WalletState(row["state"]),
        blocked_code=row["blocked_code"],
        epoch=row["epoch"],
        revision=row["revision"],
        projected_revision=row["projected_revision"],
        applied_seq=row["applied_seq"],
        span=Span(row["newest_slot"], row["oldest_time"], row["newest_time"]),
        counters={name: int(value) for name, value in row["counters"].items()},
        hours={UnixSeconds(int(hour)): count for hour, count in row["hours"].items()},
        balances=tuple(_balance(held) for held in row["balances"]),
        balances_count=row["balances_count"],
        has_unresolved_order=row["has_unresolved_order"],
        is_soft=row["is_soft"],
        coverage=Coverage(
            addresses=row["coverage_addresses"],
            complete=row["coverage_complete"],
            oldest_time=row["coverage_oldest_time"],
            newest_time=row["coverage_newest_time"],
            stopped_by=row["coverage_stopped_by"],
            watch=WatchedBy.WEBHOOK if row["is_named"] else WatchedBy.POLLING,
            live_since=row["live_since"],
        ),
        tail_checked_at=row["tail_checked_at"],
        listed_at=row["listed_at"],
        tokens_checked_at=row["tokens_checked_at"],
        applied_lag_s=row["applied_lag_s"],
        last_error=_last_error(row),
        positions=_positions(row),
        moments=extremes_of(row["extremes"]).totals,
        symbols=_symbols(row),
    )


def _positions(row: Mapping[str, Any]) -> PositionTotals:
    opened, closed, realized, fees, wins, losses, excluded, unpriced = map(int, row["positions"])
    return PositionTotals(
        opened,
        closed,
        Lamports(realized),
        Lamports(fees),
        wins,
        losses,
        Lamports(excluded),
        unpriced,
        bool(row["is_folding"]),
    )


def _balance(held: Mapping[str, Any]) -> MintBalance:
    return MintBalance(
        mint=Mint(address_of(bytes.fromhex(held["mint"]))),
        raw=RawAmount(int(held["raw"])),
        decimals=held["decimals"],
        slot=Slot(held["slot"]),
        order_unresolved=held["order_unresolved"],
        history_partial=held["history_partial"],
        soft=held["soft"],
        order_unknown=held["order_unknown"],
    )


def _symbols(row: Mapping[str, Any]) -> dict[Mint, str]:
    told = {held["mint"]: held["symbol"] for held in row["balances"]} | (row["symbols"] or {})
    return {
        Mint(address_of(bytes.fromhex(mint))): symbol
        for mint, symbol in told.items()
        if symbol is not None
    }


def _last_error(row: Mapping[str, Any]) -> LastError | None:
    code, at = row["last_error_code"], row["last_error_at"]
    if code is None or at is None:
        return None
    return LastError(code, at, row["last_error_retry_at"])
