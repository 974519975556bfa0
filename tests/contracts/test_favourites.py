"""The contract of `Favourites`, held by its memory twin and by Postgres."""

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.favourites import PostgresFavourites
from oof.domain.units import Address, UnixSeconds
from oof.ports.memory.favourites import MemoryFavourites

ANN = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")
BOB = Address("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")


@pytest.fixture(params=["memory", "postgres"])
def favourites(request):
    """Each implementation, empty."""
    if request.param == "memory":
        yield MemoryFavourites()
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFavourites(database)
    database.close()


def test_the_first_favoured_is_the_first(favourites):
    """In the order they were favoured, whatever their addresses; twice is once."""
    assert favourites.all() == ()
    favourites.add([BOB], at=UnixSeconds(1_000))
    favourites.add([ANN, BOB], at=UnixSeconds(2_000))

    assert favourites.all() == (BOB, ANN)


def test_one_is_favoured_no_more(favourites):
    """What is removed is gone, twice is once, and it may come back as the last."""
    favourites.add([ANN], at=UnixSeconds(1_000))
    favourites.add([BOB], at=UnixSeconds(2_000))
    favourites.remove([ANN])
    favourites.remove([ANN])
    assert favourites.all() == (BOB,)

    favourites.add([ANN], at=UnixSeconds(3_000))
    assert favourites.all() == (BOB, ANN)
