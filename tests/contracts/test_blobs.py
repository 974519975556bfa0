"""The contract of `Blobs`, held by its memory twin and by S3."""

from uuid import uuid4

import boto3
import pytest

from oof.adapters.s3.blobs import S3Blobs
from oof.domain.errors import NotFound, StoreUnavailable
from oof.ports.memory.blobs import MemoryBlobs


@pytest.fixture(params=["memory", "s3"])
def blobs(request):
    """Each implementation, empty."""
    if request.param == "memory":
        return MemoryBlobs()
    aws = request.getfixturevalue("dynamo")
    client = boto3.client("s3", endpoint_url=aws.endpoint, region_name=aws.region)
    bucket = f"facts-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)
    return S3Blobs(client, bucket)


def test_what_was_put_is_got_whole_and_in_part(blobs):
    """A range has exactly the bytes asked for."""
    blobs.put("packs/a", b"0123456789")

    assert blobs.get("packs/a") == b"0123456789"
    assert blobs.get_range("packs/a", offset=3, length=4) == b"3456"


def test_putting_again_is_harmless(blobs):
    """The same key may be written again after a crash."""
    for _ in range(2):
        blobs.put("packs/a", b"same")

    assert blobs.get("packs/a") == b"same"


def test_a_missing_object_is_not_found(blobs):
    """Absence is no outage: it is not worth trying again."""
    with pytest.raises(NotFound):
        blobs.get("packs/none")
    with pytest.raises(NotFound):
        blobs.get_range("packs/none", offset=0, length=1)


def test_an_absent_bucket_is_an_outage(dynamo):
    """What the store refuses for another reason than the key is tried again."""
    client = boto3.client("s3", endpoint_url=dynamo.endpoint, region_name=dynamo.region)
    blobs = S3Blobs(client, f"no-{uuid4().hex[:12]}")

    with pytest.raises(StoreUnavailable):
        blobs.put("a", b"")
    with pytest.raises(StoreUnavailable):
        blobs.get("a")


def test_what_was_deleted_is_not_found(blobs):
    """Deleting what is not there is harmless."""
    blobs.put("packs/a", b"a")

    for _ in range(2):
        blobs.delete("packs/a")

    with pytest.raises(NotFound):
        blobs.get("packs/a")


def test_what_was_cooled_is_still_read(blobs):
    """Cooling marks an object, and only one that is there."""
    blobs.put("packs/a", b"a")

    blobs.cool("packs/a")

    assert blobs.get("packs/a") == b"a"
    with pytest.raises(NotFound):
        blobs.cool("packs/none")
