"""Asks the provider what has become of soft transactions, and in which order slots ran."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.upstream import ask_finality_deps
from oof.entrypoints import finality_steps
from oof.entrypoints.step import FinalityState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Ask one round."""
    return run_step(
        event, FinalityState, lambda state: finality_steps.check(state, ask_finality_deps())
    )
