"""analysis-operations: positions of a group of wallets, by a caller's own choice."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.fold_view import fold_view
from oof.bootstrap.facts import patience
from oof.bootstrap.views import fold_view_deps
from oof.entrypoints.batch import Message, run_batch
from oof.entrypoints.observability import logger

_LEFT_MS = 30_000
"""What a page begun in time, and keeping the result, may still take."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work out every view asked for; one that is over is acknowledged."""
    return run_batch(event, context, partial(_fold, context), postpone=_postpone)


def _fold(context: LambdaContext, message: Message) -> None:
    work_id = message.text("work_id")
    folded = fold_view(
        work_id,
        message.number("attempt"),
        receives=message.receives,
        is_in_time=lambda: context.get_remaining_time_in_millis() > _LEFT_MS,
        deps=fold_view_deps(),
    )
    told: dict[str, Any] = {
        "work": work_id,
        "transactions": folded.transactions,
        "reason": folded.reason,
    }
    if folded.fault is not None:
        logger().error("view_given_up", exc_info=folded.fault, **told)
    else:
        logger().info("view_folded", changed=folded.is_changed, **told)


def _postpone(queue_arn: str, receipt_handle: str, receives: int) -> object:
    return patience(queue_arn).postpone(receipt_handle, receives=receives)
