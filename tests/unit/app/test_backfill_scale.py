"""Long histories: pages side by side, bounded executions, failing steps, going on."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
import pytest

from oof.app.open_wallet import STALE_AFTER_S, start_backfill
from oof.domain.backfill import share_of
from oof.domain.errors import UpstreamUnavailable
from oof.domain.gate import plan_of
from oof.domain.jobs import WorkStatus
from oof.domain.limits import PERCENT, Share
from oof.domain.listing import Listed
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Signature, Slot, UnixSeconds
from oof.entrypoints.step import MAX_STATE_BYTES
from oof.ports.memory.limiter import MemoryRateLimiter
from oof.ports.upstream import HistoryPage, Usage
from tests.support.backfill import LIMITS, Backfills

WALLET = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")
EPOCH = 1_700_000_000
EVERY_S = 1_200
"""Seconds between two transactions: fifty thousand are not quite two years."""
EVENTS_A_STEP = 5 + 2 + 2
"""A task's events in an execution's history, a choice's, and a wait's."""
OF_A_PAGE = ("Lease", "Fetch", "Store")
TASKS = ("Plan", "Check account", "List", *OF_A_PAGE, "Finish chunk")
MOST_EVENTS = 25_000
"""What the workflow service keeps of one execution before it ends it."""


class LongChain:
    """A `ChainSource` over one wallet's bodies, thinner than any real one, made when asked for."""

    has_history_pages = True

    def __init__(self, count):
        """`count` transactions, one every twenty minutes, oldest first."""
        self.count = count
        self.calls: Counter[str] = Counter()
        self.bodies: Counter[int] = Counter()

    @property
    def usage(self):
        """See `ChainSource`."""
        return Usage(0, 0, 0)

    def signatures_for_address(self, address, *, before, limit):
        """Newest first, older than `before`."""
        assert address == WALLET
        self.calls["list"] += 1
        high = (self.count if before is None else int(before)) - 1
        return tuple(self._listed(n) for n in range(high, max(high - limit, -1), -1))

    def accounts(self, addresses):
        """Nothing is known of any account."""
        return tuple(None for _ in addresses)

    def token_accounts(self, owner):
        """There is none."""
        return ()

    def history_page(self, address, *, below_slot, from_slot, token):
        """A thousand rows, newest first; the token is where they begin."""
        self.calls["list"] += 1
        high = min(self.count - 1 if token is None else int(token), (below_slot or 10**9) - 2)
        low = max(high - 999, 0)
        rows = tuple(self._listed(n) for n in range(high, low - 1, -1))
        return HistoryPage(rows, str(low - 1) if low > 0 else None)

    def bodies_between(self, address, *, first_slot, last_slot):
        """The bodies of these slots, a hundred at most."""
        self.calls["page"] += 1
        found = [n - 1 for n in range(last_slot, first_slot - 1, -1)][:100]
        self.bodies.update(found)
        return tuple(self._body(n) for n in found)

    def transactions(self, signatures):
        """Each by its signature."""
        self.calls["bodies"] += len(signatures)
        self.bodies.update(int(s) for s in signatures)
        return {s: self._body(int(s)) for s in signatures}

    def _listed(self, n):
        return Listed(Signature(str(n)), Slot(n + 1), UnixSeconds(EPOCH + n * EVERY_S), 0)

    def _body(self, n):
        meta = {
            "preTokenBalances": [],
            "postTokenBalances": [],
            "preBalances": [0],
            "postBalances": [0],
        }
        transaction = {"signatures": [str(n)], "message": {"accountKeys": [WALLET]}}
        return orjson.dumps({"slot": n + 1, "meta": meta, "transaction": transaction})


class Providing(NamedTuple):
    """What `Backfills` asks of a provider."""

    limiter: MemoryRateLimiter


class LongWorld(Backfills):
    """Machines over one long history."""

    def __init__(self, count, **limits):
        """Keywords change the limits."""
        plan = plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=10**9)
        limiter = MemoryRateLimiter(plan, lambda: 0)
        provider: Any = Providing(limiter)
        super().__init__(provider, limits=LIMITS._replace(page=300, **limits))
        self.source = LongChain(count)
        self.clock.at = datetime.fromtimestamp(EPOCH + count * EVERY_S, UTC)

    def chain_of(self, run):
        """The one chain; every share may ask it."""
        assert share_of(run.mode) in Share
        return self.source

    def bring_in(self):
        """Bring in the whole history; return the last execution and the work."""
        work = start_backfill(self.opening, WALLET, days=730)
        [execution] = self.execute_started()
        return execution, self.works.get(work.work_id)


def is_whole(world):
    """Whether the listings of the wallet reached their end."""
    known = world.store.coverage(WALLET)
    return known is not None and known.is_complete


def steps_of(execution):
    """How often each step ran."""
    return Counter(execution.visited)


def test_fifty_thousand_signatures_come_in():
    """In chunks, each body once, within what an execution's history and state may hold."""
    world = LongWorld(50_000)
    execution, work = world.bring_in()

    known = world.store.coverage(WALLET)
    assert known is not None
    assert execution.succeeded
    assert (work.status, work.progress.done, work.progress.total) == (
        WorkStatus.SUCCEEDED,
        50_000,
        50_000,
    )
    assert (known.state, known.is_complete) == (WalletState.SEEN_FULL, True)
    assert len(world.facts.linked[WALLET]) == 50_000
    assert set(world.facts.stores.values()) == {1}
    assert max(world.source.bodies.values()) == 1
    assert world.source.calls["list"] <= 50_000 // 1_000 + 1
    assert execution.largest_state < MAX_STATE_BYTES / 20
    assert sum(steps_of(execution)[name] for name in TASKS) * EVENTS_A_STEP < MOST_EVENTS / 2


def test_pages_side_by_side_are_fewer_steps_in_a_row():
    """Listed ahead and brought in by fours, a history waits for a quarter of the steps."""
    row = {}
    for pages_ahead in (1, 8):
        execution, _ = LongWorld(10_000, pages_ahead=pages_ahead).bring_in()
        row[pages_ahead] = _in_a_row(execution, pages_ahead)

    assert row[8] * 4 < row[1]


def _in_a_row(execution, pages_ahead):
    """How many tasks wait for each other, pages of a batch going side by side by fours."""
    ran = steps_of(execution)
    of_pages = sum(ran[name] for name in OF_A_PAGE)
    alone = sum(ran[name] for name in TASKS) - of_pages
    return alone + of_pages // min(pages_ahead, 4)


def test_pages_of_bodies_by_signature_are_few_at_once():
    """Each body is a call there: a batch must not outlast what a silent run may."""
    world = LongWorld(6_000)
    world.source.has_history_pages = False
    execution, work = world.bring_in()

    per_batch = 6_000 / steps_of(execution)["Bring in pages"]
    slowest_plan_s = per_batch / (10 * PERCENT[Share.DEEP] / 100)
    assert slowest_plan_s < STALE_AFTER_S / 2
    assert work.status is WorkStatus.SUCCEEDED
    assert len(world.facts.linked[WALLET]) == 6_000


def test_a_long_run_goes_on_in_executions_of_its_own():
    """Each ends well before its history is full, and the next one goes on at the very page."""
    world = LongWorld(20_000, execution_steps=100)
    execution, work = world.bring_in()

    assert world.executions == [
        f"{work.execution_name}_{number}" for number in range(2, len(world.executions) + 2)
    ]
    assert len(world.executions) >= 3
    assert len(execution.visited) * EVENTS_A_STEP < MOST_EVENTS / 10
    assert (work.status, work.progress.done) == (WorkStatus.SUCCEEDED, 20_000)
    assert len(world.facts.linked[WALLET]) == 20_000
    assert max(world.source.bodies.values()) == 1
    assert world.source.calls["list"] <= 21
    [record] = world.store.runs.values()
    assert record.pages >= 20_000 // 303


def test_the_default_keeps_an_execution_s_history_bounded():
    """The limit leaves room for a batch's waits and for a retry of every other step."""
    waits = 130
    most = (LIMITS.execution_steps + waits) * (EVENTS_A_STEP + 3)

    assert most < MOST_EVENTS


@pytest.mark.parametrize(
    "step",
    [
        "list_signatures",
        "lease_signatures",
        "fetch_transactions",
        "store_transactions",
        "finish_chunk",
        "plan_backfill",
    ],
)
@pytest.mark.parametrize("is_done_first", [True, False], ids=["timed_out", "failed"])
def test_any_step_may_fail_or_time_out(step, is_done_first):
    """A run that died anywhere goes on where it stopped: nothing twice, nothing missing."""
    world = LongWorld(6_000, chunk_signatures=2_000, pages_ahead=3)
    steps = world.tasks()
    runs: Counter[str] = Counter()

    def dying(state):
        runs[step] += 1
        is_dying = runs[step] == 4
        if is_dying and not is_done_first:
            raise UpstreamUnavailable("died before it did anything")
        answer = steps[f"step_{step}"](state)
        if is_dying:
            raise UpstreamUnavailable("died before it could tell")
        return answer

    world.tasks = lambda: {**steps, f"step_{step}": dying}  # type: ignore[method-assign]
    dead, work = world.bring_in()
    assert not dead.succeeded
    assert work.status is WorkStatus.FAILED
    before = len(world.facts.stores)

    _, work = world.bring_in()

    assert before < 6_000
    assert (work.status, work.attempt) == (WorkStatus.SUCCEEDED, 2)
    assert len(world.facts.linked[WALLET]) == 6_000
    assert is_whole(world)
    assert set(world.facts.stores.values()) == {1}


def test_a_run_goes_on_where_a_cancelled_one_stopped():
    """Cancelled at a chunk's end, asked for again: what was stored is not asked for again."""
    world = LongWorld(6_000, chunk_signatures=2_000)
    work = start_backfill(world.opening, WALLET, days=730)
    world.works.request_cancel(work.work_id, work.attempt, at=work.created_at)
    world.execute_started()
    ended = world.works.get(work.work_id)
    assert ended is not None
    assert ended.status is WorkStatus.CANCELLED
    stored = len(world.facts.stores)
    assert 2_000 <= stored < 3_000
    asked = world.source.bodies.total()

    _, again = world.bring_in()

    assert again.status is WorkStatus.SUCCEEDED
    assert world.source.bodies.total() - asked == 6_000 - stored
    assert len(world.facts.linked[WALLET]) == 6_000


def test_the_whole_is_told_once_the_listing_tells():
    """No total while more may follow; then the very number, though most is still to come."""
    world = LongWorld(3_000, pages_ahead=2)
    _, work = world.bring_in()

    told = [e.progress for e in world.works.events(work.work_id, after_seq=0, limit=99)]
    stored = [progress for progress in told if progress.done]
    assert stored[0].total is None
    assert {progress.total for progress in stored} == {None, 3_000}
    assert min(progress.done for progress in stored if progress.total) < 2_700


def test_the_whole_of_some_days_is_told_before_the_end():
    """A listing that reached below what was asked for tells how much that is."""
    world = LongWorld(3_000, pages_ahead=1)
    work = start_backfill(world.opening, WALLET, days=10)
    world.execute_started()

    told = [e.progress for e in world.works.events(work.work_id, after_seq=0, limit=99)]
    first = next(progress for progress in told if progress.done)
    asked = 10 * 86_400 // EVERY_S
    assert first.done < 30
    assert first.total == asked == told[-1].done
