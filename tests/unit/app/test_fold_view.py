"""Working a view out: when it stops, what it tells meanwhile, that nothing is kept by halves."""

from functools import cache
from itertools import pairwise

import pytest

from oof.app.fold_view import FoldViewDeps, ViewSizes, fold_view
from oof.app.request_view import choice_of, params_of, view_id_of
from oof.domain.jobs import WorkKind, WorkRequest, WorkStatus
from oof.domain.positions.group import group_choice
from oof.domain.positions.lots import Method
from oof.domain.units import UnixSeconds
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.jobs import MemoryWorkStore
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.memory.views import MemoryViewStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass

SEED, SIZE = 11, 9
PAGE = 4


@cache
def world():
    """A world whose wallets are folded."""
    made = World(generated_history(SEED, SIZE), MemoryFactStore())
    clean_pass(made)
    return made


class Bench:
    """A view asked for, and what works it out."""

    def __init__(self, **sizes):
        self.views = MemoryViewStore(world().inner, MemoryPriceStore())
        self.works = MemoryWorkStore()
        self.sizes = ViewSizes(page=PAGE, **sizes)
        choice = group_choice(
            world().history.wallets, method=Method.FIFO, realize_exchange_transfers=False
        )
        self.request = WorkRequest(
            kind=WorkKind.FOLD_VIEW, wallet=choice.wallets[0], params=params_of(choice, "o")
        )
        self.work = self.begin()
        self.asked = 0

    def begin(self):
        """Begin an attempt, though another is under way."""
        at = UnixSeconds(int(world().clock.now().timestamp()))
        return self.works.begin(self.request, at=at, stale_after_s=0).work

    def run(self, *, is_in_time=lambda: True, receives=1):
        """Deliver the first attempt's message."""
        deps = FoldViewDeps(
            views=self.views, works=self.works, clock=world().clock, sizes=self.sizes
        )
        return fold_view(
            self.work.work_id,
            self.work.attempt,
            receives=receives,
            is_in_time=is_in_time,
            deps=deps,
        )

    def kept(self):
        """The view, if there is one."""
        now = world().clock.now()
        view_id = view_id_of(self.work.work_id)
        return self.views.page(view_id, owner="o", at=now, after=None, limit=500)

    def log(self):
        """What happened."""
        return self.works.events(self.work.work_id, after_seq=0, limit=500)


def after(pages, change):
    """Let a number of pages pass, then do something; time never ends."""
    left = [pages]

    def is_in_time():
        left[0] -= 1
        if left[0] == 0:
            change()
        return True

    return is_in_time


def test_progress_is_told_page_by_page():
    """With how much is expected, and the total at the end."""
    bench = Bench()

    folded = bench.run()

    told = [event.progress for event in bench.log() if event.note in {"begun", "page_folded"}]
    done = [progress.done for progress in told]
    assert done == sorted(set(done))
    assert done[0] == 0
    assert all(later - earlier >= PAGE for earlier, later in pairwise(done))
    assert all(progress.expected >= progress.done for progress in told)
    assert {progress.unit for progress in told} == {"transactions"}
    last = bench.log()[-1]
    assert (last.status, last.progress.done) == (WorkStatus.SUCCEEDED, folded.transactions)
    assert last.progress.total == folded.transactions


def test_too_long_a_history_fails_and_keeps_nothing():
    """Trying again could not help."""
    bench = Bench(most=PAGE)

    folded = bench.run()

    assert (folded.status, folded.reason) == (WorkStatus.FAILED, "too_many_transactions")
    assert bench.log()[-1].reason == "too_many_transactions"
    assert bench.kept() is None


def test_a_cancelled_attempt_stops_between_pages():
    """What was folded so far is let go."""
    bench = Bench()
    work = bench.work

    folded = bench.run(
        is_in_time=after(
            2, lambda: bench.works.request_cancel(work.work_id, work.attempt, at=UnixSeconds(2))
        )
    )

    assert (folded.status, folded.reason) == (WorkStatus.CANCELLED, "cancelled")
    assert bench.kept() is None


def test_a_superseded_attempt_stops_and_ends_nothing():
    """The other one is not disturbed."""
    bench = Bench()

    folded = bench.run(is_in_time=after(2, bench.begin))

    assert folded.reason == "superseded"
    assert bench.kept() is None
    last = bench.log()[-1]
    assert (last.seq, last.status) == (2_000_000, WorkStatus.QUEUED)


def test_what_is_no_attempt_is_left_alone():
    """A message of another time changes nothing."""
    bench = Bench()
    bench.begin()

    assert bench.run().status is None
    assert bench.kept() is None


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("realize", [True, False])
def test_parameters_are_the_choice(method, realize):
    """What a work is keyed by is all it takes to work it out."""
    choice = group_choice(
        world().history.wallets, method=method, realize_exchange_transfers=realize
    )

    assert choice_of(params_of(choice, "somebody")) == choice
