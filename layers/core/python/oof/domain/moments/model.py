"""What a moment is, and the story of one wallet and one mint that detectors read.

A story is made of stored facts and of nothing else: the same story always has the same moments, in
the same order, however its parts were put in. On-chain quantities are integers in base units,
money is `Decimal` in USD, times are unix seconds. What is not known is None, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, NewType

from oof.domain.positions.lots import Origin
from oof.domain.prices.book import PriceBook
from oof.domain.transactions.model import Kind
from oof.domain.units import Address, Lamports, Mint, RawAmount, Signature, Slot, UnixSeconds

type Json = str | int | bool | list[Json] | dict[str, Json] | None
"""What evidence is made of. Amounts and money are texts, in plain notation."""

MomentId = NewType("MomentId", str)
"""32 hexadecimal digits; see `moment_id`."""


class MomentKind(StrEnum):
    """What sort of moment it is; each is told by one detector of `oof.domain.moments`."""

    S2E = "S2E"
    """Sold too early: the price rose within the days after an exit."""
    BHD = "BHD"
    """Bag-holder drawdown: the price fell within the days after a buy."""
    BAD_ROUTE = "BAD_ROUTE"
    """A trade that gave less than the market did in that minute."""
    IDLE_YIELD = "IDLE_YIELD"
    """A balance that lay untouched and could have earned a yield."""
    RUG = "RUG"
    """Held while the price collapsed for good."""
    PAPER_HANDS = "PAPER_HANDS"
    """Sold within a day at a loss, and the price came back above the entry."""
    DIAMOND_HANDS = "DIAMOND_HANDS"
    """Held through a deep drawdown and sold at a profit."""
    ROUND_TRIP = "ROUND_TRIP"
    """Held a large gain until it was gone."""
    SANDWICH = "SANDWICH"
    """Bought or sold between the two legs of somebody else's."""
    FEE_BURNER = "FEE_BURNER"
    """Paid much in fees for what was traded."""
    BEST_TRADE = "BEST_TRADE"
    """The exit that made the most; one a (wallet, mint)."""
    WORST_TRADE = "WORST_TRADE"
    """The exit that lost the most; one a (wallet, mint)."""


class Provisional(StrEnum):
    """Why a moment may still change or go; each is cleared by a named event."""

    HISTORY_PARTIAL = "history_partial"
    """The wallet's history does not reach its beginning: cleared when it is SEEN_FULL."""
    ORDER_UNRESOLVED = "order_unresolved"
    """Its place among others of its slot is not known: cleared when the block is read."""
    SOFT = "soft"
    """Its transaction is not reported finalized: cleared when it is."""
    WINDOW_OPEN = "window_open"
    """Its window is not over, or days of it are still to be asked about: cleared at `due_at`, or,
    where that is None, when what is held is sold."""


class Stamp(NamedTuple):
    """Which transaction, where in the chain and when."""

    slot: Slot
    tx_index: int | None
    """Place in the block; None where nobody told it."""
    signature: Signature
    at: UnixSeconds | None
    """The block's time."""

    @property
    def order(self) -> tuple[int, bool, int, str]:
        """Sort key: chain order, with unknown places last in their slot, then by signature."""
        return self.slot, self.tx_index is None, self.tx_index or 0, self.signature


class StoryTrade(NamedTuple):
    """One trade of the wallet that sold or bought the story's mint; amounts are positive."""

    stamp: Stamp
    leg: int
    """Its place among all trades of its transaction."""
    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount
    venue: str
    route: tuple[str, ...]
    """The venues of the pools it went through, in order."""
    is_maker: bool = False
    arbitrage: bool = False


class Neighbour(NamedTuple):
    """Somebody else's trade of the story's mint, in a slot in which the wallet traded it too."""

    stamp: Stamp
    leg: int
    trader: Address
    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount
    venue: str
    route: tuple[str, ...]


class LotSlice(NamedTuple):
    """Units of one entry: what an exit took of it, or what is still held of it."""

    signature: Signature | None
    """None of what was held before the oldest known transaction."""
    slot: Slot
    tx_index: int | None
    at: UnixSeconds | None
    """When it came in."""
    origin: Origin
    qty_raw: RawAmount
    cost_raw: Mapping[Mint, RawAmount]
    """What these units cost, by mint; empty where nobody knows."""
    cost_usd: Decimal | None
    """The same in USD at the entry's own time, without fees; None where it is not known."""


class Exit(NamedTuple):
    """One sale of the story's mint, with the lots it took, as stored by stages 2 and 3."""

    stamp: Stamp
    place: int
    """Of several exits of the mint in one transaction, in order."""
    qty_raw: RawAmount
    """Units whose basis is known; `proceeds_usd`, `cost_usd`, `fees_usd`, `pnl_usd` are theirs."""
    unknown_raw: RawAmount
    """Units that came in without a cost anybody knows."""
    unmatched_raw: RawAmount
    """Units beyond all known lots."""
    bought_mint: Mint
    bought_raw: RawAmount
    """What was received for all units, known or not."""
    proceeds_usd: Decimal | None
    cost_usd: Decimal | None
    fees_usd: Decimal | None
    """On entry and exit, positive."""
    pnl_usd: Decimal | None
    """Proceeds less cost less fees."""
    lots: tuple[LotSlice, ...]
    """In order of consumption."""

    @property
    def sold_raw(self) -> int:
        """All units that were sold."""
        return self.qty_raw + self.unknown_raw + self.unmatched_raw


class BalancePoint(NamedTuple):
    """What the wallet held of the story's mint after a transaction, all its accounts together."""

    stamp: Stamp
    held_raw: RawAmount


class StoryEpisode(NamedTuple):
    """From holding nothing to holding nothing again; what is still held has no end."""

    number: int
    opened_slot: Slot
    opened_at: UnixSeconds | None
    closed_slot: Slot | None
    closed_at: UnixSeconds | None


class StoryFees(NamedTuple):
    """What the wallet paid in fees around one transaction that traded the story's mint."""

    stamp: Stamp
    lamports: Mapping[Kind, Lamports]
    """Positive, by kind: those of `oof.domain.snapshot.fees.FEE_KINDS`, rent is none."""
    trades: int
    """All trades of the wallet in the transaction: each bears an equal share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything detectors see of one (wallet, mint).

    It may begin at any slot: a moment depends on its own transaction, on what that says of earlier
    ones (lots), on the episode it is in, and on prices. So a story that begins with the episode
    that is open at a slot has the same moments from that slot on as the whole history, but for the
    kinds of `oof.domain.moments.stored.RECORD_KINDS`, for which `records` stands.
    """

    wallet: Address
    mint: Mint
    now: UnixSeconds
    prices: PriceBook
    """All of `oof.domain.moments.needs.spans_of` this story."""
    trades: tuple[StoryTrade, ...] = ()
    exits: tuple[Exit, ...] = ()
    records: tuple[Exit, ...] = ()
    """The mint's exits with the highest and the lowest `pnl_usd` of the whole history; those
    before the story begins matter, others may be left out."""
    open_lots: tuple[LotSlice, ...] = ()
    """What is held now, oldest first, without what is set aside."""
    balances: tuple[BalancePoint, ...] = ()
    """A point a transaction that changed the balance, from the beginning of the oldest episode."""
    episodes: tuple[StoryEpisode, ...] = ()
    fees: tuple[StoryFees, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    is_history_partial: bool = False
    """Whether the wallet's history does not reach its beginning."""
    soft_from: Slot | None = None
    """The lowest slot with something not reported finalized; None where all is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something worth telling, with all that is needed to work it out again."""

    kind: MomentKind
    mint: Mint
    signature: Signature
    """The transaction it is about."""
    slot: Slot
    tx_index: int | None
    place: int
    """Which of several of one kind, mint and transaction."""
    at: UnixSeconds
    qty_raw: RawAmount | None
    """Units of `mint` it is about."""
    usd: Decimal | None
    """What it cost or made, at least 0, 8 decimals; each detector says which. None: not known."""
    pct: Decimal | None
    """The same as a fraction (0.25 is 25 %), 8 decimals, signed as its detector says."""
    severity: Decimal
    """0 to 1, 8 decimals."""
    source: str
    """Of the weakest price it rests on; `chain` where it rests on none, `stored` where its money
    was worked out by prices that are not there any more."""
    confidence: int
    """Percent: that of the weakest price, lowered where something is assumed; 100 of the chain."""
    provisional: frozenset[Provisional]
    due_at: UnixSeconds | None
    """When to look again because its window ends; None where it is over, or ends with a sale."""
    version: int
    """Of its detector."""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    """See `oof.domain.moments.evidence`."""

    def id_of(self, wallet: Address) -> MomentId:
        """Return its name among all moments of all wallets."""
        return moment_id(self.kind, wallet, self.mint, self.signature, self.place)

    @property
    def order(self) -> tuple[int, bool, int, str, str, int]:
        """Sort key: chain order, then kind and place."""
        is_unplaced, index = self.tx_index is None, self.tx_index or 0
        return self.slot, is_unplaced, index, self.signature, self.kind, self.place


def moment_id(
    kind: MomentKind, wallet: Address, mint: Mint, signature: Signature, place: int
) -> MomentId:
    """Return the first 16 bytes of a SHA-256, as hexadecimal digits: stable over versions."""
    named = "|".join((kind.value, wallet, mint, signature, str(place)))
    return MomentId(sha256(named.encode()).hexdigest()[:32])
