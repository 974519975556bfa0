"""Favourites in Postgres."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.units import Address, UnixSeconds

_ADD: Final = """
INSERT INTO favourites (address, added_at)
SELECT address, %(at)s FROM unnest(%(addresses)s::bytea[]) AS address
ORDER BY address ON CONFLICT DO NOTHING
"""
_REMOVE: Final = "DELETE FROM favourites WHERE address = ANY(%s)"
_ALL: Final = "SELECT address FROM favourites ORDER BY added_at, address"


class PostgresFavourites:
    """`Favourites` in a table of their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, wallets: Sequence[Address], *, at: UnixSeconds) -> None:
        """See `Favourites`."""
        added = {"at": datetime.fromtimestamp(at, UTC), "addresses": _keys(wallets)}
        with self._database.transaction() as cursor:
            cursor.execute(_ADD, added)

    def remove(self, wallets: Sequence[Address]) -> None:
        """See `Favourites`."""
        with self._database.transaction() as cursor:
            cursor.execute(_REMOVE, (_keys(wallets),))

    def all(self) -> tuple[Address, ...]:
        """See `Favourites`."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(_ALL).fetchall()
        return tuple(address_of(row[0]) for row in rows)


def _keys(wallets: Sequence[Address]) -> list[bytes]:
    return [address_bytes(wallet) for wallet in wallets]
