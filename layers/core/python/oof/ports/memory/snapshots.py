"""Summaries in memory."""

from collections.abc import Collection, Mapping

from oof.domain.snapshot.model import WalletSummary
from oof.domain.units import Address


class MemorySummaryStore:
    """A `SummaryStore` in a dict; counts its reads."""

    def __init__(self) -> None:
        self._summaries: dict[Address, WalletSummary] = {}
        self.reads = 0

    def get(self, wallet: Address) -> WalletSummary | None:
        """See `SummaryStore`."""
        self.reads += 1
        return self._summaries.get(wallet)

    def get_many(self, wallets: Collection[Address]) -> Mapping[Address, WalletSummary]:
        """See `SummaryStore`."""
        self.reads += 1
        return {each: self._summaries[each] for each in wallets if each in self._summaries}

    def put_if_newer(self, summary: WalletSummary) -> bool:
        """See `SummaryStore`."""
        there = self._summaries.get(summary.address)
        if there is not None and (there.epoch, there.revision) >= (summary.epoch, summary.revision):
            return False
        self._summaries[summary.address] = summary
        return True
