"""Runs' memory in Postgres: states, coverage and leases beside the facts they speak of."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from oof.adapters.postgres import backfill_statements as sql
from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.identities import wallet_ids
from oof.adapters.postgres.rows import (
    address_bytes,
    address_of,
    signature_bytes,
    signature_of,
    sorted_signatures,
)
from oof.domain.backfill import (
    ListedAddress,
    PageCoverage,
    Span,
    WalletCoverage,
    merged_rows,
    span_of,
)
from oof.domain.errors import NotFound
from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import Address, Signature, UnixSeconds
from oof.domain.wallets import SETTLED, WalletEvent, next_state
from oof.ports.backfill import Leases, RunRecord


class _Locked(NamedTuple):
    """A wallet's row, locked until the end of the transaction."""

    wallet_id: int
    state: WalletState
    """`BLOCKED` where the fold is, whatever the state beneath."""
    has_error: bool


class PostgresBackfillStore:
    """`BackfillStore` on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def track(self, wallet: Address, *, at: UnixSeconds) -> WalletCoverage:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            wallet_id = wallet_ids(cursor, [wallet])[wallet]
            state = next_state(WalletState.UNSEEN, WalletEvent.OPENED)
            cursor.execute(sql.TRACK, {"wallet_id": wallet_id, "state": state, "at": at})
            _move(cursor, _lock(cursor, wallet), WalletEvent.OPENED, at)
            known = _known(cursor, wallet)
        if known is None:
            raise NotFound(wallet)
        return known

    def coverage(self, wallet: Address) -> WalletCoverage | None:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            return _known(cursor, wallet)

    def move(self, wallet: Address, event: WalletEvent, *, at: UnixSeconds) -> WalletState:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            return _move(cursor, _lock(cursor, wallet), event, at)

    def cover(
        self, wallet: Address, page: PageCoverage, *, stopped_by: str | None, at: UnixSeconds
    ) -> Span:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            wallet_id = _lock(cursor, wallet).wallet_id
            cursor.execute(sql.FORGET_AVAILABLE, (wallet_id,))
            rows = merged_rows(_addresses(cursor, wallet_id), page.addresses)
            added = {row.address for row in page.addresses}
            _put_addresses(cursor, wallet_id, [row for row in rows if row.address in added])
            unavailable = len(_unavailable(cursor, wallet_id))
            span = span_of(rows, _accounts(cursor, wallet_id), unavailable=unavailable)
            cursor.execute(
                sql.COVER,
                {
                    **span._asdict(),
                    "wallet_id": wallet_id,
                    "stopped_by": None if span.is_complete else stopped_by,
                    "top_slot": None if page.top is None else page.top.slot,
                    "top_time": None if page.top is None else page.top.block_time,
                    "tail_checked": page.tail_checked,
                    "began_at": page.began_at,
                    "at": at,
                },
            )
            return span

    def fail(self, wallet: Address, error: LastError) -> None:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            cursor.execute(sql.FAIL, {**error._asdict(), "address": address_bytes(wallet)})

    def is_folded(self, wallet: Address) -> bool:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            row = cursor.execute(sql.HAS_PENDING, (address_bytes(wallet),)).fetchone()
            return row is None or not row[0]

    def lease(
        self,
        run_id: str,
        signatures: Sequence[Signature],
        *,
        at: UnixSeconds,
        until: UnixSeconds,
    ) -> Leases:
        """See `BackfillStore`.

        What is stored is looked up again under the leases: who stored it in between gave its
        lease back only after that.
        """
        with self._database.transaction() as cursor:
            known = _known_signatures(cursor, signatures)
            unknown = [signature for signature in signatures if signature not in known]
            parameters = {"run_id": run_id, "at": at, "until": until}
            rows = cursor.execute(
                sql.LEASE, {**parameters, "signatures": sorted_signatures(unknown)}
            ).fetchall()
            mine = {signature_of(row[0]) for row in rows}
            stored = _known_signatures(cursor, mine) if mine else set()
            cursor.execute(
                sql.RELEASE_STORED,
                {"run_id": run_id, "signatures": sorted_signatures(known | stored)},
            )
        known |= stored
        ordered = tuple(dict.fromkeys(signatures))
        return Leases(
            known=tuple(s for s in ordered if s in known),
            mine=tuple(s for s in ordered if s in mine - known),
            busy=tuple(s for s in ordered if s not in mine | known),
        )

    def release(self, run_id: str) -> None:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            cursor.execute(sql.RELEASE, (run_id,))

    def give_up(self, wallet: Address, signatures: Sequence[Signature], *, at: UnixSeconds) -> None:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            locked = _lock(cursor, wallet)
            given = sorted_signatures(signatures)
            cursor.execute(
                sql.GIVE_UP, {"wallet_id": locked.wallet_id, "signatures": given, "at": at}
            )

    def record_run(self, record: RunRecord, *, at: UnixSeconds) -> None:
        """See `BackfillStore`."""
        parameters = {**record._asdict(), "address": address_bytes(record.wallet), "at": at}
        with self._database.transaction() as cursor:
            cursor.execute(sql.RECORD_RUN, parameters)
            cursor.execute(sql.FORGET_LEASES, (at,))

    def unread(self, *, before: UnixSeconds, limit: int) -> tuple[Address, ...]:
        """See `BackfillStore`."""
        parameters = {"states": sorted(SETTLED), "before": before, "limit": limit}
        with self._database.transaction() as cursor:
            rows = cursor.execute(sql.UNREAD, parameters).fetchall()
        return tuple(address_of(row[0]) for row in rows)

    def note_read(self, wallet: Address, *, at: UnixSeconds) -> None:
        """See `BackfillStore`."""
        with self._database.transaction() as cursor:
            cursor.execute(sql.NOTE_READ, {"address": address_bytes(wallet), "at": at})


def _lock(cursor: Cursor, wallet: Address) -> _Locked:
    row = cursor.execute(sql.LOCK, (address_bytes(wallet),)).fetchone()
    if row is None:
        raise NotFound(wallet)
    return _Locked(row[0], _state(row[1], row[2]), has_error=row[3] is not None)


def _move(cursor: Cursor, locked: _Locked, event: WalletEvent, at: UnixSeconds) -> WalletState:
    state = next_state(locked.state, event)
    is_fold = event in {WalletEvent.FOLDED_FULLY, WalletEvent.FOLDED_PARTLY}
    clears = is_fold and locked.has_error and state is not WalletState.BLOCKED
    if state is not locked.state or clears:
        cursor.execute(
            sql.MOVE,
            {
                "state": state,
                "at": at,
                "reopened": locked.state is WalletState.UNTRACKED,
                "left": state is WalletState.UNTRACKED,
                "clears": clears,
                "wallet_id": locked.wallet_id,
            },
        )
    return state


def _known(cursor: Cursor, wallet: Address) -> WalletCoverage | None:
    row = cursor.execute(sql.KNOWN, (address_bytes(wallet),)).fetchone()
    if row is None:
        return None
    wallet_id, state, blocked_code, top_slot, oldest, newest, complete, checked, awaits = row
    cursor.execute(sql.FORGET_AVAILABLE, (wallet_id,))
    return WalletCoverage(
        state=_state(state, blocked_code),
        top_slot=top_slot,
        oldest_time=oldest,
        newest_time=newest,
        is_complete=complete,
        tail_checked_at=checked,
        addresses=_addresses(cursor, wallet_id),
        accounts=_accounts(cursor, wallet_id),
        unavailable=_unavailable(cursor, wallet_id),
        awaits_listing=awaits,
    )


def _state(state: str, blocked_code: str | None) -> WalletState:
    return WalletState(state) if blocked_code is None else WalletState.BLOCKED


def _addresses(cursor: Cursor, wallet_id: int) -> tuple[ListedAddress, ...]:
    rows = cursor.execute(sql.ADDRESSES, (wallet_id,)).fetchall()
    return tuple(
        ListedAddress(
            address=address_of(address),
            floor_slot=floor_slot,
            floor_time=floor_time,
            before=None if before is None else signature_of(before),
            is_ended=is_ended,
        )
        for address, floor_slot, floor_time, before, is_ended in rows
    )


def _accounts(cursor: Cursor, wallet_id: int) -> tuple[Address, ...]:
    rows = cursor.execute(sql.ACCOUNTS, (wallet_id,)).fetchall()
    return tuple(address_of(row[0]) for row in rows)


def _unavailable(cursor: Cursor, wallet_id: int) -> tuple[Signature, ...]:
    rows = cursor.execute(sql.UNAVAILABLE, (wallet_id,)).fetchall()
    return tuple(signature_of(row[0]) for row in rows)


def _put_addresses(cursor: Cursor, wallet_id: int, rows: Sequence[ListedAddress]) -> None:
    if rows:
        cursor.execute(
            sql.PUT_ADDRESSES,
            {
                "wallet_id": wallet_id,
                "addresses": [address_bytes(row.address) for row in rows],
                "floors": [row.floor_slot for row in rows],
                "times": [row.floor_time for row in rows],
                "befores": [
                    None if row.before is None else signature_bytes(row.before) for row in rows
                ],
                "ends": [row.is_ended for row in rows],
            },
        )


def _known_signatures(cursor: Cursor, signatures: Iterable[Signature]) -> set[Signature]:
    texts = sorted(set(signatures))
    stored = cursor.execute(sql.STORED, {"signatures": sorted_signatures(texts)}).fetchall()
    unreadable = cursor.execute(sql.UNREADABLE, {"signatures": texts}).fetchall()
    return {signature_of(row[0]) for row in stored} | {Signature(row[0]) for row in unreadable}
