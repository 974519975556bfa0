"""Batches of SQS messages: one handled at a time, what failed reported, the rest acknowledged.

Every fault but a permanent one leaves its message to be delivered again, later each time. A
permanent one is logged and acknowledged: trying again cannot help, and what could be kept of it
was recorded where it happened.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.domain.errors import InvalidInput, PermanentError
from oof.entrypoints.observability import logger

SCHEMA_VERSION = 1


class Message(NamedTuple):
    """One message, read."""

    fields: Mapping[str, Any]
    receives: int
    """How often it was delivered, this time included."""

    def text(self, name: str) -> str:
        """Return a field that must be a non-empty string. Raises `InvalidInput`."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise InvalidInput(name, "a non-empty string")
        return value


type Handle = Callable[[Message], None]
type Postpone = Callable[[str, str, int], object]
"""(queue ARN, receipt handle, receives): hide a failed message for longer."""


def run_batch(
    event: Mapping[str, Any],
    context: LambdaContext,
    handle: Handle,
    *,
    postpone: Postpone,
    fifo: bool = False,
) -> dict[str, Any]:
    """Handle every message and return the partial batch response.

    In a FIFO batch the messages of a group behind a failed one fail with it.
    """
    processor = (
        SqsFifoPartialProcessor(skip_group_on_error=True) if fifo else BatchProcessor(EventType.SQS)
    )
    processor.raise_on_entire_batch_failure = False

    def on_record(record: SQSRecord) -> None:
        _handle_record(record, handle, postpone)

    answer = process_partial_response(dict(event), on_record, processor, context)
    failed = answer["batchItemFailures"]
    logger().info("batch_done", messages=len(event.get("Records", [])), failed=len(failed))
    return {"batchItemFailures": failed}


def _handle_record(record: SQSRecord, handle: Handle, postpone: Postpone) -> None:
    receives = int(record.attributes.approximate_receive_count)
    try:
        handle(Message(_fields(record.body), receives))
    except PermanentError as fault:
        logger().exception("message_given_up", code=fault.code, message_id=record.message_id)
    except Exception as fault:
        code = getattr(fault, "code", type(fault).__name__)
        logger().warning("message_failed", code=code, receives=receives, exc_info=True)
        postpone(record.event_source_arn, record.receipt_handle, receives)
        raise


def _fields(body: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise InvalidInput("body", "JSON") from fault
    if not isinstance(fields, dict) or fields.get("schema_version") != SCHEMA_VERSION:
        raise InvalidInput("schema_version", str(SCHEMA_VERSION))
    return fields
