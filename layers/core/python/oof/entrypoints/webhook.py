"""The provider's webhooks: prove the sender, hand the body over, answer.

This function must answer while everything behind it is down, so it knows a queue, a bucket for
bodies the queue cannot carry, and its secret; it carries no third-party package but the SDK of
its runtime. What a body says is read behind the queue, never here.
"""

import base64
import binascii
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

SIGNATURE_HEADER = "x-oof-signature"
SIGNATURE_PREFIX = "sha256="
MAX_MESSAGE_BYTES = 900_000
"""Below the queue's own 1 MiB; what is larger travels as an object."""
SECRET_TTL_S = 60.0
"""How long a rotated secret may stay unnoticed."""

logger = logging.getLogger("oof.webhook")


class Secrets(NamedTuple):
    """What senders may prove themselves with: the current and the previous of each kind."""

    authorization: tuple[str, ...]
    """Values of the `Authorization` header, as configured at the provider."""
    hmac_keys: tuple[str, ...]
    """Keys of body signatures, for relays that sign."""

    @classmethod
    def parse(cls, text: str) -> "Secrets":
        """Read `{"authorization": [...], "hmac": [...]}`; absent, null and empty ones are none."""
        document = json.loads(text)
        return cls(
            authorization=_strings(document.get("authorization")),
            hmac_keys=_strings(document.get("hmac")),
        )


class Handover(Protocol):
    """Takes one batch over, durably, before it returns."""

    def __call__(self, text: str) -> None:
        """Keep `text`, the JSON of an array. Raises when it could not be kept."""
        ...


class WebhookDeps(NamedTuple):
    """What the webhook needs; tests give their own."""

    secrets: Callable[[], Secrets]
    hand_over: Handover
    status: int


def answer_webhook(event: Mapping[str, Any], deps: WebhookDeps) -> dict[str, Any]:
    """Answer one HTTP API (payload 2.0) request: the set 2xx, or a problem of 400, 401 or 503."""
    try:
        body = _body_of(event)
    except (binascii.Error, ValueError):
        return _problem(400, "invalid_body", "The body is not what its encoding says.")
    if not is_authentic(_headers_of(event), body, deps.secrets()):
        return _problem(401, "unauthorized", "Neither Authorization nor signature is known here.")
    try:
        text = array_text(body)
    except ValueError as error:
        return _problem(400, "invalid_body", str(error))
    if text is None:
        return _answer(deps.status)
    try:
        deps.hand_over(text)
    except Exception:
        # the sender must keep the event, whatever went wrong here; a 5xx makes it try again
        logger.exception("webhook_handover_failed")
        return _problem(503, "store_unavailable", "Not taken over; send it again.")
    logger.info("webhook_accepted bytes=%d", len(body))
    return _answer(deps.status)


def is_authentic(headers: Mapping[str, str], body: bytes, secrets: Secrets) -> bool:
    """Whether the sender knows a secret; every candidate is compared, in constant time."""
    offered = headers.get("authorization", "").encode()
    known = [
        hmac.compare_digest(offered, candidate.encode()) for candidate in secrets.authorization
    ]
    signature = headers.get(SIGNATURE_HEADER, "").strip().lower().encode()
    known += [hmac.compare_digest(signature, sign(body, key).encode()) for key in secrets.hmac_keys]
    return any(known)


def sign(body: bytes, key: str) -> str:
    """Return the value of the signature header for `body`."""
    return SIGNATURE_PREFIX + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def array_text(body: bytes) -> str | None:
    """Return the body as the JSON text of an array, None where the array is empty.

    A single object becomes an array of one. Raises ValueError for anything else.
    """
    try:
        text = body.decode("utf-8")
        document = json.loads(text)
    except ValueError as error:
        msg = "The body is not JSON."
        raise ValueError(msg) from error
    if isinstance(document, dict):
        return f"[{text}]"
    if not isinstance(document, list):
        msg = "The body is neither an array nor an object."
        raise ValueError(msg)  # noqa: TRY004  the caller answers 400 either way
    return text if document else None


class QueueHandover:
    """Sends a batch to the store queue, a large one through the bucket."""

    def __init__(
        self, *, sqs: Any, s3: Any, queue_url: str, bucket: str, now: Callable[[], datetime]
    ) -> None:
        self._sqs = sqs
        self._s3 = s3
        self._queue_url = queue_url
        self._bucket = bucket
        self._now = now

    def __call__(self, text: str) -> None:
        """Keep `text`; raises whatever the queue or the bucket raised."""
        received = self._now()
        message = _message(body=text, s3_key=None, received=received)
        if len(message.encode()) > MAX_MESSAGE_BYTES:
            key = inbox_key(text.encode(), received)
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=text.encode())
            message = _message(body=None, s3_key=key, received=received)
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=message)


class CachedSecrets:
    """Reads the secret again once it is older than `SECRET_TTL_S`."""

    def __init__(
        self,
        *,
        client: Any,
        secret_arn: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secret_arn = secret_arn
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._secrets = Secrets((), ())

    def __call__(self) -> Secrets:
        """Return the secrets; a failed re-read keeps those already known."""
        now = self._monotonic()
        if self._read_at is None or now - self._read_at >= SECRET_TTL_S:
            self._refresh(now)
        return self._secrets

    def _refresh(self, now: float) -> None:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_arn)
            self._secrets = Secrets.parse(answer["SecretString"])
        except Exception:
            if self._read_at is None:
                raise
            logger.exception("webhook_secret_refresh_failed")
        self._read_at = now


def inbox_key(body: bytes, received: datetime) -> str:
    """Return where a large body lies: by day and content, so that a repeat is the same object."""
    digest = hashlib.sha256(body).hexdigest()
    return f"inbox/{received:%Y/%m/%d}/{digest}.json"


def utc_now() -> datetime:
    """Return the current moment, aware, UTC."""
    return datetime.now(UTC)


def _message(*, body: str | None, s3_key: str | None, received: datetime) -> str:
    document = {
        "schema_version": 1,
        "source": "webhook",
        "body": body,
        "s3_key": s3_key,
        "received_at": received.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return json.dumps(document, separators=(",", ":"))


def _headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    return {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}


def _body_of(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return str(body).encode()


def _strings(value: str | Sequence[str | None] | None) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(item for item in value or () if item)


def _answer(status: int) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"cache-control": "no-store"}, "body": ""}


def _problem(status: int, code: str, detail: str) -> dict[str, Any]:
    titles = {400: "Bad Request", 401: "Unauthorized", 503: "Service Unavailable"}
    document = {
        "type": "about:blank",
        "title": titles[status],
        "status": status,
        "code": code,
        "detail": detail,
    }
    headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
    if status == 503:
        headers["retry-after"] = "1"
    return {"statusCode": status, "headers": headers, "body": json.dumps(document)}
