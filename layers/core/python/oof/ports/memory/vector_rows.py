"""Rows of vectors and neighbours, as the tables in memory keep them."""

from datetime import datetime
from typing import NamedTuple

from oof.domain.similarity.model import WalletVector
from oof.ports.vectors import FoundNeighbours


class VectorRow(NamedTuple):
    """One row of vectors."""

    purchases: int
    computed_at: datetime
    vector: WalletVector | None


class NeighbourRow(NamedTuple):
    """One row of neighbours."""

    found: FoundNeighbours
    compared: int
    computed_at: datetime
