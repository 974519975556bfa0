"""The emulator's own share of a webhook's way: the same hops, with functions that only pass on.

An HTTP API, a function that sends to a queue, one that sends on to a FIFO queue, one that puts an
item, and a reader that asks over HTTP until it is there: what is left when all our work is taken
out is the local AWS, the AWS client and the machine.
"""

import io
import time
import uuid
import zipfile
from typing import Any, Final

import httpx

from local.bench.samples import timed
from local.runtime import LocalRuntimeFault, RunningStack
from local.runtime.local_aws import ACCOUNT, REGION

_NAME: Final = "bench-hop"
_LOOK_EVERY_S: Final = 0.02
_PATIENCE_S: Final = 60
_READY_S: Final = 30
_CODE: Final = """
import base64
import os
import uuid

import boto3

SQS, TABLE = boto3.client("sqs"), boto3.client("dynamodb")


def receive(event, _context):
    if event["requestContext"]["http"]["method"] == "GET":
        key = {"pk": {"S": event["rawPath"].rpartition("/")[2]}}
        found = TABLE.get_item(TableName="bench-hop", Key=key, ConsistentRead=True)
        return {"statusCode": 200 if "Item" in found else 404, "body": ""}
    body = event["body"]
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    SQS.send_message(QueueUrl=os.environ["NEXT"], MessageBody=body)
    return {"statusCode": 202, "body": ""}


def send_on(event, _context):
    for record in event["Records"]:
        SQS.send_message(
            QueueUrl=os.environ["NEXT"], MessageBody=record["body"],
            MessageGroupId="one", MessageDeduplicationId=uuid.uuid4().hex,
        )


def put(event, _context):
    for record in event["Records"]:
        TABLE.put_item(TableName="bench-hop", Item={"pk": {"S": record["body"]}})
"""


class Hops:
    """The path without our work, put up beside a deployed stack."""

    def __init__(self, running: RunningStack) -> None:
        self._running = running
        self._lambda = running.aws("lambda")
        first, second = self._queue(_NAME), self._queue(f"{_NAME}.fifo", FifoQueue="true")
        running.aws("dynamodb").create_table(
            TableName=_NAME,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        receive = self._function("receive", first)
        self._map(self._function("send_on", second), _NAME)
        self._map(self._function("put", ""), f"{_NAME}.fifo")
        port = running.address.instance.aws_port
        self._url = f"http://localhost:{port}/_aws/execute-api/{self._api(receive)}"
        self._http = httpx.Client(timeout=_PATIENCE_S)
        self._wait_ready()

    def close(self) -> None:
        """Close the connection; the stack is thrown away by its owner."""
        self._http.close()

    def pass_through(self) -> float:
        """Send one message through all hops; return seconds until a reader sees it.

        Raises LocalRuntimeFault when it does not arrive.
        """
        name = uuid.uuid4().hex
        return timed(lambda: self._send_and_see(name))[0]

    def _send_and_see(self, name: str) -> None:
        answer = self._http.post(f"{self._url}/", content=name)
        if answer.status_code != httpx.codes.ACCEPTED:
            raise LocalRuntimeFault(f"a hop answered {answer.status_code}: {answer.text[:200]}")
        deadline = time.monotonic() + _PATIENCE_S
        while self._http.get(f"{self._url}/{name}").status_code != httpx.codes.OK:
            if time.monotonic() > deadline:
                raise LocalRuntimeFault("a message did not come through the hops")
            time.sleep(_LOOK_EVERY_S)

    def _wait_ready(self) -> None:
        """Let functions that were just made become active."""
        deadline = time.monotonic() + _READY_S
        accepted = httpx.codes.ACCEPTED
        while self._http.post(f"{self._url}/", content="warm").status_code != accepted:
            if time.monotonic() > deadline:
                raise LocalRuntimeFault("the hops do not come up")
            time.sleep(0.2)

    def _api(self, function: str) -> str:
        """Put an HTTP API before a function; return its id."""
        gateway = self._running.aws("apigatewayv2")
        api = str(gateway.create_api(Name=_NAME, ProtocolType="HTTP")["ApiId"])
        made = gateway.create_integration(
            ApiId=api,
            IntegrationType="AWS_PROXY",
            IntegrationUri=function,
            PayloadFormatVersion="2.0",
        )
        target = f"integrations/{made['IntegrationId']}"
        gateway.create_route(ApiId=api, RouteKey="$default", Target=target)
        gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        return api

    def _queue(self, name: str, **attributes: str) -> str:
        made = self._running.aws("sqs").create_queue(QueueName=name, Attributes=attributes)
        return str(made["QueueUrl"])

    def _function(self, handler: str, following: str) -> str:
        made: Any = self._lambda.create_function(
            FunctionName=f"{_NAME}-{handler.replace('_', '-')}",
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{_NAME}",
            Handler=f"hop.{handler}",
            Code={"ZipFile": _archive()},
            Timeout=30,
            Environment={"Variables": {"NEXT": following}},
        )
        return str(made["FunctionArn"])

    def _map(self, function: str, queue: str) -> None:
        self._lambda.create_event_source_mapping(
            EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
            FunctionName=function,
            BatchSize=10,
        )


def _archive() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("hop.py", _CODE)
    return held.getvalue()
