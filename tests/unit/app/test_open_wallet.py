"""Starting work on a wallet: once, within caps, without a database."""

from datetime import UTC, datetime

import pytest

from oof.app.open_wallet import STALE_AFTER_S, OpenCaps, OpenDeps, open_wallet, start_backfill
from oof.domain.backfill import Mode
from oof.domain.errors import BudgetSpent, StoreUnavailable
from oof.domain.gate import plan_of
from oof.domain.jobs import WorkStatus
from oof.domain.units import Address, UnixSeconds
from oof.ports.memory.jobs import MemoryWorkStore
from oof.ports.memory.limiter import MemoryOpenQuota, MemoryRateLimiter
from oof.ports.memory.workflow import MemoryRunStarter
from tests.support.backfill import LIMITS, MovableClock

ANN, BOB = Address("ann"), Address("bob")
PLAN = plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=1_000)


@pytest.fixture
def clock():
    """Noon."""
    return MovableClock(datetime(2026, 3, 10, 12, tzinfo=UTC))


@pytest.fixture
def deps(clock):
    """Two openings a caller, three for all."""
    return OpenDeps(
        works=MemoryWorkStore(),
        quota=MemoryOpenQuota(),
        starter=MemoryRunStarter(),
        clock=clock,
        limits=LIMITS,
        caps=OpenCaps(per_caller=2, per_day=3),
        gate=MemoryRateLimiter(PLAN, lambda: now(clock) * 1_000),
    )


def now(clock):
    """The clock's unix seconds."""
    return UnixSeconds(int(clock.now().timestamp()))


def opened(deps, wallet, caller="a"):
    """Open a wallet that no cap stands against."""
    work = open_wallet(deps, wallet, caller=caller)
    assert work is not None
    return work


def test_opening_starts_one_run_named_by_its_attempt(deps):
    """The execution's name is the work and its attempt."""
    work = opened(deps, ANN)

    [run] = deps.starter.runs.values()
    assert run.run_id == work.execution_name == f"{work.work_id}-1"
    assert (run.wallet, run.mode, run.work_id, run.attempt) == (ANN, Mode.OPEN, work.work_id, 1)


def test_opening_twice_is_opening_once(deps):
    """Who asks while a run is under way joins it, and costs nothing of a cap."""
    works = [opened(deps, ANN) for _ in range(5)]

    assert len(deps.starter.runs) == 1
    assert len({work.execution_name for work in works}) == 1


def test_a_start_that_was_lost_is_made_up_for(deps):
    """Queued but never started: the next caller starts it under the same name."""

    class Down:
        """Starts nothing."""

        def start(self, run):
            """Fail."""
            raise StoreUnavailable("no workflow service")

    broken = OpenDeps(**{f: getattr(deps, f) for f in deps.__slots__} | {"starter": Down()})
    with pytest.raises(StoreUnavailable):
        open_wallet(broken, ANN, caller="a")

    work = opened(deps, ANN)

    assert (work.attempt, list(deps.starter.runs)) == (1, [work.execution_name])


def test_callers_have_a_cap_a_day(deps, clock):
    """The third wallet of a caller is refused until the next UTC day."""
    for name in ("one", "two"):
        opened(deps, Address(name))

    assert open_wallet(deps, Address("three"), caller="a") is None
    clock.pass_(12 * 3_600)
    assert opened(deps, Address("three")).attempt == 1


def test_everybody_together_has_a_cap_a_day(deps):
    """The fourth wallet of the day is refused whoever asks."""
    for n, name in enumerate(("one", "two", "three")):
        opened(deps, Address(name), caller=f"caller {n}")

    assert open_wallet(deps, Address("four"), caller="somebody new") is None
    assert len(deps.starter.runs) == 3


def test_a_dead_run_is_superseded(deps, clock):
    """A run that reported nothing for long is taken to be dead: the next is another execution."""
    first = opened(deps, ANN)
    deps.works.report(first.work_id, 1, first.progress, at=now(clock))
    clock.pass_(STALE_AFTER_S)

    second = opened(deps, ANN)

    assert (second.attempt, len(deps.starter.runs)) == (2, 2)


def test_history_is_asked_for_in_days_before_its_start(deps, clock):
    """Thirty days are a run of its own, keyed by the days; more than the ceiling is the ceiling."""
    work = start_backfill(deps, ANN, days=30)
    far = start_backfill(deps, ANN, days=9_999)
    again = start_backfill(deps, ANN, days=30)

    assert again.execution_name == work.execution_name
    runs = deps.starter.runs
    assert runs[work.execution_name].target_time == now(clock) - 30 * 86_400
    assert runs[far.execution_name].target_time == now(clock) - LIMITS.ceiling_days * 86_400
    assert {run.mode for run in runs.values()} == {Mode.DEEP}


def test_finished_history_may_be_asked_for_again(deps, clock):
    """Once a run is over, asking again is a new attempt, which costs nothing where all is there."""
    first = start_backfill(deps, ANN, days=30)
    deps.works.finish(first.work_id, 1, WorkStatus.SUCCEEDED, at=now(clock))

    assert start_backfill(deps, ANN, days=30).attempt == 2


def test_no_wallet_is_opened_on_the_last_of_the_budget(deps):
    """From 95 percent on a new one is refused until midnight, and takes nothing of the caps."""
    deps.gate.charge(949)
    opened(deps, ANN)
    deps.gate.charge(1)

    with pytest.raises(BudgetSpent) as refused:
        open_wallet(deps, BOB, caller="a")
    assert refused.value.reset_s == 43_200
    assert opened(deps, ANN).attempt == 1

    deps.clock.pass_(43_200)
    opened(deps, BOB)


def test_deep_history_stops_before_new_wallets_do(deps):
    """From 85 percent on older history is refused; a run under way is joined all the same."""
    under_way = start_backfill(deps, ANN, days=30)
    deps.gate.charge(850)

    with pytest.raises(BudgetSpent):
        start_backfill(deps, BOB, days=30)
    assert start_backfill(deps, ANN, days=30).attempt == under_way.attempt
    opened(deps, BOB)
