"""ingest-apply: a woken wallet's pending rows become ledger, fold and summary."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.advance_wallet import advance_wallet
from oof.bootstrap.facts import advance_deps, patience
from oof.domain.units import Address
from oof.entrypoints.batch import Message, run_batch
from oof.entrypoints.observability import flush_metrics, logger, metrics


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Advance each woken wallet once; its further wake-ups in the batch are covered by that."""
    done: set[Address] = set()

    def advance_once(message: Message) -> None:
        wallet = Address(message.text("wallet"))
        if wallet not in done:
            _advance(wallet, message.receives)
            done.add(wallet)

    answer = run_batch(event, context, advance_once, postpone=_postpone, fifo=True)
    flush_metrics()
    return answer


def _advance(wallet: Address, receives: int) -> None:
    report = advance_wallet(wallet, receives=receives, deps=advance_deps())
    if report.blocked_code is not None:
        logger().error("wallet_blocked", wallet=wallet, code=report.blocked_code)
    else:
        logger().info(
            "wallet_advanced", wallet=wallet, appended=report.appended, more=report.has_more
        )
    if report.lag_s is not None:
        metrics().add_metric(name="AppliedLag", unit=MetricUnit.Seconds, value=report.lag_s)


def _postpone(queue_arn: str, receipt_handle: str, receives: int) -> object:
    return patience(queue_arn).postpone(receipt_handle, receives=receives)
