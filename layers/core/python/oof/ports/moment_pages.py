"""Stored moments, a page at a time; each page is one indexed query.

At most `SCAN_LIMIT` moments are looked at, so under a narrow filter a page may come short, or
empty, and still have a next one.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from oof.domain.moments.model import Moment, MomentId, MomentKind
from oof.domain.moments.stored import Extremes
from oof.domain.units import Address, UnixSeconds
from oof.ports.history import WalletHead

SCAN_LIMIT: Final = 2_000


class MomentFilter(NamedTuple):
    """Which moments are wanted; None leaves a question open."""

    kinds: frozenset[MomentKind] | None = None
    since: UnixSeconds | None = None
    """Inclusive."""
    min_usd: Decimal | None = None
    """What is not known in dollars is none of these."""


class MomentKey(NamedTuple):
    """Where a page ended: newest first, ties by id, the highest first."""

    at: int
    id: MomentId


class MomentRecord(NamedTuple):
    """One moment as it stands now."""

    id: MomentId
    wallet: Address
    decimals: int | None
    """Of its mint."""
    moment: Moment
    """Doubts that are cleared are taken out."""
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentsHead:
    """How the wallet of moments stands."""

    wallet: WalletHead
    is_looking: bool = False
    """Something changed that no detector has seen yet."""


class MomentPage(NamedTuple):
    """Some moments, and where the next page begins."""

    head: MomentsHead
    records: tuple[MomentRecord, ...]
    next_key: MomentKey | None


class MomentDetail(NamedTuple):
    """One moment, and how its wallet stands."""

    head: MomentsHead
    record: MomentRecord


class ExtremesDetail(NamedTuple):
    """What a wallet's moments come to, and the dearest of each kind."""

    head: MomentsHead
    extremes: Extremes
    records: tuple[MomentRecord, ...]
    """In the order of `extremes.dearest`."""


class MomentReader(Protocol):
    """Reads moments of tracked wallets. Raises `StoreUnavailable`."""

    def page(
        self, wallet: Address, wanted: MomentFilter, *, after: MomentKey | None, limit: int
    ) -> MomentPage | None:
        """Return some moments; None for a wallet that was never tracked."""
        ...

    def one(self, id_: MomentId) -> MomentDetail | None:
        """Return one moment; None where there is none."""
        ...

    def extremes(self, wallet: Address) -> ExtremesDetail | None:
        """Return a wallet's extremes; None for one that was never tracked."""
        ...
