"""Portraits: a stage behind moments, made of what is stored of a wallet's trades.

Whatever changes what a portrait rests on marks the wallet, in its own transaction; so does every
portrait, for the next day, as windows move on. A portrait takes the mark and is written in one
transaction under the wallet's row lock: a crash before its commit changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from oof.domain.behaviour.model import Behaviour
from oof.domain.behaviour.records import (
    CostMark,
    EpisodeMark,
    FirstBuy,
    MomentNote,
    TradeMark,
)
from oof.domain.classification.codec import StoredVerdict
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.units import Address, Mint, Signature, Slot, UnixSeconds
from oof.domain.windows import DaySpan, Window
from oof.ports.position_pages import PositionsHead

AT_ONCE: Final = 500
"""A wallet of no more transactions is portrayed at once."""
A_SECOND: Final = 50
"""For so many transactions a change waits a second."""
MOST_WAIT_S: Final = 600


def portrait_wait(transactions: int) -> timedelta:
    """Return how long a change waits for a portrait: the longer a history, the rarer it is read."""
    seconds = min(MOST_WAIT_S, transactions // A_SECOND) if transactions > AT_ONCE else 0
    return timedelta(seconds=seconds)


class TradeKey(NamedTuple):
    """Where a page of trades ended, newest first."""

    slot: Slot
    tx_id: int
    leg: int


class RowKey(NamedTuple):
    """Where a page of entries or of exits ended, newest first."""

    slot: Slot
    tx_id: int
    mint: Mint
    place: int


class ExitMoney(NamedTuple):
    """A stored sale, with what it came to in dollars."""

    row: ExitRow
    proceeds_usd: Decimal | None
    cost_usd: Decimal | None
    fees_usd: Decimal | None
    pnl_usd: Decimal | None


class Portrait(NamedTuple):
    """One window's portrait, and what it classes the wallet as."""

    window: Window
    span: DaySpan
    """The days it covers."""
    behaviour: Behaviour
    verdicts: tuple[StoredVerdict, ...]


class StoredPortrait(NamedTuple):
    """A portrait as it is kept."""

    portrait: Portrait
    version: int
    """Of the classification."""
    as_of_slot: Slot | None
    """Everything up to it is counted."""
    portrayed_at: UnixSeconds


class PortraitTransaction(Protocol):
    """The side of a facts transaction that keeps portraits.

    Tokens are all mints but those that trades are paid with (SOL, USDC, USDT).
    """

    def mark_portrait(self, wallet_id: int, *, at: datetime) -> None:
        """Have a wallet portrayed `portrait_wait` after `at`; of two marks the earlier counts."""
        ...

    def mark_portrait_again(self, wallet_id: int, *, at: datetime) -> None:
        """Have a wallet portrayed at a time; of two marks the earlier counts."""
        ...

    def take_portrait(self, wallet_id: int, *, at: datetime) -> bool:
        """Clear a locked wallet's mark whose time has come; whether there was one."""
        ...

    def trade_marks(
        self, wallet_id: int, *, after: TradeKey | None, limit: int
    ) -> tuple[TradeMark, ...]:
        """Return applied trades of the wallet, newest first by `TradeKey`."""
        ...

    def cost_marks(self, wallet_id: int, trades: Sequence[TradeMark]) -> tuple[CostMark, ...]:
        """Return what the wallet paid around the transactions of trades, one each, by id."""
        ...

    def entry_rows(
        self, wallet_id: int, *, after: RowKey | None, limit: int
    ) -> tuple[EntryRow, ...]:
        """Return purchases of tokens, newest first by `RowKey`."""
        ...

    def exit_rows(
        self, wallet_id: int, *, after: RowKey | None, limit: int
    ) -> tuple[ExitMoney, ...]:
        """Return sales of tokens, newest first by `RowKey`."""
        ...

    def episode_marks(self, wallet_id: int, *, limit: int) -> tuple[EpisodeMark, ...]:
        """Return the newest `limit` episodes that ended, and all that are open."""
        ...

    def first_buys(self, wallet_id: int, mints: Sequence[Mint]) -> tuple[FirstBuy, ...]:
        """Return the wallet's first purchase of each mint, and the oldest stored one by anybody."""
        ...

    def moment_notes(self, wallet_id: int, *, limit: int) -> tuple[MomentNote, ...]:
        """Return the newest moments, newest first."""
        ...

    def signatures_of(self, tx_ids: Sequence[int]) -> dict[int, Signature]:
        """Return the signatures of stored transactions."""
        ...

    def write_portraits(
        self,
        wallet_id: int,
        portraits: Sequence[Portrait],
        *,
        as_of_slot: Slot | None,
        at: datetime,
    ) -> None:
        """Put portraits in the place of those before."""
        ...


class PortraitReads(Protocol):
    """What is asked of portraits outside of any wallet's turn."""

    def wallets_with_due_portraits(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """Return followed wallets to be portrayed by `at`, longest due first; no blocked ones."""
        ...


class PortraitDetail(NamedTuple):
    """A stored portrait, and how its wallet stands."""

    head: PositionsHead
    is_looking: bool
    """Something changed that it does not count yet."""
    stored: StoredPortrait | None
    """None before the first."""


class PortraitReader(Protocol):
    """Reads stored portraits. Raises `StoreUnavailable`."""

    def portrait(self, wallet: Address, window: Window) -> PortraitDetail | None:
        """Return a window's portrait; None for a wallet never tracked. Two round trips."""
        ...
