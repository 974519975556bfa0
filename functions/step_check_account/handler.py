"""The guard: what is at the address, before anything is spent on it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.upstream import chain_of
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Look at the account."""
    return run_step(event, RunState, lambda state: backfill_steps.check(state, chain_of(state.run)))
