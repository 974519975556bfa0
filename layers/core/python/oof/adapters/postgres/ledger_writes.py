"""One wallet's ledger and fold state, under its row lock."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from oof.adapters.postgres.codes import KIND_CODES, codes_of, meaning_of
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.day_writes import CLEAR as CLEAR_DAYS
from oof.adapters.postgres.day_writes import save_days
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.domain.snapshot.fees import FEE_KINDS
from oof.domain.snapshot.fold import FoldPlan, Span
from oof.domain.snapshot.ledger import BalanceMark, Known, LastRow, LedgerOp, WalletEntry
from oof.domain.snapshot.newest import Newest, Rival, decode_rivals, encode_rivals, settle
from oof.domain.snapshot.transfers import Transfer
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Address, Lamports, Mint, RawAmount, Slot
from oof.domain.wallets import SETTLED
from oof.ports.facts import FoldPosition, FoldSave

_LOCK = """
SELECT wallet_id, applied_seq, newest_slot, oldest_time, newest_time, blocked_code, state,
    fold_due_at IS NOT NULL
FROM tracked_wallets
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %s) FOR UPDATE
"""

# What is being queued again just now is left to its next turn: its facts are not committed yet.
_TAKE = """
DELETE FROM pending WHERE wallet_id = %(wallet_id)s AND tx_id IN (
    SELECT tx_id FROM pending WHERE wallet_id = %(wallet_id)s
    ORDER BY tx_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) RETURNING tx_id
"""
# A statement of its own, after the pending rows are taken: it sees all facts that were queued.
# By the keys of transactions, then participants_wallet and ledger_transaction. A dropped landing is
# revoked before another one of its signature is applied.
_TAKEN = """
SELECT t.tx_id, t.signature, t.slot, t.tx_index, t.block_time, t.failed, t.revoked,
    t.normalizer_version,
    EXISTS (
        SELECT FROM participants p
        WHERE p.wallet_id = %(wallet_id)s AND p.slot = t.slot AND p.tx_id = t.tx_id
    ),
    l.op, l.known, l.version
FROM transactions t
LEFT JOIN LATERAL (
    SELECT op, known, version FROM ledger
    WHERE wallet_id = %(wallet_id)s AND tx_id = t.tx_id ORDER BY seq DESC LIMIT 1
) l ON true
WHERE t.tx_id = ANY(%(tx_ids)s)
ORDER BY NOT t.revoked, t.slot, t.tx_id
"""

# By ledger_transaction.
_LIVE = """
WITH last_rows AS (
    SELECT DISTINCT ON (tx_id) tx_id, op, known, version FROM ledger
    WHERE wallet_id = %(wallet_id)s AND tx_id > %(after)s ORDER BY tx_id, seq DESC
),
l AS (SELECT * FROM last_rows WHERE op <> 2 ORDER BY tx_id LIMIT %(limit)s)
SELECT t.tx_id, t.signature, t.slot, t.tx_index, t.block_time, t.failed, t.revoked,
    t.normalizer_version,
    EXISTS (
        SELECT FROM participants p
        WHERE p.wallet_id = %(wallet_id)s AND p.slot = t.slot AND p.tx_id = t.tx_id
    ),
    l.op, l.known, l.version
FROM l JOIN transactions t USING (tx_id) ORDER BY t.tx_id
"""

# By actions_tx, each within the partition of its slot; the bounds leave out the other partitions
# before each is planned, which takes longer than reading does.
MOVED = """
SELECT i.tx_id, a.kind, m.address, c.address, a.delta_raw
FROM unnest(%(tx_ids)s::int8[], %(slots)s::int4[]) AS i (tx_id, slot)
JOIN actions a ON a.slot = i.slot AND a.tx_id = i.tx_id JOIN mints m USING (mint_id)
LEFT JOIN wallets c ON c.wallet_id = a.counterparty_id
WHERE a.slot BETWEEN %(lowest)s AND %(highest)s AND a.owner_id = %(wallet_id)s AND (
    a.kind = ANY(%(transfers)s)
    OR (a.kind = ANY(%(fees)s) AND a.delta_raw < 0 AND m.address = %(sol)s)
)
"""
_TRADES = """
SELECT tx_id, venue, terminal FROM trades
WHERE tx_id = ANY(%(tx_ids)s) AND trader_id = %(wallet_id)s ORDER BY tx_id, leg
"""
_MARKS = """
SELECT b.tx_id, b.account_id, m.address, b.pre_raw, b.post_raw
FROM balances b JOIN token_accounts a USING (account_id) JOIN mints m USING (mint_id)
WHERE b.tx_id = ANY(%(tx_ids)s) AND a.owner_id = %(wallet_id)s ORDER BY b.tx_id, b.account_id
"""

# What is applied while soft is counted on the wallet, whose row is locked.
_APPEND = """
WITH soft AS (
    SELECT min(tx_id) AS first, count(*)::int4 AS count FROM soft_transactions
    WHERE tx_id = ANY(%(applied)s)
),
marked AS (
    UPDATE tracked_wallets SET soft_count = soft_count + soft.count,
        soft_from = least(CASE WHEN soft_count > 0 THEN soft_from END, soft.first)
    FROM soft WHERE wallet_id = %(wallet_id)s AND soft.count > 0
)
INSERT INTO ledger (wallet_id, seq, tx_id, op, known, version)
SELECT %(wallet_id)s, %(after_seq)s + i.place, i.tx_id, i.op, i.known, i.version
FROM unnest(%(tx_id)s::int8[], %(op)s::int2[], %(known)s::int2[], %(version)s::int2[])
    WITH ORDINALITY AS i (tx_id, op, known, version, place)
"""

_HELD = """
SELECT account_id, slot, rivals FROM holdings WHERE wallet_id = %s AND account_id = ANY(%s)
"""

# Walks the wallet's whole ledger; only after a revoke took an account's newest balance away.
_FROM_FACTS = """
WITH live AS (
    SELECT tx_id FROM (
        SELECT DISTINCT ON (tx_id) tx_id, op FROM ledger
        WHERE wallet_id = %(wallet_id)s ORDER BY tx_id, seq DESC
    ) last_rows WHERE op <> 2
),
ranked AS (
    SELECT b.account_id, t.slot, t.tx_id, t.signature, t.tx_index, b.pre_raw, b.post_raw,
        rank() OVER (PARTITION BY b.account_id ORDER BY t.slot DESC) AS place
    FROM live JOIN transactions t USING (tx_id) JOIN balances b USING (tx_id)
    WHERE b.account_id = ANY(%(accounts)s)
)
SELECT account_id, slot, tx_id, signature, tx_index, pre_raw, post_raw FROM ranked
WHERE place = 1 ORDER BY account_id
"""

_SPAN_FROM_FACTS = """
WITH live AS (
    SELECT tx_id FROM (
        SELECT DISTINCT ON (tx_id) tx_id, op FROM ledger
        WHERE wallet_id = %(wallet_id)s ORDER BY tx_id, seq DESC
    ) last_rows WHERE op <> 2
)
SELECT max(t.slot),
    min(t.block_time) FILTER (WHERE p.tx_id IS NOT NULL),
    max(t.block_time) FILTER (WHERE p.tx_id IS NOT NULL)
FROM live JOIN transactions t USING (tx_id)
LEFT JOIN participants p
    ON p.wallet_id = %(wallet_id)s AND p.slot = t.slot AND p.tx_id = t.tx_id
"""

_CLEAR = (
    "DELETE FROM wallet_counters WHERE wallet_id = %s",
    "DELETE FROM wallet_hours WHERE wallet_id = %s",
    "DELETE FROM holdings WHERE wallet_id = %s",
    *CLEAR_DAYS,
)

_COUNTERS = """
INSERT INTO wallet_counters AS c (wallet_id, name, value)
SELECT %s, i.* FROM unnest(%s::text[], %s::numeric[]) AS i (name, value)
ON CONFLICT (wallet_id, name) DO UPDATE SET value = c.value + excluded.value
"""
_HOURS = """
INSERT INTO wallet_hours AS h (wallet_id, hour, tx_count)
SELECT %s, i.* FROM unnest(%s::int8[], %s::int4[]) AS i (hour, tx_count)
ON CONFLICT (wallet_id, hour) DO UPDATE SET tx_count = h.tx_count + excluded.tx_count
"""
_HOLDINGS = """
INSERT INTO holdings (
    wallet_id, account_id, mint_id, slot, tx_id, order_unresolved, post_raw, rivals
)
SELECT %(wallet_id)s, i.account_id, a.mint_id, i.slot, i.tx_id, i.order_unresolved, i.post_raw,
    i.rivals
FROM unnest(
    %(account_id)s::int8[], %(slot)s::int4[], %(tx_id)s::int8[], %(order_unresolved)s::boolean[],
    %(post_raw)s::numeric[], %(rivals)s::bytea[]
) AS i (account_id, slot, tx_id, order_unresolved, post_raw, rivals)
JOIN token_accounts a USING (account_id)
ON CONFLICT (wallet_id, account_id) DO UPDATE SET
    slot = excluded.slot, tx_id = excluded.tx_id, order_unresolved = excluded.order_unresolved,
    post_raw = excluded.post_raw, rivals = excluded.rivals
"""
_DROP_HOLDINGS = "DELETE FROM holdings WHERE wallet_id = %s AND account_id = ANY(%s)"
# The mark that positions are to be folded anew is part of the same change.
_SAVE = """
WITH stale AS (
    INSERT INTO position_heads AS p (wallet_id, stale_from, stale_since)
    SELECT %(wallet_id)s, %(stale_from)s, %(at)s WHERE %(stale_from)s::int4 IS NOT NULL
    ON CONFLICT (wallet_id) DO UPDATE SET
        stale_from = least(p.stale_from, excluded.stale_from),
        stale_since = coalesce(p.stale_since, excluded.stale_since)
)
UPDATE tracked_wallets SET
    applied_seq = %(applied_seq)s, newest_slot = %(newest_slot)s, oldest_time = %(oldest_time)s,
    newest_time = %(newest_time)s, revision = revision + 1, changed_at = %(at)s,
    applied_lag_s = coalesce(%(lag_s)s, applied_lag_s),
    fold_due_at = CASE WHEN %(is_whole)s THEN NULL ELSE fold_due_at END
WHERE wallet_id = %(wallet_id)s
"""


class _Parts(NamedTuple):
    """What a wallet's entries carry beside their own row, by transaction."""

    fees: Mapping[int, Mapping[str, Lamports]]
    venues: Mapping[int, list[str]]
    terminals: Mapping[int, list[str]]
    transfers: Mapping[int, list[Transfer]]
    balances: Mapping[int, list[BalanceMark]]


class LedgerWrites:
    """The ledger side of a transaction."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def lock(self, wallet: Address) -> FoldPosition | None:
        """See `FactTransaction.lock`."""
        row = self._cursor.execute(_LOCK, (address_bytes(wallet),)).fetchone()
        if row is None:
            return None
        wallet_id, seq, *reach, blocked_code, state, is_due = row
        return FoldPosition(wallet_id, seq, Span(*reach), blocked_code, state in SETTLED, is_due)

    def take_pending(self, wallet_id: int, *, limit: int) -> tuple[WalletEntry, ...]:
        """See `FactTransaction.take_pending`."""
        taken = self._cursor.execute(_TAKE, {"wallet_id": wallet_id, "limit": limit}).fetchall()
        parameters = {"wallet_id": wallet_id, "tx_ids": [row[0] for row in taken]}
        rows = self._cursor.execute(_TAKEN, parameters).fetchall() if taken else []
        return self._entries(wallet_id, rows)

    def live_entries(self, wallet_id: int, *, after_tx: int, limit: int) -> tuple[WalletEntry, ...]:
        """See `FactTransaction.live_entries`."""
        parameters = {"wallet_id": wallet_id, "after": after_tx, "limit": limit}
        return self._entries(wallet_id, self._cursor.execute(_LIVE, parameters).fetchall())

    def append(self, wallet_id: int, plan: FoldPlan, *, after_seq: int) -> int:
        """See `FactTransaction.append`."""
        if plan.rows:
            columns = {
                "tx_id": [row.tx_id for row in plan.rows],
                "op": [row.op.value for row in plan.rows],
                "known": [row.known.value for row in plan.rows],
                "version": [row.version for row in plan.rows],
            }
            applied = [row.tx_id for row in plan.rows if row.op is LedgerOp.APPLY]
            keys = {"wallet_id": wallet_id, "after_seq": after_seq, "applied": applied}
            self._cursor.execute(_APPEND, keys | columns)
        return after_seq + len(plan.rows)

    def newest_held(self, wallet_id: int, accounts: Sequence[int]) -> dict[int, Newest]:
        """See `FactTransaction.newest_held`."""
        if not accounts:
            return {}
        rows = self._cursor.execute(_HELD, (wallet_id, list(accounts))).fetchall()
        return {row[0]: Newest(row[1], decode_rivals(row[2])) for row in rows}

    def newest_from_facts(self, wallet_id: int, accounts: Sequence[int]) -> dict[int, Newest]:
        """See `FactTransaction.newest_from_facts`."""
        if not accounts:
            return {}
        parameters = {"wallet_id": wallet_id, "accounts": list(accounts)}
        rivals: dict[int, list[Rival]] = defaultdict(list)
        slots: dict[int, Slot] = {}
        for account, slot, tx_id, signature, index, pre, post in self._cursor.execute(
            _FROM_FACTS, parameters
        ).fetchall():
            slots[account] = slot
            amounts = RawAmount(int(pre)), RawAmount(int(post))
            rivals[account].append(Rival(tx_id, signature_of(signature), index, *amounts))
        return {
            account: Newest(slots[account], tuple(sorted(found, key=lambda r: r.signature)))
            for account, found in rivals.items()
        }

    def span_from_facts(self, wallet_id: int) -> Span:
        """See `FactTransaction.span_from_facts`."""
        row = self._cursor.execute(_SPAN_FROM_FACTS, {"wallet_id": wallet_id}).fetchone()
        return Span(*row) if row else Span()

    def clear_fold(self, wallet_id: int) -> None:
        """See `FactTransaction.clear_fold`."""
        for statement in _CLEAR:
            self._cursor.execute(statement, (wallet_id,))

    def save(self, wallet_id: int, save: FoldSave, *, at: datetime) -> None:
        """See `FactTransaction.save`."""
        counters = sorted((name, n) for name, n in save.plan.counters.items() if n)
        if counters:
            names, values = [name for name, _ in counters], [str(n) for _, n in counters]
            self._cursor.execute(_COUNTERS, (wallet_id, names, values))
        hours = sorted((hour, n) for hour, n in save.plan.hours.items() if n)
        if hours:
            starts, counts = [hour for hour, _ in hours], [n for _, n in hours]
            self._cursor.execute(_HOURS, (wallet_id, starts, counts))
        save_days(self._cursor, wallet_id, save.plan)
        self._save_holdings(wallet_id, save)
        position = save.span._asdict() | {"applied_seq": save.applied_seq, "lag_s": save.lag_s}
        keys = {"wallet_id": wallet_id, "stale_from": save.stale_from, "is_whole": save.is_whole}
        self._cursor.execute(_SAVE, position | keys | {"at": at})

    def _save_holdings(self, wallet_id: int, save: FoldSave) -> None:
        gone = [account for account in save.plan.accounts if account not in save.newest]
        if gone:
            self._cursor.execute(_DROP_HOLDINGS, (wallet_id, gone))
        held = sorted(save.newest.items())
        if not held:
            return
        settled = [settle(newest) for _, newest in held]
        columns: dict[str, Any] = {
            "account_id": [account for account, _ in held],
            "slot": [newest.slot for _, newest in held],
            "tx_id": [s.rival.tx_id for s in settled],
            "order_unresolved": [s.order_unresolved for s in settled],
            "post_raw": [str(s.rival.post_raw) for s in settled],
            "rivals": [encode_rivals(newest.rivals) for _, newest in held],
        }
        self._cursor.execute(_HOLDINGS, columns | {"wallet_id": wallet_id})

    def _entries(self, wallet_id: int, rows: Sequence[tuple[Any, ...]]) -> tuple[WalletEntry, ...]:
        if not rows:
            return ()
        parts = self._parts(wallet_id, rows)
        return tuple(_entry(row, parts) for row in rows)

    def _parts(self, wallet_id: int, rows: Sequence[tuple[Any, ...]]) -> _Parts:
        keys = {
            "wallet_id": wallet_id,
            "tx_ids": [row[0] for row in rows],
            "slots": [row[2] for row in rows],
            "lowest": min(row[2] for row in rows),
            "highest": max(row[2] for row in rows),
            "fees": [KIND_CODES[kind] for kind in FEE_KINDS],
            "transfers": codes_of(Kind.TRANSFER),
            "sol": address_bytes(SOL_MINT),
        }
        fees: dict[int, dict[str, Lamports]] = defaultdict(dict)
        transfers: dict[int, list[Transfer]] = defaultdict(list)
        for tx_id, code, mint, other, raw in self._cursor.execute(MOVED, keys).fetchall():
            kind, mark = meaning_of(code)
            if kind is Kind.TRANSFER:
                whom = None if other is None else address_of(other)
                moved = Transfer(whom, Mint(address_of(mint)), RawAmount(int(raw)), bool(mark))
                transfers[tx_id].append(moved)
            else:
                paid = fees[tx_id].get(kind.value, 0) - int(raw)
                fees[tx_id][kind.value] = Lamports(paid)
        venues: dict[int, list[str]] = defaultdict(list)
        terminals: dict[int, list[str]] = defaultdict(list)
        for tx_id, venue, terminal in self._cursor.execute(_TRADES, keys).fetchall():
            venues[tx_id].append(venue)
            if terminal is not None:
                terminals[tx_id].append(terminal)
        marks: dict[int, list[BalanceMark]] = defaultdict(list)
        for tx_id, account, mint, pre, post in self._cursor.execute(_MARKS, keys).fetchall():
            amounts = RawAmount(int(pre)), RawAmount(int(post))
            marks[tx_id].append(BalanceMark(account, Mint(address_of(mint)), *amounts))
        return _Parts(fees, venues, terminals, transfers, marks)


def _entry(row: tuple[Any, ...], parts: _Parts) -> WalletEntry:
    tx_id = row[0]
    last = LastRow(LedgerOp(row[9]), Known(row[10]), row[11]) if row[9] is not None else None
    return WalletEntry(
        tx_id=tx_id,
        signature=signature_of(row[1]),
        slot=row[2],
        tx_index=row[3],
        block_time=row[4],
        failed=row[5],
        revoked=row[6],
        version=row[7],
        is_participant=row[8],
        fees=parts.fees.get(tx_id, {}),
        venues=tuple(parts.venues.get(tx_id, ())),
        balances=tuple(parts.balances.get(tx_id, ())),
        last=last,
        terminals=tuple(parts.terminals.get(tx_id, ())),
        transfers=tuple(parts.transfers.get(tx_id, ())),
    )
