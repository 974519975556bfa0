"""Copies of wallets, made by the database itself: rows again, with ids and addresses of their own.

A copy has whatever its original has, in every table, at the same slots and times. Mints are shared
by a few copies each, as people trade the same ones, and some by all.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.sql import SQL

from local.crowd.tables import Key, Table, expression, tables_of
from oof.adapters.postgres.rows import address_bytes
from oof.domain.tokens import QUOTES
from oof.domain.units import Address

SHARING: Final = 5
"""Copies of a wallet that trade the same mints."""
_NUMBERED: Final[Mapping[Key, tuple[str, str]]] = {
    Key.TRANSACTION: ("transactions", "tx_id"),
    Key.WALLET: ("wallets", "wallet_id"),
    Key.ACCOUNT: ("token_accounts", "account_id"),
    Key.SPAN: ("token_spans", "span_id"),
    Key.MINT: ("mints", "mint_id"),
}
"""Where each kind of id is given."""

type Tops = Mapping[Key, int]
"""The highest ids so far."""


class Originals(NamedTuple):
    """What was stored between two moments."""

    before: Tops
    after: Tops
    views: list[bytes]
    """Of these alone there are copies."""


@contextmanager
def originals(connection: psycopg.Connection[Any]) -> Iterator[list[Originals]]:
    """Note what the block stores; the list holds it once the block is over."""
    found: list[Originals] = []
    before, known = tops(connection), set(_views(connection))
    yield found
    views = [view for view in _views(connection) if view not in known]
    found.append(Originals(before, tops(connection), views))


def tops(connection: psycopg.Connection[Any]) -> Tops:
    """Return the highest ids so far."""
    found = {}
    for key, (table, column) in _NUMBERED.items():
        statement = f"SELECT coalesce(max({column}), 0) FROM {table}"  # noqa: S608
        row = connection.execute(statement.encode()).fetchone()
        found[key] = int(row[0]) if row else 0
    return found


def copy(connection: psycopg.Connection[Any], of: Originals, copies: int) -> None:
    """Add so many copies of each original, and tell the planner.

    The connection must commit by itself, and its user must own the server: foreign keys are not
    looked at meanwhile, as rows come table by table.
    """
    top = tops(connection)
    quotes = [address_bytes(Address(mint)) for mint in sorted(QUOTES)]
    known = connection.execute("SELECT mint_id FROM mints WHERE address = ANY(%s)", (quotes,))
    asked: dict[str, Any] = {
        # Every copy's ids lie above all that there were.
        **{key.name.lower(): top[key] - of.before[key] for key in _NUMBERED},
        "known": [row[0] for row in known.fetchall()],
        "views": of.views,
        "copies": copies,
        "sharing": SHARING,
    }
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL synchronous_commit = off")
        for table in tables_of(connection):
            _copy_table(connection, table, of, asked)
    connection.execute("VACUUM ANALYZE")


def _copy_table(
    connection: psycopg.Connection[Any], table: Table, of: Originals, asked: dict[str, Any]
) -> None:
    cursor = psycopg.ClientCursor(connection)
    chosen, told = _chosen(table, of)
    # The first few copies trade the originals' mints.
    numbers = (
        "SELECT n AS g, n AS k FROM generate_series(1, %(copies)s / %(sharing)s) n"
        if table.key is Key.MINT
        else "SELECT n AS k, n / %(sharing)s AS g FROM generate_series(1, %(copies)s) n"
    )
    values = ", ".join(expression(table, column) for column in table.columns)
    statement = (
        f"INSERT INTO {table.name} ({', '.join(table.columns)}) OVERRIDING SYSTEM VALUE "  # noqa: S608
        f"SELECT {values} FROM ({numbers}) k CROSS JOIN {table.name} s WHERE {chosen} ORDER BY k.k"
    )
    cursor.execute(statement.encode(), asked | told)
    if table.identity is not None:
        sequence = "pg_get_serial_sequence(%s, %s)"
        highest = f"(SELECT coalesce(max({table.identity}), 1) FROM {table.name})"  # noqa: S608
        cursor.execute(
            f"SELECT setval({sequence}, {highest})".encode(), (table.name, table.identity)
        )


def _chosen(table: Table, of: Originals) -> tuple[str, dict[str, int]]:
    """Return which rows are copied, and what that is asked with."""
    if table.key is Key.VIEW:
        return "s.view_id = ANY(%(views)s)", {}
    key = table.key
    if key is Key.SPAN:
        # Whenever it was that somebody asked for days of theirs.
        low, high = of.before[Key.WALLET], of.after[Key.WALLET]
        spans = (
            "SELECT span_id FROM token_spans WHERE wallet_id > %(low)s AND wallet_id <= %(high)s"
        )
        return f"s.span_id IN ({spans})", {"low": low, "high": high}
    low, high = of.before[key], of.after[key]
    chosen = f"s.{table.driver} > %(low)s AND s.{table.driver} <= %(high)s"
    if table.key is Key.MINT:
        chosen += f" AND s.{table.driver} <> ALL(%(known)s)"
    return chosen, {"low": low, "high": high}


def _views(connection: psycopg.Connection[Any]) -> list[bytes]:
    rows = connection.execute(SQL("SELECT view_id FROM position_views")).fetchall()
    return [bytes(row[0]) for row in rows]
