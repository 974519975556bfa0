"""A transaction from one wallet's side, and what it does to that wallet's positions.

Quantities follow the movements, which add up to the on-chain delta; trades only say what was given
for what. So whatever a trade does not explain still arrives in a position or leaves it.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from oof.domain.positions.lots import Moment, Origin
from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.units import Address, Mint, RawAmount, Signature, Slot, UnixSeconds

FEES: Final = frozenset(
    {
        Kind.NETWORK_FEE,
        Kind.PRIORITY_FEE,
        Kind.TIP,
        Kind.PLATFORM_FEE,
        Kind.PROTOCOL_FEE,
        Kind.CREATOR_FEE,
        Kind.BOT_FEE,
        Kind.TRANSFER_FEE,
        Kind.RENT,
    }
)
"""What a transaction costs besides what was traded; rent that comes back is negative."""
LENT: Final = frozenset({Kind.STAKE, Kind.LIQUIDITY, Kind.LENDING, Kind.ESCROW})
"""What is put somewhere and comes back: basis moves with it, and no profit is made."""
_ORIGINS: Final = {
    Kind.TRANSFER: Origin.TRANSFER,
    Kind.INCOME: Origin.INCOME,
    Kind.MINT: Origin.INCOME,
}


class Exchange(NamedTuple):
    """One trade of the wallet; both amounts are positive."""

    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount


class Flow(NamedTuple):
    """An amount that arrived (positive) or left, apart from trades and fees."""

    mint: Mint
    delta_raw: RawAmount
    kind: Kind

    @property
    def origin(self) -> Origin:
        """How it counts when it arrives."""
        return _ORIGINS.get(self.kind, Origin.UNKNOWN)


class WalletTransaction(NamedTuple):
    """What one transaction did to one wallet."""

    moment: Moment
    signature: Signature
    at: UnixSeconds | None
    exchanges: tuple[Exchange, ...]
    """In order of execution."""
    fees_raw: Mapping[Mint, RawAmount]
    """Paid by the wallet, positive; negative where more rent came back than was paid."""
    flows: tuple[Flow, ...]
    """Arrivals first."""


def of_wallet(transaction: NormalizedTransaction, wallet: Address) -> WalletTransaction:
    """Return the wallet's side of a transaction. Raises ValueError where it has no slot."""
    if transaction.slot is None:
        raise ValueError("a transaction without a slot has no place in a history")
    own = [m for m in transaction.movements if m.owner == wallet]
    exchanges = tuple(
        Exchange(t.sold_mint, t.sold_raw, t.bought_mint, t.bought_raw)
        for t in transaction.trades
        if t.trader == wallet
    )
    fees: dict[Mint, int] = defaultdict(int)
    moved: dict[tuple[Mint, Kind], int] = defaultdict(int)
    for movement in own:
        if movement.kind in FEES:
            fees[movement.mint] -= movement.delta_raw
        else:
            moved[movement.mint, movement.kind] += movement.delta_raw
    for exchange in exchanges:
        moved[exchange.sold_mint, Kind.TRADE] += exchange.sold_raw
        moved[exchange.bought_mint, Kind.TRADE] -= exchange.bought_raw
    flows = [Flow(mint, RawAmount(raw), kind) for (mint, kind), raw in moved.items() if raw]
    return WalletTransaction(
        Moment(Slot(transaction.slot), transaction.tx_index),
        transaction.signature,
        transaction.block_time,
        exchanges,
        {mint: RawAmount(raw) for mint, raw in sorted(fees.items()) if raw},
        tuple(sorted(flows, key=lambda f: (f.delta_raw < 0, f.mint, f.kind))),
    )
