"""What runs remember of a wallet: its state, its coverage, and who fetches what right now."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from oof.domain.backfill import PageCoverage, Span, WalletCoverage
from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import Address, Signature, UnixSeconds
from oof.domain.wallets import WalletEvent


class Leases(NamedTuple):
    """How a run's signatures stand; each is in exactly one."""

    known: tuple[Signature, ...]
    """Stored, or recorded as unreadable: nobody needs to ask for them again."""
    mine: tuple[Signature, ...]
    """This run alone may ask for them until the lease ends."""
    busy: tuple[Signature, ...]
    """Another run is asking for them."""


class RunRecord(NamedTuple):
    """How a run ended, and what it asked of the provider, as the provider counts."""

    run_id: str
    wallet: Address
    mode: str
    outcome: str
    pages: int
    calls: int
    credits: int
    repeats: int
    """Bodies that pages brought though they were stored."""


class BackfillStore(Protocol):
    """Every method is one transaction, and raises `StoreUnavailable` where it could not be had.

    Changes of a wallet raise its revision under its row lock; an unchanged wallet keeps it.
    """

    def track(self, wallet: Address, *, at: UnixSeconds) -> WalletCoverage:
        """Track the wallet from now on, and return what is known; tracking twice is tracking once.

        From here on every stored transaction of the wallet is applied to it.
        """
        ...

    def coverage(self, wallet: Address) -> WalletCoverage | None:
        """Return what is known, None where the wallet was never tracked."""
        ...

    def move(self, wallet: Address, event: WalletEvent, *, at: UnixSeconds) -> WalletState:
        """Apply an event to the state and return the state after; a fold clears `last_error`."""
        ...

    def cover(
        self, wallet: Address, page: PageCoverage, *, stopped_by: str | None, at: UnixSeconds
    ) -> Span:
        """Lay a stored page into the coverage, and return the span over all addresses."""
        ...

    def fail(self, wallet: Address, error: LastError) -> None:
        """Record a failure; the state stays."""
        ...

    def is_folded(self, wallet: Address) -> bool:
        """Whether everything stored of the wallet is applied."""
        ...

    def lease(
        self,
        run_id: str,
        signatures: Sequence[Signature],
        *,
        at: UnixSeconds,
        until: UnixSeconds,
    ) -> Leases:
        """Sort out what is stored, and lease the rest to the run; its own leases are prolonged."""
        ...

    def release(self, run_id: str) -> None:
        """Give back what the run still leases."""
        ...

    def give_up(self, wallet: Address, signatures: Sequence[Signature], *, at: UnixSeconds) -> None:
        """Remember bodies the provider did not have; they come back in `coverage.unavailable`.

        One is forgotten as soon as it is stored.
        """
        ...

    def record_run(self, record: RunRecord, *, at: UnixSeconds) -> None:
        """Keep how a run ended; the first record of a run stays."""
        ...

    def unread(self, *, before: UnixSeconds, limit: int) -> tuple[Address, ...]:
        """Return settled wallets neither tracked nor known to be read since `before`."""
        ...

    def note_read(self, wallet: Address, *, at: UnixSeconds) -> None:
        """Remember when the wallet was read; its revision stays."""
        ...
