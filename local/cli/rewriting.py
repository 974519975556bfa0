"""`./oof replay` and `./oof renormalize`: stored history worked over again, on any stage."""

import json
from collections.abc import Iterator
from typing import Any

from local.cli.faults import CliFault

FUNCTION = "oof-{stage}-job_renormalize"


def replay(client: Any, stage: str, wallet: str, *, from_slot: int) -> str:
    """Build a wallet's state anew; return what was done, in a line.

    Raises CliFault where the job refuses; its own words say why.
    """
    done = _invoke(client, stage, {"replay": {"wallet": wallet, "from_slot": from_slot}})
    return (
        f"compared {done['queued']} transactions with the ledger, added {done['appended']} rows, "
        f"folded {done['folded']} transactions anew"
    )


def renormalize(client: Any, stage: str, *, again: bool) -> Iterator[str]:
    """Have all stored bodies read anew, and yield how far it is until it is done.

    Raises CliFault as `replay` does; called again it goes on from there.
    """
    while True:
        state = _invoke(client, stage, {"again": again})
        again = False
        yield (
            f"normalizer {state['version']}: {state['seen']} bodies read, "
            f"{state['rewritten']} changed, {state['failed']} unreadable, "
            f"up to {state['after_tx']} of {state['last_tx']}"
        )
        if state["is_ended"]:
            return


def _invoke(client: Any, stage: str, event: dict[str, Any]) -> Any:
    answer = client.invoke(FunctionName=FUNCTION.format(stage=stage), Payload=json.dumps(event))
    found = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise CliFault(str(found.get("errorMessage", "the job failed; its log says why")))
    return found
