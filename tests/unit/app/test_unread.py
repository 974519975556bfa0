"""Wallets nobody reads are no longer followed, and opening them again costs only the gap."""

import pytest

from oof.app.mark_read import EVERY_S, ReadMarker
from oof.app.open_wallet import open_wallet
from oof.app.untrack_unread import UNREAD_AFTER_S, UntrackDeps, untrack_unread
from oof.domain.errors import StoreUnavailable
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.ports.memory.reads import MemoryReadMarks


@pytest.fixture
def marks():
    """No reads yet."""
    return MemoryReadMarks()


@pytest.fixture
def deps(world, marks):
    """Untracking in that world."""
    return UntrackDeps(
        store=world.store, marks=marks, project=world.projected.append, clock=world.clock
    )


def opened(world, name):
    """Open a wallet to its end."""
    open_wallet(world.opening, world.wallet(name), caller="203.0.113.7")
    [execution] = world.execute_started()
    return execution


def test_a_week_without_a_read_ends_the_tracking(world, deps):
    """The state says so and is shown; looking again finds nothing more to do."""
    opened(world, "friend")
    world.pass_(UNREAD_AFTER_S - 60)
    assert untrack_unread(deps=deps) == 0
    world.pass_(120)

    assert untrack_unread(deps=deps) == 1

    assert world.store.coverage(world.wallet("friend")).state is WalletState.UNTRACKED
    assert world.projected[-1] == world.wallet("friend")
    assert untrack_unread(deps=deps) == 0


def test_a_read_wallet_stays_tracked(world, deps, marks):
    """A mark younger than a week keeps the wallet, for a week from then."""
    opened(world, "friend")
    world.pass_(UNREAD_AFTER_S)
    marks.mark(world.wallet("friend"), at=UnixSeconds(int(world.clock.now().timestamp()) - 5))

    assert untrack_unread(deps=deps) == 0
    world.pass_(UNREAD_AFTER_S)
    assert untrack_unread(deps=deps) == 1


def test_opening_again_fetches_only_what_happened_since(world, deps):
    """What was stored before is not asked for again, and the wallet is seen again."""
    opened(world, "friend")
    known = set(world.facts.stores)
    world.pass_(UNREAD_AFTER_S + 60)
    untrack_unread(deps=deps)
    world.counters.reset()

    opened(world, "friend")

    assert world.store.coverage(world.wallet("friend")).state is WalletState.SEEN_FULL
    assert world.facts.linked[world.wallet("friend")] == set(world.history("friend"))
    assert not known & set(world.counters.bodies_requested)


class Counting(MemoryReadMarks):
    """Marks that count, and can be down."""

    def __init__(self):
        """Up."""
        super().__init__()
        self.written = 0
        self.is_down = False

    def mark(self, wallet, *, at):
        """See `ReadMarks`."""
        if self.is_down:
            raise StoreUnavailable("no hot table")
        self.written += 1
        super().mark(wallet, at=at)


def test_reads_are_marked_once_an_hour():
    """A popular wallet costs one write an hour."""
    marks = Counting()
    marker = ReadMarker(marks)
    start = 1_770_000_000
    for second in range(0, 2 * EVERY_S, 60):
        marker(Address("ann"), at=UnixSeconds(start + second))

    assert marks.written == 2


def test_a_failing_mark_fails_no_read():
    """The read goes on, and the next one tries to mark again."""
    marks = Counting()
    marks.is_down = True
    marker = ReadMarker(marks)
    marker(Address("ann"), at=UnixSeconds(1_770_000_000))
    marks.is_down = False
    marker(Address("ann"), at=UnixSeconds(1_770_000_001))

    assert marks.written == 1
