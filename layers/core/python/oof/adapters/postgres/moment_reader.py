"""Pages of stored moments from Postgres."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from psycopg.sql import SQL

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.moment_rows import COLUMNS, KIND_CODES, extremes_of, moment_of
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.moments.model import MomentId, Provisional
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Slot
from oof.ports.history import WalletHead
from oof.ports.moment_pages import (
    SCAN_LIMIT,
    ExtremesDetail,
    MomentDetail,
    MomentFilter,
    MomentKey,
    MomentPage,
    MomentRecord,
    MomentsHead,
)

_END: Final = (2**62, "ff" * 16)

# By primary keys; what waits for its window is not counted.
_HEAD: Final = """
SELECT w.wallet_id, t.state, t.blocked_code, t.revision, t.newest_slot, e.epoch,
    EXISTS (SELECT FROM moments_due d WHERE d.wallet_id = w.wallet_id AND d.at <= now()),
    t.coverage_complete, x.document
FROM wallets w JOIN tracked_wallets t USING (wallet_id) CROSS JOIN database_epoch e
LEFT JOIN wallet_extremes x USING (wallet_id)
WHERE w.address = %s
"""
_SHOWN: Final = SQL(
    COLUMNS
    + ", m.decimals, m.symbol, EXISTS (SELECT FROM soft_transactions s WHERE s.tx_id = x.tx_id)"
)
# moments_recent alone, backwards from the cursor; then the page by its ids.
_PAGE: Final = SQL("""
WITH walked AS (
    SELECT at, id, kind, usd FROM moments
    WHERE wallet_id = %(wallet)s AND at >= %(since)s AND (at, id) < (%(at)s, %(id)s)
    ORDER BY at DESC, id DESC LIMIT %(scan)s
),
matched AS (
    SELECT id FROM walked
    WHERE (%(kinds)s::int2[] IS NULL OR kind = ANY(%(kinds)s))
        AND (%(min_usd)s::numeric IS NULL OR usd >= %(min_usd)s)
    ORDER BY at DESC, id DESC LIMIT %(limit)s + 1
),
last_walked AS (
    SELECT (SELECT count(*) FROM walked) AS rows, at, id FROM walked ORDER BY at, id LIMIT 1
)
SELECT l.rows, l.at, l.id, {shown}
FROM last_walked l LEFT JOIN (
    matched JOIN moments x USING (id) JOIN mints m USING (mint_id)
    JOIN transactions t USING (tx_id)
) ON true ORDER BY x.at DESC, x.id DESC
""").format(shown=_SHOWN)
_BY_IDS: Final = SQL("""
SELECT {shown}, w.address
FROM moments x JOIN mints m USING (mint_id) JOIN transactions t USING (tx_id)
JOIN wallets w ON w.wallet_id = x.wallet_id WHERE x.id = ANY(%s)
""").format(shown=_SHOWN)


class PostgresMomentReader:
    """A `MomentReader` over the stored moments; two round trips at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, wallet: Address, wanted: MomentFilter, *, after: MomentKey | None, limit: int
    ) -> MomentPage | None:
        """See `MomentReader.page`."""
        with self._database.transaction() as cursor:
            found = _head(cursor, wallet)
            if found is None:
                return None
            asked = bindings(found.wallet_id, wanted, after=after, limit=limit)
            rows = cursor.execute(_PAGE, asked).fetchall()
        if not rows:
            return MomentPage(found.head, (), None)
        walked, at, id_ = rows[0][:3]
        matched = [found.record(wallet, row[3:]) for row in rows if row[4] is not None]
        records = tuple(matched[:limit])
        next_key = None
        if len(matched) > limit:
            next_key = MomentKey(records[-1].moment.at, records[-1].id)
        elif walked >= asked["scan"]:
            next_key = MomentKey(at, MomentId(bytes(id_).hex()))
        return MomentPage(found.head, records, next_key)

    def one(self, id_: MomentId) -> MomentDetail | None:
        """See `MomentReader.one`."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(_BY_IDS, ([bytes.fromhex(id_)],)).fetchall()
            wallet = address_of(rows[0][-1]) if rows else None
            found = None if wallet is None else _head(cursor, wallet)
        if found is None or wallet is None:
            return None
        return MomentDetail(found.head, found.record(wallet, rows[0][:-1]))

    def extremes(self, wallet: Address) -> ExtremesDetail | None:
        """See `MomentReader.extremes`."""
        with self._database.transaction() as cursor:
            found = _head(cursor, wallet)
            if found is None:
                return None
            extremes = extremes_of(found.document)
            ids = [bytes.fromhex(each.id) for each in extremes.dearest]
            rows = cursor.execute(_BY_IDS, (ids,)).fetchall() if ids else []
        records = {each.id: each for each in (found.record(wallet, row[:-1]) for row in rows)}
        shown = tuple(records[each.id] for each in extremes.dearest if each.id in records)
        return ExtremesDetail(found.head, extremes, shown)


def bindings(
    wallet_id: int, wanted: MomentFilter, *, after: MomentKey | None, limit: int
) -> dict[str, Any]:
    """Return what a page's statement is asked with."""
    at, id_ = _END if after is None else after
    is_filtered = wanted.kinds is not None or wanted.min_usd is not None
    return {
        "wallet": wallet_id,
        "since": wanted.since or 0,
        "at": at,
        "id": bytes.fromhex(id_),
        "kinds": None if wanted.kinds is None else sorted(KIND_CODES[k] for k in wanted.kinds),
        "min_usd": wanted.min_usd,
        "limit": limit,
        "scan": max(SCAN_LIMIT, limit + 1) if is_filtered else limit + 1,
    }


class _Found:
    """A wallet, as it stands."""

    def __init__(self, row: Sequence[Any]) -> None:
        self.wallet_id, state, blocked_code, revision, slot, epoch, is_looking, *rest = row
        self._is_whole, self.document = rest
        head = WalletHead(
            state=WalletState(state) if blocked_code is None else WalletState.BLOCKED,
            epoch=epoch,
            revision=revision,
            as_of_slot=None if slot is None else Slot(slot),
        )
        self.head = MomentsHead(wallet=head, is_looking=is_looking)

    def record(self, wallet: Address, row: Sequence[Any]) -> MomentRecord:
        """Return a row of `_SHOWN`, without doubts that are cleared."""
        *columns, decimals, symbol, is_soft = row
        stored = moment_of(columns)
        cleared = {
            *([] if is_soft else [Provisional.SOFT]),
            *([Provisional.HISTORY_PARTIAL] if self._is_whole else []),
        }
        moment = replace(stored.moment, provisional=stored.moment.provisional - cleared)
        return MomentRecord(stored.id, wallet, decimals, moment, symbol)


def _head(cursor: Cursor, wallet: Address) -> _Found | None:
    row = cursor.execute(_HEAD, (address_bytes(wallet),)).fetchone()
    return None if row is None else _Found(row)
