"""The contracts of the hand-overs, held by their memory twins and by SQS."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from oof.adapters.sqs.patience import LONGEST_S, Patience, delay_s
from oof.adapters.sqs.queues import (
    SqsAnalysisQueue,
    SqsFetchRequester,
    SqsStoreHandover,
    SqsWalletWaker,
)
from oof.domain.errors import StoreUnavailable
from oof.ports.memory.queues import (
    MemoryAnalysisQueue,
    MemoryFetchRequester,
    MemoryStoreHandover,
    MemoryWalletWaker,
)
from tests.support.transactions import address, signature

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class StillClock:
    """Always `NOW`."""

    def now(self):
        """Return `NOW`."""
        return NOW


class Queue:
    """One queue of the local AWS."""

    def __init__(self, aws, *, fifo=False):
        self.client = boto3.client("sqs", endpoint_url=aws.endpoint, region_name=aws.region)
        name = f"q-{uuid4().hex[:12]}" + (".fifo" if fifo else "")
        attributes: Any = {"VisibilityTimeout": "0"} | ({"FifoQueue": "true"} if fifo else {})
        self.name = name
        self.url = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def receive(self):
        """Return all that waits, deleting it."""
        found: list[Any] = []
        while True:
            answer = self.client.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
            )
            messages = answer.get("Messages", [])
            if not messages:
                return found
            for message in messages:
                self.client.delete_message(
                    QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"]
                )
            found += messages

    def delayed(self):
        """Count the messages that nobody is given yet."""
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        return int(answer["Attributes"]["ApproximateNumberOfMessagesDelayed"])


@pytest.fixture(params=["memory", "sqs"])
def queue(request):
    """The local AWS, or None for memory."""
    if request.param == "memory":
        return None
    return request.getfixturevalue("dynamo")


def test_wallets_are_woken_once_a_batch(queue):
    """The same batch wakes a wallet once, another batch again; more than ten at once all go out."""
    wallets = [address(str(n)) for n in range(12)]
    if queue is None:
        waker: Any = MemoryWalletWaker()
    else:
        fifo = Queue(queue, fifo=True)
        waker = SqsWalletWaker(fifo.client, fifo.url)

    for batch in ("one", "one", "two"):
        waker.wake(wallets, batch=batch)

    if queue is None:
        sent = [(wake.wallet, wake.batch) for wake in waker.sent]
    else:
        messages = fifo.receive()
        bodies = [json.loads(message["Body"]) for message in messages]
        sent = [(body["wallet"], body["batch"]) for body in bodies]
        assert {body["schema_version"] for body in bodies} == {1}
        assert all(
            m["Attributes"]["MessageGroupId"] == w for m, (w, _) in zip(messages, sent, strict=True)
        )
    assert sorted(sent) == sorted((wallet, batch) for wallet in wallets for batch in ("one", "two"))


def test_bodies_are_handed_over(queue):
    """A batch travels as its JSON text, or as the key of an object."""
    if queue is None:
        handover: Any = MemoryStoreHandover()
    else:
        standard = Queue(queue)
        handover = SqsStoreHandover(standard.client, standard.url, StillClock())

    handover.hand_over(source="tail", body="[]", s3_key=None)
    handover.hand_over(source="backfill", body=None, s3_key="inbox/a")

    if queue is None:
        sent = [tuple(batch) for batch in handover.sent]
    else:
        bodies = [json.loads(message["Body"]) for message in standard.receive()]
        sent = [(body["source"], body["body"], body["s3_key"]) for body in bodies]
        assert {body["received_at"] for body in bodies} == {"2026-01-01T00:00:00Z"}
    assert sorted(sent, key=str) == [("backfill", None, "inbox/a"), ("tail", "[]", None)]


def fetch_requester(queue) -> tuple[Any, Any]:
    """A requester, and the queue it asks by; None for memory."""
    if queue is None:
        return MemoryFetchRequester(), None
    standard = Queue(queue)
    return SqsFetchRequester(standard.client, standard.url), standard


def test_signatures_are_asked_for_in_hundreds(queue):
    """No message names more than a hundred."""
    wanted = [signature(str(n)) for n in range(250)]
    requester, standard = fetch_requester(queue)

    requester.request(wanted, reason="enhanced")

    if queue is None:
        parts = [list(request.signatures) for request in requester.sent]
    else:
        parts = [json.loads(message["Body"])["signatures"] for message in standard.receive()]
    assert sorted(map(len, parts)) == [50, 100, 100]
    assert sorted(each for part in parts for each in part) == sorted(wanted)


def test_a_request_can_be_hidden_for_a_while(queue):
    """Whoever asks again for what was absent gives it time to come."""
    requester, standard = fetch_requester(queue)

    requester.request([signature("a")], reason="enhanced", delay_s=60)

    if queue is None:
        assert [request.delay_s for request in requester.sent] == [60]
    else:
        assert standard.receive() == []
        assert standard.delayed() == 1


def test_analyses_are_asked_for_by_attempt(queue):
    """Each request is one message."""
    if queue is None:
        analyses: Any = MemoryAnalysisQueue()
    else:
        standard = Queue(queue)
        analyses = SqsAnalysisQueue(standard.client, standard.url)

    analyses.request("fold_view-a", 1)
    analyses.request("fold_view-a", 2)

    if queue is None:
        sent = [tuple(request) for request in analyses.sent]
    else:
        bodies = [json.loads(message["Body"]) for message in standard.receive()]
        sent = [(body["work_id"], body["attempt"]) for body in bodies]
        assert {body["schema_version"] for body in bodies} == {1}
    assert sorted(sent) == [("fold_view-a", 1), ("fold_view-a", 2)]


def test_an_absent_queue_is_an_outage():
    """Nobody listens: the fault is transient."""
    once = Config(connect_timeout=1, retries={"total_max_attempts": 1})
    client = boto3.client(
        "sqs",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  # nobody is there to check it
        config=once,
    )
    url = "http://127.0.0.1:9/0/q"

    with pytest.raises(StoreUnavailable):
        SqsWalletWaker(client, url).wake([address("a")], batch="b")
    with pytest.raises(StoreUnavailable):
        SqsAnalysisQueue(client, url).request("fold_view-a", 1)
    with pytest.raises(StoreUnavailable):
        SqsStoreHandover(client, url, StillClock()).hand_over(source="a", body="[]", s3_key=None)


def test_a_failed_message_waits_longer_each_time(dynamo):
    """The queue hides it for as long as was said, which doubles up to a longest wait."""
    standard = Queue(dynamo)
    standard.client.send_message(QueueUrl=standard.url, MessageBody="x")
    message = standard.client.receive_message(QueueUrl=standard.url)["Messages"][0]
    patience = Patience(standard.client, f"arn:aws:sqs:us-east-1:000000000000:{standard.name}")

    assert patience.postpone(message["ReceiptHandle"], receives=5)
    assert standard.receive() == []
    assert [delay_s(n) for n in (1, 2, 3, 100)] == [2, 4, 8, LONGEST_S]
