"""Facts of a store batch: a constant number of statements, whatever its size."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.fact_rows import (
    Ids,
    action_rows,
    balance_rows,
    columns_of,
    identify,
    participant_rows,
    text_of,
    trade_rows,
    transaction_columns,
)
from oof.adapters.postgres.rows import (
    address_bytes,
    address_of,
    signature_bytes,
    signature_of,
    sorted_signatures,
)
from oof.domain.errors import Conflict
from oof.domain.transactions.model import (
    NormalizedTransaction,
)
from oof.domain.units import Address, Signature, Slot
from oof.ports.facts import (
    TRACKED_STATES,
    Inserted,
    PackedTransaction,
    PackRecord,
    UnreadableRecord,
)

_PACK = """
WITH added AS (
    INSERT INTO packs (object_key, dictionary_id, frames, bytes, stored_at, finalized_slot)
    VALUES (%(key)s, %(dictionary)s, %(frames)s, %(bytes)s, %(at)s, %(finalized_slot)s)
    ON CONFLICT DO NOTHING RETURNING pack_id
)
SELECT pack_id FROM added UNION ALL SELECT pack_id FROM packs WHERE object_key = %(key)s
"""

# Anti-join and conflict both by the index transactions_signature. A pack learns in the same
# statement which ids its rows lie between: no index on `pack_id` is needed to find them. Whoever
# had a dropped landing of a signature is owed the new one, also where only a listing names it.
_TRANSACTIONS = """
WITH added AS (
    INSERT INTO transactions (
        signature, slot, tx_index, block_time, fee_payer_id, fee_lamports, failed, anomalies,
        frame_offset, frame_length, pack_id, normalizer_version
    )
    SELECT i.signature, i.slot, i.tx_index, i.block_time, i.fee_payer_id, i.fee_lamports, i.failed,
        i.anomalies::jsonb, i.frame_offset, i.frame_length, %(pack_id)s, i.version
    FROM unnest(
        %(signature)s::bytea[], %(slot)s::int4[], %(tx_index)s::int4[], %(block_time)s::int8[],
        %(fee_payer_id)s::int4[], %(fee_lamports)s::int8[], %(failed)s::boolean[],
        %(anomalies)s::text[], %(frame_offset)s::int4[], %(frame_length)s::int4[],
        %(version)s::int2[]
    ) AS i (
        signature, slot, tx_index, block_time, fee_payer_id, fee_lamports, failed, anomalies,
        frame_offset, frame_length, version
    )
    WHERE NOT EXISTS (
        SELECT FROM transactions t
        WHERE substring(t.signature, 1, 16) = substring(i.signature, 1, 16) AND NOT t.revoked
    )
    ORDER BY i.signature ON CONFLICT DO NOTHING RETURNING signature, tx_id, slot
),
relanded AS (
    SELECT a.tx_id, r.tx_id AS dropped_id FROM added a
    JOIN transactions r ON substring(r.signature, 1, 16) = substring(a.signature, 1, 16)
        AND r.signature = a.signature AND r.revoked
),
remembered AS (
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
    SELECT DISTINCT w.wallet_id, relanded.tx_id, %(at)s::timestamptz
    FROM relanded CROSS JOIN tracked_wallets w
    WHERE EXISTS (
        SELECT FROM ledger l WHERE l.wallet_id = w.wallet_id AND l.tx_id = relanded.dropped_id
    ) OR EXISTS (
        SELECT FROM pending p WHERE p.wallet_id = w.wallet_id AND p.tx_id = relanded.dropped_id
    )
    ORDER BY w.wallet_id, relanded.tx_id ON CONFLICT DO NOTHING
),
softened AS (
    INSERT INTO soft_transactions (tx_id, due_at)
    SELECT tx_id, %(ask_at)s FROM added WHERE slot > coalesce(%(finalized_slot)s, -1)
),
spanned AS (
    UPDATE packs SET first_tx_id = least(first_tx_id, span.first),
        last_tx_id = greatest(last_tx_id, span.last), superseded_at = NULL
    FROM (SELECT min(tx_id) AS first, max(tx_id) AS last FROM added) span
    WHERE pack_id = %(pack_id)s AND span.first IS NOT NULL
)
SELECT signature, tx_id FROM added
"""

_PARTICIPANTS = """
INSERT INTO participants (tx_id, slot, wallet_id)
SELECT * FROM unnest(%s::int8[], %s::int4[], %s::int4[])
"""
_ACTIONS = """
INSERT INTO actions (tx_id, slot, owner_id, mint_id, counterparty_id, kind, delta_raw)
SELECT * FROM unnest(
    %s::int8[], %s::int4[], %s::int4[], %s::int4[], %s::int4[], %s::int2[], %s::numeric[]
)
"""
_TRADES = """
INSERT INTO trades (
    tx_id, slot, leg, trader_id, sold_mint_id, bought_mint_id, outer_index, is_maker, arbitrage,
    sold_raw, bought_raw, venue, terminal, route
)
SELECT i.tx_id, i.slot, i.leg, i.trader_id, i.sold_mint_id, i.bought_mint_id, i.outer_index,
    i.is_maker, i.arbitrage, i.sold_raw, i.bought_raw, i.venue, i.terminal,
    string_to_array(i.route, chr(31))
FROM unnest(
    %s::int8[], %s::int4[], %s::int2[], %s::int4[], %s::int4[], %s::int4[], %s::int2[],
    %s::boolean[], %s::boolean[], %s::numeric[], %s::numeric[], %s::text[], %s::text[], %s::text[]
) AS i (
    tx_id, slot, leg, trader_id, sold_mint_id, bought_mint_id, outer_index, is_maker, arbitrage,
    sold_raw, bought_raw, venue, terminal, route
)
"""
_BALANCES = """
INSERT INTO balances (tx_id, account_id, pre_raw, post_raw)
SELECT * FROM unnest(%s::int8[], %s::int8[], %s::numeric[], %s::numeric[])
"""

# By the index transactions_signature; rows are locked in one order, so fills never deadlock. A body
# of another slot than the stored one is another landing's: it teaches nothing.
_FILL = """
WITH told AS (
    SELECT * FROM unnest(
        %(signature)s::bytea[], %(slot)s::int4[], %(tx_index)s::int4[], %(block_time)s::int8[]
    ) AS t (signature, slot, tx_index, block_time)
),
locked AS (
    SELECT t.tx_id, told.tx_index, told.block_time FROM transactions t
    JOIN told ON substring(t.signature, 1, 16) = substring(told.signature, 1, 16)
        AND t.signature = told.signature
    WHERE NOT t.revoked AND t.slot = told.slot AND (
        (t.tx_index IS NULL AND told.tx_index IS NOT NULL)
        OR (t.block_time IS NULL AND told.block_time IS NOT NULL)
    )
    ORDER BY t.tx_id FOR UPDATE OF t
),
filled AS (
    UPDATE transactions t SET
        tx_index = coalesce(t.tx_index, locked.tx_index),
        block_time = coalesce(t.block_time, locked.block_time)
    FROM locked WHERE t.tx_id = locked.tx_id
)
SELECT t.signature, t.slot FROM told
JOIN transactions t ON substring(t.signature, 1, 16) = substring(told.signature, 1, 16)
    AND t.signature = told.signature
WHERE NOT t.revoked
"""

# By wallets_address_key and transactions_signature; sorted, and no wallet row is locked. A row that
# is pending already is held until the commit: whoever took it before would not see what changed.
_ENQUEUE = """
WITH pairs AS (
    SELECT * FROM unnest(%(signatures)s::bytea[], %(slots)s::int4[], %(addresses)s::bytea[])
    AS p (signature, slot, address)
),
wanted AS MATERIALIZED (
    SELECT w.wallet_id, w.address, t.tx_id
    FROM pairs
    JOIN wallets w USING (address)
    JOIN tracked_wallets tracked USING (wallet_id)
    JOIN transactions t ON substring(t.signature, 1, 16) = substring(pairs.signature, 1, 16)
        AND t.signature = pairs.signature AND t.slot = pairs.slot AND NOT t.revoked
    WHERE tracked.state = ANY(%(states)s)
),
added AS (
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
    SELECT DISTINCT wallet_id, tx_id, %(at)s::timestamptz FROM wanted ORDER BY wallet_id, tx_id
    ON CONFLICT (wallet_id, tx_id) DO UPDATE SET enqueued_at = pending.enqueued_at
)
SELECT DISTINCT address FROM wanted ORDER BY address
"""

_UNREADABLE = """
INSERT INTO unreadable (body_sha256, code, detail, source, signature, seen_at)
SELECT i.*, %s::timestamptz FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[])
AS i (body_sha256, code, detail, source, signature)
ORDER BY i.body_sha256, i.code ON CONFLICT DO NOTHING
"""

STORED = """
SELECT t.signature FROM unnest(%s::bytea[]) AS i (signature)
JOIN transactions t ON substring(t.signature, 1, 16) = substring(i.signature, 1, 16)
    AND t.signature = i.signature AND NOT t.revoked
"""


_TAKEN = """
SELECT i.signature FROM unnest(%s::bytea[]) AS i (signature)
JOIN transactions t ON substring(t.signature, 1, 16) = substring(i.signature, 1, 16)
    AND NOT t.revoked
"""


class FactWrites:
    """The store side of a transaction."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def insert(
        self,
        pack: PackRecord,
        transactions: Sequence[PackedTransaction],
        *,
        at: datetime,
        ask_at: datetime | None = None,
    ) -> Inserted:
        """See `FactTransaction.insert`."""
        if not transactions:
            return Inserted((), {})
        facts = [packed.transaction for packed in transactions]
        ids = identify(self._cursor, facts)
        pack_id = self._insert_pack(pack, at)
        columns = transaction_columns(transactions, ids)
        columns |= {
            "pack_id": pack_id,
            "finalized_slot": pack.finalized_slot,
            "ask_at": ask_at or at,
            "at": at,
        }
        self._cursor.execute(_TRANSACTIONS, columns)
        new = {signature_of(row[0]): row[1] for row in self._cursor.fetchall()}
        insert_parts(
            self._cursor, [(new[t.signature], t) for t in facts if t.signature in new], ids
        )
        others = [t for t in facts if t.signature not in new]
        if not others:
            return Inserted((), {})
        known = self.fill(others)
        missing = [t.signature for t in others if t.signature not in known]
        return Inserted(self._refused(missing), known)

    def fill(self, transactions: Sequence[NormalizedTransaction]) -> Mapping[Signature, Slot]:
        """See `FactTransaction.fill`."""
        if not transactions:
            return {}
        columns = {
            "signature": [signature_bytes(t.signature) for t in transactions],
            "slot": [t.slot for t in transactions],
            "tx_index": [t.tx_index for t in transactions],
            "block_time": [t.block_time for t in transactions],
        }
        rows = self._cursor.execute(_FILL, columns).fetchall()
        return {signature_of(row[0]): Slot(row[1]) for row in rows}

    def enqueue(
        self, transactions: Sequence[NormalizedTransaction], *, at: datetime
    ) -> tuple[Address, ...]:
        """See `FactTransaction.enqueue`."""
        pairs = [
            (signature_bytes(t.signature), t.slot, address_bytes(address))
            for t in transactions
            for address in t.participants
        ]
        if not pairs:
            return ()
        parameters = {
            "signatures": [signature for signature, _, _ in pairs],
            "slots": [slot for _, slot, _ in pairs],
            "addresses": [address for _, _, address in pairs],
            "states": [state.value for state in TRACKED_STATES],
            "at": at,
        }
        rows = self._cursor.execute(_ENQUEUE, parameters).fetchall()
        return tuple(sorted(address_of(row[0]) for row in rows))

    def record_unreadable(self, records: Sequence[UnreadableRecord], *, at: datetime) -> None:
        """See `FactTransaction.record_unreadable`."""
        if not records:
            return
        columns = columns_of(
            (r.body_sha256, r.code, text_of(r.detail), r.source, r.signature) for r in records
        )
        self._cursor.execute(_UNREADABLE, (at, *columns))

    def _refused(self, missing: Sequence[Signature]) -> tuple[Signature, ...]:
        """Return which of them meet another signature of the same beginning."""
        if not missing:
            return ()
        keys = [signature_bytes(signature) for signature in missing]
        taken = {bytes(row[0]) for row in self._cursor.execute(_TAKEN, (keys,)).fetchall()}
        if len(taken) < len({*keys}):
            raise Conflict("a transaction was revoked while it was stored")
        return tuple(missing)

    def _insert_pack(self, pack: PackRecord, at: datetime) -> int:
        parameters = {
            "key": pack.object_key,
            "dictionary": pack.dictionary_id,
            "frames": pack.frames,
            "bytes": pack.bytes,
            "at": at,
            "finalized_slot": pack.finalized_slot,
        }
        row = self._cursor.execute(_PACK, parameters).fetchone()
        if row is None:
            # A concurrent store of the same pack has just committed it.
            row = self._cursor.execute(_PACK, parameters).fetchone()
        return int(row[0]) if row else 0


def insert_parts(
    cursor: Cursor, new: Sequence[tuple[int, NormalizedTransaction]], ids: Ids
) -> None:
    """Insert what belongs to transactions, beside their own rows."""
    for statement, rows in (
        (_PARTICIPANTS, participant_rows(new, ids)),
        (_ACTIONS, action_rows(new, ids)),
        (_TRADES, trade_rows(new, ids)),
        (_BALANCES, balance_rows(new, ids)),
    ):
        columns = columns_of(rows)
        if columns:
            cursor.execute(statement, columns)


def stored(cursor: Cursor, signatures: Iterable[Signature]) -> frozenset[Signature]:
    """Return which signatures are stored and not revoked."""
    wanted = sorted_signatures(signatures)
    rows = cursor.execute(STORED, (wanted,)).fetchall() if wanted else []
    return frozenset(signature_of(row[0]) for row in rows)
