"""How wallets are watched, in Postgres beside what is known of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from oof.adapters.postgres import watch_statements as sql
from oof.adapters.postgres.codes import MARKED
from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.governor import Activity, Watch
from oof.domain.snapshot.fold import HOUR_S
from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import SETTLED
from oof.domain.webhooks import Put
from oof.ports.watching import (
    EMPTIED_SLOTS,
    MOST_ACCOUNTS,
    Confirmed,
    RegistryState,
    WatchCounts,
    Watched,
)

_STATES = sorted(SETTLED)
_OPEN = {"emptied": EMPTIED_SLOTS, "most": MOST_ACCOUNTS, "marked": MARKED}


class PostgresWatchStore:
    """`WatchStore` on one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def registry(self) -> RegistryState:
        """See `WatchStore`."""
        with self._database.transaction() as cursor:
            [(looked_at, auth_digest, is_rotating)] = cursor.execute(sql.REGISTRY).fetchall()
            puts = tuple(Put(*row) for row in cursor.execute(sql.PUTS).fetchall())
        return RegistryState(puts, looked_at, auth_digest, is_rotating)

    def watched(
        self, *, now: UnixSeconds, after: Address | None, limit: int
    ) -> tuple[Watched, ...]:
        """See `WatchStore`."""
        parameters = {
            "states": _STATES,
            "hour": now - now % HOUR_S,
            "after": None if after is None else address_bytes(after),
            "limit": limit,
        }
        with self._database.transaction() as cursor:
            rows = cursor.execute(sql.WATCHED, parameters).fetchall()
        return tuple(_watched(row) for row in rows)

    def govern(self, watches: Mapping[Address, Watch], *, at: UnixSeconds) -> None:
        """See `WatchStore`."""
        if watches:
            parameters = {
                "addresses": [address_bytes(wallet) for wallet in watches],
                "every": [watch.poll_every_s for watch in watches.values()],
                "since": [watch.since for watch in watches.values()],
                "at": at,
            }
            with self._database.transaction() as cursor:
                cursor.execute(sql.GOVERN, parameters)

    def assign(self, shards: Mapping[Address, int | None], *, at: UnixSeconds) -> None:
        """See `WatchStore`."""
        if shards:
            parameters = {
                "addresses": [address_bytes(wallet) for wallet in shards],
                "shards": list(shards.values()),
                "at": at,
            }
            with self._database.transaction() as cursor:
                cursor.execute(sql.ASSIGN, parameters)

    def addresses(self, wallets: Sequence[Address]) -> dict[Address, tuple[Address, ...]]:
        """See `WatchStore`."""
        parameters = {**_OPEN, "addresses": [address_bytes(wallet) for wallet in wallets]}
        with self._database.transaction() as cursor:
            return _by_wallet(cursor.execute(sql.ADDRESSES, parameters).fetchall())

    def members(self, shard: int) -> dict[Address, tuple[Address, ...]]:
        """See `WatchStore`."""
        with self._database.transaction() as cursor:
            return _by_wallet(cursor.execute(sql.MEMBERS, {**_OPEN, "shard": shard}).fetchall())

    def confirm(self, confirmed: Confirmed, *, at: UnixSeconds) -> tuple[Address, ...]:
        """See `WatchStore`."""
        gone = sorted(confirmed.removed)
        registry = {
            "looked_at": confirmed.looked_at,
            "auth_digest": confirmed.auth_digest,
            "is_rotating": confirmed.is_rotating,
        }
        with self._database.transaction() as cursor:
            unnamed = {"shards": sorted({*gone, *confirmed.broken}), "at": at}
            cursor.execute(sql.UNNAME, unnamed)
            cursor.execute(sql.FORGET_PUTS, {"shards": gone})
            for put in confirmed.puts:
                cursor.execute(sql.RECORD_PUT, put._asdict())
            cursor.execute(sql.RECORD_REGISTRY, registry)
            return _name(cursor, sorted(put.shard for put in confirmed.puts), at)

    def name(self, shards: Sequence[int], *, at: UnixSeconds) -> tuple[Address, ...]:
        """See `WatchStore`."""
        if not shards:
            return ()
        with self._database.transaction() as cursor:
            return _name(cursor, sorted(shards), at)

    def unlisted(self, *, limit: int) -> tuple[Address, ...]:
        """See `WatchStore`."""
        return self._wallets(sql.UNLISTED, {"states": _STATES, "limit": limit})

    def due_polls(self, *, at: UnixSeconds, limit: int) -> tuple[Address, ...]:
        """See `WatchStore`."""
        return self._wallets(sql.DUE_POLLS, {"states": _STATES, "at": at, "limit": limit})

    def counts(self) -> WatchCounts:
        """See `WatchStore`."""
        with self._database.transaction() as cursor:
            [row] = cursor.execute(sql.COUNTS, {"states": _STATES}).fetchall()
        return WatchCounts(*row)

    def _wallets(self, statement: str, parameters: Mapping[str, Any]) -> tuple[Address, ...]:
        with self._database.transaction() as cursor:
            rows = cursor.execute(statement, parameters).fetchall()
        return tuple(address_of(row[0]) for row in rows)


def _name(cursor: Cursor, shards: list[int], at: UnixSeconds) -> tuple[Address, ...]:
    rows = cursor.execute(sql.NAME, {"shards": shards, "at": at}).fetchall()
    return tuple(sorted(address_of(row[0]) for row in rows))


def _watched(row: tuple[Any, ...]) -> Watched:
    address, is_followed, poll_every_s, since, shard, is_named, last_hour, last_day = row
    return Watched(
        wallet=address_of(address),
        is_followed=is_followed,
        watch=Watch(poll_every_s, since),
        shard=shard,
        is_named=is_named,
        activity=Activity(last_hour, last_day),
    )


def _by_wallet(rows: Sequence[tuple[Any, ...]]) -> dict[Address, tuple[Address, ...]]:
    """Return rows of (wallet, account or null) by wallet, in their order."""
    found: dict[Address, list[Address]] = {}
    for owner, account in rows:
        wallet = address_of(owner)
        accounts = found.setdefault(wallet, [wallet])
        if account is not None:
            accounts.append(address_of(account))
    return {wallet: tuple(accounts) for wallet, accounts in found.items()}
