"""What storing bodies works with; apart, so that who only folds or plans loads no normalizer."""

from functools import cache

from oof.adapters.postgres.doubt_store import PostgresDoubtStore
from oof.adapters.system import SystemClock, random_id
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.app.verify_bodies import VerifyDeps
from oof.bootstrap.facts import blobs, database, fact_store, wallet_waker
from oof.bootstrap.leases import leased_fetches
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
        fetches=leased_fetches(settings.lease_s),
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
