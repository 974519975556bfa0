"""What keeping prices works with on the database's side."""

from functools import cache

from oof.adapters.dynamo.fenced_lock import DynamoFencedLock
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.adapters.system import SystemClock, random_id
from oof.app.refresh_prices import RefreshDeps
from oof.app.wake_unvalued import wake_unvalued
from oof.bootstrap.facts import database, fact_store, wallet_waker
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.domain.prices.candles import Source
from oof.settings import StepSettlePricesSettings


@cache
def refresh_deps() -> RefreshDeps:
    """Dependencies of `plan_prices` and `keep_prices`."""
    settings = StepSettlePricesSettings.from_env()
    return RefreshDeps(
        store=PostgresPriceStore(database(), kept_days=settings.candles_kept_days),
        lock=DynamoFencedLock(dynamo_client(), settings.hot_table, name="prices"),
        wake=_wake_unvalued,
        blobs=run_blobs(),
        clock=SystemClock(),
        new_id=random_id,
        max_reads=settings.max_candle_reads,
        reads_a_round=settings.candle_reads_a_round,
        kept_days=settings.candles_kept_days,
        uses_swaps=Source.SWAPS in settings.price_sources,
    )


def _wake_unvalued() -> None:
    wake_unvalued(fact_store(), wallet_waker(), clock=SystemClock(), batch=random_id())
