"""Records what looks found, picks whom to look at next, and starts those whose turn it is."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.tails import tail_plan_deps
from oof.entrypoints import tail_steps
from oof.entrypoints.step import TailState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Plan one round."""
    return run_step(event, TailState, lambda state: tail_steps.plan(state, tail_plan_deps()))
