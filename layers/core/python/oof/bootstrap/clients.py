"""Clients of AWS, one an environment, and the secrets they read.

Regions, endpoints and credentials come from the SDK's own configuration.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import orjson
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

_PATIENCE = Config(
    connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def s3_client() -> "S3Client":
    """The client of the object store."""
    return boto3.client("s3", config=_PATIENCE)


@cache
def sqs_client() -> "SQSClient":
    """The client of the queues."""
    return boto3.client("sqs", config=_PATIENCE)


@cache
def secrets_client() -> "SecretsManagerClient":
    """The client of the secrets."""
    return boto3.client("secretsmanager", config=_PATIENCE)


def read_secret(arn: str) -> dict[str, Any]:
    """Return a secret's JSON object, as it is now: a rotated one is seen at the next call.

    Raises `StoreUnavailable`.
    """
    try:
        answer = secrets_client().get_secret_value(SecretId=arn)
    except (ClientError, BotoCoreError) as fault:
        raise StoreUnavailable("the secret could not be read") from fault
    secret: dict[str, Any] = orjson.loads(answer["SecretString"])
    return secret
