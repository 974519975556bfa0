"""Find out whom every wallet is most like: one bounded run over all stored vectors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import NamedTuple

from oof.domain.similarity.model import Neighbour, WalletVector
from oof.ports.system import Clock
from oof.ports.vectors import FoundNeighbours, KeptVector, NeighbourStore

type Nearest = Callable[
    [Sequence[WalletVector], Sequence[int]], Iterable[tuple[int, tuple[Neighbour, ...]]]
]
"""`domain.similarity.nearest.nearest`, handed in: it needs what most functions do not carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourSizes:
    """How much one run does."""

    most: int = 20_000
    """Wallets that are compared: those whose vectors changed last."""
    page: int = 500
    """Vectors read, and wallets written, at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourDeps:
    """What finding neighbours needs."""

    store: NeighbourStore
    nearest: Nearest
    clock: Clock
    sizes: NeighbourSizes


class NeighbourReport(NamedTuple):
    """What one run did."""

    compared: int
    is_bounded: bool
    """There are more vectors than were compared."""
    dropped: int
    """Wallets that lost their neighbours: they were not compared."""


def find_neighbours(deps: NeighbourDeps) -> NeighbourReport:
    """Replace everybody's neighbours, a page of wallets at a time.

    A run that dies leaves old neighbours beside new ones, each with its own time; the next one
    replaces all. Raises `StoreUnavailable` or `Conflict`.
    """
    at = deps.clock.now()
    sizes = deps.sizes
    kept = _read(deps.store, sizes)
    compared = kept[: sizes.most]
    vectors = [each.vector for each in compared]
    found = deps.nearest(vectors, [each.key.wallet_id for each in compared])
    for page in batched(found, sizes.page, strict=False):
        rows = [FoundNeighbours(*row) for row in page]
        deps.store.keep(rows, compared=len(compared) - 1, at=at)
    dropped = deps.store.drop(before=at)
    return NeighbourReport(len(compared), len(kept) > len(compared), dropped)


def _read(store: NeighbourStore, sizes: NeighbourSizes) -> list[KeptVector]:
    """Return up to one more vector than is compared."""
    found: list[KeptVector] = []
    while len(found) <= sizes.most:
        after = found[-1].key if found else None
        page = store.page(after=after, limit=min(sizes.page, sizes.most + 1 - len(found)))
        found += page
        if len(page) < sizes.page:
            break
    return found
