"""Clients of the local AWS, which can reach no other."""

from typing import Any

import boto3
from botocore.config import Config

from local.runtime.local_aws import REGION
from local.runtime.state import Instance

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    # A person's own accounts and profiles must be out of reach of anything started here.
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def client(instance: Instance, service: str) -> Any:
    """Return a client of one service. A synchronous invocation may take ten minutes."""
    # The service is named by data: the stubs know a type for each literal name only.
    session: Any = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    config = Config(
        read_timeout=600,
        retries={"total_max_attempts": 1},
        inject_host_prefix=False,
        s3={"addressing_style": "path"},
    )
    return session.client(service, endpoint_url=instance.aws_url, config=config)
