"""Beginning a rotation: the reconciler is asked, and asked again while another is at it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.cli.faults import CliFault
from local.cli.rotation import Rotation

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:oof-prod-reconcile_webhooks"


class Workflows:
    """A workflow service whose executions end as a test says, each after one look."""

    def __init__(self, *ends: tuple[str, dict[str, Any]]) -> None:
        self._ends = iter(ends)
        self._current: Iterator[dict[str, Any]] = iter(())
        self.asked: list[Any] = []

    def get_paginator(self, _operation: str) -> "Workflows":
        """Itself."""
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Two pages, the machine on the second."""
        yield {"stateMachines": [{"name": "oof-prod-repair_tail", "stateMachineArn": "other"}]}
        yield {"stateMachines": [{"name": "oof-prod-reconcile_webhooks", "stateMachineArn": ARN}]}

    def start_execution(self, **asked: Any) -> dict[str, str]:
        """Start the next one."""
        self.asked.append(asked)
        status, output = next(self._ends)
        ended = {"status": status, "output": json.dumps(output)}
        self._current = iter(({"status": "RUNNING"}, ended))
        return {"executionArn": "execution"}

    def describe_execution(self, **_asked: Any) -> dict[str, Any]:
        """How it is."""
        return next(self._current)


def rotation(workflows: Workflows, stage: str = "prod") -> Rotation:
    """A rotation that waits in no time."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds

    return Rotation(workflows, stage, sleep=sleep, clock=lambda: passed[0])


def test_the_reconciler_is_asked_to_rotate() -> None:
    """Once, by the machine of the stage."""
    workflows = Workflows(("SUCCEEDED", {"held": False, "rotating": True}))

    assert "nothing more to do" in rotation(workflows).begin()
    assert workflows.asked == [{"stateMachineArn": ARN, "input": '{"rotate": true}'}]


def test_a_held_lock_is_waited_for() -> None:
    """Another reconciliation is under way: asked again until it is over."""
    held = ("SUCCEEDED", {"held": True, "rotating": False})
    workflows = Workflows(held, held, ("SUCCEEDED", {"held": False, "rotating": True}))

    rotation(workflows).begin()

    assert len(workflows.asked) == 3


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (("FAILED", {}), "FAILED"),
        (("SUCCEEDED", {"held": False, "rotating": False}), "did not begin"),
    ],
)
def test_what_went_wrong_is_said(end: tuple[str, dict[str, Any]], says: str) -> None:
    """In one line."""
    with pytest.raises(CliFault, match=says):
        rotation(Workflows(end)).begin()


def test_a_lock_held_for_minutes_ends_the_wait() -> None:
    """Something is stuck, and a person has to look."""
    held = ("SUCCEEDED", {"held": True, "rotating": False})

    with pytest.raises(CliFault, match="holds the lock"):
        rotation(Workflows(*[held] * 400)).begin()


def test_a_stage_that_is_not_there_is_named() -> None:
    """Wrong stage, or wrong region."""
    with pytest.raises(CliFault, match="oof-staging-reconcile_webhooks"):
        rotation(Workflows(), "staging").begin()
