"""analysis-operations: groups of wallets by a caller's own choice, tokens over other days."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.fold_view import fold_view
from oof.app.sum_tokens import is_summing, sum_tokens
from oof.bootstrap.facts import patience
from oof.bootstrap.views import fold_view_deps, sum_tokens_deps
from oof.entrypoints.batch import Message, run_batch
from oof.entrypoints.observability import logger

_LEFT_MS = 30_000
"""What a page begun in time, and keeping the result, may still take."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work out everything asked for; what is over is acknowledged."""
    return run_batch(event, context, partial(_work_out, context), postpone=_postpone)


def _work_out(context: LambdaContext, message: Message) -> None:
    if is_summing(message.text("work_id")):
        _sum(message)
    else:
        _fold(context, message)


def _sum(message: Message) -> None:
    work_id, attempt = message.text("work_id"), message.number("attempt")
    summed = sum_tokens(work_id, attempt, receives=message.receives, deps=sum_tokens_deps())
    if summed.fault is not None:
        logger().error("sums_given_up", exc_info=summed.fault, work=work_id)
    else:
        logger().info("tokens_summed", work=work_id, tokens=summed.tokens)


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
