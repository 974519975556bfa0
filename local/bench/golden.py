"""The golden wallet on a stack as it is deployed, schedules and all: from paste to moments.

A reader asks for a wallet that nobody knows, then for its four years, and looks until nothing of
it waits for a fold, a price or a detector.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import httpx
import psycopg

from local.bench.report import Figure, latency, print_figures
from local.bench.session import Session
from local.runtime import LocalRuntimeFault, RunningStack, running_stack
from local.runtime.progress import Progress

DAYS = 1_500
GOAL_S = 60
ROLE = "golden"
_PATIENCE_S = 400.0
_LOOK_EVERY_S = 0.25
_WARM = frozenset({"SEEN_PARTIAL", "SEEN_FULL"})
_ENDED = frozenset({"succeeded", "partial"})
_WAITS = {
    "folds": "SELECT count(*) FROM position_heads WHERE stale_from IS NOT NULL",
    "prices": "SELECT (SELECT count(*) FROM price_days WHERE due_at <= now() AND tries = 0)"
    " + (SELECT count(*) FROM price_scan WHERE noted_tx < (SELECT max(tx_id) FROM trades))",
    "values": "SELECT count(*) FROM valuation_due",
    "looks": "SELECT count(*) FROM moments_due WHERE at <= now()",
}
_COUNTS = {
    "transactions": "SELECT count(*) FROM transactions",
    "positions": "SELECT count(*) FROM positions",
    "exits": "SELECT count(*) FROM position_exits",
    "exits in dollars": "SELECT count(*) FROM position_exits WHERE pnl_usd IS NOT NULL",
    "candles": "SELECT count(*) FROM candles",
    "moments": "SELECT count(*) FROM moments",
}


class Stages(NamedTuple):
    """Seconds since the wallet was asked for."""

    placeholder_s: float
    opened_s: float
    listed_s: float
    """Until all four years are stored and the run ended."""
    folded_s: float
    priced_s: float
    valued_s: float
    told_s: float
    """Until every moment is told."""


def run(session: Session) -> None:
    """Bring a stack up, open the wallet, and print how long each stage took."""
    with TemporaryDirectory(prefix="oof-golden-") as root:
        progress = Progress(session.console)
        running = running_stack(root=Path(root) / "stack", progress=progress, has_golden=True)
        with running as stack, httpx.Client(base_url=stack.api_url, timeout=60) as api:
            address = wallet_of(stack)
            # a stranger's wallet first, so that functions are as warm as in use
            _until(lambda: _summary(api, wallet_of(stack, "newborn"))["state"] in _WARM, "warm-up")
            stages = measure(stack, api, address)
            figures = [*_figures(stages), *_sizes(stack)]
    print_figures(session.console, "Golden wallet, four years, from paste to moments", figures)


def wallet_of(stack: RunningStack, role: str = ROLE) -> str:
    """Return the address of a wallet of the chain. Raises LocalRuntimeFault."""
    known = httpx.get(f"{stack.upstream_url}/_control/chain", timeout=60).json()["wallets"]
    found = next((str(each["address"]) for each in known if each["role"] == role), None)
    if found is None:
        raise LocalRuntimeFault(f"the chain has no {role}")
    return found


def measure(stack: RunningStack, api: httpx.Client, address: str) -> Stages:
    """Open a wallet as a reader does, and watch it. Raises LocalRuntimeFault."""
    begun = time.perf_counter()

    def passed() -> float:
        return time.perf_counter() - begun

    _summary(api, address)
    placeholder_s = passed()
    path = f"/v1/wallets/{address}/history/backfill?older={DAYS}d"
    _until(lambda: _summary(api, address)["state"] in _WARM, "opening")
    opened_s = passed()
    job = api.post(path).headers["Location"]
    _until(lambda: api.get(job).json()["status"] in _ENDED, "listing")
    listed_s = passed()
    waited: list[float] = []
    with psycopg.connect(stack.database_dsn, autocommit=True) as database:
        for name in _WAITS:
            # what comes before may be waited for again, while what comes after has its turn
            waits = list(_WAITS.values())[: len(waited) + 1]
            _until(partial(_is_over, database, waits), name)
            waited.append(passed())
    return Stages(placeholder_s, opened_s, listed_s, *waited)


def _figures(stages: Stages) -> list[Figure]:
    return [
        latency("placeholder", stages.placeholder_s, goal_s=0.2),
        latency("newest days", stages.opened_s, note="open, list, fetch, store, fold"),
        latency("four years stored", stages.listed_s, note="asked for once the newest days are"),
        latency("positions", stages.folded_s, note="all folded"),
        latency("prices", stages.priced_s, note="every wanted day was asked for"),
        latency("dollars", stages.valued_s, note="all valued"),
        latency("moments", stages.told_s, goal_s=GOAL_S, note="all told"),
    ]


def _sizes(stack: RunningStack) -> list[Figure]:
    with psycopg.connect(stack.database_dsn, autocommit=True) as database:
        return [Figure(name, f"{_count(database, sql):,}") for name, sql in _COUNTS.items()]


def _summary(api: httpx.Client, address: str) -> dict[str, Any]:
    answer = api.get(f"/v1/wallets/{address}/summary")
    if answer.is_error:
        raise LocalRuntimeFault(f"the summary answered {answer.status_code}: {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body


def _is_over(database: psycopg.Connection[Any], waits: Sequence[str]) -> bool:
    return not any(_count(database, statement) for statement in waits)


def _count(database: psycopg.Connection[Any], statement: str) -> int:
    row = database.execute(statement.encode()).fetchone()
    return 0 if row is None else int(row[0])


def _until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise LocalRuntimeFault(f"{what}: nothing more happens")
        time.sleep(_LOOK_EVERY_S)
