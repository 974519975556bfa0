"""Keeps what was told of tokens, and writes down which to ask about next."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.tokens import refresh_tokens_deps
from oof.entrypoints import token_steps
from oof.entrypoints.step import run_step
from oof.entrypoints.token_steps import TokenState


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Keep one round and plan the next."""
    return run_step(
        event, TokenState, lambda state: token_steps.settle(state, refresh_tokens_deps())
    )
