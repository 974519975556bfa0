"""Favourites by night: who is begun, how far, and what the budget allows."""

import pytest

from oof.app.backfill_favourites import OvernightDeps, backfill_favourites
from oof.app.favour_wallets import favour_wallets
from oof.app.open_wallet import start_backfill
from oof.domain.backfill import Mode
from oof.domain.errors import InvalidInput
from oof.domain.jobs import WorkStatus
from oof.domain.limits import Share
from oof.ports.memory.favourites import MemoryFavourites


@pytest.fixture
def world(make_world):
    """Small chunks."""
    return make_world(chunk_signatures=60, page=30)


@pytest.fixture
def deps(world):
    """Two runs a night at most."""
    return OvernightDeps(
        favourites=MemoryFavourites(), store=world.store, opening=world.opening, most=2
    )


def favoured(deps, world, *names):
    """Favour named wallets."""
    return favour_wallets(deps, add=[world.wallet(name) for name in names], remove=())


def test_a_favourite_comes_in_whole(deps, world):
    """The night brings in all of it, on the share that takes only what is left."""
    favoured(deps, world, "trader")

    night = backfill_favourites(deps)
    [run] = world.starter.runs.values()
    world.execute_started()

    assert (night.started, night.complete) == (1, 0)
    assert run.mode is Mode.OVERNIGHT
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))
    assert set(world.provider.limiter.taken) == {Share.SPARE}
    [work] = world.works._works.values()
    assert work.status is WorkStatus.SUCCEEDED


def test_a_complete_favourite_is_left_alone(deps, world):
    """The next night it lacks nothing, and costs nothing."""
    favoured(deps, world, "friend")
    backfill_favourites(deps)
    world.execute_started()

    night = backfill_favourites(deps)

    assert (night.favourites, night.complete, night.started) == (1, 1, 0)
    assert not world.starter.runs


def test_a_night_begins_so_many_runs(deps, world):
    """The first favoured come first; the rest waits for another night."""
    favoured(deps, world, "trader")
    favoured(deps, world, "friend", "empty")

    assert backfill_favourites(deps).started == 2
    first = next(iter(world.starter.runs.values()))
    assert first.wallet == world.wallet("trader")


def test_what_somebody_asked_for_is_joined(deps, world):
    """All of it asked for by day is the same work: the night begins no other."""
    favoured(deps, world, "trader")
    start_backfill(world.opening, world.wallet("trader"), days=730)
    [asked] = world.starter.runs.values()

    backfill_favourites(deps)

    assert list(world.starter.runs.values()) == [asked]


def test_the_night_ends_with_the_budget(deps, world):
    """From 70 percent of the day's credits on nothing begins that nobody asked for."""
    favoured(deps, world, "trader", "friend")
    world.provider.limiter.charge(700_000_000)

    night = backfill_favourites(deps)

    assert (night.started, night.is_out_of_budget) == (0, True)
    assert not world.starter.runs


def test_a_run_by_night_stops_where_the_budget_does(deps, world):
    """What it stored stays; the next night goes on."""
    favoured(deps, world, "trader")
    backfill_favourites(deps)
    world.provider.limiter.charge(700_000_000)
    world.execute_started()

    [work] = world.works._works.values()
    assert (work.status, work.reason) == (WorkStatus.PARTIAL, "budget_spent")

    world.provider.now_ms += 86_400_000
    backfill_favourites(deps)
    world.execute_started()
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))


def test_only_addresses_are_favoured(deps, world):
    """One that is none refuses them all."""
    with pytest.raises(InvalidInput):
        favour_wallets(deps, add=[world.wallet("friend"), "nobody"], remove=())
    assert deps.favourites.all() == ()


def test_a_favourite_is_taken_back(deps, world):
    """The answer is the list as it is then."""
    trader, friend = favoured(deps, world, "trader", "friend")

    assert favour_wallets(deps, add=(), remove=[trader]) == (friend,)
