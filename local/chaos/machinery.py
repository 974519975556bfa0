"""The deployed stack's moving parts: queues, mappings, executions, rows that wait."""

import json
import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

import psycopg

from local.runtime import RunningStack
from oof.domain.snapshot.codec import decode_summary
from oof.domain.snapshot.model import WalletSummary

PREFIX: Final = "oof-local-"
BACKFILL_WALLET: Final = "backfill_wallet"
REPAIR_TAIL: Final = "repair_tail"
SETTLE_FINALITY: Final = "settle_finality"
_TABLE: Final = "oof-local-hot"
_DEAD: Final = "-dlq"
_HELD: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_VISIBILITY: Final = "VisibilityTimeout"
_ENDED_BADLY: Final = ("FAILED", "TIMED_OUT", "ABORTED")


class Machinery:
    """One stack's AWS and database, looked at and handled from outside."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack
        self._seen_failures = {arn for arn, _ in self._failed()}

    @cached_property
    def _sqs(self) -> Any:
        return self.stack.aws("sqs")

    @cached_property
    def _lambda(self) -> Any:
        return self.stack.aws("lambda")

    @cached_property
    def _states(self) -> Any:
        return self.stack.aws("stepfunctions")

    @cached_property
    def _dynamo(self) -> Any:
        return self.stack.aws("dynamodb")

    # --- queues ---------------------------------------------------------------------------

    @cached_property
    def queues(self) -> dict[str, str]:
        """Working queues' URLs by name, dead-letter queues apart."""
        return {name: url for name, url in self._all_queues().items() if _DEAD not in name}

    @cached_property
    def dead_letters(self) -> dict[str, str]:
        """Dead-letter queues' URLs by the name of the queue they serve."""
        every = self._all_queues().items()
        return {name.replace(_DEAD, ""): url for name, url in every if _DEAD in name}

    def _all_queues(self) -> dict[str, str]:
        urls: list[str] = self._sqs.list_queues(QueueNamePrefix=PREFIX)["QueueUrls"]
        return {url.rpartition("/")[2].removeprefix(PREFIX): url for url in sorted(urls)}

    def held(self, url: str) -> int:
        """How many messages a queue holds, whoever works on them."""
        told = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_HELD))
        return sum(int(count) for count in told["Attributes"].values())

    def visibility(self, url: str) -> int:
        """How long a message that was taken stays hidden, in seconds."""
        told = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[_VISIBILITY])
        return int(told["Attributes"][_VISIBILITY])

    def set_visibility(self, url: str, seconds: int) -> None:
        """Change how long messages stay hidden from now on."""
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={_VISIBILITY: str(seconds)})

    def redrive(self, name: str) -> int:
        """Move a queue's dead letters back, as an operator would; return how many."""
        dead, moved = self.dead_letters[name], 0
        while True:
            told = self._sqs.receive_message(
                QueueUrl=dead, MaxNumberOfMessages=10, AttributeNames=["All"]
            )
            messages = told.get("Messages", [])
            if not messages:
                return moved
            for message in messages:
                self._send_again(self.queues[name], message)
                self._sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
                moved += 1

    def _send_again(self, url: str, message: dict[str, Any]) -> None:
        group = message.get("Attributes", {}).get("MessageGroupId")
        ordered = {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex}
        extra = ordered if group is not None else {}
        self._sqs.send_message(QueueUrl=url, MessageBody=message["Body"], **extra)

    # --- functions ------------------------------------------------------------------------

    @cached_property
    def mappings(self) -> tuple[str, ...]:
        """The event source mappings, in the order of their queues' names."""
        found = self._lambda.list_event_source_mappings()["EventSourceMappings"]
        return tuple(m["UUID"] for m in sorted(found, key=lambda m: str(m["EventSourceArn"])))

    def switch(self, mapping: str, *, on: bool) -> None:
        """Switch an event source mapping."""
        self._lambda.update_event_source_mapping(UUID=mapping, Enabled=on)

    def set_variable(self, function: str, name: str, value: str) -> None:
        """Set one variable of a function's environment."""
        full = f"{PREFIX}{function}"
        known = self._lambda.get_function_configuration(FunctionName=full)
        variables = {**known["Environment"]["Variables"], name: value}
        self._lambda.update_function_configuration(
            FunctionName=full, Environment={"Variables": variables}
        )

    # --- executions -----------------------------------------------------------------------

    def start(self, machine: str) -> str:
        """Start a state machine as its schedule would; return the execution's ARN.

        Raises KeyError for an unknown one.
        """
        by_name = {each["name"].removeprefix(PREFIX): each for each in self._machines()}
        arn = by_name[machine]["stateMachineArn"]
        return str(self._states.start_execution(stateMachineArn=arn, input="{}")["executionArn"])

    def has_succeeded(self, arn: str) -> bool:
        """Whether an execution ended as it should."""
        return str(self._states.describe_execution(executionArn=arn)["status"]) == "SUCCEEDED"

    def running(self) -> list[str]:
        """The executions that run, by name."""
        return [arn.rpartition(":")[2] for arn, _ in self._executions("RUNNING")]

    def place_of(self, name: str) -> str:
        """Where a running execution is: the last state it entered and how often it entered some."""
        for arn, _ in self._executions("RUNNING"):
            if arn.endswith(f":{name}"):
                told = self._states.get_execution_history(
                    executionArn=arn, reverseOrder=True, maxResults=200
                )
                entered = [
                    event["stateEnteredEventDetails"]["name"]
                    for event in told["events"]
                    if "stateEnteredEventDetails" in event
                ]
                return f"{name} in {entered[0] if entered else 'nothing'} after {len(entered)}"
        return f"{name}, which ended"

    def redrive_executions(self) -> list[str]:
        """Start failed runs of wallets again, as an operator would; return their errors.

        What a schedule starts is followed by its next tick. The local AWS fails what runs while it
        is stopped, and cannot redrive an execution: the same input is started under another name.
        """
        errors = []
        for arn, machine in list(self._failed()):
            if arn in self._seen_failures or not machine.endswith(BACKFILL_WALLET):
                continue
            self._seen_failures.add(arn)
            told = self._states.describe_execution(executionArn=arn)
            name = f"{told['name'][:60]}-again-{uuid.uuid4().hex[:8]}"
            self._states.start_execution(stateMachineArn=machine, name=name, input=told["input"])
            errors.append(str(told.get("error")))
        return errors

    def _failed(self) -> Iterator[tuple[str, str]]:
        for status in _ENDED_BADLY:
            yield from self._executions(status)

    def _executions(self, status: str) -> Iterator[tuple[str, str]]:
        for each in self._machines():
            machine = each["stateMachineArn"]
            lister = self._states.get_paginator("list_executions")
            for page in lister.paginate(stateMachineArn=machine, statusFilter=status):
                for run in page["executions"]:
                    yield run["executionArn"], machine

    def _machines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._states.list_state_machines()["stateMachines"]
        return found

    # --- what is stored -------------------------------------------------------------------

    def summary(self, wallet: str) -> WalletSummary | None:
        """A wallet's projected item; None where there is none."""
        key = {"pk": {"S": f"WALLET#{wallet}"}, "sk": {"S": "SUMMARY"}}
        item = self._dynamo.get_item(TableName=_TABLE, Key=key, ConsistentRead=True).get("Item")
        return None if item is None else decode_summary(item["body"]["B"])

    def query(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Read from the database."""
        with psycopg.connect(self.stack.database_dsn) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> None:
        """Change something in the database."""
        with psycopg.connect(self.stack.database_dsn) as connection:
            connection.execute(statement.encode(), parameters or None)


def invoked(stack: RunningStack, function: str, event: dict[str, Any]) -> str:
    """Call a function by its folder's name; return its answer as text."""
    return json.dumps(stack.invoke(function, event))
