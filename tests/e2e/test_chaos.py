"""A small storm over the deployed stack; `make chaos` is the large one."""

import pytest

from local.chaos.run import Verdict, storm_over
from local.chaos.schedule import Disruption
from local.chaos.setting import Plant, Setting
from local.runtime import RunningStack
from tests.e2e.conftest import CROWD

STORM = Setting(seed=2, deliveries=120, wallets=CROWD, outage_s=4, minutes=10)
PLANTED = Setting(
    seed=3, deliveries=25, wallets=2, outage_s=1, minutes=10, plant=Plant.LOSE_A_DELIVERY
)


@pytest.fixture(scope="module")
def verdict(generated_stack: RunningStack) -> Verdict:
    """What a storm with every disruption in it came to."""
    return storm_over(generated_stack, STORM, lambda _line: None)


def test_a_storm_ends_as_one_clean_pass(verdict: Verdict):
    """Throttled, cut short, killed, stopped and lied to, the stack keeps every promise."""
    assert verdict.broken == []
    assert set(verdict.tally.disruptions) == set(Disruption)
    assert verdict.tally.untold > 0
    assert verdict.transactions >= STORM.deliveries
    in_outage = [post for post in verdict.tally.posts if post.in_outage]
    assert all(post.outcome.is_delivered for post in in_outage)


@pytest.mark.usefixtures("verdict")
def test_a_lost_transaction_is_told(generated_stack: RunningStack):
    """With an outbox that forgets, the ledgers and the summary differ, each in its line."""
    told = storm_over(generated_stack, PLANTED, lambda _line: None).broken

    assert any("ledgers" in line for line in told), told
    assert any("summaries" in line for line in told), told
