"""Records what the provider's webhooks now are, and has whoever they name listed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.watching import confirm_webhooks_deps
from oof.entrypoints import watch_steps
from oof.entrypoints.step import WatchState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Confirm one reconciliation."""
    return run_step(
        event, WatchState, lambda state: watch_steps.confirm(state, confirm_webhooks_deps())
    )
