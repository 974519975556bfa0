"""Brings fetched bodies down the one store path."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.store import store_object
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Store every object of the round."""
    return run_step(event, RunState, lambda state: backfill_steps.store(state, store_object))
