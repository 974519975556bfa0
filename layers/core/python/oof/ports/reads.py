"""Who is still being looked at: wallets that nobody reads are no longer followed."""

from collections.abc import Sequence
from typing import Protocol

from oof.domain.units import Address, UnixSeconds


class ReadMarks(Protocol):
    """When each wallet was last read, to the hour or so."""

    def mark(self, wallet: Address, *, at: UnixSeconds) -> None:
        """Remember that the wallet was read. Raises `StoreUnavailable`."""
        ...

    def last(self, wallet: Address) -> UnixSeconds | None:
        """Return when it was last read, None where that is long ago. Raises `StoreUnavailable`."""
        ...

    def last_of(self, wallets: Sequence[Address]) -> dict[Address, UnixSeconds]:
        """Return the same of many wallets, absent where there is none or none could be had now."""
        ...
