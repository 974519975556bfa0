"""Views: positions of a group of wallets, folded from stored facts and kept for their owner.

A view is made in one snapshot of the database: whatever is stored meanwhile, it is that of one
moment, and is kept as a whole or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.positions.group import GroupChoice, GroupTransaction
from oof.domain.positions.view import ViewPosition, ViewTotals
from oof.domain.prices.book import PriceBook, Span
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Mint, RawAmount, Slot


class ViewMember(NamedTuple):
    """How one wallet of a group stood when it was folded."""

    wallet: Address
    state: WalletState
    as_of_slot: Slot | None
    """Its newest transaction; None where there is none."""
    is_history_partial: bool
    is_order_unresolved: bool
    is_soft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewHead:
    """A view without its positions."""

    view_id: str
    """32 hexadecimal digits: the same for the same owner and choice."""
    owner: str
    choice: GroupChoice
    members: tuple[ViewMember, ...]
    totals: ViewTotals
    other_fees_lamports: int
    transactions: int
    exchanges_version: int | None
    """Which list of exchanges' wallets was used; None where none was."""
    digest: str
    """Of everything that was worked out: the same for the same result."""


class ViewRecord(NamedTuple):
    """One position of a view, beside what the chain says is held."""

    mint_id: int
    decimals: int | None
    on_chain_raw: RawAmount
    """Newest post-balances over all members' accounts, when it was folded."""
    position: ViewPosition
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


class ViewKey(NamedTuple):
    """Where a page ended."""

    realized_lamports: int
    mint_id: int


class ViewPage(NamedTuple):
    """A view and some of its positions, and where the next page begins."""

    head: ViewHead
    computed_at: datetime
    """When it became what it is; working it out again to the same end leaves this as it was."""
    expires_at: datetime
    records: tuple[ViewRecord, ...]
    next_key: ViewKey | None


class GroupSnapshot(Protocol):
    """One moment of the database, and the view that is made of it."""

    def members(self, wallets: Sequence[Address]) -> tuple[ViewMember, ...]:
        """Return how wallets stand, in the order given; those never tracked are UNSEEN."""
        ...

    def expected(self, wallets: Sequence[Address]) -> int:
        """Return about how many transactions there are: those of several wallets count for each."""
        ...

    def history(
        self, wallets: Sequence[Address], *, after: Slot | None, limit: int
    ) -> tuple[GroupTransaction, ...]:
        """Return transactions that are live in some wallet's ledger, of whole slots above `after`.

        In chain order, with all wallets' sides; `limit` of them, and what else is in the last
        one's slot.
        """
        ...

    def book(self, spans: Iterable[Span]) -> PriceBook:
        """Return the prices that can be looked up within `spans`."""
        ...

    def holdings(self, wallets: Sequence[Address]) -> Mapping[Mint, RawAmount]:
        """Return the newest post-balances over all wallets' accounts, by mint."""
        ...

    def keep(
        self,
        head: ViewHead,
        positions: Sequence[ViewPosition],
        held: Mapping[Mint, RawAmount],
        *,
        at: datetime,
        expires_at: datetime,
    ) -> bool:
        """Keep a view, in place of an earlier one of that id; return whether anything changed.

        The same digest changes nothing but when it expires.
        """
        ...


class ViewStore(Protocol):
    """Views by owner. Every method raises `StoreUnavailable`."""

    def snapshot(self) -> AbstractContextManager[GroupSnapshot]:
        """Return a snapshot; what it keeps is there once the block ends, or not at all.

        Raises `Conflict` where another one keeps the same view at that time.
        """
        ...

    def page(
        self, view_id: str, *, owner: str, at: datetime, after: ViewKey | None, limit: int
    ) -> ViewPage | None:
        """Return a view and some of its positions, highest realized profit in SOL first.

        None where there is none by that id, or it is another's, or it has expired by `at`.
        """
        ...

    def drop_expired(self, *, at: datetime, limit: int) -> int:
        """Drop up to `limit` views that have expired by `at`; return how many."""
        ...
