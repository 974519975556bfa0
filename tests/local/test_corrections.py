"""Each correction of MiniStack: that it works, and that it is still needed.

A test named `…_still_needs_…` fails on the day MiniStack does it by itself: then the correction
and its tests go.
"""

import io
import json
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.runtime import aws, ministack_corrections
from local.runtime.local_aws import MiniStack
from local.runtime.ministack_corrections import correct_deployed
from local.runtime.ports import free_ports
from local.runtime.settings import LocalSettings
from local.runtime.state import Instance, new_secret
from local.runtime.toolchain import Toolchain

PROGRAM = """
import json, time

def silent(event, context):
    return {}

def failing(event, context):
    raise LookupError("asked to")

def recording(event, context):
    for record in event["Records"]:
        begun = time.time()
        time.sleep(0.4)
        with open(json.loads(record["body"]), "a") as log:
            log.write(f"{begun} {time.time()}\\n")
"""

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "corrected",
                "ProtocolType": "HTTP",
                "CorsConfiguration": {"AllowOrigins": ["*"], "AllowMethods": ["GET"]},
            },
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "StageName": "$default",
                "AutoDeploy": True,
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Role": "arn:aws:iam::000000000000:role/test",
                "Handler": "index.handler",
                "Code": {"ZipFile": "def handler(event, context): return {}"},
                "ReservedConcurrentExecutions": 7,
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            },
        },
    }
}


class LocalAws:
    """A running MiniStack and what its tests ask of it."""

    def __init__(self, instance: Instance) -> None:
        self.url = instance.aws_url
        self.client: Callable[[str], Any] = partial(aws.client, instance)

    def make_function(self, handler: str) -> str:
        """Create a function of `PROGRAM`; return its name."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("program.py", PROGRAM)
        self.client("lambda").create_function(
            FunctionName=handler,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/test",
            Handler=f"program.{handler}",
            Code={"ZipFile": code.getvalue()},
            Timeout=10,
        )
        return handler

    def quickest_invocation_s(self, function: str) -> float:
        """Return the shortest time of a warm invocation, whatever else the machine does."""
        client, times = self.client("lambda"), []
        for _ in range(15):
            begun = time.perf_counter()
            client.invoke(FunctionName=function)
            times.append(time.perf_counter() - begun)
        return min(times)

    def error_type(self, function: str) -> str:
        """Return what Step Functions would match an exception by."""
        response = self.client("lambda").invoke(FunctionName=function)
        return str(json.loads(response["Payload"].read())["errorType"])

    def overlapping_groups(self, log: Path) -> bool:
        """Send a message in each of two groups; return whether both were worked on at once."""
        sqs, function = self.client("sqs"), self.make_function("recording")
        url = sqs.create_queue(
            QueueName="groups.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "60"}
        )["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        for group in ("a", "b"):
            sqs.send_message(
                QueueUrl=url,
                MessageBody=json.dumps(str(log)),
                MessageGroupId=group,
                MessageDeduplicationId=group,
            )
        self.client("lambda").create_event_source_mapping(
            FunctionName=function, EventSourceArn=arn["QueueArn"], BatchSize=1
        )
        deadline = time.monotonic() + 20
        while not log.exists() or len(log.read_text().splitlines()) < 2:
            assert time.monotonic() < deadline, "the messages were not worked on"
            time.sleep(0.05)
        lines = [line.split() for line in log.read_text().splitlines()]
        (_, first_end), (second_begin, _) = sorted((float(b), float(e)) for b, e in lines)
        return second_begin < first_end

    def deploy_template(self) -> tuple[str, str, str]:
        """Deploy `TEMPLATE`; return the API's id, the table's name and the function's."""
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(StackName="corrected", TemplateBody=json.dumps(TEMPLATE))
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="corrected", WaiterConfig={"Delay": 1}
        )
        found = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in cloudformation.describe_stack_resources(StackName="corrected")[
                "StackResources"
            ]
        }
        return found["Api"], found["Table"], found["Function"]

    def preflight(self, api: str) -> int:
        """Return the status that a browser's preflight gets."""
        return httpx.options(
            f"{self.url}/_aws/execute-api/{api}/",
            headers={"Origin": "http://localhost", "Access-Control-Request-Method": "GET"},
        ).status_code

    def time_to_live(self, table: str) -> str:
        """Return whether items of a table expire."""
        described = self.client("dynamodb").describe_time_to_live(TableName=table)
        return str(described["TimeToLiveDescription"]["TimeToLiveStatus"])

    def reserved(self, function: str) -> int | None:
        """Return how many invocations are set apart for a function."""
        told = self.client("lambda").get_function_concurrency(FunctionName=function)
        reserved: int | None = told.get("ReservedConcurrentExecutions")
        return reserved


@contextmanager
def _running(folder: Path, *, corrected: bool) -> Iterator[LocalAws]:
    instance = Instance(
        aws_port=free_ports(1)[0],
        postgres_port=1,
        upstream_port=1,
        database_password=new_secret(),
        webhook_secret=new_secret(),
    )
    settings = LocalSettings.from_env()
    toolchain = Toolchain(settings)
    with toolchain.alone():
        interpreter = toolchain.ministack()
    ministack = MiniStack(folder / "aws", folder / "ministack.log", instance, corrected=corrected)
    server = ministack.start(interpreter, settings)
    try:
        yield LocalAws(instance)
    finally:
        ministack.stop(server)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """MiniStack as it comes."""
    with _running(tmp_path_factory.mktemp("stock"), corrected=False) as running:
        yield running


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """MiniStack as we run it."""
    with _running(tmp_path_factory.mktemp("corrected"), corrected=True) as running:
        yield running


def test_stock_still_needs_silent_handlers_to_answer_at_once(stock: LocalAws):
    """Stock waits 50 ms for a log line after every invocation."""
    assert stock.quickest_invocation_s(stock.make_function("silent")) > 0.05


def test_silent_handlers_answer_at_once(corrected: LocalAws):
    """Corrected, a handler that logs nothing does not pay for it."""
    assert corrected.quickest_invocation_s(corrected.make_function("silent")) < 0.05


def test_stock_still_needs_errors_to_keep_their_class(stock: LocalAws):
    """Stock reports every exception alike, so no Retry or Catch can name one."""
    assert stock.error_type(stock.make_function("failing")) == "Runtime.HandlerError"


def test_errors_keep_their_class(corrected: LocalAws):
    """Corrected, an exception is reported by its class, as AWS does."""
    assert corrected.error_type(corrected.make_function("failing")) == "LookupError"


def test_stock_still_needs_fifo_groups_to_run_side_by_side(stock: LocalAws, tmp_path: Path):
    """Stock works on one batch of a FIFO queue at a time."""
    assert not stock.overlapping_groups(tmp_path / "log")


def test_fifo_groups_run_side_by_side(corrected: LocalAws, tmp_path: Path):
    """Corrected, two wallets are folded at once."""
    assert corrected.overlapping_groups(tmp_path / "log")


OWN_SHARE = """
import importlib.util, json, sys
from pathlib import Path

path = Path(sys.argv[1])
spec = importlib.util.spec_from_file_location(path.stem, path)
corrections = importlib.util.module_from_spec(spec)
spec.loader.exec_module(corrections)
service = importlib.import_module("ministack.services.lambda_svc")
if sys.argv[2] == "corrected":
    corrections.reserved_invocations_are_set_apart()
service._ACCOUNT_CONCURRENCY_CAP = 1
first, _ = service._acquire_execution_slot({}, {"FunctionName": "others"})
own = {"concurrency": 1}, {"FunctionName": "own"}
taken = [service._acquire_execution_slot(*own)[1] for _ in range(2)]
print(json.dumps([taken, service._acquire_execution_slot({}, {"FunctionName": "others"})[1]]))
"""


def _refusals(kind: str) -> list[Any]:
    interpreter = Toolchain(LocalSettings.from_env()).ministack()
    done = subprocess.run(
        [interpreter, "-c", OWN_SHARE, ministack_corrections.__file__, kind],
        check=True,
        capture_output=True,
        text=True,
    )
    told: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_stock_still_needs_reserved_invocations_to_be_set_apart():
    """Where others fill the account, a function does not get what is reserved for it."""
    assert _refusals("stock") == [["account", "account"], "account"]


def test_reserved_invocations_are_set_apart():
    """It gets as many as are reserved; others find the account as full as before."""
    assert _refusals("corrected") == [[None, "function"], "account"]


def test_what_cloudformation_leaves_out_is_called_after_it(corrected: LocalAws):
    """CORS, expiry and reserved invocations come from our calls alone, not from CloudFormation."""
    api, table, function = corrected.deploy_template()
    assert corrected.preflight(api) == 403, "MiniStack reads CORS now: drop the correction"
    assert corrected.time_to_live(table) == "DISABLED", "expiry comes on now: drop the correction"
    assert corrected.reserved(function) is None, "invocations are reserved: drop the correction"

    declared = TEMPLATE["Resources"]
    correct_deployed(
        [
            ("AWS::ApiGatewayV2::Api", api, declared["Api"]["Properties"]),
            ("AWS::DynamoDB::Table", table, declared["Table"]["Properties"]),
            ("AWS::Lambda::Function", function, declared["Function"]["Properties"]),
        ],
        corrected.client,
    )

    assert corrected.preflight(api) == 204
    assert corrected.time_to_live(table) == "ENABLED"
    assert corrected.reserved(function) == 7
