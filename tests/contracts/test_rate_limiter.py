"""The contract of `RateLimiter`, held by its memory twin and by DynamoDB."""

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

from oof.adapters.dynamo.token_bucket import DynamoTokenBucket
from oof.domain.errors import UpstreamUnavailable
from oof.domain.limits import Plan, Share
from oof.ports.memory.limiter import MemoryRateLimiter
from tests.support.local_aws import CREDENTIALS

PLAN = Plan(100)


class Timer:
    """Milliseconds that are set by hand."""

    def __init__(self):
        """Begin far from zero."""
        self.ms = 1_000_000

    def __call__(self):
        """The present."""
        return self.ms


@pytest.fixture
def timer():
    """The clock of all callers."""
    return Timer()


@pytest.fixture(params=["memory", "dynamo"])
def limiter(request, timer):
    """Each implementation, unused."""
    if request.param == "memory":
        return MemoryRateLimiter(PLAN, timer)
    return dynamo_bucket(request, timer)


def dynamo_bucket(request, timer):
    """A bucket in a table of this test alone."""
    dynamo = request.getfixturevalue("dynamo")
    name = request.getfixturevalue("dynamo_table").works.Meta.table_name
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamo.endpoint,
        region_name=dynamo.region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    return DynamoTokenBucket(client, name, PLAN, now_ms=timer)


def test_a_burst_is_free_and_more_waits(limiter):
    """A share's own burst goes at once, then half of what others leave, then time."""
    assert limiter.reserve(Share.INTERACTIVE, 50) == 0
    assert limiter.reserve(Share.INTERACTIVE, 25) == 0
    assert limiter.reserve(Share.INTERACTIVE, 25) == pytest.approx(0.5)


def test_time_refills_the_shares(limiter, timer):
    """After a second everything is there again, and no more than that."""
    limiter.reserve(Share.INTERACTIVE, 75)
    timer.ms += 1_000
    assert limiter.reserve(Share.INTERACTIVE, 50) == 0
    timer.ms += 3_600_000
    assert limiter.reserve(Share.TAIL, 30) == 0
    assert limiter.reserve(Share.DEEP, 20) == 0
    assert limiter.reserve(Share.DEEP, 26) > 0


def test_a_long_queue_is_refused_and_takes_nothing(limiter):
    """Who would wait too long is told to come back, and the queue is as it was."""
    with pytest.raises(UpstreamUnavailable) as refused:
        limiter.reserve(Share.DEEP, 1_000)
    assert (refused.value.retry_after_s or 0) > 20
    assert limiter.reserve(Share.DEEP, 20) == 0


def test_batches_fit_the_share(limiter):
    """What may be sent at once is the share's burst."""
    assert [limiter.batch(share) for share in Share] == [50, 30, 20]


def test_concurrent_callers_share_one_bucket(request, timer):
    """Of many callers at once each call is counted exactly once."""
    limiter = dynamo_bucket(request, timer)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.reserve(Share.INTERACTIVE, 5), range(20)))

    # 75 calls are free (its own 50, and half of the others' 50); five more come every 100 ms
    assert waits.count(0) == 15
    assert sorted(w for w in waits if w) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
