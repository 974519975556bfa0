"""The governor: wallets beyond their budget are polled, and come back with hysteresis."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.governor import POLL_LADDER_S, Activity, Budget, Watch, govern, poll_interval_s
from oof.domain.units import UnixSeconds

NOW = UnixSeconds(1_770_000_000)
BUDGET = Budget(events_per_day=2_000)
HOOKED = Watch(None, None)
LONG_AGO = UnixSeconds(NOW - 10 * 86_400)


def day(events):
    """So many events, spread over the day."""
    return Activity(events // 24, events)


def test_a_wallet_within_its_budget_stays_on_its_webhook():
    """At the budget nothing changes, not even the object."""
    assert govern(HOOKED, day(2_000), BUDGET, now=NOW) is HOOKED


def test_a_wallet_beyond_its_budget_is_polled_at_once():
    """One that was never governed before waits for nothing."""
    assert govern(HOOKED, day(2_001), BUDGET, now=NOW) == Watch(3_600, NOW)


def test_a_burst_tells_before_the_day_is_over():
    """An hour that spends an eighth of the day's budget is enough, one below it is not."""
    assert govern(HOOKED, Activity(251, 251), BUDGET, now=NOW).is_polled
    assert not govern(HOOKED, Activity(250, 250), BUDGET, now=NOW).is_polled


@pytest.mark.parametrize(("events", "returns"), [(1_001, False), (1_000, True)])
def test_a_polled_wallet_comes_back_at_half_the_budget(events, returns):
    """The line it comes back at is not the one it left at."""
    polled = Watch(3_600, LONG_AGO)

    assert govern(polled, day(events), BUDGET, now=NOW).is_polled is not returns


def test_decisions_stand_for_a_while():
    """One that just came back is not taken off, and one that just left does not come back."""
    back = Watch(None, UnixSeconds(NOW - 3_599))
    gone = Watch(3_600, UnixSeconds(NOW - 21_599))

    assert govern(back, day(9_000), BUDGET, now=NOW) is back
    assert govern(gone, day(0), BUDGET, now=NOW) is gone
    assert govern(back, day(9_000), BUDGET, now=UnixSeconds(NOW + 1)).is_polled
    assert not govern(gone, day(0), BUDGET, now=UnixSeconds(NOW + 1)).is_polled


@pytest.mark.parametrize(
    ("events", "interval"),
    [(100_000, 300), (28_800, 300), (14_400, 600), (5_000, 1_200), (2_400, 3_600), (0, 3_600)],
)
def test_a_wallet_is_polled_about_as_often_as_a_page_fills(events, interval):
    """The longest interval in which a page does not overflow, within the ladder's ends."""
    assert poll_interval_s(day(events), BUDGET) == interval


def test_a_polled_wallet_that_changes_its_pace_changes_its_interval_alone():
    """When it left the webhook stays known."""
    polled = Watch(3_600, LONG_AGO)

    assert govern(polled, day(14_400), BUDGET, now=NOW) == Watch(600, LONG_AGO)


activities = st.builds(Activity, st.integers(0, 5_000), st.integers(0, 50_000))


@given(st.lists(activities, max_size=200), st.integers(60, 1_200))
def test_no_activity_makes_a_wallet_go_to_and_fro(series, step_s):
    """However wild, a way out and back takes as long as both decisions stand."""
    watch, moves = HOOKED, []
    for at, activity in enumerate(series):
        now = UnixSeconds(NOW + at * step_s)
        after = govern(watch, activity, BUDGET, now=now)
        if after.is_polled is not watch.is_polled:
            moves.append((now, after.is_polled))
        watch = after

    for (before, left), (now, _) in pairwise(moves):
        stood_s = BUDGET.polled_at_least_s if left else BUDGET.hooked_at_least_s
        assert now - before >= stood_s


@given(activities)
def test_a_steady_pace_moves_a_wallet_at_most_once(activity):
    """Between the two lines it stays where it is."""
    watch, moves = HOOKED, 0
    for at in range(100):
        after = govern(watch, activity, BUDGET, now=UnixSeconds(NOW + at * 3_600))
        moves += after.is_polled is not watch.is_polled
        watch = after

    assert moves <= 1
    assert watch.poll_every_s is None or watch.poll_every_s in POLL_LADDER_S
