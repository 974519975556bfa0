"""Keeps what was told of prices, and writes down what to ask next."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.prices import refresh_deps
from oof.entrypoints import price_steps
from oof.entrypoints.price_steps import PriceState
from oof.entrypoints.step import run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Keep one round and plan the next."""
    return run_step(event, PriceState, lambda state: price_steps.settle(state, refresh_deps()))
