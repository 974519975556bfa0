"""Objects in S3."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import NotFound, StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TagTypeDef

_MISSING = frozenset({"NoSuchKey", "404"})
COLD: "TagTypeDef" = {"Key": "tier", "Value": "cold"}
"""The tag by which the bucket's rule knows what may be kept colder."""


class S3Blobs:
    """`Blobs` in one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        """See `Blobs.put`."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable(f"S3 did not take {key}") from fault

    def get(self, key: str) -> bytes:
        """See `Blobs.get`."""
        return self._read(key, None)

    def get_range(self, key: str, *, offset: int, length: int) -> bytes:
        """See `Blobs.get_range`."""
        return self._read(key, f"bytes={offset}-{offset + length - 1}")

    def delete(self, key: str) -> None:
        """See `Blobs.delete`."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable(f"S3 did not delete {key}") from fault

    def cool(self, key: str) -> None:
        """See `Blobs.cool`: a rule of the bucket moves what carries this tag."""
        try:
            self._client.put_object_tagging(
                Bucket=self._bucket, Key=key, Tagging={"TagSet": [COLD]}
            )
        except ClientError as fault:
            raise _unless_missing(fault, key) from fault
        except BotoCoreError as fault:
            raise StoreUnavailable(f"S3 did not tag {key}") from fault

    def _read(self, key: str, byte_range: str | None) -> bytes:
        try:
            if byte_range is None:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            else:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=byte_range)
            return answer["Body"].read()
        except ClientError as fault:
            raise _unless_missing(fault, key) from fault
        except BotoCoreError as fault:
            raise StoreUnavailable(f"S3 did not give {key}") from fault


def _unless_missing(fault: ClientError, key: str) -> NotFound | StoreUnavailable:
    """Return what a refusal means for who asked."""
    if fault.response["Error"]["Code"] in _MISSING:
        return NotFound(f"no object {key}")
    return StoreUnavailable(f"S3 refused {key}: {fault.response['Error']['Code']}")
