"""Brings the provider's webhooks in line with the plan."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.webhooks import put_webhooks_deps
from oof.entrypoints import watch_steps
from oof.entrypoints.step import WatchState, run_step


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Put what differs."""
    return run_step(event, WatchState, lambda state: watch_steps.put(state, put_webhooks_deps()))
