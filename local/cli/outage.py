"""`./oof report-outage`: have every wallet listed that was not since events were lost."""

import json
from datetime import UTC, datetime
from typing import Any

from local.cli.faults import CliFault

MACHINE = "oof-{stage}-repair_tail"


def report_outage(client: Any, stage: str, *, began_at: str, ended_at: str) -> str:
    """Start a repair that knows of the outage, and say what comes next.

    Raises CliFault where a time is no time, they are the wrong way round, or the stage has no
    repair.
    """
    began, ended = _time(began_at), _time(ended_at)
    if not began < ended <= datetime.now(UTC):
        raise CliFault("an outage begins before it ends, and it has ended")
    outage = {"began_at": began.isoformat(), "ended_at": ended.isoformat()}
    asked = json.dumps({"outage": outage})
    client.start_execution(stateMachineArn=_machine(client, stage), input=asked)
    return (
        "Every wallet that was not listed since will be, so many at once, those that moved first; "
        "the metric TailWaiting says how many are left."
    )


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CliFault(f"{text!r} is no time; write 2026-03-10T12:00:00Z") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _machine(client: Any, stage: str) -> str:
    name = MACHINE.format(stage=stage)
    for page in client.get_paginator("list_state_machines").paginate():
        for each in page["stateMachines"]:
            if each["name"] == name:
                return str(each["stateMachineArn"])
    raise CliFault(f"there is no {name}: is the stage deployed, and in this region?")
