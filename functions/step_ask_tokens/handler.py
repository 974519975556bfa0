"""Asks those who know tokens what the mints we met are called."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.token_providers import ask_tokens_deps
from oof.entrypoints import token_steps
from oof.entrypoints.step import run_step
from oof.entrypoints.token_steps import TokenState


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Ask one round."""
    return run_step(event, TokenState, lambda state: token_steps.ask(state, ask_tokens_deps()))
