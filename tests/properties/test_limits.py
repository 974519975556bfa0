"""The token bucket: the plan's rate holds, shares are guaranteed, idle ones are lent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.errors import UpstreamUnavailable
from oof.domain.limits import (
    MAX_WAIT_MS,
    PERCENT,
    THOUSAND,
    Plan,
    Share,
    full,
    refuse_long_wait,
    reserve,
)

ASKS = st.lists(
    st.tuples(st.sampled_from(Share), st.integers(1, 30), st.integers(0, 2_000)), max_size=40
)


def sent(plan, asks):
    """Let callers reserve one after the other; return (time sent, calls) of each."""
    bucket, now, out = full(plan, 0), 0, []
    for share, calls, gap in asks:
        now += gap
        reservation = reserve(plan, bucket, share, calls, now)
        bucket = reservation.bucket
        out.append((now + reservation.wait_ms, calls))
    return out


@given(st.integers(1, 200), ASKS)
def test_the_rate_holds_over_any_time(rate, asks):
    """In no stretch of time more is sent than it refills, one burst and one request in flight."""
    plan = Plan(rate)
    out = sent(plan, asks)
    capacity = sum(plan.capacity(share) for share in PERCENT) / THOUSAND
    for start, _ in out:
        for end, _ in out:
            if end >= start:
                inside = sum(calls for at, calls in out if start <= at <= end)
                largest = sum(sorted((c for _, c in out), reverse=True)[:3])
                assert inside <= capacity + rate * (end - start) / 1_000 + largest + 1


@given(st.integers(10, 200))
def test_a_busy_share_does_not_delay_the_others(rate):
    """However much deep history waits, the interactive share has its half at once."""
    plan = Plan(rate)
    bucket = full(plan, 0)
    for _ in range(20):
        bucket = reserve(plan, bucket, Share.DEEP, 10, 0).bucket

    answer = reserve(plan, bucket, Share.INTERACTIVE, plan.batch(Share.INTERACTIVE) // 2, 0)

    assert answer.wait_ms == 0


def test_idle_shares_are_lent_above_their_half():
    """A lone deep run spends its own burst and half of the others' before it waits."""
    plan = Plan(100)
    bucket = full(plan, 0)
    own = plan.batch(Share.DEEP)
    lent = (plan.batch(Share.INTERACTIVE) + plan.batch(Share.TAIL)) // 2

    assert reserve(plan, bucket, Share.DEEP, own + lent, 0).wait_ms == 0
    assert reserve(plan, bucket, Share.DEEP, own + lent + 1, 0).wait_ms > 0


def test_waits_follow_the_share_s_own_refill():
    """Ten calls too many wait for ten calls of the share's refill."""
    plan = Plan(100)
    empty = full(plan, 0)._replace(tokens=dict.fromkeys(PERCENT, 0))

    assert reserve(plan, empty, Share.DEEP, 10, 0).wait_ms == 500
    assert reserve(plan, empty, Share.INTERACTIVE, 10, 0).wait_ms == 200


@given(ASKS)
def test_a_clock_that_goes_back_gives_nothing(asks):
    """Callers whose clocks differ share one bucket; time counts forward alone."""
    plan, bucket, newest = Plan(50), full(Plan(50), 10_000), 10_000
    for share, calls, ago in asks:
        bucket = reserve(plan, bucket, share, calls, newest - ago).bucket
        assert bucket.at_ms == newest
    assert all(held <= plan.capacity(share) for share, held in bucket.tokens.items())


def test_shares_add_up_to_the_plan():
    """Nothing of the plan is lost, and nothing is given out twice."""
    assert sum(PERCENT.values()) == 100
    plan = Plan(50)
    assert sum(plan.capacity(share) for share in PERCENT) == 50 * THOUSAND
    assert [plan.batch(share) for share in PERCENT] == [25, 15, 10]
    assert plan.batch(Share.SPARE) == plan.batch(Share.DEEP)


def test_the_smallest_plan_still_sends_one_call():
    """A share of less than one call a burst can hold one."""
    assert Plan(1).batch(Share.DEEP) == 1


def test_a_long_queue_is_refused():
    """Nobody sits waiting for longer than a function may."""
    refuse_long_wait(MAX_WAIT_MS)
    with pytest.raises(UpstreamUnavailable) as refused:
        refuse_long_wait(MAX_WAIT_MS + 1)
    assert refused.value.retry_after_s == pytest.approx(20.001)
