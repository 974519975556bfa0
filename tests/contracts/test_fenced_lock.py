"""The contract of `FencedLock`, held by its memory twin and by DynamoDB."""

import boto3
import pytest

from oof.adapters.dynamo.fenced_lock import DynamoFencedLock
from oof.domain.units import UnixSeconds
from oof.ports.memory.locks import MemoryFencedLock
from tests.support.local_aws import CREDENTIALS

AT = UnixSeconds(1_770_000_000)
SOON = UnixSeconds(AT + 299)
LATE = UnixSeconds(AT + 300)


@pytest.fixture(params=["memory", "dynamo"])
def lock(request):
    """Each implementation, held by nobody."""
    if request.param == "memory":
        return MemoryFencedLock()
    dynamo = request.getfixturevalue("dynamo")
    table = request.getfixturevalue("dynamo_table").works.Meta.table_name
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamo.endpoint,
        region_name=dynamo.region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    return DynamoFencedLock(client, table, name="webhooks")


def test_one_holder_at_a_time(lock):
    """While it is held nobody else gets in; once left, anybody does."""
    assert lock.enter("one", at=AT, for_s=300) is not None
    assert lock.enter("two", at=SOON, for_s=300) is None

    lock.leave("one")

    assert lock.enter("two", at=SOON, for_s=300) is not None


def test_a_lock_ends_by_itself(lock):
    """A holder that died holds nobody up for longer than it asked for."""
    lock.enter("one", at=AT, for_s=300)

    assert lock.enter("two", at=LATE, for_s=300) is not None


def test_entering_again_shuts_out_the_invocation_before(lock):
    """Of a holder's invocations the newest alone holds it, under a higher fence."""
    first = lock.enter("one", at=AT, for_s=300)
    second = lock.enter("one", at=AT, for_s=300)

    assert second > first
    assert not lock.hold("one", first, at=AT, for_s=300)
    assert lock.hold("one", second, at=AT, for_s=300)


def test_holding_prolongs(lock):
    """As long as somebody goes on holding, nobody takes over."""
    fence = lock.enter("one", at=AT, for_s=300)

    assert lock.hold("one", fence, at=SOON, for_s=300)
    assert lock.enter("two", at=LATE, for_s=300) is None


def test_who_lost_the_lock_holds_it_no_more(lock):
    """After a take-over the old holder is told, and leaving does not throw the new one out."""
    fence = lock.enter("one", at=AT, for_s=300)
    other = lock.enter("two", at=LATE, for_s=300)

    assert other > fence
    assert not lock.hold("one", fence, at=LATE, for_s=300)
    lock.leave("one")
    assert lock.hold("two", other, at=LATE, for_s=300)
