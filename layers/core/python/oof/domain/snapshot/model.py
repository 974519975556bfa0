"""What a wallet's summary holds.

Counts and fees are order-free sums over the ledger's live set; balances are the newest
post-balances the chain itself reported, never a sum of deltas. Windows that age without events
(1d, 7d, 30d) are summed at read from `hourly` and `daily`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from oof.domain.moments.model import MomentId, MomentKind
from oof.domain.units import Address, Lamports, Mint, RawAmount, Slot, UnixSeconds

MAX_BALANCES = 20
"""How many mints the summary carries; `balances_count` tells of the rest."""


class WalletState(StrEnum):
    """How much of a wallet is known (MISSION §2); `domain.wallets` has the transitions."""

    UNSEEN = "UNSEEN"
    WARMING_UP = "WARMING_UP"
    SEEN_PARTIAL = "SEEN_PARTIAL"
    SEEN_FULL = "SEEN_FULL"
    REFUSED = "REFUSED"
    TOO_ACTIVE = "TOO_ACTIVE"
    BLOCKED = "BLOCKED"
    UNTRACKED = "UNTRACKED"


class Provisional(StrEnum):
    """Why a number may still change; each is cleared by a named event (DESIGN D2)."""

    HISTORY_PARTIAL = "history_partial"
    ORDER_UNRESOLVED = "order_unresolved"
    SOFT = "soft"
    WINDOW_OPEN = "window_open"


def provisional_of(
    *, history_partial: bool = False, order_unresolved: bool = False, soft: bool = False
) -> list[Provisional]:
    """Return why something may be another one, by name."""
    reasons = (
        (history_partial, Provisional.HISTORY_PARTIAL),
        (order_unresolved, Provisional.ORDER_UNRESOLVED),
        (soft, Provisional.SOFT),
    )
    return [reason for holds, reason in reasons if holds]


class MintBalance(NamedTuple):
    """Newest post-balance of one mint over all the wallet's accounts, as of `slot`."""

    mint: Mint
    raw: RawAmount
    decimals: int | None
    slot: Slot
    order_unresolved: bool
    history_partial: bool
    """Some account's newest transaction known lies below what is covered without a gap: one that
    came after it may not be stored, and the amount may be outdated."""
    soft: bool = False
    """The transaction that left it is not final yet."""
    order_unknown: bool = False
    """Its newest slot's order could not be learnt; by signature, and for good."""

    @property
    def provisional(self) -> list[Provisional]:
        """Why the amount may be another one, by name."""
        return provisional_of(
            history_partial=self.history_partial,
            order_unresolved=self.order_unresolved,
            soft=self.soft,
        )


class LastError(NamedTuple):
    """The last failure of a wallet's backfill or fold; cleared by the next success."""

    code: str
    at: UnixSeconds
    retry_at: UnixSeconds | None


class UnseenCode(StrEnum):
    """What a look at lamports cannot see."""

    TOKEN_ACCOUNTS = "token_accounts"  # noqa: S105 - no password
    """A change of a known token account that left the wallet's lamports alone."""
    UNLISTED_ACCOUNTS = "unlisted_token_accounts"
    """A transfer into a token account that no list names yet, or changes that undid each other."""


class Unseen(NamedTuple):
    """What may have happened without being shown, until it is looked for again."""

    code: UnseenCode
    since: UnixSeconds
    """When it was last ruled out."""
    every_s: int
    """How often it is ruled out."""


class WatchedBy(StrEnum):
    """How the newest end of a wallet is learnt of."""

    WEBHOOK = "webhook"
    """The provider reports it as it happens; looks find what that missed."""
    POLLING = "polling"
    """It is looked at, or listed, at intervals: no webhook names it yet, or it moves too much."""


class Coverage(NamedTuple):
    """How much of the wallet's history the facts span, as the listings proved it."""

    addresses: int
    """Addresses listed: the wallet and its known token accounts."""
    complete: bool
    """Every listing reached its end."""
    oldest_time: UnixSeconds | None
    """All transactions since then are stored; None where nothing is covered yet."""
    newest_time: UnixSeconds | None
    stopped_by: str | None
    """Which ceiling ended the last run: `days`, `signatures`, `plan`, …; None where none did."""
    unseen: tuple[Unseen, ...] = ()
    """What the looks between two listings cannot see."""
    watch: WatchedBy = WatchedBy.POLLING
    live_since: UnixSeconds | None = None
    """Since when nothing is between what was listed and what the webhook reports; None while that
    is not so."""


class PositionTotals(NamedTuple):
    """What a wallet's tokens came to; SOL, USDC and USDT, which pay for them, are not counted."""

    open_count: int = 0
    closed_count: int = 0
    realized_lamports: Lamports = Lamports(0)
    """Net of fees, of units whose cost and proceeds are known in SOL."""
    fees_lamports: Lamports = Lamports(0)
    """Within the realized profit."""
    wins: int = 0
    """Exits of such units that came to more than nothing."""
    losses: int = 0
    excluded_lamports: Lamports = Lamports(0)
    """SOL received for units whose cost nobody knows: in no profit."""
    unpriced: int = 0
    """Exits of units whose cost or proceeds were not in SOL: in no profit."""
    is_folding: bool = False
    """Something is applied that these do not count yet."""


NO_POSITIONS: Final = PositionTotals()


class WalletPnl(NamedTuple):
    """What a wallet's tokens came to in dollars; what pays for them is not counted.

    Profits are net of fees, of units whose cost is known and whose every part has a price; what is
    left out stands beside them.
    """

    realized_usd: Decimal = Decimal(0)
    fees_usd: Decimal = Decimal(0)
    """Within the realized profit."""
    wins: int = 0
    """Exits with a realized profit above zero."""
    losses: int = 0
    """The same, below zero."""
    unrealized_usd: Decimal = Decimal(0)
    """What is held at the newest price, less what it cost and the fees on it."""
    value_usd: Decimal = Decimal(0)
    """What is held at the newest price, whatever is known of its cost."""
    prices_as_of: UnixSeconds | None = None
    """The oldest of these prices; None where none was used."""
    pending_exits: int = 0
    """Exits in no profit as yet: they wait for a price."""
    unpriced_exits: int = 0
    """Exits in no profit: nobody knows a price."""
    excluded_usd: Decimal = Decimal(0)
    """Got for units of unknown cost, or of no known lot: in no profit."""
    unquoted: int = 0
    """Held tokens without a price of the last hour: in no value."""
    uncosted: int = 0
    """Held tokens of which some units have no known cost in dollars: those are in no profit."""
    unvalued: int = 0
    """Tokens that are still to be valued for the first time."""


NO_PNL: Final = WalletPnl()


class TopMoment(NamedTuple):
    """One of the dearest moments, in short."""

    kind: MomentKind
    id: MomentId
    mint: Mint
    usd: Decimal | None
    """What it cost or made; None where nobody can tell."""
    at: UnixSeconds


class MomentTotals(NamedTuple):
    """What a wallet's moments come to."""

    counts: Mapping[MomentKind, int] = MappingProxyType({})
    """Kinds of which there are none are left out."""
    open_count: int = 0
    """Of all, those that a further look may change."""
    top: tuple[TopMoment, ...] = ()
    """The dearest of each kind; of these the three dearest."""


NO_MOMENTS: Final = MomentTotals()


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSummary:
    """One wallet's summary as projected: everything `GET summary` needs, in ≤ 4 KB."""

    address: Address
    state: WalletState
    epoch: int
    revision: int
    """Raised by one with every committed change of this wallet; (epoch, revision) orders items."""
    as_of_seq: int
    as_of_slot: Slot | None
    balances: tuple[MintBalance, ...]
    """Largest-activity first: newest slot descending, then mint; at most `MAX_BALANCES`."""
    balances_count: int
    tx_count: int
    """Signatures where the wallet is fee payer, signer or an owner with a delta."""
    failed_count: int
    mentions: int
    """Signatures that name the wallet but neither cost nor gave it anything."""
    hourly: dict[UnixSeconds, int]
    """Transactions by UTC hour start, the newest 48 hours before the newest transaction."""
    daily: dict[UnixSeconds, int]
    """Transactions by UTC day start, the newest 31 days before the newest transaction."""
    venues: dict[str, int]
    """Trades by venue slug, most used first; at most 20."""
    trade_count: int
    fees_lamports: dict[str, Lamports]
    """SOL paid by fee kind (network_fee, priority_fee, tip, platform_fee, …), positive."""
    oldest_time: UnixSeconds | None
    newest_time: UnixSeconds | None
    coverage: Coverage
    tail_checked_at: UnixSeconds | None
    """When the listing's newest end was last confirmed; freshness is measured from it."""
    applied_lag_s: int | None = None
    """How long after its block the newest transaction was applied; None before the first one."""
    last_error: LastError | None
    positions: PositionTotals = NO_POSITIONS
    pnl: WalletPnl = NO_PNL
    moments: MomentTotals = NO_MOMENTS
    symbols: Mapping[Mint, str] = MappingProxyType({})
    """Under which symbols mints of balances and of the dearest moments are shown, as stored: where
    anybody told one, and where the item has room for it."""
    provisional: frozenset[Provisional]
    projected_at: UnixSeconds
