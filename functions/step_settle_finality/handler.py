"""Settles what the provider said of soft transactions, and writes down what to ask next."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.finality import settle_deps
from oof.entrypoints import finality_steps
from oof.entrypoints.step import FinalityState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Settle one round and plan the next."""
    return run_step(event, FinalityState, lambda state: finality_steps.settle(state, settle_deps()))
