"""Fetches the leased bodies into the run's folder."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.runs import documents
from oof.bootstrap.upstream import chain_of
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Fetch what the lease left."""
    return run_step(event, RunState, _fetch)


def _fetch(state: RunState) -> dict[str, object]:
    return backfill_steps.fetch(state, chain_of(state.run), documents(state.run))
