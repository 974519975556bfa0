"""Once a day: work a sample of wallets out anew, and tell where what is stored is another."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.check_rollups import RollupReport, check_rollups
from oof.bootstrap.rollup_checks import check_deps
from oof.entrypoints.observability import logger, tell_counts

_LEFT_MS = 120_000
"""What the longest wallet checked may still take."""


def handler(_event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Check the day's sample; nothing is mended: `./oof replay` is for people to decide."""
    report = check_rollups(
        deps=check_deps(),
        has_time=lambda: context.get_remaining_time_in_millis() > _LEFT_MS,
    )
    for drift in report.drifts:
        logger().error("rollup_drift", **drift._asdict())
    counts = _counts(report)
    logger().info("rollups_checked", **counts)
    tell_counts({"RollupDrift": len(report.drifts)})
    return counts


def _counts(report: RollupReport) -> dict[str, Any]:
    return {**report._asdict(), "drifts": len(report.drifts)}
