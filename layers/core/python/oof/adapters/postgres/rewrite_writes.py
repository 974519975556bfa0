"""Facts that are read anew: replaced where they differ, under their transaction's row lock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.fact_rows import (
    Ids,
    action_rows,
    anomalies_of,
    balance_rows,
    columns_of,
    identify,
    trade_rows,
)
from oof.adapters.postgres.fact_writes import insert_parts
from oof.adapters.postgres.rows import address_of
from oof.domain.transactions.model import NormalizedTransaction, Status
from oof.domain.units import Slot
from oof.ports.facts import TRACKED_STATES
from oof.ports.rewriting import Renormalization, Rewrite, Rewritten, StoredBody

_LOCK = """
SELECT tx_id, slot, fee_payer_id, fee_lamports, failed, anomalies::text FROM transactions
WHERE tx_id = ANY(%(tx_ids)s) AND NOT revoked AND normalizer_version < %(version)s
ORDER BY tx_id FOR UPDATE
"""
# By actions_tx within the slots' partitions, and by the keys of trades and balances; each in the
# columns that rows are inserted with.
_OLD_ACTIONS = """
SELECT tx_id, slot, owner_id, mint_id, counterparty_id, kind, delta_raw::text FROM actions
WHERE tx_id = ANY(%(tx_ids)s) AND slot BETWEEN %(lowest)s AND %(highest)s
"""
_OLD_TRADES = """
SELECT tx_id, slot, leg, trader_id, sold_mint_id, bought_mint_id, outer_index, is_maker,
    arbitrage, sold_raw::text, bought_raw::text, venue, terminal, array_to_string(route, chr(31))
FROM trades WHERE tx_id = ANY(%(tx_ids)s)
"""
_OLD_BALANCES = """
SELECT tx_id, account_id, pre_raw::text, post_raw::text FROM balances
WHERE tx_id = ANY(%(tx_ids)s)
"""
_OLD_OWNERS = """
SELECT DISTINCT b.tx_id, a.owner_id FROM balances b JOIN token_accounts a USING (account_id)
WHERE b.tx_id = ANY(%(tx_ids)s)
"""

# Participants are found by their wallet: who may have been one is known from the old facts.
_DELETE = (
    """
    DELETE FROM participants p
    USING unnest(%(part_ids)s::int8[], %(part_slots)s::int4[], %(part_wallets)s::int4[])
        AS i (tx_id, slot, wallet_id)
    WHERE p.wallet_id = i.wallet_id AND p.slot = i.slot AND p.tx_id = i.tx_id
    """,
    """
    DELETE FROM actions
    WHERE tx_id = ANY(%(tx_ids)s) AND slot BETWEEN %(lowest)s AND %(highest)s
    """,
    "DELETE FROM trades WHERE tx_id = ANY(%(tx_ids)s)",
    "DELETE FROM balances WHERE tx_id = ANY(%(tx_ids)s)",
)
_UPDATE = """
UPDATE transactions t SET
    fee_payer_id = i.fee_payer_id, fee_lamports = i.fee_lamports, failed = i.failed,
    anomalies = i.anomalies::jsonb, normalizer_version = %(version)s,
    tx_index = coalesce(t.tx_index, i.tx_index), block_time = coalesce(t.block_time, i.block_time)
FROM unnest(
    %(tx_ids)s::int8[], %(payers)s::int4[], %(fees)s::int8[], %(failed)s::boolean[],
    %(anomalies)s::text[], %(indexes)s::int4[], %(times)s::int8[]
) AS i (tx_id, fee_payer_id, fee_lamports, failed, anomalies, tx_index, block_time)
WHERE t.tx_id = i.tx_id
"""
_RAISE = "UPDATE transactions SET normalizer_version = %(version)s WHERE tx_id = ANY(%(tx_ids)s)"

# Whoever counts it, and whoever takes part now; held like every queued row until the commit.
_QUEUE = """
WITH named AS (
    SELECT DISTINCT * FROM unnest(%(tx_ids)s::int8[], %(wallets)s::int4[], %(is_new)s::boolean[])
    AS n (tx_id, wallet_id, is_participant)
),
wanted AS MATERIALIZED (
    SELECT DISTINCT named.wallet_id, named.tx_id
    FROM named JOIN tracked_wallets w USING (wallet_id)
    WHERE (named.is_participant AND w.state = ANY(%(states)s)) OR EXISTS (
        SELECT FROM ledger l WHERE l.wallet_id = named.wallet_id AND l.tx_id = named.tx_id
    ) OR EXISTS (
        SELECT FROM pending p WHERE p.wallet_id = named.wallet_id AND p.tx_id = named.tx_id
    )
),
added AS (
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
    SELECT wallet_id, tx_id, %(at)s FROM wanted ORDER BY wallet_id, tx_id
    ON CONFLICT (wallet_id, tx_id) DO UPDATE SET enqueued_at = pending.enqueued_at
)
SELECT DISTINCT address FROM wanted JOIN wallets USING (wallet_id)
"""

_HISTORY = """
WITH wanted AS (
    SELECT tx_id FROM participants WHERE wallet_id = %(wallet_id)s AND slot >= %(from_slot)s
    UNION
    SELECT l.tx_id FROM ledger l JOIN transactions t USING (tx_id)
    WHERE l.wallet_id = %(wallet_id)s AND t.slot >= %(from_slot)s
)
INSERT INTO pending (wallet_id, tx_id, enqueued_at)
SELECT %(wallet_id)s, tx_id, %(at)s FROM wanted ORDER BY tx_id ON CONFLICT DO NOTHING
"""

# By the key of transactions; it walks past what is up to date.
_STALE = """
SELECT t.tx_id, t.slot, p.object_key, p.dictionary_id, t.frame_offset, t.frame_length
FROM transactions t JOIN packs p USING (pack_id)
WHERE t.tx_id > %(after)s AND t.normalizer_version < %(version)s AND NOT t.revoked
ORDER BY t.tx_id LIMIT %(limit)s
"""
_PROGRESS = """
SELECT version, after_tx, last_tx, seen, rewritten, failed, ended_at IS NOT NULL
FROM renormalizations WHERE version = %s
"""
_NEWEST = "SELECT coalesce(max(tx_id), 0) FROM transactions"
_NOTE = """
INSERT INTO renormalizations AS r (
    version, after_tx, last_tx, seen, rewritten, failed, started_at, changed_at, ended_at
)
VALUES (
    %(version)s, %(after_tx)s, %(last_tx)s, %(seen)s, %(rewritten)s, %(failed)s, %(at)s, %(at)s,
    CASE WHEN %(is_ended)s THEN %(at)s::timestamptz END
)
ON CONFLICT (version) DO UPDATE SET
    after_tx = excluded.after_tx, last_tx = excluded.last_tx, seen = excluded.seen,
    rewritten = excluded.rewritten, failed = excluded.failed, changed_at = excluded.changed_at,
    ended_at = excluded.ended_at
"""


class RewriteWrites:
    """The rewriting side of a transaction."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def rewrite(self, rewrites: Sequence[Rewrite], *, version: int, at: datetime) -> Rewritten:
        """See `RewritingTransaction.rewrite`."""
        keys = {"tx_ids": [each.tx_id for each in rewrites], "version": version}
        stale = {row[0]: row for row in self._cursor.execute(_LOCK, keys).fetchall()}
        facts = {each.tx_id: each.transaction for each in rewrites if each.tx_id in stale}
        if not facts:
            return Rewritten(0, ())
        ids = identify(self._cursor, list(facts.values()))
        old = _Old(self._cursor, stale)
        changed = {i: t for i, t in facts.items() if old.differs(i, t, ids)}
        same = [tx_id for tx_id in facts if tx_id not in changed]
        self._cursor.execute(_RAISE, {"tx_ids": same, "version": version})
        if not changed:
            return Rewritten(0, ())
        self._replace(changed, old, ids, version)
        return Rewritten(len(changed), self._queue(changed, old, ids, at))

    def note_renormalization(self, state: Renormalization, *, at: datetime) -> None:
        """See `RewritingTransaction.note_renormalization`."""
        self._cursor.execute(_NOTE, state._asdict() | {"at": at})

    def queue_history(self, wallet_id: int, *, from_slot: Slot, at: datetime) -> int:
        """See `RewritingTransaction.queue_history`."""
        keys = {"wallet_id": wallet_id, "from_slot": from_slot, "at": at}
        return self._cursor.execute(_HISTORY, keys).rowcount

    def _replace(
        self, changed: Mapping[int, NormalizedTransaction], old: "_Old", ids: Ids, version: int
    ) -> None:
        parts = [
            (tx_id, old.slot(tx_id), wallet)
            for tx_id, t in changed.items()
            for wallet in sorted(old.wallets(tx_id) | {ids.wallets[a] for a in t.participants})
        ]
        part_ids, part_slots, part_wallets = columns_of(parts)
        keys = old.keys([*changed]) | {
            "part_ids": part_ids,
            "part_slots": part_slots,
            "part_wallets": part_wallets,
        }
        for statement in _DELETE:
            self._cursor.execute(statement, keys)
        insert_parts(self._cursor, [*changed.items()], ids)
        facts = list(changed.values())
        columns = {
            "version": version,
            "tx_ids": [*changed],
            "payers": [ids.wallets[t.fee_payer] for t in facts],
            "fees": [t.fee_lamports for t in facts],
            "failed": [t.status is Status.FAILED for t in facts],
            "anomalies": [anomalies_of(t) for t in facts],
            "indexes": [t.tx_index for t in facts],
            "times": [t.block_time for t in facts],
        }
        self._cursor.execute(_UPDATE, columns)

    def _queue(
        self, changed: Mapping[int, NormalizedTransaction], old: "_Old", ids: Ids, at: datetime
    ) -> tuple[Any, ...]:
        rows = [
            (tx_id, wallet, wallet in new)
            for tx_id, t in changed.items()
            for new in [{ids.wallets[address] for address in t.participants}]
            for wallet in sorted(new | old.wallets(tx_id) | _owners(t, ids))
        ]
        tx_ids, wallets, is_new = columns_of(rows)
        states = [state.value for state in TRACKED_STATES]
        keys = {"tx_ids": tx_ids, "wallets": wallets, "is_new": is_new, "states": states, "at": at}
        found = self._cursor.execute(_QUEUE, keys).fetchall()
        return tuple(sorted(address_of(row[0]) for row in found))


class RewriteQueries:
    """Reads of what is to be read anew."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def stale_bodies(self, version: int, *, after: int, limit: int) -> tuple[StoredBody, ...]:
        """See `RewritingReads.stale_bodies`."""
        keys = {"version": version, "after": after, "limit": limit}
        return tuple(StoredBody(*row) for row in self._cursor.execute(_STALE, keys).fetchall())

    def renormalization(self, version: int) -> Renormalization:
        """See `RewritingReads.renormalization`."""
        row = self._cursor.execute(_PROGRESS, (version,)).fetchone()
        if row is not None:
            return Renormalization(*row)
        newest = self._cursor.execute(_NEWEST).fetchone()
        return Renormalization(version, 0, newest[0] if newest else 0)


class _Old:
    """What is stored of locked transactions, before it is replaced."""

    def __init__(self, cursor: Cursor, stale: Mapping[int, tuple[Any, ...]]) -> None:
        self._stale = stale
        keys = self.keys([*stale])
        self._parts = [
            _by_transaction(cursor.execute(statement, keys).fetchall())
            for statement in (_OLD_ACTIONS, _OLD_TRADES, _OLD_BALANCES)
        ]
        self._owners = _by_transaction(cursor.execute(_OLD_OWNERS, keys).fetchall())

    def keys(self, tx_ids: list[int]) -> dict[str, Any]:
        """Name transactions, with bounds that leave out other partitions."""
        slots = [self.slot(tx_id) for tx_id in tx_ids]
        return {"tx_ids": tx_ids, "lowest": min(slots), "highest": max(slots)}

    def slot(self, tx_id: int) -> int:
        """Return a transaction's slot."""
        return int(self._stale[tx_id][1])

    def wallets(self, tx_id: int) -> set[int]:
        """Return who may have taken part, or held an account that changed."""
        actors = {row[2] for row in self._parts[0].get(tx_id, ()) if row[2] is not None}
        owners = {row[1] for row in self._owners.get(tx_id, ())}
        return {int(self._stale[tx_id][2])} | actors | owners

    def differs(self, tx_id: int, t: NormalizedTransaction, ids: Ids) -> bool:
        """Whether the facts of a transaction are others now."""
        new = [(tx_id, t._replace(slot=Slot(self.slot(tx_id))))]
        parts = (action_rows(new, ids), trade_rows(new, ids), balance_rows(new, ids))
        head = (
            ids.wallets[t.fee_payer],
            t.fee_lamports,
            t.status is Status.FAILED,
            _same_json(anomalies_of(t)),
        )
        _, _, payer, fee, failed, anomalies = self._stale[tx_id]
        return head != (payer, fee, failed, _same_json(anomalies)) or any(
            _bag(part) != _bag(stored.get(tx_id, ()))
            for part, stored in zip(parts, self._parts, strict=True)
        )


def _owners(t: NormalizedTransaction, ids: Ids) -> set[int]:
    return {ids.wallets[b.owner] for b in t.balances if b.owner}


def _by_transaction(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _bag(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    return sorted(map(repr, rows))


def _same_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
