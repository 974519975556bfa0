"""A crowd: founders go the way of every wallet, copies follow."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import psycopg

from local.bench.stages import StoredWallet
from local.bench.trader import Trader
from local.crowd.copies import copy, originals
from local.crowd.inside import Inside
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.adapters.system import SystemClock, random_id
from oof.app.advance_wallet import AdvanceDeps, advance_wallet
from oof.app.apply_wallet import ApplyDeps
from oof.app.project_wallet import ProjectDeps
from oof.domain.units import Address, Mint
from oof.ports.memory.queues import MemoryWalletWaker

_HEAVY_SEED: Final = 9
_SMALL_SEED: Final = 1_000
_DAY_S: Final = 86_400
_HEAVY_DAYS: Final = 400
_FRIENDS: Final = 60
"""Whom the heavy one gets something from, or sends something to."""
_SMALL_DAYS: Final = 60
# Of equals the one stored last: whatever comes before it is in its way.
_HEAVIEST: Final = """
SELECT w.address FROM position_heads h JOIN wallets w USING (wallet_id)
ORDER BY h.events DESC, w.wallet_id DESC LIMIT 1
"""
_MOST_TRADED: Final = """
SELECT m.address FROM position_exits e JOIN mints m USING (mint_id)
WHERE e.wallet_id = (
    SELECT wallet_id FROM position_heads ORDER BY events DESC, wallet_id DESC LIMIT 1
)
GROUP BY m.address ORDER BY count(*) DESC, m.address LIMIT 1
"""
_MANY: Final = """
SELECT w.address FROM wallets w JOIN tracked_wallets t USING (wallet_id)
ORDER BY w.address <> %s, w.wallet_id LIMIT 500
"""
_ALIKE: Final = """
SELECT w.address FROM wallets w JOIN wallet_vectors v USING (wallet_id)
WHERE v.vector IS NOT NULL ORDER BY w.wallet_id DESC LIMIT 50
"""


class Size(NamedTuple):
    """How many wallets there are."""

    small: int
    """Founders with few transactions; beside them there is one with a long history."""
    small_steps: int
    """Transactions of each."""
    heavy_steps: int
    small_copies: int
    heavy_copies: int


FIFTY_THOUSAND: Final = Size(4, 8, 400, 140, 11)
"""Some 50,000 actions: what a test may take a few seconds for."""
MILLION: Final = Size(20, 20, 1_000, 190, 76)
"""A million actions and more, of which 10,000 are the founders'."""


class Crowd(NamedTuple):
    """Who is there, and what may be asked of them."""

    inside: Inside
    """The API over it, which knows the founders' summaries."""
    heavy: Address
    """A wallet with a long history, the last of its kind."""
    mint: Mint
    """What it trades most."""
    within_days: str
    """Some days of its life, as a query."""
    view: str
    """Where an analysis of its positions is."""
    job: str
    """Where a job of it is, which has not ended."""
    many: tuple[Address, ...]
    """Up to 500 open wallets."""
    alike: tuple[Address, ...]
    """Up to 50 wallets that can be compared."""


class Extent(NamedTuple):
    """How large a database is."""

    wallets: int
    """That are open."""
    actions: int


class Founding:
    """Founders of a crowd, which then grows; `close` ends its connection."""

    def __init__(self, dsn: str, size: Size, *, inside: Inside | None = None) -> None:
        self._dsn, self._size = dsn, size
        self._inside = inside or Inside(Database(lambda: dsn))
        self._now = int(time.time())
        spread = self._spread(_HEAVY_DAYS, size.heavy_steps)
        heavy = Trader(seed=_HEAVY_SEED, friends=_FRIENDS, **spread)
        with psycopg.connect(dsn, autocommit=True) as connection:
            with originals(connection) as found:
                for trader in self._small_traders():
                    self._found(trader, size.small_steps)
            self._smalls = found[0]
            with originals(connection) as found:
                self._found(heavy, size.heavy_steps)
                self._view = self._inside.analyse({"wallets": [heavy.wallet], "method": "fifo"})
            self._heavies = found[0]
            self._inside.find_neighbours()
            connection.execute("VACUUM ANALYZE")
        self._heavy = heavy.wallet

    def crowd(self) -> Crowd:
        """Return who is there by now."""
        middle = self._now - _HEAVY_DAYS * _DAY_S // 2
        since, until = (_day(middle + n * _DAY_S) for n in (-2, 2))
        with psycopg.connect(self._dsn) as connection:
            heavy, mint = (
                address_of(row[0])
                for statement in (_HEAVIEST, _MOST_TRADED)
                for row in connection.execute(statement).fetchall()
            )
            rows = connection.execute(_MANY, (address_bytes(heavy),)).fetchall()
            alike = connection.execute(_ALIKE).fetchall()
        self._know(heavy)
        asked = self._inside.call("POST", f"/v1/wallets/{heavy}/history/backfill?older=700d")
        return Crowd(
            self._inside,
            heavy,
            Mint(mint),
            f"from={since}&to={until}",
            self._view,
            asked.headers["Location"],
            tuple(address_of(row[0]) for row in rows),
            tuple(address_of(row[0]) for row in alike),
        )

    def grow(self) -> None:
        """Add all copies."""
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            copy(connection, self._smalls, self._size.small_copies)
            copy(connection, self._heavies, self._size.heavy_copies)

    def extent(self) -> Extent:
        """Return how large the database is by now."""
        with psycopg.connect(self._dsn) as connection:
            return Extent(_count(connection, "tracked_wallets"), _count(connection, "actions"))

    def close(self) -> None:
        """Close the connection of the API."""
        self._inside.close()

    def _know(self, heavy: Address) -> None:
        """Keep a copy's summary, which is its founder's but for the name."""
        summaries = self._inside.summaries
        known = summaries.get(self._heavy)
        if known is not None:
            summaries.put_if_newer(replace(known, address=heavy))

    def _small_traders(self) -> Iterator[Trader]:
        steps = self._size.small_steps
        for seed in range(_SMALL_SEED, _SMALL_SEED + self._size.small):
            yield Trader(seed=seed, mints=max(4, steps // 4), **self._spread(_SMALL_DAYS, steps))

    def _spread(self, days: int, steps: int) -> dict[str, int]:
        """Return when somebody trades who does so evenly until now."""
        return {"first_time": self._now - days * _DAY_S, "seconds_apart": days * _DAY_S // steps}

    def _found(self, trader: Trader, steps: int) -> None:
        """Store a wallet's history and prices, and do whatever its worker does."""
        stored = StoredWallet(self._dsn, trader.wallet)
        stored.track()
        stored.store(trader.steps(steps))
        stored.price(trader.candles())
        stored.close()
        database, clock = Database(lambda: self._dsn), SystemClock()
        facts = PostgresFactStore(database)
        summaries = self._inside.summaries
        deps = AdvanceDeps(
            applying=ApplyDeps(facts=facts, clock=clock),
            projecting=ProjectDeps(facts=facts, summaries=summaries, clock=clock),
            waker=MemoryWalletWaker(),
            new_id=random_id,
        )
        while advance_wallet(trader.wallet, receives=1, deps=deps).has_more:
            pass
        database.close()


def _day(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).date().isoformat()


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608
    return int(row[0]) if row else 0
