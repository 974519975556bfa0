"""Growing patience: a message that failed comes back later each time."""

from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

FIRST_S = 2
LONGEST_S = 300


def delay_s(receives: int) -> int:
    """Return how long a message waits after its n-th failed receive: 2, 4, 8, … 300 seconds."""
    return int(min(LONGEST_S, FIRST_S * 2 ** min(max(receives, 1) - 1, 10)))


class Patience:
    """Postpones messages of one queue, named by the ARN that events carry."""

    def __init__(self, client: "SQSClient", queue_arn: str) -> None:
        self._client = client
        self._queue_arn = queue_arn

    def postpone(self, receipt_handle: str, *, receives: int) -> bool:
        """Hide the message for `delay_s`; False where the queue refused, and its default holds."""
        try:
            self._client.change_message_visibility(
                QueueUrl=self._url,
                ReceiptHandle=receipt_handle,
                VisibilityTimeout=delay_s(receives),
            )
        except (ClientError, BotoCoreError):
            return False
        return True

    @cached_property
    def _url(self) -> str:
        name = self._queue_arn.rpartition(":")[2]
        return self._client.get_queue_url(QueueName=name)["QueueUrl"]
