"""POST /ingest/webhook/helius: authenticate, enqueue, acknowledge."""

import logging
from functools import cache
from typing import Any

import boto3

from oof.entrypoints.webhook import (
    CachedSecrets,
    QueueHandover,
    WebhookDeps,
    answer_webhook,
    utc_now,
)
from oof.settings_webhook import WebhookSettings

logging.getLogger("oof").setLevel(logging.INFO)


@cache
def _deps() -> WebhookDeps:
    """Build once an environment; nothing here reaches for the database."""
    settings = WebhookSettings.from_env()
    return WebhookDeps(
        secrets=CachedSecrets(
            client=boto3.client("secretsmanager"), secret_arn=settings.webhook_secret_arn
        ),
        hand_over=QueueHandover(
            sqs=boto3.client("sqs"),
            s3=boto3.client("s3"),
            queue_url=settings.store_queue_url,
            bucket=settings.facts_bucket,
            now=utc_now,
        ),
        status=settings.webhook_status,
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one webhook delivery."""
    return answer_webhook(event, _deps())
