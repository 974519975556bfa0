"""Looks which wallets moved."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.upstream import tail_check_deps
from oof.entrypoints import tail_steps
from oof.entrypoints.step import TailState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Look at one round's accounts."""
    return run_step(event, TailState, lambda state: tail_steps.check(state, tail_check_deps()))
