"""Runs a state machine file: the part of the language ours are written in, and no more.

Waits take no time, retries are not repeated: a task's exception goes to its `Catch` at once, the
way it does when all retries are used up.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

MACHINES = Path(__file__).resolve().parents[2] / "statemachines"

type Task = Callable[[dict[str, Any]], dict[str, Any]]


class Execution(NamedTuple):
    """How an execution ended, and the states it went through."""

    succeeded: bool
    state: dict[str, Any]
    visited: tuple[str, ...]
    largest_state: int
    """Bytes of the largest state that was handed on."""


def execute(
    machine: str,
    tasks: Mapping[str, Task],
    state: dict[str, Any],
    *,
    on_wait: Callable[[int], None] = lambda seconds: None,
    max_states: int = 5_000,
) -> Execution:
    """Run `statemachines/<machine>.asl.json` with `tasks` by function name (`step_…`)."""
    definition = json.loads((MACHINES / f"{machine}.asl.json").read_text())
    name = definition["StartAt"]
    visited: list[str] = []
    largest = 0
    while len(visited) < max_states:
        visited.append(name)
        body = definition["States"][name]
        kind = body["Type"]
        if kind in {"Succeed", "Fail"}:
            return Execution(kind == "Succeed", state, tuple(visited), largest)
        if kind == "Wait":
            on_wait(body["Seconds"])
        if kind == "Task":
            name, state = _run_task(body, tasks, state)
            largest = max(largest, len(json.dumps(state)))
        elif kind == "Choice":
            name = _choose(body, state)
        else:
            name = body["Next"]
    raise AssertionError(f"{machine} did not end: {visited[-20:]}")


def _run_task(
    body: Mapping[str, Any], tasks: Mapping[str, Task], state: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    task = tasks[_function(body["Resource"])]
    try:
        return body["Next"], json.loads(json.dumps(task(json.loads(json.dumps(state)))))
    except Exception as error:
        if "Catch" not in body:
            raise
        [catch] = body["Catch"]
        assert catch["ResultPath"] == "$.error"
        caught = {"Error": type(error).__name__, "Cause": str(error)}
        return catch["Next"], {**state, "error": caught}


def _choose(body: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    for rule in body["Choices"]:
        if state.get(rule["Variable"].removeprefix("$.")) == rule["StringEquals"]:
            return str(rule["Next"])
    return str(body["Default"])


def _function(resource: str) -> str:
    """`${StepPlanBackfillArn}` is `step_plan_backfill`."""
    [camel] = re.findall(r"\$\{(\w+)Arn\}", resource)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()
