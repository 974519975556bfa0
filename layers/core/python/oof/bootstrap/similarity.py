"""What comparing wallets works with; each built once an environment. Loads NumPy and SciPy."""

from functools import cache

from oof.adapters.postgres.vector_reader import PostgresNeighbourStore, PostgresVectorReader
from oof.adapters.system import SystemClock
from oof.app.compare_wallets import CompareDeps
from oof.app.find_neighbours import NeighbourDeps, NeighbourSizes
from oof.bootstrap.facts import database
from oof.domain.similarity.compare import compare
from oof.domain.similarity.nearest import nearest
from oof.settings import JobFindNeighboursSettings


@cache
def compare_deps() -> CompareDeps:
    """Dependencies of `compare_wallets`."""
    return CompareDeps(vectors=PostgresVectorReader(database()), compare=compare)


@cache
def neighbour_deps() -> NeighbourDeps:
    """Dependencies of `find_neighbours`."""
    settings = JobFindNeighboursSettings.from_env()
    return NeighbourDeps(
        store=PostgresNeighbourStore(database()),
        nearest=nearest,
        clock=SystemClock(),
        sizes=NeighbourSizes(most=settings.neighbours_most_wallets),
    )
