"""Every quarter of an hour: project wallets that are being read at the newest prices."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.quote_wallets import quote_wallets
from oof.bootstrap.quotes import quote_deps
from oof.entrypoints.observability import logger


def handler(_event: Mapping[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Quote once."""
    report = quote_wallets(quote_deps())._asdict()
    logger().info("wallets_quoted", **report)
    return report
