"""What a wallet's tokens came to day by day: one indexed query, whatever the history."""

from typing import NamedTuple, Protocol

from oof.domain.positions.days import DayFigures
from oof.domain.units import Address
from oof.ports.position_pages import PositionsHead


class PnlDay(NamedTuple):
    """One UTC day of all tokens together, SOL and dollars aside."""

    day: int
    """Days since 1970, or `NO_DAY`."""
    figures: DayFigures


class PnlDays(NamedTuple):
    """All days with a trade, oldest first."""

    head: PositionsHead
    days: tuple[PnlDay, ...]


class PnlReader(Protocol):
    """Reads daily results of tracked wallets. Raises `StoreUnavailable`."""

    def days(self, wallet: Address) -> PnlDays | None:
        """Return all days; None for a wallet that was never tracked. Two round trips."""
        ...
