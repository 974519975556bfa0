"""Vectors of wallets, and whom each is most like.

A vector is written in its wallet's own transaction, by the stage that portrays it; neighbours by a
job that reads all vectors. Reads work nothing out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from oof.domain.similarity.features import MintPurchases
from oof.domain.similarity.model import NamedNeighbour, Neighbour, WalletVector
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Mint, Signature, Slot, UnixSeconds


class VectorTransaction(Protocol):
    """The side of a facts transaction that keeps vectors."""

    def year_hours(self, wallet_id: int) -> dict[UnixSeconds, int]:
        """Return a wallet's transactions by UTC hour, of the year of its newest one."""
        ...

    def year_purchases(
        self, wallet_id: int, *, since: UnixSeconds, sol_usd: Mapping[int, Decimal]
    ) -> tuple[MintPurchases, ...]:
        """Return what a wallet bought from a time on, summed by token, in one query.

        `sol_usd` has dollars a SOL by UTC day; of a day without it nothing is in dollars.
        """
        ...

    def save_vector(
        self, wallet_id: int, vector: WalletVector | None, *, purchases: int, at: datetime
    ) -> None:
        """Write a locked wallet's vector, or that it has none; what is there alike stays."""
        ...


class StoredVector(NamedTuple):
    """A tracked wallet's vector as it stands."""

    state: WalletState
    """BLOCKED where it is."""
    as_of_slot: Slot | None
    """The wallet's newest transaction that is counted."""
    purchases: int | None
    """None where nobody has looked yet."""
    computed_at: UnixSeconds | None
    vector: WalletVector | None
    """None below the minimum sample too."""


class NamedMint(NamedTuple):
    """A mint and what it is called."""

    mint: Mint
    symbol: str | None
    """Its maker's word; None where nobody told, or it poses as another."""


class Names(NamedTuple):
    """What the store's own numbers stand for."""

    mints: Mapping[int, NamedMint]
    signatures: Mapping[int, Signature]


class Neighbourhood(NamedTuple):
    """Whom a wallet is most like, as the last run found."""

    compared: int
    computed_at: UnixSeconds
    neighbours: tuple[NamedNeighbour, ...]
    """The most alike first."""


class NeighbourView(NamedTuple):
    """A tracked wallet, and what is known of its neighbours."""

    stored: StoredVector
    """Without the vector itself."""
    has_vector: bool
    neighbourhood: Neighbourhood | None
    """None before the first run that saw its vector."""


class VectorReader(Protocol):
    """Reads vectors and neighbours. Raises `StoreUnavailable`."""

    def vectors(self, wallets: Sequence[Address]) -> Mapping[Address, StoredVector]:
        """Return those of the wallets that were ever tracked. One round trip."""
        ...

    def names(self, mints: Sequence[int], transactions: Sequence[int]) -> Names:
        """Return what numbers stand for. One round trip."""
        ...

    def neighbours(self, wallet: Address) -> NeighbourView | None:
        """Return a wallet's neighbours; None for one never tracked. One round trip."""
        ...


class VectorKey(NamedTuple):
    """Where a page of vectors ended."""

    computed_at: datetime
    wallet_id: int


class KeptVector(NamedTuple):
    """One vector of all."""

    key: VectorKey
    vector: WalletVector


class FoundNeighbours(NamedTuple):
    """A wallet, and whom it is most like."""

    wallet_id: int
    neighbours: tuple[Neighbour, ...]


class NeighbourStore(Protocol):
    """All vectors, and the neighbours found of them. Raises `StoreUnavailable` or `Conflict`."""

    def page(self, *, after: VectorKey | None, limit: int) -> tuple[KeptVector, ...]:
        """Return some vectors of the current version, the latest worked out first."""
        ...

    def keep(self, found: Sequence[FoundNeighbours], *, compared: int, at: datetime) -> None:
        """Write neighbours of some wallets."""
        ...

    def drop(self, *, before: datetime) -> int:
        """Delete what was found before a time; return of how many wallets that was."""
        ...
