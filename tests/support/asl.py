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
    runner = _Runner(tasks, on_wait, max_states)
    succeeded, state = runner.run(definition, state)
    return Execution(succeeded, state, tuple(runner.visited), runner.largest)


class _Runner:
    """One execution: what it visited, and the largest state it handed on."""

    def __init__(
        self, tasks: Mapping[str, Task], on_wait: Callable[[int], None], max_states: int
    ) -> None:
        self._tasks = tasks
        self._on_wait = on_wait
        self._max_states = max_states
        self.visited: list[str] = []
        self.largest = 0

    def run(
        self, definition: Mapping[str, Any], state: dict[str, Any]
    ) -> tuple[bool, dict[str, Any]]:
        """Run a machine, or the part of one that a map repeats, from its start to an end."""
        name = definition["StartAt"]
        while len(self.visited) < self._max_states:
            self.visited.append(name)
            body = definition["States"][name]
            kind = body["Type"]
            if kind in {"Succeed", "Fail"}:
                return kind == "Succeed", state
            if kind == "Wait":
                self._on_wait(body["Seconds"])
            if kind in {"Task", "Map"}:
                name, state = self._caught(body, state)
                self.largest = max(self.largest, len(json.dumps(state)))
            elif kind == "Choice":
                name = _choose(body, state)
            else:
                name = body["Next"]
        raise AssertionError(f"the machine did not end: {self.visited[-20:]}")

    def _caught(self, body: Mapping[str, Any], state: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        try:
            step = self._map if body["Type"] == "Map" else self._task
            return body["Next"], step(body, json.loads(json.dumps(state)))
        except Exception as error:
            if "Catch" not in body:
                raise
            [catch] = body["Catch"]
            assert catch["ResultPath"] == "$.error"
            caught = {"Error": type(error).__name__, "Cause": str(error)}
            return catch["Next"], {**state, "error": caught}

    def _task(self, body: Mapping[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        task = self._tasks[_function(body["Resource"])]
        answer: dict[str, Any] = json.loads(json.dumps(task(state)))
        return answer

    def _map(self, body: Mapping[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        """Run the items one after the other, the last one first: their order means nothing."""
        items = state[body["ItemsPath"].removeprefix("$.")]
        ended = [self.run(body["ItemProcessor"], item)[1] for item in reversed(items)]
        return {**state, body["ResultPath"].removeprefix("$."): ended[::-1]}


def _choose(body: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    for rule in body["Choices"]:
        if state.get(rule["Variable"].removeprefix("$.")) == rule["StringEquals"]:
            return str(rule["Next"])
    return str(body["Default"])


def _function(resource: str) -> str:
    """`${StepPlanBackfillArn}` is `step_plan_backfill`."""
    [camel] = re.findall(r"\$\{(\w+)Arn\}", resource)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()
