"""Whom a wallet got what from and gave what, a page of counterparties at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from oof.domain.snapshot.transfers import Direction
from oof.domain.units import Address, Mint
from oof.domain.windows import DaySpan
from oof.ports.history import WalletHead

MAX_MINTS: Final = 20
"""Mints shown of one counterparty, most transfers first."""


class FlowFilter(StrEnum):
    """Which transfers are wanted."""

    ALL = "all"
    """Both ways; without what came in as spam or dust."""
    IN = "in"
    OUT = "out"
    MARKED = "marked"
    """What came in as spam or dust, and that alone."""

    @property
    def directions(self) -> Sequence[Direction]:
        """The directions that are wanted."""
        return _WANTED[self]


_WANTED: Final = {
    FlowFilter.ALL: (Direction.IN, Direction.OUT),
    FlowFilter.IN: (Direction.IN,),
    FlowFilter.OUT: (Direction.OUT,),
    FlowFilter.MARKED: (Direction.MARKED,),
}


class FlowPageKey(NamedTuple):
    """Where a page ended."""

    day: int
    other: str
    """The counterparty, as the store orders them."""


class MintFlow(NamedTuple):
    """What went either way of one mint."""

    mint: Mint
    decimals: int | None
    in_transfers: int
    in_raw: int
    out_transfers: int
    out_raw: int
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRecord:
    """Everything that went between a wallet and one counterparty, within the days asked for."""

    key: FlowPageKey
    counterparty: Address | None
    """None where nobody knows: all such transfers are one record."""
    first_day: int | None
    """None where no transfer has a known time."""
    last_day: int | None
    in_transfers: int
    out_transfers: int
    mints: Sequence[MintFlow]
    """At most `MAX_MINTS`, most transfers first."""
    mints_count: int


class FlowPage(NamedTuple):
    """Some counterparties, the one dealt with last first, and where the next page begins."""

    head: WalletHead
    totals: Mapping[str, int]
    """The wallet's daily counters, summed over the days asked for."""
    records: tuple[FlowRecord, ...]
    next_key: FlowPageKey | None


class FlowReader(Protocol):
    """Reads transfers of tracked wallets. Raises `StoreUnavailable`."""

    def page(
        self,
        wallet: Address,
        span: DaySpan,
        wanted: FlowFilter,
        *,
        after: FlowPageKey | None,
        limit: int,
    ) -> FlowPage | None:
        """Return some counterparties; None for a wallet never tracked. Three round trips."""
        ...
