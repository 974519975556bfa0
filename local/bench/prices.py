"""List prices, all in this one file: us-east-1, before any free tier or discount, in dollars.

As known on 2026-11-22; nothing asks AWS or Helius for them. Each names the page it is from.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

AS_KNOWN_ON = "2026-11-22"
HOURS_A_MONTH = 730


class Item(StrEnum):
    """What is paid for by use; the value is what a bill calls it."""

    HTTP_REQUESTS = "API Gateway requests"
    INVOCATIONS = "Lambda requests"
    COMPUTE = "Lambda compute, MB·ms"
    TRANSITIONS = "Step Functions transitions"
    QUEUE_SENDS = "SQS sends"
    QUEUE_RECEIVES = "SQS receives and deletes"
    FIFO_SENDS = "SQS FIFO sends"
    FIFO_RECEIVES = "SQS FIFO receives and deletes"
    TABLE_WRITES = "DynamoDB write units"
    TABLE_READS = "DynamoDB read units"
    OBJECT_WRITES = "S3 puts and lists"
    OBJECT_READS = "S3 gets"
    VAULT_READS = "Secrets Manager reads"
    LOG_BYTES = "CloudWatch Logs bytes"
    UPSTREAM_CREDITS = "Helius credits, calls"
    WEBHOOK_CREDITS = "Helius credits, webhooks"


class Price(NamedTuple):
    """So many dollars for so many units."""

    dollars: Decimal
    per: int
    source: str
    """The title of the page that lists it."""


_MILLION = 1_000_000
_GB_SECOND = 1024 * 1000
_SQS, _HELIUS = "Amazon SQS pricing", "Helius Docs: Credits; Additional Credits"
_DYNAMODB, _S3 = "Amazon DynamoDB pricing: on-demand capacity", "Amazon S3 pricing: S3 Standard"
_LAMBDA = "AWS Lambda pricing: Arm"

PRICES: dict[Item, Price] = {
    Item.HTTP_REQUESTS: Price(Decimal("1.00"), _MILLION, "Amazon API Gateway pricing: HTTP APIs"),
    Item.INVOCATIONS: Price(Decimal("0.20"), _MILLION, _LAMBDA),
    Item.COMPUTE: Price(Decimal("0.0000133334"), _GB_SECOND, _LAMBDA),
    Item.TRANSITIONS: Price(
        Decimal("0.025"), 1_000, "AWS Step Functions pricing: Standard Workflows"
    ),
    Item.QUEUE_SENDS: Price(Decimal("0.40"), _MILLION, _SQS),
    Item.QUEUE_RECEIVES: Price(Decimal("0.40"), _MILLION, _SQS),
    Item.FIFO_SENDS: Price(Decimal("0.50"), _MILLION, _SQS),
    Item.FIFO_RECEIVES: Price(Decimal("0.50"), _MILLION, _SQS),
    Item.TABLE_WRITES: Price(Decimal("0.625"), _MILLION, _DYNAMODB),
    Item.TABLE_READS: Price(Decimal("0.125"), _MILLION, _DYNAMODB),
    Item.OBJECT_WRITES: Price(Decimal("0.005"), 1_000, _S3),
    Item.OBJECT_READS: Price(Decimal("0.0004"), 1_000, _S3),
    Item.VAULT_READS: Price(Decimal("0.05"), 10_000, "AWS Secrets Manager pricing"),
    Item.LOG_BYTES: Price(Decimal("0.50"), 10**9, "Amazon CloudWatch pricing: Logs, Standard"),
    Item.UPSTREAM_CREDITS: Price(Decimal("5.00"), _MILLION, _HELIUS),
    Item.WEBHOOK_CREDITS: Price(Decimal("5.00"), _MILLION, _HELIUS),
}

WEBHOOK_EVENT_CREDITS = 1
"""What Helius charges for each event it posts (Helius Docs: Webhooks FAQs)."""
RECEIVES_A_BATCH = 2
"""What Lambda's own poller pays a batch: it receives once, and deletes once."""
QUEUE_CHUNK_BYTES = 64 * 1024
"""SQS counts each begun chunk of a request's payload as a request."""
WRITE_UNIT_BYTES = 1024
LOG_EVENT_OVERHEAD_BYTES = 26
"""CloudWatch counts these beside each event's own bytes."""


class Standing(NamedTuple):
    """Something paid by the hour, used or not."""

    what: str
    hourly: Decimal
    """Dollars for each."""
    source: str


ACU = Standing(
    "Aurora Serverless v2 capacity unit", Decimal("0.12"), "Amazon Aurora pricing: Serverless v2"
)
ENDPOINT = Standing("VPC interface endpoint and zone", Decimal("0.01"), "AWS PrivateLink pricing")
PROXY = Standing(
    "RDS Proxy at its minimum of 8 capacity units", Decimal("0.12"), "Amazon RDS Proxy pricing"
)
