"""ingest-store: bodies become facts, and the wallets they concern are woken."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.store_transactions import store_transactions
from oof.bootstrap.facts import patience, store_deps
from oof.entrypoints.batch import Message, run_batch
from oof.entrypoints.observability import logger


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Store every batch; what meets a transient fault is delivered again."""
    return run_batch(event, context, _store, postpone=_postpone)


def _store(message: Message) -> None:
    deps = store_deps()
    source = message.text("source")
    body = message.fields.get("body")
    content = body if isinstance(body, str) else deps.blobs.get(message.text("s3_key"))
    report = store_transactions(content, source=source, deps=deps)
    logger().info(
        "batch_stored",
        source=source,
        stored=report.stored,
        known=report.known,
        unreadable=report.unreadable,
        requested=report.requested,
        woken=len(report.woken),
    )


def _postpone(queue_arn: str, receipt_handle: str, receives: int) -> object:
    return patience(queue_arn).postpone(receipt_handle, receives=receives)
