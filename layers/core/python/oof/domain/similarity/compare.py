"""Some wallets, each compared with every other."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from oof.domain.similarity.clusters import clusters_of
from oof.domain.similarity.measures import Population, leader_of
from oof.domain.similarity.model import (
    Comparison,
    Holder,
    Pair,
    Sample,
    Scores,
    SharedToken,
    WalletVector,
)

MAX_PAIRS: Final = 100
MAX_TOKENS: Final = 50


def compare(vectors: Sequence[WalletVector]) -> Comparison:
    """Compare wallets by their vectors; where they stand in the list does not matter."""
    population = Population(vectors)
    scores = _square(population)
    pairs = _pairs(population, scores)
    tokens = _tokens(population)
    return Comparison(
        scores=scores,
        samples=[
            Sample(population.active_days(place), population.too_small(place))
            for place in range(len(vectors))
        ],
        pairs=tuple(pairs[:MAX_PAIRS]),
        pairs_count=len(pairs),
        tokens=tuple(tokens[:MAX_TOKENS]),
        tokens_count=len(tokens),
        clusters=clusters_of(scores),
    )


def _square(population: Population) -> list[list[Scores]]:
    """Return all scores; each pair is worked out once, so that both sides say the same."""
    count = len(population.vectors)
    everyone = np.arange(count)
    rows = [population.scores(one, everyone) for one in range(count)]
    return [
        [rows[min(one, other)].at(max(one, other)) for other in range(count)]
        for one in range(count)
    ]


def _pairs(population: Population, scores: Sequence[Sequence[Scores]]) -> list[Pair]:
    """Return pairs that share a token, the most alike first."""
    count = len(population.vectors)
    found: list[Pair] = []
    for one in range(count):
        for other in range(one + 1, count):
            entering = population.entering(one, other)
            if entering.shared:
                leader = leader_of(entering)
                place = None if leader is None else (one, other)[leader]
                found.append(Pair(one, other, scores[one][other], entering, place))
    return sorted(found, key=lambda pair: (-(pair.scores.overall or 0), -pair.entering.shared))


def _tokens(population: Population) -> list[SharedToken]:
    """Return tokens that several bought: what most share first, then by their shares of capital."""
    buyers: dict[int, list[int]] = defaultdict(list)
    for place, vector in enumerate(population.vectors):
        for mint in vector.first_mints:
            buyers[mint].append(place)
    found = [
        SharedToken(mint, _holders(population, mint, places))
        for mint, places in buyers.items()
        if len(places) > 1
    ]
    return sorted(found, key=_by_weight)


def _holders(population: Population, mint: int, places: Sequence[int]) -> tuple[Holder, ...]:
    holders = (
        Holder(place, population.share_of(place, mint), population.first_of(place, mint))
        for place in places
    )
    return tuple(sorted(holders, key=lambda each: (each.purchase.slot, each.place)))


def _by_weight(token: SharedToken) -> tuple[int, float, int]:
    share = sum(holder.share or 0 for holder in token.holders)
    return -len(token.holders), -share, token.mint_number
