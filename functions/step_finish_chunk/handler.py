"""Records stored pages, or the failure the workflow caught."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.ingest import failure_deps, finish_deps
from oof.bootstrap.runs import run_starter
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Lay the pages into the coverage and say how the run goes on."""
    return run_step(event, RunState, _finish)


def _finish(state: RunState) -> dict[str, object]:
    return backfill_steps.finish(state, finish_deps(state.run), failure_deps(), run_starter())
