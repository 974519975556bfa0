"""The contract of `ReadMarks`, held by its memory twin and by DynamoDB."""

import boto3
import pytest

from oof.adapters.dynamo.read_marks import DynamoReadMarks
from oof.domain.units import Address, UnixSeconds
from oof.ports.memory.reads import MemoryReadMarks
from tests.support.local_aws import CREDENTIALS

ANN = Address("ann")


@pytest.fixture(params=["memory", "dynamo"])
def marks(request):
    """Each implementation, without any mark."""
    if request.param == "memory":
        return MemoryReadMarks()
    dynamo = request.getfixturevalue("dynamo")
    table = request.getfixturevalue("dynamo_table").works.Meta.table_name
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamo.endpoint,
        region_name=dynamo.region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    return DynamoReadMarks(client, table)


def test_an_unread_wallet_has_no_mark(marks):
    """Nothing is known of who was never read."""
    assert marks.last(ANN) is None


def test_the_newest_mark_counts(marks):
    """Marks replace each other, and say when."""
    marks.mark(ANN, at=UnixSeconds(1_770_000_000))
    marks.mark(ANN, at=UnixSeconds(1_770_003_600))

    assert marks.last(ANN) == 1_770_003_600
    assert marks.last(Address("bob")) is None


def test_many_marks_are_read_at_once(marks):
    """More than one answer holds; who has none is absent."""
    wallets = [Address(f"wallet {n}") for n in range(101)]
    for n, wallet in enumerate(wallets):
        marks.mark(wallet, at=UnixSeconds(1_770_000_000 + n))

    found = marks.last_of([*wallets, ANN, wallets[0]])

    assert found == {w: 1_770_000_000 + n for n, w in enumerate(wallets)}
    assert marks.last_of([]) == {}
