"""The contract of `RunStarter`, held by its memory twin and by Step Functions."""

import json
from uuid import uuid4

import boto3
import pytest

from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.app.plan_backfill import Next
from oof.domain.backfill import Mode
from oof.domain.errors import StoreUnavailable
from oof.domain.units import Address, UnixSeconds
from oof.entrypoints.step import RunState
from oof.ports.memory.workflow import MemoryRunStarter
from oof.ports.workflow import Run
from tests.support.local_aws import CREDENTIALS

NOTHING = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


class Machine:
    """A machine that does nothing, and what was started on it."""

    def __init__(self, dynamo):
        """Create it."""
        self.client = boto3.client(
            "stepfunctions",
            endpoint_url=dynamo.endpoint,
            region_name=dynamo.region,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        self.arn = self.client.create_state_machine(
            name=f"machine-{uuid4().hex[:8]}",
            definition=json.dumps(NOTHING),
            roleArn="arn:aws:iam::000000000000:role/nobody",
        )["stateMachineArn"]
        self.starter = StepFunctionsRunStarter(self.client, self.arn)

    def started(self):
        """The runs that executions were started with."""
        found = self.client.list_executions(stateMachineArn=self.arn)["executions"]
        inputs = [
            self.client.describe_execution(executionArn=each["executionArn"])["input"]
            for each in found
        ]
        return {each["name"] for each in found}, [
            RunState.model_validate_json(text).run for text in inputs
        ]


class Memory:
    """The twin, asked the same way."""

    def __init__(self):
        """Nothing started."""
        self.starter = MemoryRunStarter()

    def started(self):
        """The runs started."""
        names = {**self.starter.runs, **self.starter.continued}
        states = map(RunState.model_validate, self.starter.continued.values())
        return set(names), [*self.starter.runs.values(), *(state.run for state in states)]


@pytest.fixture(params=["memory", "stepfunctions"])
def machine(request):
    """Each implementation, with nothing started."""
    return Memory() if request.param == "memory" else Machine(request.getfixturevalue("dynamo"))


def run(attempt=1):
    """A run."""
    return Run(
        run_id=f"backfill_history-0123-{attempt}",
        wallet=Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"),
        mode=Mode.DEEP,
        target_time=UnixSeconds(1_700_000_000),
        work_id="backfill_history-0123",
        attempt=attempt,
    )


def test_a_run_is_started_under_its_name(machine):
    """The execution has the run's name, and is told all the run is made of."""
    machine.starter.start(run())

    names, runs = machine.started()
    assert names == {run().run_id}
    assert runs == [run()]


def test_starting_twice_is_starting_once(machine):
    """A name that is taken is success; another attempt is another execution."""
    machine.starter.start(run())
    machine.starter.start(run())
    machine.starter.start(run(attempt=2))

    names, _ = machine.started()
    assert names == {run().run_id, run(attempt=2).run_id}


def test_a_run_goes_on_once_under_a_name_of_its_own(machine):
    """The execution is told the state the run was left in, and a repeated step starts no other."""
    state = RunState.of(run()).then(Next.PLAN, page=7)
    for _ in range(2):
        machine.starter.go_on(f"{run().run_id}_2", state)

    names, runs = machine.started()
    assert names == {f"{run().run_id}_2"}
    assert runs == [run()]


def test_a_missing_machine_is_a_fault_to_try_again(request):
    """What cannot be started is not taken for started."""
    client = Machine(request.getfixturevalue("dynamo")).client
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:none"

    with pytest.raises(StoreUnavailable):
        StepFunctionsRunStarter(client, arn).start(run())
