"""Which wallets are tracked, and which stored transactions their ledgers are owed."""

from collections.abc import Sequence
from datetime import datetime

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.identities import wallet_ids
from oof.adapters.postgres.rows import (
    address_bytes,
    signature_bytes,
    signature_of,
)
from oof.domain.errors import NotFound
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Signature
from oof.ports.facts import LinkOutcome

_TRACK = """
INSERT INTO tracked_wallets AS w (wallet_id, state, tracked_at, changed_at)
VALUES (%(wallet_id)s, %(state)s, %(at)s, %(at)s)
ON CONFLICT (wallet_id) DO UPDATE SET
    state = excluded.state, revision = w.revision + 1, changed_at = excluded.changed_at
WHERE w.state <> excluded.state
"""

_TRACKED_ID = """
SELECT wallet_id FROM wallets JOIN tracked_wallets USING (wallet_id) WHERE address = %s
"""

# By transactions_signature, then by ledger_transaction.
_LINK = """
WITH listed AS (SELECT unnest(%(signatures)s::bytea[]) AS signature),
found AS MATERIALIZED (
    SELECT listed.signature, t.tx_id FROM listed
    LEFT JOIN transactions t ON substring(t.signature, 1, 16) = substring(listed.signature, 1, 16)
        AND t.signature = listed.signature AND NOT t.revoked
),
added AS (
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
    SELECT %(wallet_id)s, tx_id, %(at)s FROM found
    WHERE tx_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger l WHERE l.wallet_id = %(wallet_id)s AND l.tx_id = found.tx_id
    )
    ORDER BY tx_id ON CONFLICT DO NOTHING RETURNING tx_id
)
SELECT signature, NULL::int8 FROM found WHERE tx_id IS NULL
UNION ALL SELECT NULL, count(*) FROM added
"""

_BLOCK = """
UPDATE tracked_wallets SET
    blocked_code = %(code)s, revision = revision + 1, changed_at = %(at)s,
    last_error_code = %(code)s,
    last_error_at = CASE WHEN %(code)s::text IS NULL THEN NULL ELSE %(at)s END,
    last_error_retry_at = NULL
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %(address)s)
    AND blocked_code IS DISTINCT FROM %(code)s
"""


class MembershipWrites:
    """The membership side of a transaction."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def track(self, wallet: Address, state: WalletState, *, at: datetime) -> None:
        """See `FactTransaction.track`."""
        wallet_id = wallet_ids(self._cursor, [wallet])[wallet]
        self._cursor.execute(_TRACK, {"wallet_id": wallet_id, "state": state.value, "at": at})

    def link(
        self, wallet: Address, signatures: Sequence[Signature], *, at: datetime
    ) -> LinkOutcome:
        """See `FactTransaction.link`."""
        row = self._cursor.execute(_TRACKED_ID, (address_bytes(wallet),)).fetchone()
        if row is None:
            raise NotFound(f"wallet {wallet} is not tracked")
        keys = {signature_bytes(signature): signature for signature in signatures}
        parameters = {"signatures": sorted(keys), "wallet_id": row[0], "at": at}
        rows = self._cursor.execute(_LINK, parameters).fetchall()
        missing = {signature_of(row[0]) for row in rows if row[0] is not None}
        queued = sum(row[1] for row in rows if row[1] is not None)
        ordered = tuple(signature for signature in keys.values() if signature in missing)
        return LinkOutcome(ordered, queued)

    def block(self, wallet: Address, code: str | None, *, at: datetime) -> None:
        """See `FactTransaction.block`."""
        self._cursor.execute(_BLOCK, {"address": address_bytes(wallet), "code": code, "at": at})
