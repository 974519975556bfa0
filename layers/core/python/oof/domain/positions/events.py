"""A transaction from one wallet's side, and what it does to that wallet's positions.

Quantities follow the movements, which add up to the on-chain delta; trades only say what was given
for what. So whatever a trade does not explain still arrives in a position or leaves it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from oof.domain.positions.lots import Moment, Origin
from oof.domain.positions.worth import Worth
from oof.domain.snapshot.fees import FEE_KINDS
from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.units import Address, Mint, RawAmount, Signature, Slot, UnixSeconds

FEES: Final = frozenset({*FEE_KINDS, Kind.TRANSFER_FEE, Kind.RENT})
"""What a transaction costs besides what was traded; rent that comes back is negative."""
CHARGED: Final = frozenset({Kind.PLATFORM_FEE, Kind.PROTOCOL_FEE, Kind.CREATOR_FEE})
"""What is taken along the way of a trade."""
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


class Disposal(NamedTuple):
    """An amount that was sent away and counts as sold, at what it was worth."""

    mint: Mint
    raw: RawAmount
    """Positive."""
    worth: Worth


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
    disposals: tuple[Disposal, ...] = ()
    """Only views have any: by themselves transfers are no sales."""


class TransactionHead(NamedTuple):
    """Which transaction, where and when."""

    moment: Moment
    signature: Signature
    at: UnixSeconds | None


def of_wallet(transaction: NormalizedTransaction, wallet: Address) -> WalletTransaction:
    """Return the wallet's side of a transaction. Raises ValueError where it has no slot."""
    if transaction.slot is None:
        raise ValueError("a transaction without a slot has no place in a history")
    exchanges = tuple(
        Exchange(t.sold_mint, t.sold_raw, t.bought_mint, t.bought_raw)
        for t in transaction.trades
        if t.trader == wallet
    )
    head = TransactionHead(
        Moment(Slot(transaction.slot), transaction.tx_index),
        transaction.signature,
        transaction.block_time,
    )
    own = ((m.mint, m.kind, m.delta_raw) for m in transaction.movements if m.owner == wallet)
    return of_sides(head, exchanges, own)


def of_sides(
    head: TransactionHead,
    exchanges: Sequence[Exchange],
    movements: Iterable[tuple[Mint, Kind, RawAmount]],
) -> WalletTransaction:
    """Return a wallet's side of a transaction, of its trades and of all its movements."""
    fees: dict[Mint, int] = defaultdict(int)
    charged: dict[Mint, int] = defaultdict(int)
    moved: dict[tuple[Mint, Kind], int] = defaultdict(int)
    for mint, kind, delta_raw in movements:
        if kind in FEES:
            fees[mint] -= delta_raw
            if kind in CHARGED:
                charged[mint] -= delta_raw
        else:
            moved[mint, kind] += delta_raw
    for exchange in exchanges:
        moved[exchange.sold_mint, Kind.TRADE] += exchange.sold_raw
        moved[exchange.bought_mint, Kind.TRADE] -= exchange.bought_raw
    _net_within_routes(exchanges, charged, fees, moved)
    flows = [Flow(mint, RawAmount(raw), kind) for (mint, kind), raw in moved.items() if raw]
    return WalletTransaction(
        *head,
        tuple(exchanges),
        {mint: RawAmount(raw) for mint, raw in sorted(fees.items()) if raw},
        tuple(sorted(flows, key=lambda f: (f.delta_raw < 0, f.mint, f.kind))),
    )


def _net_within_routes(
    exchanges: Sequence[Exchange],
    charged: Mapping[Mint, int],
    fees: dict[Mint, int],
    moved: dict[tuple[Mint, Kind], int],
) -> None:
    """Take out what pools charged halfway along a route, and the amounts it came from.

    They were never the wallet's: it paid with what it did not get.
    """
    ends = {mint for exchange in exchanges for mint in (exchange.sold_mint, exchange.bought_mint)}
    for mint in charged.keys() - ends:
        passed = min(max(moved.get((mint, Kind.TRADE), 0), 0), charged[mint])
        if passed > 0:
            fees[mint] -= passed
            moved[mint, Kind.TRADE] -= passed
