"""What storing bodies works with; apart, so that who only folds or plans loads no normalizer."""

from functools import cache

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.doubt_store import PostgresDoubtStore
from oof.adapters.sqs.queues import SqsFetchRequester
from oof.adapters.system import SystemClock, random_id
from oof.app.request_bodies import LeasedFetchRequester
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.app.verify_bodies import VerifyDeps
from oof.bootstrap.clients import sqs_client
from oof.bootstrap.facts import blobs, database, fact_store, wallet_waker
from oof.bootstrap.packs import current_dictionary
from oof.settings import StoringSettings


@cache
def store_deps() -> StoreDeps:
    """Dependencies of `store_transactions`."""
    settings = StoringSettings.from_env()
    return StoreDeps(
        facts=fact_store(),
        blobs=blobs(settings.facts_bucket),
        waker=wallet_waker(),
        fetches=LeasedFetchRequester(
            store=PostgresBackfillStore(database()),
            requester=SqsFetchRequester(sqs_client(), settings.fetch_queue_url),
            clock=SystemClock(),
            new_id=random_id,
            lease_s=settings.lease_s,
        ),
        clock=SystemClock(),
        new_id=random_id,
        dictionary=current_dictionary(),
        sample_per_10k=settings.webhook_sample_per_10k,
    )


@cache
def verify_deps() -> VerifyDeps:
    """Dependencies of `verify_bodies`."""
    return VerifyDeps(doubts=PostgresDoubtStore(database()), storing=store_deps())


def store_object(key: str, source: str) -> None:
    """Bring one object of bodies down the one store path."""
    deps = store_deps()
    store_transactions(deps.blobs.get(key), source=source, deps=deps)
