"""What results cost to keep: bytes of each table of positions, for each transaction behind it."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg

from local.bench.database import sizes
from local.bench.report import Figure
from local.bench.stages import StoredWallet
from local.bench.trader import Trader

EVENTS: Final = 10_000
_SEED: Final = 8
_RESULTS: Final = ("position", "valuation", "moment", "wallet_extremes")
"""How the names of tables of results begin."""
_EMPTY_BYTES: Final = 65_536
"""A table nobody wrote to has pages too."""


def result_figures(dsn: str) -> list[Figure]:
    """Fold a busy trader; return the bytes a transaction of each table of results."""
    trader = Trader(seed=_SEED)
    stored = StoredWallet(dsn, trader.wallet)
    stored.track()
    stored.store(trader.steps(EVENTS))
    stored.price(trader.candles())
    stored.advance()
    stored.close()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        return list(_figures(connection))


def _figures(connection: psycopg.Connection[Any]) -> Iterator[Figure]:
    held = {
        name: size
        for name, size in sizes(connection).items()
        if name.startswith(_RESULTS) and size > _EMPTY_BYTES
    }
    whole = sum(held.values())
    note = f"one wallet of {EVENTS:,} transactions, as its turns left it"
    yield Figure("all tables of results", f"{whole / EVENTS:.0f} B", note=note)
    for name, size in sorted(held.items(), key=lambda each: -each[1]):
        count = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(name))
        row = connection.execute(count).fetchone()
        rows = int(row[0]) if row else 0
        yield Figure(f"  {name}", f"{size / EVENTS:.0f} B", note=f"{rows:,} rows")
