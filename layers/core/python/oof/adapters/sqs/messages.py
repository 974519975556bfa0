"""Sending to SQS in batches of ten, with what was refused sent as a fault."""

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

SCHEMA_VERSION = 1


def message_body(**fields: object) -> str:
    """Return a message's JSON, with its schema version."""
    return orjson.dumps({"schema_version": SCHEMA_VERSION, **fields}).decode()


def send_all(
    client: "SQSClient", url: str, entries: Sequence["SendMessageBatchRequestEntryTypeDef"]
) -> None:
    """Send every entry.

    Raises `StoreUnavailable` where one was not taken; sending all again is harmless, since
    messages only ask for work.
    """
    for ten in batched(entries, 10, strict=False):
        try:
            answer = client.send_message_batch(QueueUrl=url, Entries=list(ten))
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("the queue did not answer") from fault
        refused = answer.get("Failed", [])
        if refused:
            codes = sorted({each["Code"] for each in refused})
            raise StoreUnavailable(f"the queue refused {len(refused)} messages: {codes}")
