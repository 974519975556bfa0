"""Read marks in one process."""

from collections.abc import Sequence

from oof.domain.units import Address, UnixSeconds


class MemoryReadMarks:
    """`ReadMarks` in a dict."""

    def __init__(self) -> None:
        self._marks: dict[Address, UnixSeconds] = {}

    def mark(self, wallet: Address, *, at: UnixSeconds) -> None:
        """See `ReadMarks`."""
        self._marks[wallet] = at

    def last(self, wallet: Address) -> UnixSeconds | None:
        """See `ReadMarks`."""
        return self._marks.get(wallet)

    def last_of(self, wallets: Sequence[Address]) -> dict[Address, UnixSeconds]:
        """See `ReadMarks`."""
        return {wallet: self._marks[wallet] for wallet in wallets if wallet in self._marks}
