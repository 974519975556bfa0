"""The webhook function: a real event in, one queue message and an empty answer out."""

import ast
import base64
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from oof.entrypoints.webhook import (
    MAX_MESSAGE_BYTES,
    SECRET_TTL_S,
    CachedSecrets,
    QueueHandover,
    Secrets,
    WebhookDeps,
    answer_webhook,
    is_authentic,
    sign,
)

EVENT = json.loads((Path(__file__).parent.parent / "events/http_api_webhook.json").read_text())
WHERE_IT_IS = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhook"
RECEIVED = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
SECRETS = Secrets(
    authorization=("shared-by-the-provider", "the-one-before"), hmac_keys=("k1", "k2")
)


class FakeQueue:
    """Keeps messages as SQS would take them."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def send_message(self, **message) -> None:
        """Refuse what the real queue refuses."""
        assert message["QueueUrl"] == "https://queue"
        assert len(message["MessageBody"].encode()) <= 1_048_576
        self.messages.append(json.loads(message["MessageBody"]))


class FakeBucket:
    """Keeps objects by key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **written) -> None:
        """Keep one object."""
        assert written["Bucket"] == "facts"
        self.objects[written["Key"]] = written["Body"]


class Webhook:
    """The function's logic with a queue and a bucket to look into."""

    def __init__(self) -> None:
        self.queue, self.bucket = FakeQueue(), FakeBucket()
        self.deps = WebhookDeps(
            secrets=lambda: SECRETS,
            hand_over=QueueHandover(
                sqs=self.queue,
                s3=self.bucket,
                queue_url="https://queue",
                bucket="facts",
                now=lambda: RECEIVED,
            ),
            status=202,
        )

    def post(self, **changes) -> dict[str, Any]:
        """Answer the recorded event with `changes` laid over it."""
        return answer_webhook({**EVENT, **changes}, self.deps)


@pytest.fixture
def webhook() -> Webhook:
    """A webhook over fakes."""
    return Webhook()


def problem_of(response):
    """Return the problem document, checked for its media type and status."""
    assert response["headers"]["content-type"] == "application/problem+json"
    document = json.loads(response["body"])
    assert document["status"] == response["statusCode"]
    return document


def test_accepts_the_configured_authorization_value(webhook):
    """A delivery with the shared header value is enqueued verbatim and answered 202, empty."""
    response = webhook.post()

    assert (response["statusCode"], response["body"]) == (202, "")
    assert webhook.queue.messages == [
        {
            "schema_version": 1,
            "source": "webhook",
            "body": EVENT["body"],
            "s3_key": None,
            "received_at": "2026-03-10T05:16:23.000000Z",
        }
    ]


@pytest.mark.parametrize("value", ["shared-by-the-provider", "the-one-before"])
def test_two_authorization_values_are_valid_at_once(webhook, value):
    """While a secret is rotated the old and the new one both pass."""
    assert webhook.post(headers={"Authorization": value})["statusCode"] == 202


@pytest.mark.parametrize("key", ["k1", "k2"])
def test_a_relay_proves_itself_by_signing_the_body(webhook, key):
    """An HMAC-SHA256 of the exact bytes with either key stands in for the header value."""
    headers = {"X-Oof-Signature": sign(EVENT["body"].encode(), key)}

    assert webhook.post(headers=headers)["statusCode"] == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        None,
        {"authorization": ""},
        {"authorization": "guessed"},
        {"authorization": "shared-by-the-provide"},
        {"x-oof-signature": "sha256="},
        {"x-oof-signature": sign(b"[]", "k1")},
        {"x-oof-signature": sign(EVENT["body"].encode(), "k3")},
        {"authorization": "ünïcode"},
    ],
)
def test_unknown_senders_are_refused_and_nothing_is_enqueued(webhook, headers):
    """Without a secret the answer is a 401 problem, and the body goes nowhere."""
    response = webhook.post(headers=headers)

    assert response["statusCode"] == 401
    assert problem_of(response)["code"] == "unauthorized"
    assert webhook.queue.messages == []


def test_no_configured_secret_means_nobody_is_let_in():
    """An empty candidate is never compared, so an empty header does not match it."""
    assert not is_authentic({"authorization": ""}, b"[]", Secrets((), ()))
    assert Secrets.parse('{"authorization": ["", null], "hmac": null}') == Secrets((), ())


def test_every_candidate_is_compared(monkeypatch):
    """The comparison does not stop at the first match, so time tells nothing of its position."""
    compared = mock.Mock(return_value=True)
    monkeypatch.setattr("oof.entrypoints.webhook.hmac.compare_digest", compared)

    assert is_authentic({}, b"[]", SECRETS)
    assert compared.call_count == 4


def test_base64_bodies_are_decoded(webhook):
    """What the gateway encoded is authenticated and enqueued as the sender wrote it."""
    encoded = base64.b64encode(EVENT["body"].encode()).decode()
    headers = {"x-oof-signature": sign(EVENT["body"].encode(), "k1")}

    response = webhook.post(body=encoded, isBase64Encoded=True, headers=headers)

    assert response["statusCode"] == 202
    assert webhook.queue.messages[0]["body"] == EVENT["body"]


@pytest.mark.parametrize(
    ("body", "encoded"),
    [("{not json", False), ("", False), (None, False), ("3", False), ("!!!", True), ("/w==", True)],
)
def test_what_is_no_json_array_is_a_400_problem(webhook, body, encoded):
    """Text that cannot be read is answered at once: sending it again would not help."""
    response = webhook.post(body=body, isBase64Encoded=encoded)

    assert response["statusCode"] == 400
    assert problem_of(response)["code"] == "invalid_body"
    assert webhook.queue.messages == []


def test_authentication_comes_before_reading(webhook):
    """A stranger learns nothing about what the body would have been."""
    assert webhook.post(body="{", headers={})["statusCode"] == 401


def test_a_single_object_becomes_an_array(webhook):
    """Relays that post one transaction are taken as a batch of one."""
    webhook.post(body='{"slot": 1}')

    assert webhook.queue.messages[0]["body"] == '[{"slot": 1}]'


def test_an_empty_array_is_acknowledged_without_a_message(webhook):
    """A test delivery costs no work behind the queue."""
    assert webhook.post(body="[]")["statusCode"] == 202
    assert webhook.queue.messages == []


def test_large_bodies_travel_as_objects(webhook):
    """What the queue cannot carry, escapes counted, lies in the bucket; the message names it."""
    body = json.dumps([{"quotes": '"' * (MAX_MESSAGE_BYTES // 3)}])
    assert len(body) < MAX_MESSAGE_BYTES

    assert webhook.post(body=body)["statusCode"] == 202
    assert webhook.post(body=body)["statusCode"] == 202

    first, second = webhook.queue.messages
    assert first["body"] is None
    assert first["s3_key"] == second["s3_key"]
    assert first["s3_key"].startswith("inbox/2026/03/10/")
    assert webhook.bucket.objects == {first["s3_key"]: body.encode()}


def test_text_beyond_ascii_arrives_unchanged(webhook):
    """Characters the queue would refuse travel escaped and come back the same."""
    body = '[{"memo": "\uffff \N{PILE OF POO}"}]'

    webhook.post(body=body)

    assert webhook.queue.messages[0]["body"] == body


def test_a_failing_queue_is_a_503_so_that_the_sender_tries_again(webhook):
    """Nothing is acknowledged that was not kept."""
    webhook.queue.send_message = mock.Mock(side_effect=OSError("no route"))

    response = webhook.post()

    assert response["statusCode"] == 503
    assert problem_of(response)["code"] == "store_unavailable"
    assert response["headers"]["retry-after"] == "1"


def test_a_rotated_secret_is_noticed_within_its_time():
    """The secret is read once, then again when it is older than its time to live."""
    now = [0.0]
    client = mock.Mock()
    client.get_secret_value.side_effect = [
        {"SecretString": '{"authorization": ["a"], "hmac": []}'},
        OSError("throttled"),
        {"SecretString": '{"authorization": ["b", "a"], "hmac": []}'},
    ]
    secrets = CachedSecrets(client=client, secret_arn=WHERE_IT_IS, monotonic=lambda: now[0])

    assert [secrets().authorization, secrets().authorization] == [("a",), ("a",)]
    now[0] = SECRET_TTL_S
    assert secrets().authorization == ("a",)
    now[0] = 2 * SECRET_TTL_S
    assert secrets().authorization == ("b", "a")


def test_an_unreadable_secret_lets_nobody_in():
    """Without ever having read the secret the function fails instead of trusting."""
    client = mock.Mock()
    client.get_secret_value.side_effect = OSError("denied")

    with pytest.raises(OSError, match="denied"):
        CachedSecrets(client=client, secret_arn=WHERE_IT_IS, monotonic=lambda: 0.0)()


def test_the_handler_wires_settings_to_clients(monkeypatch):
    """The deployed entry reads its settings and answers with the status they set."""
    module = importlib.import_module("functions.api_ingest_webhook.handler")
    module._deps.cache_clear()
    monkeypatch.setenv("OOF_STAGE", "local")
    monkeypatch.setenv("OOF_STORE_QUEUE_URL", "https://queue")
    monkeypatch.setenv("OOF_FACTS_BUCKET", "facts")
    monkeypatch.setenv("OOF_WEBHOOK_SECRET_ARN", "arn")
    monkeypatch.setenv("OOF_WEBHOOK_STATUS", "200")
    clients: dict[str, Any] = {
        "sqs": FakeQueue(),
        "s3": FakeBucket(),
        "secretsmanager": mock.Mock(),
    }
    clients["secretsmanager"].get_secret_value.return_value = {
        "SecretString": '{"authorization": ["shared-by-the-provider"], "hmac": []}'
    }
    monkeypatch.setattr(module.boto3, "client", clients.__getitem__)

    response = module.handler(EVENT, object())

    module._deps.cache_clear()
    assert response["statusCode"] == 200
    assert len(clients["sqs"].messages) == 1


def test_it_imports_nothing_but_the_standard_library_and_the_sdk():
    """The function ships without the dependency layer, so its whole import graph stays bare."""
    root = Path(__file__).parent.parent.parent
    core = root / "layers/core/python"
    todo = [root / "functions/api_ingest_webhook/handler.py"]
    seen: set[Path] = set()
    foreign: set[str] = set()
    while todo:
        path = todo.pop()
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            for name in filter(None, names):
                if name.startswith("oof."):
                    target = core / (name.replace(".", "/") + ".py")
                    todo += [target] if target not in seen else []
                elif name.split(".")[0] not in sys.stdlib_module_names:
                    foreign.add(name.split(".")[0])

    assert foreign == {"boto3"}
    assert len(seen) == 3
