"""Notified bodies are asked for once, however often the notification comes."""

from datetime import UTC, datetime

import pytest

from oof.app.request_bodies import LeasedFetchRequester
from oof.domain.errors import StoreUnavailable
from oof.domain.units import Signature
from oof.ports.memory.backfill import MemoryBackfillStore
from tests.support.backfill import MovableClock
from tests.support.listed_facts import ListedFacts

A, B = Signature("a"), Signature("b")


class Queue:
    """Takes requests, unless it is down."""

    def __init__(self):
        """Up, and empty."""
        self.asked = []
        self.is_down = False

    def request(self, signatures, *, reason, delay_s=0):
        """See `FetchRequester`."""
        if self.is_down:
            raise StoreUnavailable("no queue")
        self.asked += signatures


@pytest.fixture
def clock():
    """Noon."""
    return MovableClock(datetime(2026, 3, 10, 12, tzinfo=UTC))


@pytest.fixture
def queue():
    """An empty queue."""
    return Queue()


@pytest.fixture
def facts():
    """No facts."""
    return ListedFacts()


@pytest.fixture
def requester(queue, clock, facts):
    """A requester whose leases last two minutes."""
    ids = iter(range(100))
    return LeasedFetchRequester(
        store=MemoryBackfillStore(facts),
        requester=queue,
        clock=clock,
        new_id=lambda: str(next(ids)),
        lease_s=120,
    )


def test_a_repeated_notification_is_not_fetched_again(requester, queue):
    """While the first request is under way, the second asks only for what is new."""
    requester.request([A], reason="enhanced")
    requester.request([A, B], reason="enhanced")
    requester.request([A], reason="enhanced")

    assert queue.asked == [A, B]


def test_what_is_stored_is_not_asked_for(requester, queue, facts):
    """Nobody fetches a fact."""
    facts.bodies[A] = {}
    requester.request([A], reason="enhanced")

    assert queue.asked == []


def test_a_request_that_was_lost_is_made_again(requester, queue, clock):
    """After the lease, the next notification asks anew."""
    requester.request([A], reason="enhanced")
    clock.pass_(121)
    requester.request([A], reason="enhanced")

    assert queue.asked == [A, A]


def test_a_failing_queue_keeps_no_lease(requester, queue):
    """What could not be asked for may be asked for at once by whoever tries again."""
    queue.is_down = True
    with pytest.raises(StoreUnavailable):
        requester.request([A], reason="enhanced")
    queue.is_down = False
    requester.request([A], reason="enhanced")

    assert queue.asked == [A]
