"""What the night's job over favourites works with."""

from functools import cache

from oof.adapters.dynamo.items import hot_table
from oof.adapters.dynamo.open_quota import DynamoOpenQuota
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.favourites import PostgresFavourites
from oof.adapters.system import SystemClock
from oof.app.backfill_favourites import OvernightDeps
from oof.app.open_wallet import OpenCaps, OpenDeps
from oof.bootstrap.facts import database
from oof.bootstrap.runs import gate_reader, limits, run_starter
from oof.settings import JobBackfillFavouritesSettings


@cache
def overnight_deps() -> OvernightDeps:
    """Dependencies of `backfill_favourites` and `favour_wallets`."""
    settings = JobBackfillFavouritesSettings.from_env()
    table = hot_table(settings.hot_table)
    return OvernightDeps(
        favourites=PostgresFavourites(database()),
        store=PostgresBackfillStore(database()),
        opening=OpenDeps(
            works=DynamoWorkStore(table),
            quota=DynamoOpenQuota(table),
            gate=gate_reader(),
            starter=run_starter(),
            clock=SystemClock(),
            limits=limits(),
            caps=OpenCaps(
                per_caller=settings.opens_per_caller_per_day, per_day=settings.opens_per_day
            ),
        ),
        most=settings.favourites_per_night,
    )
