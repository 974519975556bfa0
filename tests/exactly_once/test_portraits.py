"""Portraits, exactly once: whatever happened, what is stored is what a fresh look comes to."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oof.app.portray_wallet import PortrayDeps, portray_wallet
from oof.domain.windows import Window
from oof.ports.memory.facts import MemoryFactStore, MemoryFactTransaction
from tests.exactly_once.test_schedules import SEEDS, history_of, perform, steps
from tests.exactly_once.world import Delivery, World


def later(world: World) -> World:
    """Let time pass until after a world's history: nothing of tomorrow is counted."""
    times = [each.rich["blockTime"] for each in world.history.bodies.values()]
    world.clock.pass_(max(0, max(times) + 60 - world.clock.now().timestamp()))
    return world


def rested(world: World) -> World:
    """Let a world's wallets be woken until nobody is due any more."""
    for _ in range(10):
        world.sweep()
        if not world.wakes.waiting:
            return world
        world.drain()
    raise AssertionError("there is no end to it")


def portraits(world: World):
    """What every stored portrait says, but for when it was made."""
    return {key: stored.portrait for key, stored in world.inner.tables.portraits.items()}


def looked_at_anew(world: World):
    """The portraits of all wallets, made once more from nothing but what is stored."""
    for wallet in world.history.wallets:
        with world.inner.transaction() as transaction:
            held = transaction.lock(wallet)
            transaction.mark_portrait_again(held.wallet_id, at=world.clock.now())
        portray_wallet(wallet, deps=PortrayDeps(facts=world.inner, clock=world.clock))
    return portraits(world)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(seed=st.sampled_from(SEEDS), schedule=steps)
def test_any_schedule_ends_as_one_look(seed, schedule):
    """Delivered in parts, twice, late, taken back, crashed at any write: no mark was lost."""
    world = later(World(history_of(seed), MemoryFactStore()))
    for step in schedule:
        perform(world, step)
    world.settle()
    stored = portraits(rested(world))

    assert len(stored) == len(world.history.wallets) * len(Window)
    assert stored == looked_at_anew(world)
    assert any(each.behaviour.sample.trades for each in stored.values())


class _PortraysOnce(MemoryFactTransaction):
    def mark_portrait(self, wallet_id, *, at):
        """Mark only who has no portrait yet."""
        if not any(owner == wallet_id for owner, _ in self._tables.portraits):
            super().mark_portrait(wallet_id, at=at)


class PortraysOnce(MemoryFactStore):
    """A planted bug: what changes later is not portrayed."""

    transaction_type = _PortraysOnce


def test_a_planted_bug_is_caught():
    """Half of a history is portrayed before the other half comes: the mark is what tells."""
    for store, is_right in ((MemoryFactStore(), True), (PortraysOnce(), False)):
        world = later(World(history_of(SEEDS[0]), store))
        world.track(*world.history.wallets)
        half = len(world.history.signatures) // 2
        for part in (world.history.signatures[:half], world.history.signatures[half:]):
            world.store(Delivery("webhook", part, rich=True))
            world.drain()
            world.fold_rest()
            rested(world)

        assert (portraits(world) == looked_at_anew(world)) is is_right
