"""ingest-fetch: bodies that were only notified, or are doubted, fetched and handed to the store."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.fetch_notified import fetch_notified
from oof.bootstrap.facts import patience
from oof.bootstrap.upstream import notified_deps
from oof.entrypoints.batch import Message, run_batch
from oof.entrypoints.observability import logger


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Fetch every message's signatures; what is not there yet is delivered again."""
    return run_batch(event, context, _fetch, postpone=_postpone)


def _fetch(message: Message) -> None:
    reason = str(message.fields.get("reason", ""))
    signatures = message.fields.get("signatures")
    fetched = fetch_notified(signatures, deps=notified_deps(reason), reason=reason)
    logger().info("notified_fetched", reason=reason, bodies=fetched.bodies, absent=fetched.absent)


def _postpone(queue_arn: str, receipt_handle: str, receives: int) -> object:
    return patience(queue_arn).postpone(receipt_handle, receives=receives)
