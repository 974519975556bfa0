"""Moments, exactly once: a crash at any write changes nothing, and nothing that was due is lost."""

from contextlib import contextmanager
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from oof.app.detect_moments import DetectDeps, DetectSizes, detect_moments
from oof.domain.moments.stored import Extremes
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, Slot
from oof.ports.memory.facts import MemoryFactStore, MemoryFactTransaction
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.moments import MomentMark
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import Crash, Fuse, FusedStore, World, clean_pass
from tests.support.price_waves import tell_waves

DAY_S = 86_400
SIZES = DetectSizes(positions=2)

steps = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 9)), st.integers(0, 2), st.booleans()),
    min_size=2,
    max_size=8,
)
schedules = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def built(facts: MemoryFactStore) -> World:
    """A world whose history and prices are told, with nothing looked at yet."""
    world = World(generated_history(11, 12), facts)
    read = [normalize(each.rich) for each in world.history.bodies.values()]
    bodies = [body for body in read if isinstance(body, NormalizedTransaction)]
    prices = MemoryPriceStore(facts)
    prices.store(bodies)
    prices.note_trades(sol_usd=150, oldest_day=0)
    times = sorted(body.block_time for body in bodies if body.block_time)
    mints = {mint for body in bodies for mint in (SOL_MINT, *body.decimals)}
    tell_waves(prices, mints, times[0] - DAY_S, times[-1] + 9 * DAY_S)
    world.clock.pass_(times[-1] + 40 * DAY_S - world.clock.now().timestamp())
    clean_pass(world)
    forget(facts, world)
    return world


def forget(facts: MemoryFactStore, world: World) -> None:
    """Have nothing found, and every position due."""
    tables = facts.tables.copy()
    tables.moments, tables.extremes, tables.moments_due = {}, {}, {}
    at = world.clock.now()
    for wallet_id, mint in tables.positions:
        tables.moments_due[wallet_id, mint] = MomentMark(mint, Slot(0), at)
    facts.tables = tables


@cache
def world_of() -> World:
    """One such world, of which each run takes a copy."""
    return built(MemoryFactStore())


def looked_at(schedule, store: MemoryFactStore) -> MemoryFactStore:
    """Look as the schedule says: who, with what fuse, and whether all was marked again before."""
    world = world_of()
    store.tables = world.inner.tables.copy()
    fuse = Fuse()
    fused = DetectDeps(facts=FusedStore(store, fuse), clock=world.clock)
    wallets = world.history.wallets
    for left, place, is_marked in schedule:
        if is_marked:
            mark_all(store, world)
        fuse.left = left
        try:
            detect_moments(wallets[place], deps=fused, sizes=SIZES)
        except Crash:
            pass
        finally:
            fuse.left = None
    deps = DetectDeps(facts=store, clock=world.clock)
    while due := store.wallets_with_due_moments(at=world.clock.now(), limit=9):
        for wallet in due:
            detect_moments(wallet, deps=deps, sizes=SIZES)
    return store


def mark_all(store: MemoryFactStore, world: World) -> None:
    """Mark every position once more, from some slot on."""
    at = world.clock.now()
    with store.transaction() as transaction:
        for wallet_id, mint in store.tables.positions:
            slot = store.tables.positions[wallet_id, mint].last_slot
            transaction.mark_moments(wallet_id, [MomentMark(mint, slot, at)])


def state_of(store: MemoryFactStore):
    """What is stored of moments; when to look again, but not when that was written."""
    tables = store.tables
    extremes = {w: e for w, e in sorted(tables.extremes.items()) if e != Extremes()}
    counted = {
        wallet_id: sum(1 for owner, _ in tables.moments if owner == wallet_id)
        for wallet_id in extremes
    }
    told = {w: sum(c.total for c in e.counts.values()) for w, e in extremes.items()}
    assert told == counted
    return tables.moments, extremes, tables.moments_due


@cache
def reference():
    """What one look at each position comes to."""
    return state_of(looked_at([], MemoryFactStore()))


@schedules
@given(schedule=steps)
def test_any_schedule_ends_as_one_look(schedule):
    """Crashed between any two writes, marked again, repeated: the same moments and counts."""
    assert state_of(looked_at(schedule, MemoryFactStore())) == reference()
    assert reference()[0]


class LosesRollback(MemoryFactStore):
    """A planted bug: what was written before a crash stays written."""

    @contextmanager
    def transaction(self):
        """Work on the tables themselves."""
        yield self.transaction_type(self.tables)


class _ForgetsMarks(MemoryFactTransaction):
    def take_due_moments(self, wallet_id, *, at, limit):
        """Take all marks, and tell of some."""
        return super().take_due_moments(wallet_id, at=at, limit=100)[:limit]


class ForgetsMarks(MemoryFactStore):
    """A planted bug: what a turn has no room for is not due any more."""

    transaction_type = _ForgetsMarks


class _SkipsGone(MemoryFactTransaction):
    def stored_moments(self, wallet_id, due):
        """Find nothing stored."""
        return super().stored_moments(wallet_id, ())


class FindsNothingStored(MemoryFactStore):
    """A planted bug: what is stored is not compared."""

    transaction_type = _SkipsGone


@pytest.mark.parametrize("planted", [LosesRollback, ForgetsMarks, FindsNothingStored])
def test_a_planted_bug_is_caught(planted):
    """The suite can fail: with a known bug in the store some schedule ends differently."""

    def is_caught(schedule):
        try:
            return state_of(looked_at(schedule, planted())) != reference()
        except AssertionError:
            return True

    assert find(
        steps,
        is_caught,
        settings=settings(schedules, phases=[Phase.generate], max_examples=60),
    )
