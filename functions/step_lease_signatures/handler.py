"""Sorts out what of a page is missing, and leases it to the run."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.ingest import lease_deps
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Link what is stored, lease the rest."""
    return run_step(
        event, RunState, lambda state: backfill_steps.lease(state, lease_deps(state.run))
    )
