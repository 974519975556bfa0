"""A price that comes while a wallet is valued: Postgres alone, on connections of their own."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.app.apply_wallet import ApplyDeps
from oof.app.value_positions import value_positions
from oof.domain.prices.candles import DAY_S, Source, Width, flat
from oof.domain.units import SOL_MINT, UnixSeconds
from oof.ports.prices import Settled
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import START, World, clean_pass
from tests.support.valued import reset_values, values_of

LATER: Any = START + timedelta(days=400)


@pytest.fixture
def databases(postgres_dsn):
    """Two connections to one database."""
    made = [Database(lambda: postgres_dsn) for _ in range(2)]
    yield made
    for database in made:
        database.close()


@pytest.fixture
def folded(databases):
    """A history that waits for prices, and the other connection's price store."""
    world = World(generated_history(11, 12), PostgresFactStore(databases[0]))
    clean_pass(world)
    prices = PostgresPriceStore(databases[1])
    prices.note_trades(sol_usd=100, oldest_day=0)
    return world, prices


def tell(prices):
    """Tell a price of SOL for every minute of the days that are wanted."""
    days = {due.day for due in prices.due_days(at=LATER, limit=10_000)}
    prices.keep(
        {
            SOL_MINT: [
                flat(UnixSeconds(start), Width.HOUR, Decimal(100), Source.PYTH, 95)
                for day in days
                for start in range(day * DAY_S, (day + 1) * DAY_S, 3_600)
            ]
        }
    )


class Watched(PostgresFactStore):
    """A store that calls back before values are saved."""

    def __init__(self, database, meanwhile):
        super().__init__(database)
        self._meanwhile = meanwhile

    @contextmanager
    def transaction(self):
        """Begin."""
        with super().transaction() as transaction:
            save: Any = transaction.save_values

            def save_values(*args, **kwargs):
                self._meanwhile()
                return save(*args, **kwargs)

            watched: Any = transaction
            watched.save_values = save_values
            yield transaction


def valued_with(world, wallet, meanwhile):
    """Value a wallet; `meanwhile` happens once its prices were read, before anything is written."""
    facts: Any = Watched(world.inner._database, meanwhile)
    value_positions(wallet, deps=ApplyDeps(facts=facts, clock=world.clock))


def unpriced(world):
    """How many exits wait for a price."""
    return sum("pending" in row["missing"] for row in values_of(world.inner)["exits"])


def test_a_price_told_while_a_wallet_is_valued_is_heard_at_last(folded):
    """Its mark waits for the turn to end, or the end of the day marks it again."""
    world, prices = folded
    reset_values(world.inner, 0)
    for wallet in world.history.wallets:
        told = threading.Thread(target=tell, args=(prices,))

        def meanwhile(teller=told):
            teller.start()
            teller.join(0.3)

        valued_with(world, wallet, meanwhile)
        told.join(10)
        assert not told.is_alive()
    before = unpriced(world)

    days = {
        Settled(due.mint, due.day, (due.day + 1) * DAY_S, 1)
        for due in prices.due_days(at=LATER, limit=10_000)
    }
    prices.settle(sorted(days), [], at=START, again_at=LATER)
    for wallet in world.history.wallets:
        value_positions(wallet, deps=world.advancing.applying)

    values = values_of(world.inner)
    assert before > 0
    assert unpriced(world) == 0
    assert values["waits"] == []
    assert any(row["pnl_usd"] is not None for row in values["exits"])
