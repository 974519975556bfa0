"""Whom a wallet is most like, as the last run found: one read."""

from typing import NamedTuple

from oof.domain.similarity.features import MIN_PURCHASES
from oof.domain.similarity.model import NoVector
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.ports.vectors import Neighbourhood, StoredVector, VectorReader

_NOT_STORED = {WalletState.REFUSED, WalletState.TOO_ACTIVE}


class NeighbourReading(NamedTuple):
    """What is known of a wallet's neighbours."""

    stored: StoredVector | None
    """None for a wallet that was never opened."""
    reason: NoVector | None
    """Why it has no vector; None where it has one."""
    neighbourhood: Neighbourhood | None
    """None before the first run that saw its vector."""


def read_neighbours(reader: VectorReader, wallet: Address) -> NeighbourReading:
    """Return what is known of a wallet's neighbours."""
    view = reader.neighbours(wallet)
    if view is None:
        return NeighbourReading(None, NoVector.NEVER_OPENED, None)
    reason = None if view.has_vector else why_no_vector(view.stored)
    return NeighbourReading(view.stored, reason, view.neighbourhood if view.has_vector else None)


def why_no_vector(stored: StoredVector | None) -> NoVector:
    """Return why a wallet has no vector."""
    if stored is None:
        return NoVector.NEVER_OPENED
    if stored.state in _NOT_STORED:
        return NoVector.REFUSED
    if stored.purchases is None or stored.purchases >= MIN_PURCHASES:
        return NoVector.NOT_YET
    return NoVector.TOO_FEW_PURCHASES
