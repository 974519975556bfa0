"""Every few minutes: have the node asked for bodies of webhooks that something speaks against."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.check_bodies import check_bodies
from oof.bootstrap.doubts import check_deps
from oof.entrypoints.observability import logger, tell_counts


def handler(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Check once."""
    report = check_bodies(check_deps())._asdict()
    logger().info("bodies_checked", **report)
    tell_counts({f"Bodies{name.title()}": report[name] for name in ("broken", "asked", "absent")})
    return report
