"""Asking for bodies that nobody else is fetching, from the database's side."""

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.system import SystemClock, random_id
from oof.app.request_bodies import LeasedFetchRequester
from oof.bootstrap.facts import database
from oof.bootstrap.queues import fetch_requester


def leased_fetches(lease_s: int) -> LeasedFetchRequester:
    """Has bodies asked for, each leased for so many seconds."""
    return LeasedFetchRequester(
        store=PostgresBackfillStore(database()),
        requester=fetch_requester(),
        clock=SystemClock(),
        new_id=random_id,
        lease_s=lease_s,
    )
