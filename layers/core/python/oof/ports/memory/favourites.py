"""Favourites in one process."""

from collections.abc import Sequence

from oof.domain.units import Address, UnixSeconds


class MemoryFavourites:
    """`Favourites` in a dict."""

    def __init__(self) -> None:
        self._added: dict[Address, UnixSeconds] = {}

    def add(self, wallets: Sequence[Address], *, at: UnixSeconds) -> None:
        """See `Favourites`."""
        for wallet in wallets:
            self._added.setdefault(wallet, at)

    def remove(self, wallets: Sequence[Address]) -> None:
        """See `Favourites`."""
        for wallet in wallets:
            self._added.pop(wallet, None)

    def all(self) -> tuple[Address, ...]:
        """See `Favourites`."""
        return tuple(sorted(self._added, key=lambda wallet: (self._added[wallet], wallet)))
