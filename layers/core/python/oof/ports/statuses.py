"""How wallets stand, many at once: one indexed query, whatever is asked for."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from oof.domain.freshness import Standing
from oof.domain.units import Address

MAX_STATUSES: Final = 500
"""Wallets of one question."""


class StatusReader(Protocol):
    """Reads how tracked wallets stand. Raises `StoreUnavailable`."""

    def standings(self, wallets: Sequence[Address]) -> Mapping[Address, Standing]:
        """Return those of the wallets that were ever tracked. One round trip."""
        ...
