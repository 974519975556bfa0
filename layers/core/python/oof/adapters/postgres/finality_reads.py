"""What is not final yet, and what shares its slot in an unknown order; each one statement."""

from datetime import datetime

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import signature_of
from oof.domain.units import Signature, Slot
from oof.ports.finality import SoftTransaction, UnorderedSlot

_SOFT_DUE = """
SELECT s.tx_id, t.signature, t.slot, s.absent, s.heard
FROM soft_transactions s JOIN transactions t USING (tx_id)
WHERE s.due_at <= %(at)s AND s.tx_id > %(after)s AND NOT t.revoked
ORDER BY s.tx_id LIMIT %(limit)s
"""

# By the key of transactions, backwards past the few that are soft.
_WITNESS = """
SELECT t.signature FROM transactions t
WHERE NOT t.revoked AND NOT EXISTS (SELECT FROM soft_transactions s WHERE s.tx_id = t.tx_id)
ORDER BY t.tx_id DESC LIMIT 1
"""

# By unordered_transactions_due.
_UNORDERED_DUE = """
SELECT u.slot, max(u.tries), array_agg(u.tx_id ORDER BY u.tx_id),
    array_agg(t.signature ORDER BY u.tx_id)
FROM unordered_transactions u JOIN transactions t USING (tx_id)
WHERE u.due_at <= %(at)s AND t.tx_index IS NULL AND NOT t.revoked
GROUP BY u.slot
HAVING NOT bool_or(EXISTS (SELECT FROM soft_transactions s WHERE s.tx_id = u.tx_id))
ORDER BY u.slot LIMIT %(limit)s
"""


class FinalityQueries:
    """Reads of what settling finality asks about."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def soft_due(self, *, at: datetime, after: int, limit: int) -> tuple[SoftTransaction, ...]:
        """See `FinalityReads.soft_due`."""
        parameters = {"at": at, "after": after, "limit": limit}
        rows = self._cursor.execute(_SOFT_DUE, parameters).fetchall()
        return tuple(SoftTransaction(row[0], signature_of(row[1]), *row[2:]) for row in rows)

    def witness(self) -> Signature | None:
        """See `FinalityReads.witness`."""
        row = self._cursor.execute(_WITNESS).fetchone()
        return None if row is None else signature_of(row[0])

    def unordered_due(self, *, at: datetime, limit: int) -> tuple[UnorderedSlot, ...]:
        """See `FinalityReads.unordered_due`."""
        rows = self._cursor.execute(_UNORDERED_DUE, {"at": at, "limit": limit}).fetchall()
        return tuple(
            UnorderedSlot(
                Slot(slot), tries, tuple(zip(tx_ids, map(signature_of, signatures), strict=True))
            )
            for slot, tries, tx_ids, signatures in rows
        )
