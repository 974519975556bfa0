"""What a wallet held by day: some days at a time, each page of three indexed statements."""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from oof.domain.positions.held_values import HeldSpan
from oof.domain.prices.series import Priced
from oof.domain.units import Address, Mint, UnixSeconds
from oof.domain.windows import DaySpan
from oof.ports.position_pages import PositionsHead

MAX_SPANS: Final = 5_000
"""Quantities looked at for a page; of more the latest are."""


class HoldingDaysPage(NamedTuple):
    """What was held within some days, and what it was worth then."""

    head: PositionsHead
    oldest_time: UnixSeconds | None
    """Of the wallet's transactions."""
    undated: int
    """Transactions whose time nobody knows: what they changed is in no day yet."""
    spans: tuple[HeldSpan, ...]
    """Quantities above 0, by mint and day; cut to the days asked for."""
    closes: Mapping[tuple[Mint, int], Priced]
    """The closing price of a mint's day, where one is stored."""
    is_cut: bool
    """There were more than `MAX_SPANS`."""


class HoldingDaysReader(Protocol):
    """Reads what tracked wallets held. Raises `StoreUnavailable`."""

    def page(self, wallet: Address, span: DaySpan) -> HoldingDaysPage | None:
        """Return what was held within a span that has a first day.

        None for a wallet that was never tracked. At most three round trips.
        """
        ...
