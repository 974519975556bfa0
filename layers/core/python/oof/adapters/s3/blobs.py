"""Objects in S3."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import NotFound, StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = frozenset({"NoSuchKey", "404"})


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

    def _read(self, key: str, byte_range: str | None) -> bytes:
        try:
            if byte_range is None:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            else:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=byte_range)
            return answer["Body"].read()
        except ClientError as fault:
            if fault.response["Error"]["Code"] in _MISSING:
                raise NotFound(f"no object {key}") from fault
            raise StoreUnavailable(f"S3 did not give {key}") from fault
        except BotoCoreError as fault:
            raise StoreUnavailable(f"S3 did not give {key}") from fault
