"""The hot snapshot: how far back it lists, what it hands over, and what the budget allows."""

from datetime import UTC, datetime

import orjson
import pytest

from oof.app.read_batch import Arrived, read_batch
from oof.app.store_transactions import store_together
from oof.app.warm_programs import DAYS, SNAPSHOT, WarmDeps, warm_programs
from oof.domain.errors import BudgetSpent
from oof.domain.listing import Listed
from oof.domain.transactions.base58 import encode_base58
from oof.domain.units import Address, Signature, Slot, UnixSeconds
from tests.support.backfill import MovableClock
from tests.unit.app.test_store_path import Bench

NOW = datetime(2026, 3, 10, 2, 20, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
PROGRAMS = (Address("program-one"), Address("program-two"))
DAY_S = 86_400


class Programs:
    """Listings of programs; each has one transaction every `every_s` seconds."""

    def __init__(self, every_s, *, spent_after=None):
        """`spent_after`: listings after which the day's budget is spent."""
        self.every_s = every_s
        self.spent_after = spent_after
        self.asked = []

    def signatures_for_address(self, address, *, before, limit):
        """See `ChainSource`."""
        if len(self.asked) == self.spent_after:
            raise BudgetSpent("enough", reset_s=60)
        self.asked.append((address, before, limit))
        start = 0 if before is None else int(before.rpartition(":")[2]) + 1
        return tuple(
            Listed(
                self.name(address, n),
                Slot(10**6 - n),
                UnixSeconds(NOW_S - n * self.every_s),
                None,
            )
            for n in range(start, start + limit)
        )

    @staticmethod
    def name(address, n):
        """The signature of a program's transaction, by its age."""
        return Signature(f"{address}:{n}")


class Handover:
    """Keeps what was handed over."""

    def __init__(self):
        """Nothing yet."""
        self.sent = []

    def hand_over(self, *, source, body, s3_key):
        """See `StoreHandover`."""
        assert (source, s3_key) == (SNAPSHOT, None)
        self.sent.append(body)

    @property
    def signatures(self):
        """Every signature told, in order."""
        return [row["signature"] for body in self.sent for row in orjson.loads(body)]


def deps(chain, *, programs=PROGRAMS, each=2_500):
    """Dependencies over listings."""
    return WarmDeps(
        chain=chain,
        handover=Handover(),
        clock=MovableClock(NOW),
        programs=programs,
        signatures_each=each,
    )


def test_a_night_lists_so_many_of_each_program():
    """Page by page, newest first, and no more than the night may."""
    night = deps(Programs(1))

    assert warm_programs(night) == (2, 5_000, False)
    assert [limit for _, _, limit in night.chain.asked] == [1_000, 1_000, 500] * 2
    assert night.handover.signatures[:2_500] == [f"program-one:{n}" for n in range(2_500)]
    assert len(set(night.handover.signatures)) == 5_000


def test_it_goes_back_thirty_days():
    """What is older is not handed over, and ends a program's listing."""
    night = deps(Programs(DAY_S), programs=PROGRAMS[:1])

    assert warm_programs(night).listed == DAYS + 1
    assert len(night.chain.asked) == 1


def test_off_costs_nothing():
    """A stage that does not want it has no programs."""
    night = deps(Programs(1), programs=())

    assert warm_programs(night) == (0, 0, False)
    assert night.chain.asked == []


def test_the_budget_ends_the_night():
    """What was listed is handed over; the rest waits for another night."""
    night = deps(Programs(1, spent_after=4))

    assert warm_programs(night) == (1, 2_500, True)
    assert len(night.handover.signatures) == 3_500


def test_what_it_hands_over_is_a_notification():
    """The store path takes it for one, and asks for what it lacks on the share that waits."""
    chain = Programs(1)
    chain.name = lambda _, n: encode_base58(bytes([n]) * 64)  # type: ignore[method-assign]
    night = deps(chain, programs=PROGRAMS[:1], each=3)
    warm_programs(night)
    [body] = night.handover.sent

    batch = read_batch(Arrived(body, SNAPSHOT))
    assert (batch.complete, batch.unreadable) == ((), ())
    assert len(batch.notified) == 3


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ((SNAPSHOT,), SNAPSHOT),
        (("webhook",), "enhanced"),
        ((SNAPSHOT, "webhook"), "enhanced"),
    ],
)
def test_a_snapshot_s_request_says_what_it_is(sources, reason):
    """Together with a webhook's notification it is as urgent as that."""
    bench = Bench()
    told = [{"signature": encode_base58(bytes(64)), "events": {}}]
    arrived = [Arrived(orjson.dumps(told), source) for source in sources]

    store_together(arrived, deps=bench.storing)

    assert [request.reason for request in bench.fetches.sent] == [reason]
