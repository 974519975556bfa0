"""Stored positions, a page at a time; each page is one indexed query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from oof.domain.positions.days import PositionUsd
from oof.domain.positions.headline import HeldPosition, Quote
from oof.domain.positions.lots import Lot
from oof.domain.positions.stored import EpisodeRow
from oof.domain.positions.valuation import Worth
from oof.domain.units import Address, Mint, RawAmount, Signature, Slot, UnixSeconds
from oof.ports.history import WalletHead

MAX_LOTS = 200
"""Open lots and ended episodes shown of one position."""


class PositionStatus(StrEnum):
    """Which positions are wanted."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class PositionSort(StrEnum):
    """In which order positions come; ties by mint, latest met first."""

    RECENT = "recent"
    """Latest changed first."""
    PNL = "pnl"
    """Highest realized profit first."""
    MET = "met"
    """Latest met mint first: an order in which no position ever changes places."""


class PositionFilter(NamedTuple):
    """Which positions, and in which order."""

    status: PositionStatus = PositionStatus.ALL
    sort: PositionSort = PositionSort.RECENT
    with_quotes: bool = False
    """Also SOL, USDC and USDT, in which trades are paid."""


class PositionKey(NamedTuple):
    """Where a page ended."""

    value: int
    """What is sorted by: slot, lamports, or mint id again."""
    mint_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRecord:
    """One position, beside what the chain says is held."""

    mint_id: int
    mint: Mint
    decimals: int | None
    is_open: bool
    last_slot: Slot
    last_at: UnixSeconds | None
    figures: Mapping[str, int]
    """See `figures_of`."""
    on_chain_raw: RawAmount
    """Newest post-balances over all accounts."""
    usd: PositionUsd | None = None
    """None until it is valued, and of SOL, which is not."""
    quote: Quote | None = None
    """What a token is worth now."""
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""

    @property
    def held(self) -> HeldPosition:
        """What is held, at the newest price."""
        held_raw = self.figures["held_raw"]
        return HeldPosition(self.mint, self.decimals, held_raw, self.usd, self.quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsHead:
    """How the wallet of a page stands."""

    wallet: WalletHead
    folded_slot: Slot | None
    """What is shown is folded up to here; None before the first fold."""
    is_folding: bool = False
    """Something is applied that the figures do not count yet."""
    is_history_partial: bool = True
    is_order_unresolved: bool = False
    is_soft: bool = False


class PositionPage(NamedTuple):
    """Some positions, and where the next page begins."""

    head: PositionsHead
    records: tuple[PositionRecord, ...]
    next_key: PositionKey | None


class ExitKey(NamedTuple):
    """Where a page of exits ended."""

    slot: int
    tx_id: int
    place: int


class ExitUsd(NamedTuple):
    """What a sale came to in dollars; see `ExitValue`."""

    proceeds: Decimal | None
    cost: Decimal | None
    fees: Decimal | None
    pnl: Decimal | None
    basis: Mapping[str, Any]


class ExitRecord(NamedTuple):
    """One sale with the lots it took."""

    key: ExitKey
    signature: Signature
    document: Mapping[str, Any]
    usd: ExitUsd | None = None
    """None until it is valued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDetail:
    """What one position is made of."""

    head: PositionsHead
    record: PositionRecord
    lots: Sequence[Lot]
    """The oldest `MAX_LOTS` that are open."""
    lots_usd: Sequence[tuple[Worth, Worth]]
    """What each of them cost, and the fees on it."""
    aside: Mapping[str, int]
    """Units set aside, by what they are in."""
    episodes: Sequence[EpisodeRow]
    """The newest `MAX_LOTS` that ended, newest first."""
    exits: Sequence[ExitRecord]
    """Newest first."""
    next_key: ExitKey | None


class PositionReader(Protocol):
    """Reads positions of tracked wallets. Raises `StoreUnavailable`."""

    def page(
        self,
        wallet: Address,
        wanted: PositionFilter,
        *,
        at: UnixSeconds,
        after: PositionKey | None,
        limit: int,
    ) -> PositionPage | None:
        """Return some positions, at the newest prices; None for a wallet never tracked."""
        ...

    def detail(
        self,
        wallet: Address,
        mint: Mint,
        *,
        at: UnixSeconds,
        after: ExitKey | None,
        limit: int,
    ) -> PositionDetail | None:
        """Return one position and some of its exits; None where there is none."""
        ...
