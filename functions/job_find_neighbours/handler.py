"""Every hour: find out whom every wallet is most like."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.find_neighbours import find_neighbours
from oof.bootstrap.similarity import neighbour_deps
from oof.entrypoints.observability import logger


def handler(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Look once."""
    report = find_neighbours(neighbour_deps())._asdict()
    logger().info("neighbours_found", **report)
    return report
