"""Whom every wallet is most like: all vectors in blocks, so that memory stays bounded."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from oof.domain.similarity.measures import Population
from oof.domain.similarity.model import Neighbour, WalletVector

BLOCK: Final = 256
"""Wallets compared with all others at once."""
CANDIDATES: Final = 60
"""Of each wallet so many others, by a guess, are compared in full."""
NEIGHBOURS: Final = 20
"""And so many of these are kept."""


def nearest(
    vectors: Sequence[WalletVector], wallet_ids: Sequence[int]
) -> Iterator[tuple[int, tuple[Neighbour, ...]]]:
    """Yield each wallet with those most like it, the most alike first, in the order given.

    Whose overall likeness is not known, or 0, is no neighbour.
    """
    population = Population(vectors)
    for start in range(0, len(vectors), BLOCK):
        block = range(start, min(start + BLOCK, len(vectors)))
        guesses = population.cheap_scores(block)
        for one in block:
            guess = guesses[one - start]
            guess[one] = -1
            count = min(CANDIDATES, len(vectors) - 1)
            others = np.argpartition(-guess, count - 1)[:count] if count else np.arange(0)
            yield wallet_ids[one], _best(population, wallet_ids, one, np.sort(others))


def _best(
    population: Population,
    wallet_ids: Sequence[int],
    one: int,
    others: "np.ndarray[tuple[int], np.dtype[np.intp]]",
) -> tuple[Neighbour, ...]:
    row = population.scores(one, others)
    found = (
        Neighbour(wallet_ids[other], row.at(place)) for place, other in enumerate(others.tolist())
    )
    alike = [each for each in found if each.scores.overall]
    alike.sort(key=lambda each: (-(each.scores.overall or 0), each.wallet_id))
    return tuple(alike[:NEIGHBOURS])
