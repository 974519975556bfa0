"""What a normalized transaction is.

The on-chain delta of every (owner, mint) is the truth; instructions only split it. So for every
transaction and every (owner, mint) present in it::

    sum(movement.delta_raw) == post_raw - pre_raw      # exact, in integers

where SOL is an owner's own lamports plus the wrapped SOL it owns. A movement is signed from its
owner's side: negative leaves, positive arrives. `balances` keeps what the chain itself says of
each changed account, so that a wallet's holdings are read off the newest post-balance and never
summed from deltas.
"""

from enum import StrEnum
from typing import NamedTuple

from oof.domain.units import Address, Lamports, Mint, RawAmount, Signature, Slot, UnixSeconds

NORMALIZER_VERSION = 2
"""Raised whenever the same bytes may normalize differently; stored with every transaction."""


class Kind(StrEnum):
    """Why an amount moved. `UNKNOWN` is the residual nothing explains, and only that."""

    TRADE = "trade"
    TRANSFER = "transfer"
    NETWORK_FEE = "network_fee"
    PRIORITY_FEE = "priority_fee"
    TIP = "tip"
    PLATFORM_FEE = "platform_fee"
    PROTOCOL_FEE = "protocol_fee"
    CREATOR_FEE = "creator_fee"
    BOT_FEE = "bot_fee"
    TRANSFER_FEE = "transfer_fee"
    RENT = "rent"
    MINT = "mint"
    BURN = "burn"
    STAKE = "stake"
    LIQUIDITY = "liquidity"
    LENDING = "lending"
    ESCROW = "escrow"
    NFT = "nft"
    INCOME = "income"
    UNKNOWN = "unknown"


class Mark(StrEnum):
    """What arrived unasked and is better left out of a first look; `marks` states the evidence."""

    SPAM = "spam"
    DUST = "dust"


class Status(StrEnum):
    """Whether the transaction took effect; a failed one costs its fee and nothing else."""

    OK = "ok"
    FAILED = "failed"


class Role(StrEnum):
    """On which side of a trade its trader stood."""

    TAKER = "taker"
    MAKER = "maker"


class Movement(NamedTuple):
    """One signed amount of one mint, for one reason, between an owner and a counterparty.

    At most one per (owner, mint, kind, counterparty), never zero.
    """

    owner: Address | None
    mint: Mint
    delta_raw: RawAmount
    kind: Kind
    counterparty: Address | None
    mark: Mark | None = None


class Trade(NamedTuple):
    """One user intent: what one outermost route took from and gave to its trader.

    `sold_raw` reached the venue, `bought_raw` left it before output fees; both positive.
    `route` lists the pools' venues in order of execution.
    """

    trader: Address
    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount
    venue: str
    route: tuple[str, ...]
    outer_index: int
    role: Role
    arbitrage: bool
    terminal: str | None


class AccountBalance(NamedTuple):
    """What the chain says one account held before and after, in base units of `mint`.

    For a wallet's own lamports `account == owner` and `mint` is SOL. A closed token account has
    `post_raw == 0`. Only accounts whose amount changed are listed.
    """

    account: Address
    owner: Address | None
    mint: Mint
    pre_raw: RawAmount
    post_raw: RawAmount


class Anomaly(NamedTuple):
    """Something odd in the data that did not stop normalization. `code` is stable."""

    code: str
    detail: str


class NormalizedTransaction(NamedTuple):
    """The exact, self-contained result of normalizing one complete transaction."""

    signature: Signature
    slot: Slot | None
    tx_index: int | None
    block_time: UnixSeconds | None
    status: Status
    fee_payer: Address
    fee_lamports: Lamports
    """The whole `meta.fee`: base fee plus priority fee."""
    signers: tuple[Address, ...]
    trades: tuple[Trade, ...]
    movements: tuple[Movement, ...]
    balances: tuple[AccountBalance, ...]
    decimals: dict[Mint, int]
    """Decimals of every mint in `movements`, as the chain states them."""
    anomalies: tuple[Anomaly, ...]

    @property
    def participants(self) -> frozenset[Address]:
        """Fee payer, signers, and owners with a non-zero net delta of some mint."""
        net: dict[tuple[Address, Mint], int] = {}
        for movement in self.movements:
            if movement.owner is not None:
                key = (movement.owner, movement.mint)
                net[key] = net.get(key, 0) + movement.delta_raw
        moved = {owner for (owner, _mint), delta in net.items() if delta}
        return frozenset({self.fee_payer, *self.signers, *moved})


class Unreadable(NamedTuple):
    """A body that is no complete transaction (null, bad JSON, no `meta`): recorded, not raised."""

    code: str
    detail: str
