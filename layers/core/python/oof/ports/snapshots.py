"""The hot projection: one summary item a wallet."""

from collections.abc import Collection, Mapping
from typing import Protocol

from oof.domain.snapshot.model import WalletSummary
from oof.domain.units import Address


class SummaryStore(Protocol):
    """Summaries as projected; the database stays the truth."""

    def get(self, wallet: Address) -> WalletSummary | None:
        """Return the item by one read, or None. Raises `StoreUnavailable`."""
        ...

    def get_many(self, wallets: Collection[Address]) -> Mapping[Address, WalletSummary]:
        """Return the items that are there, up to 100 by one read. Raises `StoreUnavailable`."""
        ...

    def put_if_newer(self, summary: WalletSummary) -> bool:
        """Write unless an item with the same or a newer (epoch, revision) is there.

        Returns whether it was written. Raises `StoreUnavailable`.
        """
        ...
