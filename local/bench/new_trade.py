"""What one new trade costs: with more and more history behind it, and with more and more open lots.

Each measured trade buys a little of a mint, or sells its oldest lot, so that its open lots stay as
many. The SOL it is paid in is a position too; its open lots are shown beside.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg
from rich import box
from rich.console import Console
from rich.table import Table

from local.bench.database import bench_database, done
from local.bench.report import duration
from local.bench.samples import median, timed
from local.bench.session import Session
from local.bench.stages import StoredWallet
from local.bench.trader import Trader
from local.bench.wire import Relay, counted
from oof.adapters.postgres.rows import address_bytes
from oof.app.advance_positions import FoldSizes
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import SOL_MINT, Address, Mint

HISTORIES: Final = (1_000, 10_000, 100_000)
LOTS: Final = (10, 100, 1_000)
_LOTS_OF_HISTORIES: Final = 10
_HISTORY_OF_LOTS: Final = 10_000
_REPEATS: Final = 16
_SEED: Final = 6
_LITTLE_LAMPORTS: Final = 10**6
_NEVER: Final = FoldSizes(checkpoint_every=10**9)
_EACH: Final = FoldSizes(checkpoint_every=1)
_COUNTS: Final = (
    "statements",
    "bytes sent",
    "received",
    "written ahead",
    "rows",
    "blocks seen",
    "lots of SOL",
)
_LOTS: Final = """
SELECT p.figures->>'lots' FROM positions p JOIN mints m USING (mint_id) WHERE m.address = %s
"""


class Cost(NamedTuple):
    """What one of several trades cost."""

    name: str
    lots_of_sol: int
    """How many were open at the end."""
    stages: tuple[tuple[str, float], ...]
    """Seconds of each, the median."""
    wire: tuple[float, float, float]
    """Statements, bytes sent, bytes received: the mean."""
    server: tuple[float, float, float]
    """Bytes written ahead, rows written, blocks looked at: the mean."""

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(seconds for _, seconds in self.stages)


def run(session: Session) -> None:
    """Print time, statements and bytes of one trade, for each history and each number of lots."""
    with bench_database() as dsn, counted(dsn) as (address, relay):
        by_history, by_lots, checkpoint = _measure(address, dsn, relay)
    title = f"One new trade, {_LOTS_OF_HISTORIES} open lots of its mint"
    _print(session.console, title, [*by_history, checkpoint])
    flat = by_history[-1].seconds / by_history[0].seconds
    session.console.print(
        f"{HISTORIES[-1] // HISTORIES[0]} times the history costs {flat:.2f} times as much.",
        style="dim",
    )
    title = f"One new trade, {_HISTORY_OF_LOTS:,} transactions of history"
    _print(session.console, title, by_lots)


def _measure(address: str, dsn: str, relay: Relay) -> tuple[list[Cost], list[Cost], Cost]:
    trader = Trader(seed=_SEED)
    by_history, by_lots = [], []
    with psycopg.connect(dsn, autocommit=True) as server:
        stored = StoredWallet(address, trader.wallet)
        stored.track()
        bench = Bench(trader, stored, relay, server)
        for history in HISTORIES:
            bench.grow_to(history)
            by_history.append(bench.cost(f"{history:,} transactions behind", _LOTS_OF_HISTORIES))
            if history == _HISTORY_OF_LOTS:
                by_lots = [bench.cost(f"{lots:,} open lots", lots) for lots in LOTS]
        checkpoint = bench.cost("  with a checkpoint (1 in 500)", _LOTS_OF_HISTORIES, _EACH)
    return by_history, by_lots, checkpoint


class Bench:
    """One wallet that grows, and single trades on top of it."""

    def __init__(
        self, trader: Trader, stored: StoredWallet, relay: Relay, server: psycopg.Connection[Any]
    ) -> None:
        self._trader, self._stored = trader, stored
        self._relay, self._server = relay, server

    def grow_to(self, history: int) -> None:
        """Store and advance until so many transactions are behind the wallet."""
        self._stored.store(self._trader.steps(history - self._trader.count))
        self._stored.price(self._trader.candles())
        self._stored.advance()

    def cost(self, name: str, lots: int, sizes: FoldSizes = _NEVER) -> Cost:
        """Measure trades in a mint of its own with so many open lots, one wake-up each."""
        mint = self._trader.new_mint()
        entries = [self._trader.buy(mint, _LITTLE_LAMPORTS) for _ in range(lots)]
        self._stored.store(entries)
        self._stored.advance()
        for trade in self._trades(mint, entries):
            # One by one: what is stored together is applied in no order.
            self._stored.store([trade])
        self._stored.close()
        self._server.execute("VACUUM ANALYZE")
        self._one(sizes)
        self._stored.close()
        counts = done(self._server)
        traffic, volume = self._relay.traffic, self._relay.volume
        samples = [self._one(sizes) for _ in range(_REPEATS)]
        sent, went = self._relay.traffic.since(traffic), self._relay.volume.since(volume)
        self._stored.close()
        spent = done(self._server).since(counts)
        names = [stage.name for stage in self._stored.advancing()]
        medians = [median(each) for each in zip(*samples, strict=True)]
        return Cost(
            name,
            self.lots(SOL_MINT),
            tuple(zip(names, medians, strict=True)),
            (sent.statements / _REPEATS, went.sent / _REPEATS, went.received / _REPEATS),
            (spent.log_bytes / _REPEATS, spent.rows / _REPEATS, spent.blocks / _REPEATS),
        )

    def _trades(
        self, mint: Mint, entries: Sequence[NormalizedTransaction]
    ) -> list[NormalizedTransaction]:
        """Return an entry, an exit of the oldest lot, and so on."""
        held = deque(entry.trades[0].bought_raw for entry in entries)
        trades = []
        for at in range(_REPEATS + 1):
            if at % 2:
                trades.append(self._trader.sell(mint, held.popleft()))
            else:
                trades.append(self._trader.buy(mint, _LITTLE_LAMPORTS))
                held.append(trades[-1].trades[0].bought_raw)
        return trades

    def _one(self, sizes: FoldSizes) -> tuple[float, ...]:
        stages = self._stored.advancing(limit=1, sizes=sizes)
        return tuple(timed(stage.run)[0] for stage in stages)

    def lots(self, mint: Mint) -> int:
        """Return how many lots of a mint are open."""
        row = self._server.execute(_LOTS, (address_bytes(Address(mint)),)).fetchone()
        return int(row[0]) if row else 0


def _print(console: Console, title: str, costs: Sequence[Cost]) -> None:
    """Print times, then counts: together they are wider than a terminal."""
    times = _table(title, ["together", *(name for name, _ in costs[0].stages)])
    counts = _table("", _COUNTS)
    for cost in costs:
        seconds = (cost.seconds, *(each for _, each in cost.stages))
        times.add_row(cost.name, *map(duration, seconds))
        told = (*cost.wire, *cost.server, cost.lots_of_sol)
        counts.add_row(cost.name, *(f"{each:,.0f}" for each in told))
    console.print(times)
    console.print(counts)


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("one trade with", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table
