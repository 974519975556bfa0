"""Takes pages off a wallet's listings."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.runs import documents, limits
from oof.bootstrap.upstream import chain_of
from oof.entrypoints import backfill_steps
from oof.entrypoints.step import RunState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """List the page."""
    return run_step(event, RunState, _list)


def _list(state: RunState) -> dict[str, object]:
    run = state.run
    return backfill_steps.list_page(state, chain_of(run), documents(run), limits())
