"""What webhooks said, in Postgres: a queue of checks beside the facts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.rows import signature_bytes, signature_of, sorted_signatures
from oof.domain.doubt import Doubt, Doubted, Mark, Outcome, broken_from
from oof.domain.units import RawAmount, Signature
from oof.ports.doubts import Examined, Said
from oof.ports.facts import TRACKED_STATES

LOOK_BACK = 50
"""How many of a wallet's preceding transactions are searched for the one that moved an account."""

# Who finds it told lately takes no lock: only one store each half minute does.
_HEARD = """
UPDATE deliveries SET last_at = %(at)s
WHERE source = %(source)s AND last_at < %(at)s::timestamptz - interval '30 seconds'
"""

# By transactions_signature.
_SAID = """
INSERT INTO body_checks (tx_id, noted_at, version, reason, digest)
SELECT t.tx_id, %(at)s, t.normalizer_version, i.reason, i.digest
FROM unnest(%(signatures)s::bytea[], %(reasons)s::int2[], %(digests)s::bytea[])
    AS i (signature, reason, digest)
JOIN transactions t ON substring(t.signature, 1, 16) = substring(i.signature, 1, 16)
    AND t.signature = i.signature AND NOT t.revoked
WHERE t.pack_id = (SELECT pack_id FROM packs WHERE object_key = %(key)s)
ORDER BY t.tx_id ON CONFLICT DO NOTHING
"""

_SETTLE = """
WITH told AS (
    SELECT c.tx_id, i.outcome FROM unnest(%(tx_ids)s::int8[], %(outcomes)s::int2[])
        AS i (tx_id, outcome)
    JOIN body_checks c USING (tx_id) WHERE c.settled_at IS NULL ORDER BY c.tx_id FOR UPDATE OF c
)
UPDATE body_checks c SET outcome = told.outcome, settled_at = %(at)s
FROM told WHERE c.tx_id = told.tx_id RETURNING c.tx_id
"""

# By transactions_signature, then by the primary key.
_DOUBTED = """
SELECT t.tx_id, t.signature, c.digest, c.version, t.block_time, t.tx_index
FROM unnest(%s::bytea[]) AS i (signature)
JOIN transactions t ON substring(t.signature, 1, 16) = substring(i.signature, 1, 16)
    AND t.signature = i.signature AND NOT t.revoked
JOIN body_checks c USING (tx_id) WHERE c.settled_at IS NULL ORDER BY t.tx_id
"""

# By body_checks_unexamined, then by the keys of balances, accounts and tracked wallets.
_UNEXAMINED = """
SELECT c.tx_id FROM body_checks c JOIN transactions t USING (tx_id)
WHERE c.examined_at IS NULL AND (
    t.revoked OR c.noted_at < %(expired_before)s OR NOT EXISTS (
        SELECT FROM balances b JOIN token_accounts a USING (account_id)
        JOIN tracked_wallets w ON w.wallet_id = a.owner_id
        WHERE b.tx_id = c.tx_id AND w.state = ANY(%(states)s) AND coalesce(w.top_slot, 0) < t.slot
    )
)
ORDER BY c.tx_id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
"""

# Each account of a wallet that is covered there, with what its neighbours say of it. By the keys of
# balances, accounts and tracked wallets, then by participants_wallet.
_NEIGHBOURS = """
SELECT b.tx_id, b.account_id, t.slot, b.pre_raw, b.post_raw, n.tx_id, n.slot, n.pre_raw, n.post_raw
FROM transactions t JOIN balances b USING (tx_id) JOIN token_accounts a USING (account_id)
JOIN tracked_wallets w ON w.wallet_id = a.owner_id
CROSS JOIN LATERAL (
    SELECT p.tx_id, p.slot, o.pre_raw, o.post_raw FROM (
        SELECT tx_id, slot FROM participants
        WHERE wallet_id = w.wallet_id AND slot BETWEEN w.floor_slot AND t.slot
            AND tx_id <> t.tx_id
        ORDER BY slot DESC, tx_id DESC LIMIT %(look_back)s
    ) p
    JOIN transactions r ON r.tx_id = p.tx_id AND NOT r.revoked
    JOIN balances o ON o.tx_id = p.tx_id AND o.account_id = b.account_id
) n
WHERE t.tx_id = ANY(%(tx_ids)s) AND NOT t.revoked AND w.state = ANY(%(states)s)
    AND t.slot BETWEEN w.floor_slot AND w.top_slot
"""

_DOUBT = """
UPDATE body_checks SET reason = %(reason)s
WHERE tx_id = ANY(%(tx_ids)s) AND reason IS NULL AND settled_at IS NULL
"""

_EXAMINED = "UPDATE body_checks SET examined_at = %(at)s WHERE tx_id = ANY(%(tx_ids)s)"

# By body_checks_doubted.
_CLAIM = """
WITH next AS (
    SELECT c.tx_id FROM body_checks c JOIN transactions t USING (tx_id)
    WHERE c.reason IS NOT NULL AND c.settled_at IS NULL AND NOT t.revoked
        AND c.tries < %(tries)s AND coalesce(c.asked_at <= %(again_before)s, true)
    ORDER BY c.tx_id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
)
UPDATE body_checks c SET asked_at = %(at)s, tries = c.tries + 1
FROM next JOIN transactions t USING (tx_id) WHERE c.tx_id = next.tx_id
RETURNING c.tx_id, t.signature
"""

# A revoked one needs no answer any more.
_GIVE_UP = """
UPDATE body_checks c SET outcome = %(outcome)s, settled_at = %(at)s FROM transactions t
WHERE c.reason IS NOT NULL AND c.settled_at IS NULL AND t.tx_id = c.tx_id
    AND (t.revoked OR (c.tries >= %(tries)s AND c.asked_at <= %(again_before)s))
"""

# By body_checks_noted.
_FORGET = """
DELETE FROM body_checks WHERE noted_at < %(before)s AND examined_at IS NOT NULL
    AND (reason IS NULL OR settled_at IS NOT NULL) AND outcome IS DISTINCT FROM %(false)s
"""

_STATES = [state.value for state in TRACKED_STATES]


class DoubtWrites:
    """The doubting side of a transaction."""

    _cursor: Cursor

    def note_heard(self, source: str, *, at: datetime) -> None:
        """See `DoubtTransaction.note_heard`."""
        self._cursor.execute(_HEARD, {"source": source, "at": at})

    def note_said(self, pack_key: str, said: Sequence[Said], *, at: datetime) -> None:
        """See `DoubtTransaction.note_said`."""
        if said:
            parameters = {
                "key": pack_key,
                "at": at,
                "signatures": [signature_bytes(each.signature) for each in said],
                "reasons": [None if each.doubt is None else each.doubt.value for each in said],
                "digests": [each.digest for each in said],
            }
            self._cursor.execute(_SAID, parameters)

    def settle_doubts(self, outcomes: Mapping[int, Outcome], *, at: datetime) -> frozenset[int]:
        """See `DoubtTransaction.settle_doubts`."""
        values = [outcome.value for outcome in outcomes.values()]
        parameters = {"tx_ids": list(outcomes), "outcomes": values, "at": at}
        rows = self._cursor.execute(_SETTLE, parameters).fetchall() if outcomes else []
        return frozenset(row[0] for row in rows)


class PostgresDoubtStore:
    """`DoubtStore` on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def doubted(self, signatures: Iterable[Signature]) -> tuple[Doubted, ...]:
        """See `DoubtStore`."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(_DOUBTED, (sorted_signatures(signatures),)).fetchall()
        return tuple(Doubted(row[0], signature_of(row[1]), *row[2:]) for row in rows)

    def examine(self, *, at: datetime, expired_before: datetime, limit: int) -> Examined:
        """See `DoubtStore`."""
        parameters = {"expired_before": expired_before, "limit": limit, "states": _STATES}
        with self._database.transaction() as cursor:
            tx_ids = [row[0] for row in cursor.execute(_UNEXAMINED, parameters).fetchall()]
            if not tx_ids:
                return Examined(0, 0)
            suspects = sorted(_suspects(cursor, tx_ids))
            doubt = {"tx_ids": suspects, "reason": Doubt.CONTINUITY.value}
            doubted = cursor.execute(_DOUBT, doubt).rowcount if suspects else 0
            cursor.execute(_EXAMINED, {"tx_ids": tx_ids, "at": at})
        return Examined(len(tx_ids), doubted)

    def claim_doubts(
        self, *, at: datetime, again_before: datetime, tries: int, limit: int
    ) -> tuple[Signature, ...]:
        """See `DoubtStore`."""
        parameters = {"at": at, "again_before": again_before, "tries": tries, "limit": limit}
        with self._database.transaction() as cursor:
            rows = cursor.execute(_CLAIM, parameters).fetchall()
        return tuple(signature_of(signature) for _, signature in sorted(rows))

    def give_up_doubts(self, *, at: datetime, again_before: datetime, tries: int) -> int:
        """See `DoubtStore`."""
        parameters = {"at": at, "again_before": again_before, "tries": tries}
        with self._database.transaction() as cursor:
            return cursor.execute(_GIVE_UP, parameters | {"outcome": Outcome.ABSENT.value}).rowcount

    def forget_doubts(self, *, before: datetime) -> int:
        """See `DoubtStore`."""
        parameters = {"before": before, "false": Outcome.FALSE.value}
        with self._database.transaction() as cursor:
            return cursor.execute(_FORGET, parameters).rowcount


def _suspects(cursor: Cursor, tx_ids: Sequence[int]) -> frozenset[int]:
    """Return both sides of every break."""
    parameters: dict[str, Any] = {"tx_ids": tx_ids, "states": _STATES, "look_back": LOOK_BACK}
    marks: dict[tuple[int, int], Mark] = {}
    others: dict[tuple[int, int], list[Mark]] = defaultdict(list)
    for tx_id, account, *own, other_id, slot, pre, post in cursor.execute(
        _NEIGHBOURS, parameters
    ).fetchall():
        marks[tx_id, account] = Mark(tx_id, own[0], *(RawAmount(int(raw)) for raw in own[1:]))
        amounts = RawAmount(int(pre)), RawAmount(int(post))
        others[tx_id, account].append(Mark(other_id, slot, *amounts))
    found: set[int] = set()
    for key, mark in marks.items():
        broken = broken_from(mark, others[key])
        found |= {mark.tx_id, *broken} if broken else set()
    return frozenset(found)
