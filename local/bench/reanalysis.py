"""What it takes to analyse a heavy wallet anew from stored facts, in a process of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, NamedTuple

import orjson
import psycopg

from local.bench.database import Done, bench_database, done
from local.bench.refold import BEFORE
from local.bench.report import Figure, duration, latency, print_figures
from local.bench.session import Session
from local.bench.stages import StoredWallet
from local.bench.trader import MINTS, Trader
from local.bench.wire import Relay, Traffic, counted
from local.runtime import layout
from local.runtime.faults import LocalRuntimeFault
from local.runtime.settings import LocalSettings
from stacks.settings import SIZES

EVENTS: Final = 50_000
_SEED: Final = 5
_MEMORY_MB: Final = SIZES["worker_apply_wallet"].memory_mb
_TIMEOUT_S: Final = SIZES["worker_apply_wallet"].timeout_s
_MB: Final = 2**20


class Ended(NamedTuple):
    """One stage that is over."""

    name: str
    seconds: float
    longest_turn_s: float
    """Of its database transactions."""
    peak_bytes: int
    """The most memory the process held so far."""
    traffic: Traffic
    done: Done


def run(session: Session) -> None:
    """Print seconds, memory, statements and rows of each stage."""
    trader = Trader(seed=_SEED)
    with bench_database() as dsn:
        stored = StoredWallet(dsn, trader.wallet)
        stored.track()
        stored.store(trader.steps(EVENTS))
        stored.price(trader.candles())
        stored.apply()
        stored.close()
        first, *ended = measure(dsn, trader)
    title = f"A wallet of {EVENTS:,} transactions in {MINTS} mints, analysed anew from stored facts"
    print_figures(session.console, title, _figures(first, ended))


def measure(dsn: str, trader: Trader) -> list[Ended]:
    """Analyse a wallet anew in another process; return its stages, a start without work first."""
    with counted(dsn) as (address, relay), psycopg.connect(dsn, autocommit=True) as server:
        server.execute("VACUUM ANALYZE")
        return list(_stages(address, trader, relay, server))


def _stages(
    dsn: str, trader: Trader, relay: Relay, server: psycopg.Connection[Any]
) -> Iterator[Ended]:
    with _refold(dsn, trader.wallet) as (told, answer):
        traffic, counts = relay.traffic, done(server)
        for line in told:
            stage = orjson.loads(line)
            sent, counted_now = relay.traffic, done(server)
            yield Ended(
                stage["stage"],
                float(stage["seconds"]),
                float(stage["longest_turn_s"]),
                int(stage["peak_bytes"]),
                sent.since(traffic),
                counted_now.since(counts),
            )
            traffic, counts = relay.traffic, done(server)
            answer.write(b"\n")
            answer.flush()


@contextmanager
def _refold(dsn: str, wallet: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    paths = (layout.REPOSITORY, layout.REPOSITORY / "layers/core/python")
    env = {"PYTHONPATH": ":".join(map(str, paths))}
    with subprocess.Popen(
        [str(layout.python()), "-m", "local.bench.refold"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=LocalSettings.from_env().subprocess_env(env),
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise LocalRuntimeFault("a process began without pipes")
        process.stdin.write(orjson.dumps([dsn, wallet]) + b"\n")
        process.stdin.flush()
        yield process.stdout, process.stdin
    if process.returncode != 0:
        raise LocalRuntimeFault(f"the analysis ended with {process.returncode}")


def _figures(first: Ended, ended: list[Ended]) -> Iterator[Figure]:
    if first.name != BEFORE:
        raise LocalRuntimeFault("the analysis began before it was looked at")
    seconds = sum(stage.seconds for stage in ended)
    peak = max(stage.peak_bytes for stage in ended)
    yield Figure(
        "everything", duration(seconds), note=f"{EVENTS / seconds:,.0f} transactions a second"
    )
    for stage in ended:
        yield Figure(f"  {stage.name}", duration(stage.seconds), note=_note(stage))
    longest = max(ended, key=lambda stage: stage.longest_turn_s)
    yield latency(
        "longest turn", longest.longest_turn_s, goal_s=_TIMEOUT_S, note=f"of {longest.name}"
    )
    started = f"{first.peak_bytes // _MB} MB after its start"
    goal, is_met = f"≤ {_MEMORY_MB} MB", peak <= _MEMORY_MB * _MB
    yield Figure("peak memory of the process", f"{peak // _MB} MB", goal, is_met, started)
    statements = sum(stage.traffic.statements for stage in ended)
    rows = sum(stage.done.rows for stage in ended)
    log = sum(stage.done.log_bytes for stage in ended)
    yield Figure("SQL statements", f"{statements:,}", note=_per_event(statements))
    yield Figure("rows written", f"{rows:,}", note=_per_event(rows))
    yield Figure("written ahead", f"{log // _MB:,} MB", note=_per_event(log, "B"))


def _note(stage: Ended) -> str:
    return (
        f"{stage.traffic.statements:,} statements, {stage.done.rows:,} rows written, "
        f"peak {stage.peak_bytes // _MB} MB"
    )


def _per_event(count: int, unit: str = "") -> str:
    each = count / EVENTS
    return f"{each:,.2f} a transaction" if not unit else f"{each:,.0f} {unit} a transaction"
