"""The hand-overs between functions, over SQS."""

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from oof.adapters.sqs.messages import message_body, send_all
from oof.domain.errors import StoreUnavailable
from oof.domain.units import Address, Signature
from oof.ports.system import Clock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

SIGNATURES_PER_MESSAGE = 100


class SqsWalletWaker:
    """`WalletWaker` over ingest-apply: group = wallet, deduplicated by wallet and batch."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def wake(self, wallets: Sequence[Address], *, batch: str) -> None:
        """See `WalletWaker.wake`."""
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {
                "Id": str(place),
                "MessageBody": message_body(wallet=wallet, batch=batch),
                "MessageGroupId": wallet,
                "MessageDeduplicationId": f"{wallet}-{batch}",
            }
            for place, wallet in enumerate(wallets)
        ]
        send_all(self._client, self._url, entries)


class SqsStoreHandover:
    """`StoreHandover` over ingest-store."""

    def __init__(self, client: "SQSClient", url: str, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._clock = clock

    def hand_over(self, *, source: str, body: str | None, s3_key: str | None) -> None:
        """See `StoreHandover.hand_over`."""
        received_at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        text = message_body(source=source, body=body, s3_key=s3_key, received_at=received_at)
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=text)
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("the store queue did not take a batch") from fault


class SqsFetchRequester:
    """`FetchRequester` over ingest-fetch."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def request(self, signatures: Sequence[Signature], *, reason: str, delay_s: int = 0) -> None:
        """See `FetchRequester.request`."""
        parts = batched(signatures, SIGNATURES_PER_MESSAGE, strict=False)
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {
                "Id": str(place),
                "MessageBody": message_body(signatures=list(part), reason=reason),
                "DelaySeconds": delay_s,
            }
            for place, part in enumerate(parts)
        ]
        send_all(self._client, self._url, entries)


class SqsAnalysisQueue:
    """`AnalysisQueue` over analysis-operations."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def request(self, work_id: str, attempt: int) -> None:
        """See `AnalysisQueue.request`."""
        text = message_body(work_id=work_id, attempt=attempt)
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=text)
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("the analysis queue did not take a request") from fault
