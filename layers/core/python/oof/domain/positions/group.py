"""A group of wallets folded as one: what moves between its members moves no lot.

The members share one book of lots a mint, so lots keep their basis, dates and fees wherever in the
group their units are; only what enters or leaves the group is an event. A transaction is one,
however many members took part in it:

- what one member sent and another received in it, of the same mint, is struck off on both sides,
  to the unit; first where both were told the same kind of movement, then across kinds;
- a trade of one member that is the exact mirror of another's is struck off likewise;
- what it cost any member is a fee of the group.

A group of one is the wallet's own fold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

from oof.domain.errors import InvalidInput
from oof.domain.positions.events import (
    Disposal,
    Exchange,
    TransactionHead,
    of_sides,
)
from oof.domain.positions.lots import Method
from oof.domain.positions.stored import HistoryEvent
from oof.domain.positions.valuing import BookPrices
from oof.domain.prices.book import Span
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount, UnixSeconds

MAX_WALLETS: Final = 20
_MOVING: Final = frozenset({Kind.TRANSFER, Kind.INCOME, Kind.NFT, Kind.UNKNOWN})
"""Kinds of movement that may be two names for one and the same transfer."""
_HOUR_S: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChoice:
    """Whose positions, and how they are worked out. `group_choice` makes sound ones."""

    wallets: tuple[Address, ...]
    """Sorted, each once."""
    method: Method = Method.FIFO
    realize_exchange_transfers: bool = False
    """Whether what is sent to a known exchange counts as sold at the price of that minute."""


class GroupMovement(NamedTuple):
    """One movement of one member; a counterparty is told where one is known."""

    owner: Address
    counterparty: Address | None
    mint: Mint
    kind: Kind
    delta_raw: RawAmount


class GroupExchange(NamedTuple):
    """One trade of one member."""

    trader: Address
    exchange: Exchange


class GroupTransaction(NamedTuple):
    """One live transaction in which a member took part, with the sides of all members."""

    tx_id: int
    head: TransactionHead
    exchanges: tuple[GroupExchange, ...]
    """In order of execution."""
    movements: tuple[GroupMovement, ...]
    balances: tuple[BalanceMark, ...]
    """Of the members' accounts."""

    def chain_order(self) -> tuple[int, bool, int, str]:
        """Sort key: slot, place in the block with unknown ones last, signature."""
        slot, index = self.head.moment
        return slot, index is None, index or 0, self.head.signature


def group_choice(
    wallets: Iterable[Address], *, method: Method, realize_exchange_transfers: bool
) -> GroupChoice:
    """Return the choice, the same for the same wallets in any order and number.

    Raises `InvalidInput` for none, or for more than `MAX_WALLETS`.
    """
    members = tuple(sorted(set(wallets)))
    if not 1 <= len(members) <= MAX_WALLETS:
        raise InvalidInput("wallets", f"1 to {MAX_WALLETS} wallets")
    return GroupChoice(
        wallets=members, method=method, realize_exchange_transfers=realize_exchange_transfers
    )


def of_group(
    transaction: GroupTransaction, prices: BookPrices, *, exchanges: Collection[Address] = ()
) -> HistoryEvent:
    """Return the group's side of a transaction.

    What members sent to one of `exchanges` is disposed of at the price of the minute.
    """
    kept, sent = _apart(transaction.movements, exchanges)
    side = of_sides(transaction.head, _without_mirrors(transaction.exchanges), _without_own(kept))
    at = transaction.head.at
    disposals = (
        Disposal(mint, raw, prices.sale(mint, raw, at)) for mint, raw in sorted(sent.items())
    )
    side = side._replace(disposals=tuple(disposals))
    return HistoryEvent(transaction.tx_id, side, transaction.balances)


def spans_of(transactions: Iterable[GroupTransaction]) -> Iterator[Span]:
    """Return which prices the fold of these transactions looks up, by the hour."""
    for transaction in transactions:
        at = transaction.head.at
        if at is None:
            continue
        mints = {SOL_MINT, *(movement.mint for movement in transaction.movements)}
        for _, exchange in transaction.exchanges:
            mints |= {exchange.sold_mint, exchange.bought_mint}
        start = at - at % _HOUR_S
        for mint in mints:
            yield Span(mint, UnixSeconds(start), UnixSeconds(start + _HOUR_S))


def _apart(
    movements: Sequence[GroupMovement], exchanges: Collection[Address]
) -> tuple[list[GroupMovement], Mapping[Mint, RawAmount]]:
    """Return the movements but transfers to exchanges, and how much of each mint those sent."""
    owners = {movement.owner for movement in movements}
    sent: dict[Mint, int] = defaultdict(int)
    kept = []
    for movement in movements:
        is_sent = movement.kind is Kind.TRANSFER and movement.delta_raw < 0
        if is_sent and movement.counterparty in exchanges and movement.counterparty not in owners:
            sent[movement.mint] -= movement.delta_raw
        else:
            kept.append(movement)
    return kept, {mint: RawAmount(raw) for mint, raw in sent.items()}


def _without_mirrors(trades: Sequence[GroupExchange]) -> list[Exchange]:
    """Return the trades but those that two members made with each other."""
    left: list[GroupExchange] = []
    for trade in trades:
        sold_mint, sold_raw, bought_mint, bought_raw = trade.exchange
        mirror = Exchange(bought_mint, bought_raw, sold_mint, sold_raw)
        other = (t for t in left if t.exchange == mirror and t.trader != trade.trader)
        found = next(other, None)
        if found is None:
            left.append(trade)
        else:
            left.remove(found)
    return [trade.exchange for trade in left]


class _Part(NamedTuple):
    """What one member received or sent of a mint, for one kind of reason."""

    mint: Mint
    kind: Kind
    owner: Address


def _without_own(movements: Iterable[GroupMovement]) -> list[tuple[Mint, Kind, RawAmount]]:
    """Return the movements but what members passed to each other."""
    sums: dict[_Part, int] = defaultdict(int)
    for movement in movements:
        sums[_Part(movement.mint, movement.kind, movement.owner)] += movement.delta_raw
    by_mint: dict[Mint, list[_Part]] = defaultdict(list)
    for part in sorted(sums):
        if part.kind in _MOVING:
            by_mint[part.mint].append(part)
    for parts in by_mint.values():
        _strike_off(sums, parts)
    return [(part.mint, part.kind, RawAmount(raw)) for part, raw in sums.items()]


def _strike_off(sums: dict[_Part, int], parts: Sequence[_Part]) -> None:
    """Take what one member sent off what another received, the same kind of movement first."""
    sent = [part for part in parts if sums[part] < 0]
    received = [part for part in parts if sums[part] > 0]
    pairs = [(one, other) for one, other in product(sent, received) if one.owner != other.owner]
    for one, other in sorted(pairs, key=lambda pair: pair[0].kind is not pair[1].kind):
        both = min(-sums[one], sums[other])
        if both > 0:
            sums[one] += both
            sums[other] -= both
