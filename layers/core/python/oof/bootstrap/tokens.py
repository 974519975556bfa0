"""What keeping token facts works with on the database's side."""

from functools import cache

from oof.adapters.dynamo.fenced_lock import DynamoFencedLock
from oof.adapters.postgres.token_store import PostgresTokenStore
from oof.adapters.system import SystemClock, random_id
from oof.app.refresh_tokens import RefreshTokensDeps
from oof.bootstrap.facts import database
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.settings import StepSettleTokensSettings


@cache
def refresh_tokens_deps() -> RefreshTokensDeps:
    """Dependencies of `plan_tokens` and `keep_tokens`."""
    settings = StepSettleTokensSettings.from_env()
    return RefreshTokensDeps(
        store=PostgresTokenStore(database()),
        lock=DynamoFencedLock(dynamo_client(), settings.hot_table, name="tokens"),
        blobs=run_blobs(),
        clock=SystemClock(),
        new_id=random_id,
        max_mints=settings.max_token_mints,
        mints_a_round=settings.token_mints_a_round,
    )
