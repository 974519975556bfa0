"""What reading costs in a crowd, among ten thousand actions and among a million of them.

The requests are those that the tests of plans go through. The same wallet is read both times, or
its like; around it the crowd grows a hundredfold. The hot table is one in memory: what an answer
takes from there is measured with the deployed stack (`serve`). How that grows is told by processor
time, which other programs on the machine do not lengthen.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from local.bench.database import bench_database
from local.bench.in_process import Meter, unlogged
from local.bench.report import Figure, duration, print_figures
from local.bench.samples import median, percentile, timed
from local.bench.session import Session
from local.crowd.crowd import MILLION, Crowd, Extent, Founding
from local.crowd.inside import Inside
from local.crowd.recording import RecordingDatabase
from local.crowd.requests import Case, cases_of
from local.runtime.faults import LocalRuntimeFault

_GOAL_S: Final = 0.010
_P95: Final = 0.95
_REPEATS: Final = 100
_WARM_UP: Final = 5
_TRIGGERS: Final = frozenset({"analyzePositions", "backfillHistory", "cancelJob", "compareWallets"})
"""They read nothing, but for the last one, which computes: the bench `similarity` measures it."""


class Measured(NamedTuple):
    """One request, again and again."""

    seconds: Sequence[float]
    """From the event to the answer."""
    use_case_s: Sequence[float]
    """Of that, within the use case; the rest is the handler's: reading the event, the body."""
    database_s: Sequence[float]
    """Of that, spent waiting for the database."""
    scanned: frozenset[str]
    """Tables that the planner has read as a whole."""
    touched: int
    """Rows looked at by the statement that looks at most."""
    busy_s: Sequence[float]
    """Processor time of this process and of its server: what other programs do not lengthen."""


def run(session: Session) -> None:
    """Print how long each use case takes, and how that grows."""
    with bench_database() as dsn, unlogged():
        database = RecordingDatabase(dsn)
        founded_s, founding = timed(lambda: Founding(dsn, MILLION, inside=Inside(database)))
        few = founding.extent()
        before = measure(database, founding.crowd())
        grown_s, _ = timed(founding.grow)
        many = founding.extent()
        after = measure(database, founding.crowd())
        founding.close()
    figures = _crowd_figures(few, many, founded_s, grown_s)
    print_figures(session.console, "A crowd to read in", figures)
    title = f"Use cases among {many.actions:,} actions of {many.wallets:,} wallets, p95, in process"
    print_figures(session.console, title, _figures(before, after, few))


def measure(
    database: RecordingDatabase, crowd: Crowd, repeats: int = _REPEATS
) -> Mapping[str, Measured]:
    """Ask everything of the crowd so often; return what it took, by what was asked."""
    meter = Meter()
    with meter.running():
        return {
            case.what: _measure(database, crowd, case, repeats, meter)
            for operation, cases in cases_of(crowd).items()
            for case in cases
            if operation not in _TRIGGERS
        }


def _measure(
    database: RecordingDatabase, crowd: Crowd, case: Case, repeats: int, meter: Meter
) -> Measured:
    def ask() -> None:
        answer = crowd.inside.call(case.method, case.target, body=case.body, headers=case.headers)
        if answer.status >= 300:
            raise LocalRuntimeFault(f"{case.what}: {answer.status} {answer.text[:300]}")

    asked = database.during(ask)
    plans = [database.explain(each, by_cost=True) for each in asked]
    for _ in range(_WARM_UP):
        ask()
    backend = database.backend()
    seconds, within, waited, busy = [], [], [], []
    for _ in range(repeats):
        waited_before, busy_before = database.waited_s, _busy_s(backend)
        within_before = meter.seconds
        seconds.append(timed(ask)[0])
        within.append(meter.seconds - within_before)
        waited.append(database.waited_s - waited_before)
        busy.append(_busy_s(backend) - busy_before)
    return Measured(
        seconds,
        within,
        waited,
        frozenset().union(*(plan.scanned for plan in plans)),
        max((plan.touched for plan in plans), default=0),
        busy,
    )


def _busy_s(backend: int) -> float:
    """Return the processor time of this process, and of the server's where the system tells it.

    https://docs.kernel.org/scheduler/sched-stats.html
    """
    told = Path(f"/proc/{backend}/schedstat")
    server_ns = int(told.read_text().split()[0]) if told.exists() else 0
    return time.process_time() + server_ns / 10**9


def _crowd_figures(few: Extent, many: Extent, founded_s: float, grown_s: float) -> list[Figure]:
    return [
        Figure("founders", f"{few.wallets:,} wallets, {few.actions:,} actions"),
        Figure("  made in", duration(founded_s), note="stored, applied, folded, valued, looked at"),
        Figure(
            "everybody",
            f"{many.wallets:,} wallets, {many.actions:,} actions",
            "≥ 2,000, ≥ 1,000,000",
            many.wallets >= 2_000 and many.actions >= 1_000_000,
        ),
        Figure("  made in", duration(grown_s), note="copied by the database, and analyzed"),
    ]


def _figures(
    before: Mapping[str, Measured], after: Mapping[str, Measured], few: Extent
) -> list[Figure]:
    slow = [what for what, each in after.items() if percentile(each.use_case_s, _P95) > _GOAL_S]
    scanned = frozenset[str]().union(*(each.scanned for each in after.values()))
    return [
        *(_figure(what, after[what], before.get(what), few) for what in after),
        Figure("within the goal", f"{len(after) - len(slow)} of {len(after)}", is_met=not slow),
        Figure(
            "tables read whole",
            f"{len(scanned)}",
            "0",
            is_met=not scanned,
            note=", ".join(sorted(scanned)),
        ),
    ]


def _figure(what: str, now: Measured, then: Measured | None, few: Extent) -> Figure:
    p95 = percentile(now.use_case_s, _P95)
    told = {"p50": now.use_case_s, "SQL": now.database_s, "whole answer": now.seconds}
    note = ", ".join(f"{name} {duration(median(each))}" for name, each in told.items())
    note += f" (p95 {duration(percentile(now.seconds, _P95))}), {now.touched:,} rows"
    if then is not None:
        grown = median(now.busy_s) / median(then.busy_s)
        note += f"; {grown:.1f} times as busy as among {few.actions:,}"
    return Figure(what, duration(p95), f"≤ {duration(_GOAL_S)}", p95 <= _GOAL_S, note)
