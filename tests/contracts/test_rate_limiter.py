"""The contract of `RateLimiter` and `GateReader`, held by the memory twin and by DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from oof.adapters.dynamo.provider_gate import DynamoGateReader, DynamoProviderGate
from oof.domain.breaker import FIRST_PAUSE_MS, LEAST_FAILURES, TRIAL_MS
from oof.domain.errors import BudgetSpent, StoreUnavailable, UpstreamUnavailable
from oof.domain.gate import CallClass, Demand, Turn, plan_of
from oof.domain.limits import PERCENT, Share
from oof.ports.memory.limiter import MemoryRateLimiter
from tests.support.local_aws import CREDENTIALS


class Charged(DynamoProviderGate):
    """A gate with the meter of those who do not go through it."""

    def charge(self, credits_):
        """Count, once somebody went through."""
        self.reserve(Demand(CallClass.RPC, Share.TAIL, 0, 0))
        meter = DynamoGateReader(self._client, self._table, provider="test", now_ms=self._now_ms)
        meter.charge(credits_)


PLAN = plan_of(rpc_per_s=100, enhanced_per_s=10, credits_per_day=10_000)
NEVER = Turn(CallClass.RPC, 0.0, 0, is_trial=False)


class Timer:
    """Milliseconds that are set by hand."""

    def __init__(self):
        """Begin in the middle of a day."""
        self.ms = 1_000 * 86_400_000 + 43_200_000

    def __call__(self):
        """The present."""
        return self.ms


class Counting:
    """A client of DynamoDB that counts its requests."""

    def __init__(self, client):
        """Count requests to `client`."""
        self.client = client
        self.requests = []

    def __getattr__(self, name):
        """Hand a method on, counted."""

        def request(**parameters):
            self.requests.append(name)
            return getattr(self.client, name)(**parameters)

        return request


@pytest.fixture
def timer():
    """The clock of all callers."""
    return Timer()


@pytest.fixture(params=["memory", "dynamo"])
def limiter(request, timer):
    """Each implementation, unused."""
    if request.param == "memory":
        return MemoryRateLimiter(PLAN, timer)
    return dynamo_gate(request, timer)


@pytest.fixture
def functions(request, timer):
    """Two functions with an environment each, and their clients."""
    return [dynamo_gate(request, timer), dynamo_gate(request, timer)]


def dynamo_gate(request, timer):
    """A gate in a table of this test alone."""
    dynamo = request.getfixturevalue("dynamo")
    name = request.getfixturevalue("dynamo_table").works.Meta.table_name
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamo.endpoint,
        region_name=dynamo.region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    counting: Any = Counting(client)
    return Charged(counting, name, PLAN, provider="test", now_ms=timer)


def asked(share, calls, credits_=0, kind=CallClass.RPC):
    """What is wanted."""
    return Demand(kind, share, calls, credits_)


def wait(limiter, share, calls):
    """Reserve RPC calls; return the wait."""
    return limiter.reserve(asked(share, calls)).wait_s


def fail(limiter, times=LEAST_FAILURES):
    """Let so many calls fail."""
    for _ in range(times):
        limiter.answered(limiter.reserve(asked(Share.TAIL, 1)), is_failure=True)


def test_a_burst_is_free_and_more_waits(limiter):
    """A share's own burst goes at once, then half of what others leave, then time."""
    assert wait(limiter, Share.INTERACTIVE, 50) == 0
    assert wait(limiter, Share.INTERACTIVE, 25) == 0
    assert wait(limiter, Share.INTERACTIVE, 25) == pytest.approx(0.5)


def test_time_refills_the_shares(limiter, timer):
    """After a second everything is there again, and no more than that."""
    wait(limiter, Share.INTERACTIVE, 75)
    timer.ms += 1_000
    assert wait(limiter, Share.INTERACTIVE, 50) == 0
    timer.ms += 3_600_000
    assert wait(limiter, Share.TAIL, 30) == 0
    assert wait(limiter, Share.DEEP, 20) == 0
    assert wait(limiter, Share.DEEP, 26) > 0


def test_classes_of_calls_are_limited_apart(limiter):
    """Managing webhooks waits for its own few calls a second, whatever RPC does."""
    wait(limiter, Share.TAIL, 200)
    enhanced = asked(Share.TAIL, 6, kind=CallClass.ENHANCED)

    assert limiter.reserve(enhanced).wait_s == 0
    assert limiter.reserve(enhanced).wait_s > 0


def test_a_long_queue_is_refused_and_takes_nothing(limiter):
    """Who would wait too long is told to come back, and the queue is as it was."""
    with pytest.raises(UpstreamUnavailable) as refused:
        limiter.reserve(asked(Share.DEEP, 1_000, 500))
    assert (refused.value.retry_after_s or 0) > 20
    assert wait(limiter, Share.DEEP, 20) == 0
    assert limiter.reading().spend.spent == 0


def test_batches_fit_the_share(limiter):
    """What may be sent at once is the share's burst."""
    assert [limiter.batch(share) for share in PERCENT] == [50, 30, 20]


def test_a_pause_holds_everybody_back(limiter, timer):
    """After a 429 every turn lies behind its end, and they follow each other at the plan's rate."""
    turn = limiter.reserve(asked(Share.TAIL, 1))
    limiter.throttled(turn, 5)

    waits = [wait(limiter, Share.INTERACTIVE, 10) for _ in range(3)]

    assert waits == pytest.approx([5.2, 5.4, 5.6])
    assert limiter.reserve(asked(Share.TAIL, 1, kind=CallClass.ENHANCED)).wait_s == 0
    timer.ms += 60_000
    assert wait(limiter, Share.INTERACTIVE, 10) == 0


def test_a_turn_given_before_a_pause_is_void(limiter):
    """Who was waiting when the provider throttled takes a new turn."""
    waiting = limiter.reserve(asked(Share.TAIL, 100))
    assert limiter.stands(waiting)

    limiter.throttled(limiter.reserve(asked(Share.INTERACTIVE, 1)), 3)

    assert not limiter.stands(waiting)
    assert limiter.stands(limiter.reserve(asked(Share.TAIL, 1)))


def test_a_shorter_pause_within_a_longer_one_changes_nothing(limiter):
    """Many are refused at once; the longest advice holds."""
    turn = limiter.reserve(asked(Share.TAIL, 1))
    limiter.throttled(turn, 10)
    limiter.throttled(turn, 1)

    assert wait(limiter, Share.INTERACTIVE, 50) == pytest.approx(11)


def test_many_failures_open_the_breaker_for_everybody(limiter, timer):
    """Then nobody is let in, until one caller tries for all."""
    fail(limiter)

    with pytest.raises(UpstreamUnavailable) as refused:
        limiter.reserve(asked(Share.INTERACTIVE, 1, 10))
    assert refused.value.reason == "circuit_open"
    assert refused.value.retry_after_s == FIRST_PAUSE_MS / 1_000
    assert limiter.reading().spend.spent == 0

    timer.ms += FIRST_PAUSE_MS
    trial = limiter.reserve(asked(Share.INTERACTIVE, 1))
    assert trial.is_trial
    with pytest.raises(UpstreamUnavailable):
        limiter.reserve(asked(Share.INTERACTIVE, 1))

    limiter.answered(trial, is_failure=False)
    assert not limiter.reserve(asked(Share.INTERACTIVE, 1)).is_trial


def test_a_failed_trial_pauses_for_longer(limiter, timer):
    """Each trial that fails doubles the pause."""
    fail(limiter)
    timer.ms += FIRST_PAUSE_MS
    limiter.answered(limiter.reserve(asked(Share.TAIL, 1)), is_failure=True)

    timer.ms += FIRST_PAUSE_MS * 2 - 1
    with pytest.raises(UpstreamUnavailable):
        limiter.reserve(asked(Share.TAIL, 1))
    timer.ms += 1
    assert limiter.reserve(asked(Share.TAIL, 1)).is_trial


def test_a_trial_that_died_is_succeeded(limiter, timer):
    """A caller that never reports does not lock the provider away."""
    fail(limiter)
    timer.ms += FIRST_PAUSE_MS
    assert limiter.reserve(asked(Share.TAIL, 1)).is_trial

    timer.ms += TRIAL_MS
    assert limiter.reserve(asked(Share.TAIL, 1)).is_trial


def test_a_trial_that_is_throttled_was_answered(limiter, timer):
    """The provider is back, though it wants a pause."""
    fail(limiter)
    timer.ms += FIRST_PAUSE_MS
    limiter.throttled(limiter.reserve(asked(Share.TAIL, 1)), 2)

    turn = limiter.reserve(asked(Share.TAIL, 1))
    assert not turn.is_trial
    assert turn.wait_s > 2


def test_failures_among_many_answers_leave_it_closed(limiter):
    """Every third call failing is what tries again are for."""
    for at in range(60):
        turn = limiter.reserve(asked(Share.TAIL, 1))
        if at % 3 == 0:
            limiter.answered(turn, is_failure=True)

    assert not limiter.reserve(asked(Share.TAIL, 1)).is_trial


def test_old_failures_do_not_add_up(limiter, timer):
    """A failure a minute is no outage."""
    for _ in range(LEAST_FAILURES * 2):
        fail(limiter, 1)
        timer.ms += 60_000

    assert not limiter.reserve(asked(Share.TAIL, 1)).is_trial


def test_spending_stops_in_the_stated_order(limiter):
    """What nobody asked for stops first, tails last, and a day's cap is never passed."""
    stopped = []
    order = [Share.SPARE, Share.DEEP, Share.INTERACTIVE, Share.TAIL]
    for _ in range(100):
        for share in [s for s in order if s not in stopped]:
            try:
                limiter.reserve(asked(share, 0, 100))
            except BudgetSpent:
                stopped.append(share)
    assert stopped == order
    spend = limiter.reading().spend
    assert (spend.spent, spend.cap, spend.percent) == (10_000, 10_000, 100)
    assert spend.stopped == ("spare", "deep", "interactive", "tail")


@pytest.mark.parametrize(
    ("share", "percent"),
    [(Share.SPARE, 70), (Share.DEEP, 85), (Share.INTERACTIVE, 98), (Share.TAIL, 100)],
)
def test_each_share_stops_at_its_fraction(limiter, share, percent):
    """One credit more than its fraction is refused, and says when there are new ones."""
    limiter.charge(percent * 100 - 1)
    limiter.reserve(asked(share, 1, 1))

    with pytest.raises(BudgetSpent) as refused:
        limiter.reserve(asked(share, 1, 1))
    assert refused.value.reset_s == 43_200
    assert limiter.reading().spend.spent == percent * 100


def test_opens_are_refused_before_those_under_way_stop(limiter):
    """At 95 percent no new wallet is opened, while what was opened goes on."""
    limiter.charge(9_499)
    assert limiter.reading().spend.may_open
    limiter.charge(1)
    assert not limiter.reading().spend.may_open
    assert limiter.reading().spend.allows(Share.INTERACTIVE)


def test_a_new_day_begins_at_nothing(limiter, timer):
    """Spending is counted by the UTC day."""
    limiter.charge(10_000)
    timer.ms += 43_200_000 - 1
    assert limiter.reading().spend.percent == 100
    timer.ms += 1
    assert limiter.reading().spend.spent == 0
    limiter.reserve(asked(Share.SPARE, 1, 10))
    assert limiter.reading().spend.spent == 10


def test_what_is_charged_in_between_is_not_put_back(functions):
    """A function that remembers an older count meets the newer one."""
    one, two = functions
    one.reserve(asked(Share.TAIL, 1, 10))
    two.charge(25)
    one.reserve(asked(Share.TAIL, 1, 10))

    assert one.reading().spend.spent == 45


def test_nothing_was_spent_before_anybody_asked(limiter):
    """A provider never asked has no spending to tell of."""
    assert limiter.reading() is None


def test_concurrent_callers_share_one_gate(request, timer):
    """Of many callers at once each call and credit is counted exactly once."""
    limiter = dynamo_gate(request, timer)
    with ThreadPoolExecutor(8) as pool:
        turns = list(
            pool.map(lambda _: limiter.reserve(asked(Share.INTERACTIVE, 5, 50)), range(20))
        )

    # 75 calls are free (its own 50, and half of the others' 50); five more come every 100 ms
    waits = [turn.wait_s for turn in turns]
    assert waits.count(0) == 15
    assert sorted(w for w in waits if w) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert limiter.reading().spend.spent == 1_000


def test_a_reservation_is_one_request_in_the_usual_case(functions):
    """Who wrote last writes again without reading; who did not learns it from the refusal."""
    one, two = functions
    one.reserve(asked(Share.TAIL, 1))
    one._client.requests.clear()

    for _ in range(5):
        one.reserve(asked(Share.TAIL, 1))
    assert one._client.requests == ["put_item"] * 5

    two.reserve(asked(Share.TAIL, 1))
    assert two._client.requests == ["put_item", "put_item"]


def test_a_pause_learnt_by_one_function_holds_another(functions):
    """The other one learns it though it remembers an older gate."""
    one, two = functions
    two.reserve(asked(Share.TAIL, 1))
    one.throttled(one.reserve(asked(Share.TAIL, 1)), 4)

    assert wait(two, Share.TAIL, 30) > 4


def test_a_refusal_is_checked_against_the_newest_gate(functions):
    """What one environment remembers may be outdated: it looks before it refuses."""
    one, two = functions
    fail(one)
    with pytest.raises(UpstreamUnavailable):
        two.reserve(asked(Share.TAIL, 1))
    one._now_ms.ms += FIRST_PAUSE_MS
    one.answered(one.reserve(asked(Share.TAIL, 1)), is_failure=False)

    assert two.reserve(asked(Share.TAIL, 1)).wait_s == 0


def test_the_spending_is_read_without_the_plan(request, functions, timer):
    """Who only reads needs no setting: the item tells the cap."""
    functions[0].charge(4_200)
    reader = DynamoGateReader(
        functions[0]._client, functions[0]._table, provider="test", now_ms=timer
    )

    told = reader.reading()
    assert told == functions[0].reading()
    assert told is not None
    assert told.spend.percent == 42


def test_a_reading_tells_what_does_not_get_through(request, functions, timer):
    """An open breaker and a pause are seen from outside, each as long as it lasts."""
    reader = DynamoGateReader(
        functions[0]._client, functions[0]._table, provider="test", now_ms=timer
    )
    fail(functions[0])
    turn = functions[0].reserve(asked(Share.TAIL, 1, kind=CallClass.ENHANCED))
    functions[0].throttled(turn, 5)

    told = [reader.reading()]
    timer.ms += 5_000
    told.append(reader.reading())

    assert [each and (each.broken, each.paused_s) for each in told] == [
        (("rpc",), 5),
        (("rpc",), 0),
    ]


def test_a_silent_table_is_named(request, timer):
    """A gate that cannot be reached lets nobody through."""
    gate = dynamo_gate(request, timer)
    gate._table = "no-such-table"

    for ask in (
        lambda: gate.reserve(asked(Share.TAIL, 1)),
        lambda: gate.stands(NEVER),
        gate.reading,
    ):
        with pytest.raises(StoreUnavailable):
            ask()
