"""Decides how each wallet is watched, and what the provider's webhooks are to name."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.watching import plan_webhooks_deps
from oof.entrypoints import watch_steps
from oof.entrypoints.step import WatchState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Plan one reconciliation."""
    return run_step(event, WatchState, lambda state: watch_steps.plan(state, plan_webhooks_deps()))
