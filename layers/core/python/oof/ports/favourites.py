"""Wallets whose whole history is brought in though nobody asks for it."""

from collections.abc import Sequence
from typing import Protocol

from oof.domain.units import Address, UnixSeconds


class Favourites(Protocol):
    """A small set of wallets. Every method raises `StoreUnavailable`."""

    def add(self, wallets: Sequence[Address], *, at: UnixSeconds) -> None:
        """Favour wallets; one that is favoured keeps its time."""
        ...

    def remove(self, wallets: Sequence[Address]) -> None:
        """Favour them no more; what is stored stays."""
        ...

    def all(self) -> tuple[Address, ...]:
        """Return them, the one favoured first at first."""
        ...
