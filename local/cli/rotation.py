"""`./oof rotate-webhook-secret`: begin to change what deliveries carry; the clock does the rest."""

import json
import time
from collections.abc import Callable
from typing import Any

from local.cli.faults import CliFault

MACHINE = "oof-{stage}-reconcile_webhooks"
_PATIENCE_S = 360.0
"""Longer than another reconciliation may hold the lock."""
_POLL_S = 1.0


class Rotation:
    """Asks one stage's reconciler to rotate."""

    def __init__(
        self,
        client: Any,
        stage: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._stage = stage
        self._sleep = sleep
        self._clock = clock

    def begin(self) -> str:
        """Begin, or find a rotation under way, and say what comes next.

        Raises CliFault where the stage has no reconciler, or it fails or is held for minutes.
        """
        machine = self._machine()
        deadline = self._clock() + _PATIENCE_S
        while (ended := self._run(machine, deadline))["held"]:
            if self._clock() > deadline:
                raise CliFault("another reconciliation holds the lock for minutes; see its log")
            self._sleep(_POLL_S)
        if not ended["rotating"]:
            raise CliFault("the reconciler did not begin to rotate; see its log")
        return (
            "The new value is accepted beside the old one. Within minutes every webhook carries "
            "it, and ten minutes later the old one is retired. There is nothing more to do."
        )

    def _machine(self) -> str:
        name = MACHINE.format(stage=self._stage)
        for page in self._client.get_paginator("list_state_machines").paginate():
            for each in page["stateMachines"]:
                if each["name"] == name:
                    return str(each["stateMachineArn"])
        raise CliFault(f"there is no {name}: is the stage deployed, and in this region?")

    def _run(self, machine: str, deadline: float) -> dict[str, Any]:
        """Run the reconciler once with the question; return the state it ended in."""
        started = self._client.start_execution(
            stateMachineArn=machine, input=json.dumps({"rotate": True})
        )
        while True:
            found = self._client.describe_execution(executionArn=started["executionArn"])
            if found["status"] != "RUNNING":
                break
            if self._clock() > deadline:
                raise CliFault("the reconciler did not end in minutes; see its execution")
            self._sleep(_POLL_S)
        if found["status"] != "SUCCEEDED":
            raise CliFault(f"the reconciler ended as {found['status']}; see its execution")
        state: dict[str, Any] = json.loads(found["output"])
        return state
