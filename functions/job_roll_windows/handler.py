"""Every quarter of an hour: windows of wallets that did nothing since midnight end with today."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.roll_windows import roll_windows
from oof.app.sum_tokens import drop_sums
from oof.bootstrap.views import token_sums
from oof.bootstrap.windows import roll_deps
from oof.entrypoints.observability import logger

_LEFT_MS = 30_000
"""What a batch of wallets begun in time may still take."""


def handler(_event: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
    """Roll what is behind, and drop sums that expired; what is left waits for the next run."""
    deps = roll_deps()
    report = roll_windows(
        deps=deps, is_in_time=lambda: context.get_remaining_time_in_millis() > _LEFT_MS
    )
    dropped = drop_sums(sums=token_sums(), clock=deps.clock)
    logger().info("windows_rolled", rolled=report.rolled, done=report.is_done, sums_dropped=dropped)
    return {"rolled": report.rolled, "sums_dropped": dropped}
