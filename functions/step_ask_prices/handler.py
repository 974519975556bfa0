"""Asks those who sell prices what the mints we touched were worth."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.price_providers import ask_prices_deps
from oof.entrypoints import price_steps
from oof.entrypoints.price_steps import PriceState
from oof.entrypoints.step import run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Ask one round."""
    return run_step(event, PriceState, lambda state: price_steps.ask(state, ask_prices_deps()))
