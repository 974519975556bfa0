"""What a portrait is made of: small records of a wallet's trades, in any order.

Amounts are base units, SOL is lamports, USD has eight places, times are unix seconds or None where
nobody knows. `tx_id` names a transaction within its store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from oof.domain.moments.model import MomentKind
from oof.domain.units import Lamports, Mint, Slot, UnixSeconds


class TradeMark(NamedTuple):
    """One trade of the wallet, whatever it traded."""

    tx_id: int
    leg: int
    """Its place among all trades of its transaction."""
    slot: Slot
    at: UnixSeconds | None
    sold_mint: Mint
    bought_mint: Mint
    venue: str
    terminal: str | None
    is_maker: bool
    arbitrage: bool


class CostMark(NamedTuple):
    """What the wallet paid around one transaction in which it traded."""

    tx_id: int
    at: UnixSeconds | None
    priority: Lamports
    tip: Lamports
    bot_fee: Lamports
    total: Lamports
    """These three and all other fees."""


class EntryMark(NamedTuple):
    """One purchase of a token."""

    mint: Mint
    tx_id: int
    slot: Slot
    at: UnixSeconds | None
    lamports: Lamports | None
    """What was given, where that was SOL."""
    usd: Decimal | None
    """What it was worth in its minute."""


class ExitMark(NamedTuple):
    """One sale of a token."""

    mint: Mint
    tx_id: int
    place: int
    """Of several of one mint in one transaction."""
    slot: Slot
    tx_index: int | None
    at: UnixSeconds | None
    sold_raw: int
    """All units."""
    received_raw: int
    """Units of these that came in without a trade."""
    hold_s: int | None
    """From entry to exit; see `oof.domain.behaviour.model.Holding`."""
    proceeds_usd: Decimal | None
    cost_usd: Decimal | None
    fees_usd: Decimal | None
    pnl_usd: Decimal | None
    pnl_lamports: int | None

    @property
    def order(self) -> tuple[int, bool, int, int, int]:
        """Sort key: chain order as far as it is known."""
        index = self.tx_index
        return self.slot, index is None, index or 0, self.tx_id, self.place

    @property
    def side(self) -> int:
        """1 of a profit, -1 of a loss, 0 where it is neither or nobody knows."""
        pnl = self.pnl_lamports if self.pnl_usd is None else self.pnl_usd
        return 0 if not pnl else 1 if pnl > 0 else -1


class EpisodeMark(NamedTuple):
    """From holding nothing of a token to holding nothing again."""

    mint: Mint
    number: int
    """From 1."""
    opened_slot: Slot
    opened_at: UnixSeconds | None
    closed_slot: Slot | None
    """None where something is still held."""
    closed_at: UnixSeconds | None


class FirstBuy(NamedTuple):
    """The wallet's first purchase of a token, and how far back the token is known."""

    mint: Mint
    tx_id: int
    at: UnixSeconds | None
    launched_at: UnixSeconds | None
    """When the oldest stored purchase of it by anybody was."""
    is_own: bool
    """Whether that is the wallet's own."""
    is_created: bool
    """Whether the token was minted in that transaction."""

    @property
    def delay_s(self) -> int | None:
        """Seconds after its launch; None where the launch is not known."""
        if self.at is None or self.launched_at is None or (self.is_own and not self.is_created):
            return None
        return max(0, self.at - self.launched_at)


class MomentNote(NamedTuple):
    """A moment of the wallet, in short."""

    kind: MomentKind
    tx_id: int
    at: UnixSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is looked at of one wallet."""

    trades: Sequence[TradeMark] = ()
    costs: Sequence[CostMark] = ()
    """One a transaction in `trades`."""
    entries: Sequence[EntryMark] = ()
    exits: Sequence[ExitMark] = ()
    episodes: Sequence[EpisodeMark] = ()
    first_buys: Sequence[FirstBuy] = ()
    moments: Sequence[MomentNote] = ()
    capped_below: Slot | None = None
    """Not all below this slot is looked at; None where all is."""
    capped_at: UnixSeconds | None = None
    """When that slot was."""

    def is_capped(self, begin_at: UnixSeconds | None) -> bool:
        """Whether something from a time on (None: from the beginning) is not looked at."""
        if self.capped_below is None:
            return False
        return begin_at is None or self.capped_at is None or begin_at <= self.capped_at
