"""Stored moments in Postgres, under the wallet's row lock."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.moment_rows import (
    COLUMNS,
    KIND_CODES,
    columns_of,
    extremes_document,
    extremes_of,
    moment_of,
)
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.moments.stored import (
    Extremes,
    MomentPlan,
    StoredMoment,
    dearest_of_each,
    with_counts,
)
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Mint, Slot
from oof.ports.moments import DueMoments, MomentMark, MomentTurn

# Locked in one order, by mint. None that is there moves to a later time or a higher slot.
MARK: Final = """
INSERT INTO moments_due AS d (wallet_id, mint_id, from_slot, at)
SELECT %(wallet_id)s, m.mint_id, min(i.slot), min(i.at)
FROM unnest(%(mints)s::bytea[], %(slots)s::int4[], %(ats)s::timestamptz[]) AS i (address, slot, at)
JOIN mints m USING (address) GROUP BY m.mint_id ORDER BY m.mint_id
ON CONFLICT (wallet_id, mint_id) DO UPDATE SET
    from_slot = least(d.from_slot, excluded.from_slot), at = least(d.at, excluded.at)
"""
_LOCK: Final = """
SELECT wallet_id, coalesce(newest_slot, 0) FROM tracked_wallets
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %s) AND blocked_code IS NULL
FOR UPDATE
"""
# The primary key. Whoever marks does so without the wallet's lock, so the rows are locked, in his
# order, before what they say is read.
_TAKE: Final = """
WITH locked AS MATERIALIZED (
    SELECT mint_id FROM moments_due WHERE wallet_id = %(wallet_id)s AND mint_id IN (
        SELECT mint_id FROM moments_due WHERE wallet_id = %(wallet_id)s AND at <= %(at)s
        ORDER BY at, mint_id LIMIT %(limit)s
    ) ORDER BY mint_id FOR UPDATE
)
SELECT mint_id FROM locked
"""
_TAKEN: Final = """
WITH taken AS (
    DELETE FROM moments_due WHERE wallet_id = %(wallet_id)s AND mint_id = ANY(%(mint_ids)s)
    RETURNING mint_id, from_slot, at
)
SELECT m.address, taken.from_slot FROM taken JOIN mints m USING (mint_id)
ORDER BY taken.at, m.mint_id
"""
# By moments_position, and moments_records.
_STORED: Final = f"""
WITH asked AS (
    SELECT m.mint_id, m.address, i.slot
    FROM unnest(%(mints)s::bytea[], %(slots)s::int4[]) AS i (address, slot)
    JOIN mints m USING (address)
),
found AS (
    SELECT x.* FROM asked a JOIN moments x
        ON x.wallet_id = %(wallet_id)s AND x.mint_id = a.mint_id AND x.slot >= a.slot
    UNION ALL
    SELECT x.* FROM asked a JOIN moments x
        ON x.wallet_id = %(wallet_id)s AND x.mint_id = a.mint_id AND x.slot < a.slot
    WHERE x.kind IN (11, 12)
)
SELECT {COLUMNS} FROM found x JOIN mints m USING (mint_id) JOIN transactions t USING (tx_id)
ORDER BY x.id
"""  # noqa: S608 - a constant of ours
_FORGET: Final = "DELETE FROM moments WHERE id = ANY(%s)"
_PUT: Final = """
INSERT INTO moments (wallet_id, mint_id, id, tx_id, kind, place, slot, at, due_at, version,
    severity, usd, pct, document)
SELECT %(wallet_id)s, m.mint_id, i.id, i.tx_id, i.kind, i.place, i.slot, i.at, i.due_at, i.version,
    i.severity, i.usd, i.pct, i.document
FROM unnest(%(mints)s::bytea[], %(ids)s::bytea[], %(tx_ids)s::int8[], %(kinds)s::int2[],
    %(places)s::int2[], %(slots)s::int4[], %(ats)s::int8[], %(due_ats)s::int8[],
    %(versions)s::int2[], %(severities)s::numeric[], %(usds)s::numeric[], %(pcts)s::numeric[],
    %(documents)s::jsonb[])
    AS i (address, id, tx_id, kind, place, slot, at, due_at, version, severity, usd, pct, document)
JOIN mints m USING (address)
ON CONFLICT (id) DO UPDATE SET
    tx_id = excluded.tx_id, slot = excluded.slot, at = excluded.at, due_at = excluded.due_at,
    version = excluded.version, severity = excluded.severity, usd = excluded.usd,
    pct = excluded.pct, document = excluded.document
"""
# By moments_rank: one look a kind.
_DEAREST: Final = f"""
SELECT {COLUMNS}
FROM unnest(%(kinds)s::int2[]) AS k (kind) CROSS JOIN LATERAL (
    SELECT * FROM moments WHERE wallet_id = %(wallet_id)s AND kind = k.kind
    ORDER BY usd DESC NULLS LAST, severity DESC, slot, id LIMIT 1
) x JOIN mints m USING (mint_id) JOIN transactions t USING (tx_id)
"""  # noqa: S608 - a constant of ours
_EXTREMES: Final = "SELECT document FROM wallet_extremes WHERE wallet_id = %s"
_SAVE: Final = """
WITH extremes AS (
    INSERT INTO wallet_extremes (wallet_id, document, changed_at)
    VALUES (%(wallet_id)s, %(document)s, %(at)s)
    ON CONFLICT (wallet_id) DO UPDATE SET
        document = excluded.document, changed_at = excluded.changed_at
)
UPDATE tracked_wallets SET revision = revision + 1, changed_at = %(at)s
WHERE wallet_id = %(wallet_id)s
"""
# By moments_due_at.
_WALLETS: Final = """
SELECT w.address FROM (
    SELECT wallet_id, min(at) AS at FROM moments_due WHERE at <= %(at)s GROUP BY wallet_id
) d JOIN tracked_wallets t USING (wallet_id) JOIN wallets w USING (wallet_id)
WHERE t.blocked_code IS NULL AND t.state <> %(untracked)s
ORDER BY d.at, d.wallet_id LIMIT %(limit)s
"""
_OF_ADDRESS: Final = """
SELECT document FROM wallet_extremes JOIN wallets USING (wallet_id) WHERE address = %s
"""


class MomentWrites:
    """The side of a transaction that keeps moments."""

    _cursor: Cursor

    def mark_moments(self, wallet_id: int, marks: Iterable[MomentMark]) -> None:
        """See `MomentTransaction.mark_moments`."""
        told = list(marks)
        if told:
            asked = {
                "wallet_id": wallet_id,
                "mints": [address_bytes(Address(mark.mint)) for mark in told],
                "slots": [mark.from_slot for mark in told],
                "ats": [mark.at for mark in told],
            }
            self._cursor.execute(MARK, asked)

    def lock_moments(self, wallet: Address) -> MomentTurn | None:
        """See `MomentTransaction.lock_moments`."""
        row = self._cursor.execute(_LOCK, (address_bytes(wallet),)).fetchone()
        return None if row is None else MomentTurn(*row)

    def take_due_moments(
        self, wallet_id: int, *, at: datetime, limit: int
    ) -> tuple[DueMoments, ...]:
        """See `MomentTransaction.take_due_moments`."""
        asked: dict[str, Any] = {"wallet_id": wallet_id, "at": at, "limit": limit}
        locked = self._cursor.execute(_TAKE, asked).fetchall()
        if not locked:
            return ()
        asked["mint_ids"] = [row[0] for row in locked]
        rows = self._cursor.execute(_TAKEN, asked).fetchall()
        return tuple(DueMoments(Mint(address_of(mint)), Slot(slot)) for mint, slot in rows)

    def stored_moments(self, wallet_id: int, due: Sequence[DueMoments]) -> tuple[StoredMoment, ...]:
        """See `MomentTransaction.stored_moments`."""
        asked = {
            "wallet_id": wallet_id,
            "mints": [address_bytes(Address(each.mint)) for each in due],
            "slots": [each.from_slot for each in due],
        }
        return tuple(map(moment_of, self._cursor.execute(_STORED, asked).fetchall()))

    def write_moments(self, wallet_id: int, plan: MomentPlan, *, at: datetime) -> None:
        """See `MomentTransaction.write_moments`."""
        if plan.gone:
            self._cursor.execute(_FORGET, ([bytes.fromhex(each.id) for each in plan.gone],))
        if plan.put:
            mints = [address_bytes(Address(each.moment.mint)) for each in plan.put]
            asked = {"wallet_id": wallet_id, "mints": mints, **columns_of(plan.put)}
            self._cursor.execute(_PUT, asked)
        row = self._cursor.execute(_EXTREMES, (wallet_id,)).fetchone()
        counts = with_counts(extremes_of(row[0] if row else None).counts, plan.counts)
        kinds = [KIND_CODES[kind] for kind in counts]
        found = self._cursor.execute(_DEAREST, {"wallet_id": wallet_id, "kinds": kinds}).fetchall()
        extremes = Extremes(counts, dearest_of_each(map(moment_of, found)))
        asked = {"wallet_id": wallet_id, "document": extremes_document(extremes), "at": at}
        self._cursor.execute(_SAVE, asked)


def wallets_with_due_moments(cursor: Cursor, *, at: datetime, limit: int) -> tuple[Address, ...]:
    """See `MomentReads.wallets_with_due_moments`."""
    asked = {"at": at, "limit": limit, "untracked": WalletState.UNTRACKED}
    rows = cursor.execute(_WALLETS, asked).fetchall()
    return tuple(address_of(row[0]) for row in rows)


def extremes(cursor: Cursor, wallet: Address) -> Extremes:
    """See `MomentReads.extremes`."""
    row = cursor.execute(_OF_ADDRESS, (address_bytes(wallet),)).fetchone()
    return extremes_of(None if row is None else row[0])
