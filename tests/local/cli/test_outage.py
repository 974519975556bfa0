"""Reporting an outage: the repair is started with it, and nonsense is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.cli.faults import CliFault
from local.cli.outage import report_outage
from oof.entrypoints.step import TailState

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:oof-prod-repair_tail"


class Workflows:
    """A workflow service that remembers what was started."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, _operation: str) -> "Workflows":
        """Itself."""
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Two pages, the machine on the second."""
        yield {"stateMachines": [{"name": "oof-prod-settle_finality", "stateMachineArn": "other"}]}
        yield {"stateMachines": [{"name": "oof-prod-repair_tail", "stateMachineArn": ARN}]}

    def start_execution(self, **asked: Any) -> None:
        """Start it."""
        self.asked.append(asked)


def test_the_repair_is_started_with_the_outage() -> None:
    """In a form that its first step reads; a time without a zone is UTC."""
    workflows = Workflows()

    said = report_outage(
        workflows, "prod", began_at="2026-03-10T12:00:00+01:00", ended_at="2026-03-10T14:00"
    )

    [asked] = workflows.asked
    outage = TailState.model_validate(json.loads(asked["input"])).outage
    assert asked["stateMachineArn"] == ARN
    assert outage is not None
    assert (outage.ended_at - outage.began_at).total_seconds() == 3 * 3_600
    assert "TailWaiting" in said


@pytest.mark.parametrize(
    ("began_at", "ended_at"),
    [
        ("yesterday", "2026-03-10T12:00:00Z"),
        ("2026-03-10T12:00:00Z", "2026-03-10T11:00:00Z"),
        ("2026-03-10T12:00:00Z", "9999-01-01T00:00:00Z"),
    ],
)
def test_an_outage_that_cannot_be_is_refused(began_at: str, ended_at: str) -> None:
    """Nothing is started for it."""
    workflows = Workflows()

    with pytest.raises(CliFault):
        report_outage(workflows, "prod", began_at=began_at, ended_at=ended_at)

    assert not workflows.asked


def test_a_stage_without_a_repair_is_named() -> None:
    """Most likely it is not deployed, or in another region."""
    times = {"began_at": "2026-03-10T12:00:00Z", "ended_at": "2026-03-10T13:00:00Z"}

    with pytest.raises(CliFault, match="oof-test-repair_tail"):
        report_outage(Workflows(), "test", **times)
