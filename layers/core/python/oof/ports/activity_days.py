"""What a wallet did within some days, as sums of its daily counters."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from oof.domain.units import Address
from oof.domain.windows import DaySpan
from oof.ports.history import WalletHead


class ActivityTotals(NamedTuple):
    """Sums over the days asked for."""

    head: WalletHead
    counters: Mapping[str, int]
    """By the names of `oof.domain.snapshot.activity`; what is 0 is left out."""


class ActivityReader(Protocol):
    """Reads what tracked wallets did. Raises `StoreUnavailable`."""

    def totals(self, wallet: Address, span: DaySpan) -> ActivityTotals | None:
        """Sum the days of a span; None for a wallet that was never tracked. Two round trips."""
        ...
