"""Settling what is final, what was dropped, and in which order a slot's transactions ran.

Rows of transactions are locked in the order of their ids, before what is noted about them: so
whoever contests a transaction and whoever revokes it take turns. As in an apply, wallets come
before pending rows, and those before what has no order: so nobody waits in a circle.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_of, signature_of, sorted_signatures
from oof.domain.units import Address, Signature, Slot
from oof.ports.finality import Landing

# By the index transactions_signature; waits for whoever is revoking one of them.
_LOCK_STORED = """
SELECT t.tx_id, t.signature FROM unnest(%s::bytea[]) AS i (signature)
JOIN transactions t ON substring(t.signature, 1, 16) = substring(i.signature, 1, 16)
    AND t.signature = i.signature AND NOT t.revoked
ORDER BY t.tx_id FOR UPDATE OF t
"""
_CONTEST = """
UPDATE soft_transactions SET heard = heard + 1, absent = 0, due_at = least(due_at, %(at)s)
WHERE tx_id = ANY(%(tx_ids)s)
"""

_FINALIZE = """
DELETE FROM soft_transactions WHERE tx_id IN (
    SELECT tx_id FROM soft_transactions WHERE tx_id = ANY(%s) ORDER BY tx_id FOR UPDATE
)
"""
_POSTPONE = """
WITH asked AS (
    SELECT * FROM unnest(%(tx_ids)s::int8[], %(absent)s::int2[]) AS a (tx_id, absent)
),
locked AS (
    SELECT tx_id, asked.absent FROM soft_transactions s JOIN asked USING (tx_id)
    ORDER BY tx_id FOR UPDATE OF s
)
UPDATE soft_transactions s SET absent = locked.absent, due_at = %(due_at)s
FROM locked WHERE s.tx_id = locked.tx_id
"""

_LOCK_LANDED = """
SELECT tx_id FROM transactions WHERE tx_id = ANY(%s) AND NOT revoked ORDER BY tx_id FOR UPDATE
"""
# A new look, after the rows are locked: whoever contested one before has committed that.
_REVOKE = """
UPDATE transactions t SET revoked = true
FROM unnest(%(tx_ids)s::int8[], %(heard)s::int4[]) AS i (tx_id, heard)
WHERE t.tx_id = i.tx_id AND t.tx_id = ANY(%(locked)s) AND (i.heard IS NULL OR EXISTS (
    SELECT FROM soft_transactions s WHERE s.tx_id = i.tx_id AND s.heard = i.heard
))
RETURNING t.tx_id, t.slot
"""
_FORGET = """
WITH gone AS (SELECT * FROM unnest(%(tx_ids)s::int8[], %(slots)s::int4[]) AS g (tx_id, slot)),
softened AS (DELETE FROM soft_transactions s USING gone WHERE s.tx_id = gone.tx_id)
DELETE FROM unordered_transactions u USING gone WHERE u.slot = gone.slot AND u.tx_id = gone.tx_id
"""

# Ledgers are indexed by wallet, so every tracked wallet is asked: reorgs are rare. Pending rows
# count too: whoever is taking one now may not have committed its ledger row yet. A row that is
# pending already is held until the commit: whoever took it before would not see the revocation.
_QUEUE_REVOKED = """
WITH dropped AS (SELECT unnest(%(tx_ids)s::int8[]) AS tx_id),
wanted AS MATERIALIZED (
    SELECT tracked.wallet_id, dropped.tx_id FROM tracked_wallets tracked CROSS JOIN dropped
    WHERE EXISTS (
        SELECT FROM ledger l WHERE l.wallet_id = tracked.wallet_id AND l.tx_id = dropped.tx_id
    ) OR EXISTS (
        SELECT FROM pending p WHERE p.wallet_id = tracked.wallet_id AND p.tx_id = dropped.tx_id
    )
),
added AS (
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
    SELECT wallet_id, tx_id, %(at)s FROM wanted ORDER BY wallet_id, tx_id
    ON CONFLICT (wallet_id, tx_id) DO UPDATE SET enqueued_at = pending.enqueued_at
)
SELECT DISTINCT address FROM wanted JOIN wallets USING (wallet_id)
"""

# By tracked_wallets_soft. Two statements: the second sees what those it waited for have applied.
_LOCK_SOFT = """
SELECT t.wallet_id FROM tracked_wallets t
CROSS JOIN LATERAL (
    SELECT min(l.tx_id) AS first, count(DISTINCT l.tx_id)::int4 AS count
    FROM ledger l JOIN soft_transactions s USING (tx_id)
    WHERE l.wallet_id = t.wallet_id AND l.tx_id >= t.soft_from
) found
WHERE t.soft_count > 0
    AND (t.soft_from, t.soft_count) IS DISTINCT FROM (found.first, found.count)
ORDER BY t.wallet_id LIMIT %s FOR UPDATE OF t
"""
_CLEAR_SOFT = """
UPDATE tracked_wallets w SET soft_from = found.first, soft_count = found.count,
    revision = revision + 1, changed_at = %(at)s
FROM (
    SELECT i.wallet_id, min(l.tx_id) AS first, count(DISTINCT l.tx_id)::int4 AS count
    FROM unnest(%(wallet_ids)s::int4[]) AS i (wallet_id)
    JOIN tracked_wallets t USING (wallet_id)
    LEFT JOIN (ledger l JOIN soft_transactions s USING (tx_id))
        ON l.wallet_id = i.wallet_id AND l.tx_id >= t.soft_from
    GROUP BY i.wallet_id
) found
WHERE w.wallet_id = found.wallet_id
    AND (w.soft_from, w.soft_count) IS DISTINCT FROM (found.first, found.count)
RETURNING (SELECT address FROM wallets WHERE wallets.wallet_id = w.wallet_id)
"""

# By participants_wallet, then by the keys of transactions.
_NOTE_SHARED = """
WITH own AS MATERIALIZED (
    SELECT p.slot, p.tx_id, t.tx_index FROM participants p JOIN transactions t USING (tx_id)
    WHERE p.wallet_id = %(wallet_id)s AND p.slot = ANY(%(slots)s) AND NOT t.revoked
),
unplaced AS (
    SELECT slot, tx_id FROM own
    WHERE tx_index IS NULL AND slot IN (SELECT slot FROM own GROUP BY slot HAVING count(*) > 1)
    UNION
    SELECT r.slot, r.tx_id
    FROM unnest(%(rival_slots)s::int4[], %(rival_ids)s::int8[]) AS r (slot, tx_id)
    JOIN transactions t USING (tx_id) WHERE t.tx_index IS NULL AND NOT t.revoked
)
INSERT INTO unordered_transactions (slot, tx_id, due_at)
SELECT slot, tx_id, %(at)s FROM unplaced ORDER BY slot, tx_id ON CONFLICT DO NOTHING
"""

_PLACE = """
WITH told AS (SELECT * FROM unnest(%(tx_ids)s::int8[], %(indexes)s::int4[]) AS t (tx_id, tx_index)),
locked AS (
    SELECT t.tx_id, told.tx_index FROM transactions t JOIN told USING (tx_id)
    WHERE NOT t.revoked ORDER BY t.tx_id FOR UPDATE OF t
)
UPDATE transactions t SET tx_index = locked.tx_index FROM locked
WHERE t.tx_id = locked.tx_id AND t.tx_index IS NULL
"""

# Bodies tell places too; what they told leaves here.
_ORDERED = """
DELETE FROM unordered_transactions u USING transactions t
WHERE u.due_at IS NOT NULL AND t.tx_id = u.tx_id AND t.tx_index IS NOT NULL
"""

# A place in the block matters to the owners of accounts that changed, and to nobody else.
_OWNERS = """
owners AS MATERIALIZED (
    SELECT DISTINCT a.owner_id AS wallet_id, b.tx_id
    FROM balances b JOIN token_accounts a USING (account_id)
    JOIN tracked_wallets w ON w.wallet_id = a.owner_id
    WHERE b.tx_id = ANY(%(tx_ids)s)
)
"""
_QUEUE_PLACED = f"""
WITH {_OWNERS},
wanted AS MATERIALIZED (
    SELECT * FROM owners WHERE EXISTS (
        SELECT FROM ledger l WHERE l.wallet_id = owners.wallet_id AND l.tx_id = owners.tx_id
    ) OR EXISTS (
        SELECT FROM pending p WHERE p.wallet_id = owners.wallet_id AND p.tx_id = owners.tx_id
    )
),
added AS (
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
    SELECT wallet_id, tx_id, %(at)s FROM wanted ORDER BY wallet_id, tx_id
    ON CONFLICT (wallet_id, tx_id) DO UPDATE SET enqueued_at = pending.enqueued_at
)
SELECT DISTINCT address FROM wanted JOIN wallets USING (wallet_id)
"""  # noqa: S608 - a constant, used twice

_OF_SLOTS = """
SELECT tx_id FROM unordered_transactions WHERE slot = ANY(%s) AND due_at IS NOT NULL
"""
_RETRY = """
WITH failed AS (SELECT * FROM unnest(%(slots)s::int4[], %(tries)s::int2[]) AS f (slot, tries)),
locked AS (
    SELECT u.slot, u.tx_id, failed.tries FROM unordered_transactions u JOIN failed USING (slot)
    WHERE u.due_at IS NOT NULL ORDER BY u.slot, u.tx_id FOR UPDATE OF u
)
UPDATE unordered_transactions u SET tries = locked.tries, due_at = %(due_at)s
FROM locked WHERE u.slot = locked.slot AND u.tx_id = locked.tx_id
"""
_RAISE = f"""
WITH {_OWNERS},
locked AS (
    SELECT w.wallet_id FROM tracked_wallets w
    WHERE w.wallet_id IN (SELECT wallet_id FROM owners) ORDER BY w.wallet_id FOR UPDATE
)
UPDATE tracked_wallets w SET revision = revision + 1, changed_at = %(at)s
FROM locked WHERE w.wallet_id = locked.wallet_id
RETURNING (SELECT address FROM wallets WHERE wallets.wallet_id = w.wallet_id)
"""  # noqa: S608 - a constant, used twice


class FinalityWrites:
    """The finality side of a transaction."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def contest(self, signatures: Sequence[Signature], *, at: datetime) -> frozenset[Signature]:
        """See `FinalityTransaction.contest`."""
        rows = self._cursor.execute(_LOCK_STORED, (sorted_signatures(signatures),)).fetchall()
        self._cursor.execute(_CONTEST, {"tx_ids": [row[0] for row in rows], "at": at})
        return frozenset(signature_of(row[1]) for row in rows)

    def finalize(self, tx_ids: Sequence[int]) -> None:
        """See `FinalityTransaction.finalize`."""
        if tx_ids:
            self._cursor.execute(_FINALIZE, (list(tx_ids),))

    def postpone(self, absences: Mapping[int, int], *, due_at: datetime) -> None:
        """See `FinalityTransaction.postpone`."""
        if absences:
            columns = {"tx_ids": [*absences], "absent": [*absences.values()], "due_at": due_at}
            self._cursor.execute(_POSTPONE, columns)

    def revoke(self, landings: Sequence[Landing], *, at: datetime) -> tuple[Address, ...]:
        """See `FinalityTransaction.revoke`."""
        if not landings:
            return ()
        tx_ids = [landing.tx_id for landing in landings]
        locked = [row[0] for row in self._cursor.execute(_LOCK_LANDED, (tx_ids,)).fetchall()]
        heard = [landing.heard for landing in landings]
        columns = {"tx_ids": tx_ids, "heard": heard, "locked": locked}
        rows = self._cursor.execute(_REVOKE, columns).fetchall()
        if not rows:
            return ()
        dropped = {"tx_ids": [row[0] for row in rows], "slots": [row[1] for row in rows]}
        woken = self._wallets(_QUEUE_REVOKED, dropped | {"at": at})
        self._cursor.execute(_FORGET, dropped)
        return woken

    def clear_soft(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """See `FinalityTransaction.clear_soft`."""
        wallet_ids = [row[0] for row in self._cursor.execute(_LOCK_SOFT, (limit,)).fetchall()]
        if not wallet_ids:
            return ()
        return self._wallets(_CLEAR_SOFT, {"wallet_ids": wallet_ids, "at": at})

    def note_shared_slots(
        self,
        wallet_id: int,
        slots: Sequence[Slot],
        rivals: Sequence[tuple[Slot, int]],
        *,
        at: datetime,
    ) -> None:
        """See `FinalityTransaction.note_shared_slots`."""
        columns = {
            "wallet_id": wallet_id,
            "slots": list(slots),
            "rival_slots": [slot for slot, _ in rivals],
            "rival_ids": [tx_id for _, tx_id in rivals],
            "at": at,
        }
        self._cursor.execute(_NOTE_SHARED, columns)

    def place(self, indexes: Mapping[int, int], *, at: datetime) -> tuple[Address, ...]:
        """See `FinalityTransaction.place`."""
        columns = {"tx_ids": [*indexes], "indexes": [*indexes.values()], "at": at}
        woken = self._wallets(_QUEUE_PLACED, columns) if indexes else ()
        if indexes:
            self._cursor.execute(_PLACE, columns)
        self._cursor.execute(_ORDERED)
        return woken

    def retry_slots(
        self, tries: Mapping[Slot, int], *, due_at: datetime | None, at: datetime
    ) -> tuple[Address, ...]:
        """See `FinalityTransaction.retry_slots`."""
        if not tries:
            return ()
        changed: tuple[Address, ...] = ()
        if due_at is None:
            rows = self._cursor.execute(_OF_SLOTS, ([*tries],)).fetchall()
            changed = self._wallets(_RAISE, {"tx_ids": [row[0] for row in rows], "at": at})
        columns = {"slots": [*tries], "tries": [*tries.values()], "due_at": due_at}
        self._cursor.execute(_RETRY, columns)
        return changed

    def _wallets(self, statement: str, parameters: Mapping[str, object]) -> tuple[Address, ...]:
        rows = self._cursor.execute(statement, parameters).fetchall()
        return tuple(sorted(address_of(row[0]) for row in rows))
