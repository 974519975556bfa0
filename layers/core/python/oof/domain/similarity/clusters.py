"""Groups of wallets that are alike: average-linkage clustering of overall scores, by SciPy."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from oof.domain.similarity.model import LEAST_LIKENESS, Cluster, Scores


def clusters_of(scores: Sequence[Sequence[Scores]]) -> tuple[Cluster, ...]:
    """Return the clusters of two wallets and more, the largest first, then the most alike."""
    if len(scores) < 2:
        return ()
    likeness = np.array([[pair.overall or 0.0 for pair in row] for row in scores])
    distances = 1 - likeness
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), method="average")
    labels = fcluster(tree, t=1 - LEAST_LIKENESS, criterion="distance")
    groups: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        groups.setdefault(int(label), []).append(place)
    found = (
        Cluster(tuple(members), _cohesion(likeness, members))
        for members in groups.values()
        if len(members) > 1
    )
    return tuple(sorted(found, key=lambda each: (-len(each.members), -each.cohesion, each.members)))


def _cohesion(
    likeness: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", members: list[int]
) -> float:
    pairs = [likeness[one, other] for one, other in combinations(members, 2)]
    return round(float(np.mean(pairs)), 4)
