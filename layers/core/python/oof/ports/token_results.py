"""Pages of what a wallet's tokens came to within some days; SOL and dollars aside."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from oof.domain.rollups.windows import TokenWindow
from oof.domain.units import Address
from oof.domain.windows import DaySpan, Window
from oof.ports.position_pages import PositionsHead


class TokenSort(StrEnum):
    """What tokens are ordered by; those that have none of it come last, either way."""

    LAST_TRADE = "last_trade"
    REALIZED = "realized_usd"
    ROI = "roi"
    VOLUME = "volume_usd"


class SortOrder(StrEnum):
    """Which end comes first."""

    ASC = "asc"
    DESC = "desc"


class TokenOrder(NamedTuple):
    """How tokens are ordered; equals by when the mint was met first."""

    sort: TokenSort = TokenSort.LAST_TRADE
    order: SortOrder = SortOrder.DESC


class TokenKey(NamedTuple):
    """Where a page ended."""

    value: str | None
    """What it is ordered by, as text; None where it has none."""
    mint_id: int
    turns: int
    """Of the table it is in: its next page is of the same one, where it is kept apart."""


class TokenRecord(NamedTuple):
    """One token."""

    mint_id: int
    decimals: int | None
    symbol: str | None
    window: TokenWindow
    held_raw: int | None
    """What is held of it now, whatever the days; None where nobody knows."""


class TokenPage(NamedTuple):
    """Some tokens, and where the next page begins."""

    head: PositionsHead
    span: DaySpan | None
    """The days that are covered; None where they are to be summed first."""
    turns: int
    """How often the wallet was valued: what a sum of other days is of."""
    records: tuple[TokenRecord, ...] = ()
    next_key: TokenKey | None = None


class TokenResultReader(Protocol):
    """Reads what tokens of tracked wallets came to. Raises `StoreUnavailable`."""

    def of_window(
        self,
        wallet: Address,
        window: Window,
        *,
        wanted: TokenOrder,
        after: TokenKey | None,
        limit: int,
    ) -> TokenPage | None:
        """Return some tokens; None for a wallet never tracked.

        The page's span is None where nothing of the wallet was valued yet. Two round trips.
        """
        ...

    def of_days(
        self,
        wallet: Address,
        span: DaySpan,
        *,
        wanted: TokenOrder,
        after: TokenKey | None,
        at: datetime,
        limit: int,
    ) -> TokenPage | None:
        """Return some tokens over days that were summed; None for a wallet never tracked.

        The page's span is None where they were not, or of what the wallet was before. Three round
        trips.
        """
        ...


class TokenSums(Protocol):
    """Sums days for whoever asked. Raises `StoreUnavailable` or `Conflict`."""

    def sum_days(
        self, wallet: Address, span: DaySpan, *, at: datetime, expires_at: datetime
    ) -> int | None:
        """Sum a wallet's tokens over some days, as they are now, under its row lock.

        Returns how many there are; None for a wallet never tracked. Sums that are there stay.
        """
        ...

    def drop_expired(self, *, at: datetime, limit: int) -> int:
        """Drop up to `limit` sums that expired; return how many."""
        ...
