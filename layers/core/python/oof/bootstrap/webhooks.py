"""What putting webhooks works with; it does not reach the database."""

import secrets
from functools import cache

from oof.adapters.dynamo.fenced_lock import DynamoFencedLock
from oof.adapters.helius.webhooks import HeliusWebhooks
from oof.adapters.secretsmanager.delivery_secrets import SecretsManagerDeliverySecrets
from oof.adapters.system import SystemClock
from oof.app.put_webhooks import PutWebhooksDeps
from oof.bootstrap.clients import secrets_client
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.bootstrap.upstream import rest_transport
from oof.domain.limits import Share
from oof.ports.webhooks import LOCK_NAME
from oof.settings import StepPutWebhooksSettings

_SECRET_BYTES = 32


def put_webhooks_deps() -> PutWebhooksDeps:
    """Dependencies of `put_webhooks`; the registry counts what this event asks."""
    settings = _settings()
    return PutWebhooksDeps(
        hooks=HeliusWebhooks(rest_transport(Share.TAIL)),
        secrets=SecretsManagerDeliverySecrets(secrets_client(), settings.webhook_secret_arn),
        lock=DynamoFencedLock(dynamo_client(), settings.hot_table, name=LOCK_NAME),
        blobs=run_blobs(),
        clock=SystemClock(),
        new_secret=lambda: secrets.token_urlsafe(_SECRET_BYTES),
        url=settings.webhook_url,
    )


@cache
def _settings() -> StepPutWebhooksSettings:
    return StepPutWebhooksSettings.from_env()
