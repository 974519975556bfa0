"""What a wallet's tokens came to, by day and altogether; SOL and dollars aside.

However long the history, a read is of the days that are asked for, or of their sums.
"""

from typing import NamedTuple, Protocol

from oof.domain.positions.days import DayFigures
from oof.domain.positions.headline import HeldPosition
from oof.domain.rollups.metrics import DayResult
from oof.domain.units import Address, UnixSeconds
from oof.domain.windows import AskedDays, DaySpan
from oof.ports.position_pages import PositionsHead


class PnlDay(NamedTuple):
    """One UTC day of all tokens together."""

    day: int
    """Days since 1970, or `NO_DAY`."""
    figures: DayFigures


class PnlDays(NamedTuple):
    """All days with a trade, oldest first."""

    head: PositionsHead
    days: tuple[PnlDay, ...]


class PnlTotals(NamedTuple):
    """What some days came to altogether."""

    head: PositionsHead
    span: DaySpan
    """The days that are covered: a window ends with the day that it was summed for."""
    figures: DayFigures
    days: tuple[DayResult, ...]
    """Those with a trade, oldest first."""
    held: tuple[HeldPosition, ...]
    """What is held now, at the newest prices."""
    is_valuing: bool
    """Whether trades wait to be valued, some for the first time."""


class PnlReader(Protocol):
    """Reads results of tracked wallets. Raises `StoreUnavailable`."""

    def days(self, wallet: Address, span: DaySpan) -> PnlDays | None:
        """Return the days within a span; None for a wallet never tracked. Two round trips."""
        ...

    def totals(self, wallet: Address, asked: AskedDays, *, at: UnixSeconds) -> PnlTotals | None:
        """Return what days came to; None for a wallet never tracked. Three round trips."""
        ...
