"""Starting runs as executions of the backfill machine."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable
from oof.ports.workflow import Run

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_TAKEN = "ExecutionAlreadyExists"


class StepFunctionsRunStarter:
    """A `RunStarter` over Step Functions: an execution's name is taken once for ever."""

    def __init__(self, client: "SFNClient", machine_arn: str) -> None:
        self._client = client
        self._machine_arn = machine_arn

    def start(self, run: Run) -> None:
        """See `RunStarter`."""
        state: dict[str, object] = {
            "run_id": run.run_id,
            "wallet": run.wallet,
            "mode": run.mode,
            "target_time": run.target_time,
            "work_id": run.work_id,
            "attempt": run.attempt,
        }
        self.go_on(run.run_id, state)

    def go_on(self, name: str, state: Mapping[str, object]) -> None:
        """See `RunStarter`."""
        try:
            self._client.start_execution(
                stateMachineArn=self._machine_arn,
                name=name,
                input=orjson.dumps(state).decode(),
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] != _TAKEN:
                raise StoreUnavailable("the workflow service refused a run") from fault
        except BotoCoreError as fault:
            raise StoreUnavailable("the workflow service did not answer") from fault
