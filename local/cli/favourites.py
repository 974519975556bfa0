"""`./oof favour`: the wallets whose whole history a stage brings in by night."""

import json
from collections.abc import Sequence
from typing import Any

from local.cli.faults import CliFault

FUNCTION = "oof-{stage}-job_backfill_favourites"


def favour(
    client: Any, stage: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> list[str]:
    """Have the stage's job change its list, and return all that are favoured then.

    Raises CliFault where it refuses; its own words say why.
    """
    answer = client.invoke(
        FunctionName=FUNCTION.format(stage=stage),
        Payload=json.dumps({"add": list(add), "remove": list(remove)}),
    )
    found = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise CliFault(str(found.get("errorMessage", "the job failed; its log says why")))
    return [str(address) for address in found["favourites"]]
