"""Decides what a run lists next."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.ingest import plan_deps
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Plan the next page, or end the run."""
    return run_step(event, RunState, lambda state: backfill_steps.plan(state, plan_deps(state.run)))
