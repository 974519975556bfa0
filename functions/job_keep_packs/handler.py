"""Each night: merge, cool and check packs of raw bodies, and train their dictionary."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.check_packs import check_packs
from oof.app.cool_packs import cool_packs
from oof.app.merge_packs import KeepDeps, merge_packs
from oof.app.train_dictionary import train_on_stored
from oof.bootstrap.packs import keep_deps
from oof.entrypoints.observability import logger

_TASKS: Mapping[str, Callable[[KeepDeps], dict[str, Any]]] = {
    "merge": lambda deps: merge_packs(deps)._asdict(),
    "cool": lambda deps: {"cooled": cool_packs(deps)},
    "train": lambda deps: train_on_stored(deps)._asdict(),
    "check": lambda deps: check_packs(deps)._asdict(),
}
_LEFT_MS = 60_000
"""What a step begun in time may still take: one merged pack, or one page."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do all of it as far as time allows; `{"only": "check"}` does one part."""
    chosen = [event["only"]] if "only" in event else list(_TASKS)
    report: dict[str, Any] = {}
    for number, task in enumerate(chosen):
        # Each part may use its share of the time that is left.
        left_ms = context.get_remaining_time_in_millis() - _LEFT_MS
        ends_at_ms = _LEFT_MS + left_ms - left_ms // (len(chosen) - number)
        report[task] = _TASKS[task](keep_deps(partial(_is_before, context, ends_at_ms)))
        logger().info("packs_kept", task=task, **report[task])
    if report.get("check", {}).get("broken"):
        logger().error("packs_broken", **report["check"])
    return report


def _is_before(context: LambdaContext, ends_at_ms: int) -> bool:
    """Whether more time is left than that."""
    return context.get_remaining_time_in_millis() > ends_at_ms
