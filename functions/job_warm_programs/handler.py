"""By night: list what major programs did lately, where the stage wants it."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.warm_programs import warm_programs
from oof.bootstrap.upstream import warm_deps
from oof.entrypoints.observability import logger


def handler(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Warm once."""
    warmed = warm_programs(warm_deps())._asdict()
    logger().info("programs_warmed", **warmed)
    return warmed
