"""Batches of SQS messages: what failed reported, the rest acknowledged.

Messages are handled one at a time (`run_batch`) or all at once (`run_together`).

Every fault but a permanent one leaves its message to be delivered again, later each time. A
permanent one is logged and acknowledged: trying again cannot help, and what could be kept of it
was recorded where it happened.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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

from oof.domain.errors import InvalidInput, PermanentError, TransientError
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

    def number(self, name: str) -> int:
        """Return a field that must be a whole number. Raises `InvalidInput`."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidInput(name, "a whole number")
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


def run_together[T](
    event: Mapping[str, Any],
    read: Callable[[Message], T],
    handle: Callable[[Sequence[T]], None],
    *,
    postpone: Postpone,
) -> dict[str, Any]:
    """Read each message, handle all that could be read at once; return the partial response.

    A transient fault fails them all. After any other each is handled alone, so that none keeps
    another from being done; handling one twice must therefore be handling it once.
    """
    failed: list[SQSRecord] = []
    items: list[tuple[SQSRecord, T]] = []
    records = [SQSRecord(record) for record in event.get("Records", [])]
    for record in records:
        with _reporting([record], postpone, failed):
            items.append((record, read(_message(record))))
    try:
        with _reporting([record for record, _ in items], postpone, failed, only=TransientError):
            handle([item for _, item in items])
    except Exception:  # noqa: BLE001 - whatever it is, it is one message's
        for record, item in items:
            with _reporting([record], postpone, failed):
                handle([item])
    logger().info("batch_done", messages=len(records), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": each.message_id} for each in failed]}


def _handle_record(record: SQSRecord, handle: Handle, postpone: Postpone) -> None:
    try:
        handle(_message(record))
    except Exception as fault:
        if _report(record, fault, postpone):
            raise


@contextmanager
def _reporting(
    records: Sequence[SQSRecord],
    postpone: Postpone,
    failed: list[SQSRecord],
    *,
    only: type[Exception] = Exception,
) -> Iterator[None]:
    """Report a fault of these kinds for every record, and go on."""
    try:
        yield
    except only as fault:
        failed += [record for record in records if _report(record, fault, postpone)]


def _report(record: SQSRecord, fault: Exception, postpone: Postpone) -> bool:
    """Log the fault; whether the message failed, and is hidden until it is delivered again."""
    code = getattr(fault, "code", type(fault).__name__)
    if isinstance(fault, PermanentError):
        message_id = record.message_id
        logger().error("message_given_up", code=code, message_id=message_id, exc_info=fault)
        return False
    receives = int(record.attributes.approximate_receive_count)
    logger().warning("message_failed", code=code, receives=receives, exc_info=fault)
    postpone(record.event_source_arn, record.receipt_handle, receives)
    return True


def _message(record: SQSRecord) -> Message:
    receives = int(record.attributes.approximate_receive_count)
    return Message(_fields(record.body), receives)


def _fields(body: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise InvalidInput("body", "JSON") from fault
    if not isinstance(fields, dict) or fields.get("schema_version") != SCHEMA_VERSION:
        raise InvalidInput("schema_version", str(SCHEMA_VERSION))
    return fields
