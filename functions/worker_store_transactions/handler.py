"""ingest-store: bodies become facts, and the wallets they concern are woken."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.fetch_notified import VERIFY
from oof.app.read_batch import Arrived
from oof.app.store_transactions import in_batches, store_together
from oof.app.verify_bodies import VerifyReport, verify_bodies
from oof.bootstrap.facts import patience
from oof.bootstrap.runs import gate_reader
from oof.bootstrap.store import store_deps, verify_deps
from oof.entrypoints.batch import Message, run_together
from oof.entrypoints.gauges import charge_events
from oof.entrypoints.observability import logger, tell_counts


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Store what came together as one batch; what meets a transient fault is delivered again."""
    return run_together(event, _read, _store, postpone=_postpone)


def _read(message: Message) -> Arrived:
    source = message.text("source")
    body = message.fields.get("body")
    content = body if isinstance(body, str) else store_deps().blobs.get(message.text("s3_key"))
    return Arrived(content, source)


def _store(arrived: Sequence[Arrived]) -> None:
    for batch in in_batches([each for each in arrived if each.source != VERIFY]):
        report = store_together(batch, deps=store_deps())
        sources = sorted({each.source for each in batch})
        logger().info("batch_stored", sources=sources, messages=len(batch), **report.counts)
        charge_events(gate_reader(), report.events)
    for batch in in_batches([each for each in arrived if each.source == VERIFY]):
        _tell(verify_bodies(batch, deps=verify_deps()))


def _tell(report: VerifyReport) -> None:
    """Say what came of asking the node; a false body is what an alarm watches."""
    counts = {"same": report.same, "replaced": report.replaced, "false": len(report.false)}
    logger().info("bodies_verified", counts=counts, woken=len(report.woken))
    tell_counts({f"Bodies{name.title()}": count for name, count in counts.items()})
    for signature in report.false:
        logger().error("body_false", signature=signature)


def _postpone(queue_arn: str, receipt_handle: str, receives: int) -> object:
    return patience(queue_arn).postpone(receipt_handle, receives=receives)
