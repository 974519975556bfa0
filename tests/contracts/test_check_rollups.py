"""Checking rollups: what is stored is what it is made of, and a planted difference is told."""

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.rollup_checks import PostgresRollupCheckStore
from oof.adapters.postgres.rows import address_bytes
from oof.app.apply_wallet import rebuild_wallet
from oof.app.check_rollups import CheckDeps, Skipped, check_rollups, check_wallet
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.rollup_checks import MemoryRollupCheckStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import Delivery, World, clean_pass

SEED, SIZE = 11, 5
NEVER = 10**9
YEARS_S = 3 * 365 * 86_400
_ID = "SELECT wallet_id FROM wallets WHERE address = %s"


@pytest.fixture(params=["memory", "postgres"])
def world(request):
    """A world at rest, on each store."""
    if request.param == "memory":
        yield at_rest(MemoryFactStore())
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield at_rest(PostgresFactStore(database))
    database.close()


def at_rest(facts):
    """A world in which all is done, in a year after all that happened."""
    world = World(generated_history(SEED, SIZE), facts)
    world.clock.pass_(YEARS_S)
    clean_pass(world)
    return world


def deps_of(world, **changes):
    """What checking a world needs."""
    facts = world.inner
    is_memory = isinstance(facts, MemoryFactStore)
    store = (
        MemoryRollupCheckStore(facts) if is_memory else PostgresRollupCheckStore(facts._database)
    )
    return CheckDeps(store=store, clock=world.clock, **changes)


def checked(world, **changes):
    """Check all there is time for."""
    return check_rollups(deps=deps_of(world, **changes), has_time=lambda: True)


def busiest(world):
    """The wallet that did the most."""
    return max(world.history.wallets, key=lambda w: len(world.history.listings[w]))


def plant(world, table):
    """Change a row of a table behind everybody's back."""
    facts, wallet = world.inner, busiest(world)
    name, statement = PLANTED[table]
    if isinstance(facts, MemoryFactStore):
        wallet_id = facts.tables.tracked[wallet].wallet_id
        rows = getattr(facts.tables, name)
        # The last one: that of all time, where there are several windows.
        del rows[[key for key in rows if key[0] == wallet_id][0 if "windows" in table else -1]]
        return
    with facts._database.transaction() as cursor:
        [(wallet_id,)] = cursor.execute(_ID, (address_bytes(wallet),)).fetchall()
        assert cursor.execute(f"{statement} WHERE wallet_id = %s", (wallet_id,)).rowcount


def test_a_world_at_rest_has_no_drift(world):
    """Every wallet is worked out anew, each stage of it, and nothing differs."""
    report = checked(world)

    assert report == (len(world.history.wallets), 0, 0, 0, ())


PLANTED = {
    "wallet_counters": ("counters", "UPDATE wallet_counters SET value = value + 1"),
    "wallet_hours": ("hours", "UPDATE wallet_hours SET tx_count = tx_count + 1"),
    "wallet_activity_days": ("activity", "DELETE FROM wallet_activity_days"),
    "wallet_flow_days": ("flows", "UPDATE wallet_flow_days SET raw = raw + 1"),
    "holding_days": ("holding_days", "DELETE FROM holding_days"),
    "position_days": ("position_days", "UPDATE position_days SET exits = exits + 1"),
    "wallet_days": ("wallet_days", "UPDATE wallet_days SET cost_usd = cost_usd + 0.00000001"),
    "token_windows": ("token_windows", "DELETE FROM token_windows"),
    "wallet_windows": ("wallet_windows", "UPDATE wallet_windows SET buys = buys + 1"),
}
"""By table: what it is called in memory, where a row is lost, and what is done in Postgres."""


@pytest.mark.parametrize("world", ["postgres"], indirect=True)
def test_planted_differences_are_told(world):
    """Wallet, table and first row of each; they are still there after: nothing is mended."""
    for table in PLANTED:
        plant(world, table)

    first, again = checked(world), checked(world)

    assert first == again
    told = {drift.table: drift for drift in first.drifts if drift.wallet == busiest(world)}
    assert told.keys() == PLANTED.keys()
    assert all(drift.rows and drift.key for drift in told.values())
    assert all(drift.stored != drift.wanted for drift in told.values())


@pytest.mark.parametrize("world", ["memory"], indirect=True)
def test_a_lost_row_is_told(world):
    """Of whichever table."""
    tables = world.inner.tables
    for table in PLANTED:
        world.inner.tables = tables.copy()
        plant(world, table)

        told = {drift.table: drift for drift in checked(world).drifts}

        assert told[table].wallet == busiest(world)
        assert told[table].rows == 1
        assert told[table].stored is None


def test_a_wallet_that_is_behind_is_left_alone(world):
    """What is pending makes a difference that is none."""
    world.store(Delivery("webhook", world.history.signatures[:1], rich=True))
    wallet = world.wakes.waiting[0]

    assert check_wallet(wallet, deps=deps_of(world)) == Skipped.BUSY
    report = checked(world, ledger_rows=0)
    assert report.busy >= 1
    assert report.busy + report.too_long == len(world.history.wallets)


def test_a_difference_that_is_gone_at_the_second_look_is_none(world):
    """What is stored may be learnt between two stages."""
    plant(world, "wallet_counters")
    deps = deps_of(world)
    looks: list[int] = []

    class Mended(MemoryRollupCheckStore):
        """A store that somebody mends meanwhile."""

        def __init__(self):
            super().__init__(MemoryFactStore())

        def snapshot(self):
            looks.append(len(looks))
            if looks[-1]:
                rebuild_wallet(busiest(world), deps=world.advancing.applying)
            return deps.store.snapshot()

    found = check_wallet(busiest(world), deps=CheckDeps(store=Mended(), clock=world.clock))

    assert found == []
    assert looks == [0, 1]


def test_samples_go_round_all_wallets(world):
    """The same on the same day, others on the next, and everybody in the end."""
    store, wallets = deps_of(world).store, world.history.wallets
    samples = [store.sample(turn=turn, limit=1) for turn in range(len(wallets))]

    assert samples[0] == store.sample(turn=0, limit=1)
    assert {wallet for sample in samples for wallet in sample} == set(wallets)
    assert set(store.sample(turn=NEVER, limit=500)) == set(wallets)


def test_without_time_nothing_is_begun(world):
    """The rest is said to be left."""
    report = check_rollups(deps=deps_of(world), has_time=lambda: False)

    assert report == (0, 0, 0, len(world.history.wallets), ())
