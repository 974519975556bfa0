"""The facts of all wallets, each tracked wallet's ledger, and what is folded from it.

Everything that must hold together is written within one `transaction()`: left normally it is
committed, left by an exception nothing of it happened. Every method may raise `StoreUnavailable`
or `Conflict`; after either the transaction is lost and the whole use case is tried again.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from oof.domain.snapshot.fold import FoldPlan, Span
from oof.domain.snapshot.ledger import WalletEntry
from oof.domain.snapshot.model import (
    Coverage,
    LastError,
    MintBalance,
    MomentTotals,
    PositionTotals,
    WalletState,
)
from oof.domain.snapshot.newest import Newest
from oof.domain.transactions.model import NORMALIZER_VERSION, NormalizedTransaction
from oof.domain.units import Address, Mint, Signature, Slot, UnixSeconds
from oof.ports.doubts import DoubtTransaction
from oof.ports.finality import FinalityReads, FinalityTransaction
from oof.ports.moments import MomentReads, MomentTransaction
from oof.ports.portraits import PortraitReads, PortraitTransaction
from oof.ports.positions import PositionReads, PositionTransaction
from oof.ports.rewriting import RewritingReads, RewritingTransaction
from oof.ports.rollups import RollupReads, RollupTransaction
from oof.ports.valuation import ValuationReads, ValuationTransaction
from oof.ports.vectors import VectorTransaction

TRACKED_STATES = (WalletState.WARMING_UP, WalletState.SEEN_PARTIAL, WalletState.SEEN_FULL)
"""In these a wallet's transactions are queued for its ledger as they are stored."""


class PackedTransaction(NamedTuple):
    """A normalized transaction and where its raw body lies within its pack."""

    transaction: NormalizedTransaction
    offset: int
    length: int
    version: int = NORMALIZER_VERSION
    """The normalizer that read it."""


class PackRecord(NamedTuple):
    """One object of raw bodies, as written."""

    object_key: str
    dictionary_id: str
    frames: int
    bytes: int
    finalized_slot: Slot | None = None
    """The provider had reported this slot finalized before the bodies were asked for."""


class UnreadableRecord(NamedTuple):
    """A body that could not become facts, and why; one row per (body, code)."""

    body_sha256: bytes
    code: str
    detail: str
    source: str
    signature: Signature | None


class Inserted(NamedTuple):
    """What an insert found instead of room."""

    refused: tuple[Signature, ...]
    """Cannot be stored: another signature with the same first 16 bytes is there."""
    known: Mapping[Signature, Slot]
    """Stored before, with its slot."""


class LinkOutcome(NamedTuple):
    """What a listing found of itself among the facts."""

    missing: tuple[Signature, ...]
    """Listed, but not stored: to be fetched and listed again."""
    queued: int
    """Stored, but not in the wallet's ledger: now pending."""


class FoldPosition(NamedTuple):
    """Where a locked wallet's fold stands."""

    wallet_id: int
    applied_seq: int
    span: Span
    blocked_code: str | None
    is_settled: bool
    """Whether its first chunk was folded before: what is newer from here on came by itself."""
    is_fold_due: bool = False
    """Its state is to be folded anew from its whole ledger: more is kept of it than was before."""


class FoldSave(NamedTuple):
    """The new state of a locked wallet, in one write."""

    plan: FoldPlan
    newest: Mapping[int, Newest]
    span: Span
    applied_seq: int
    lag_s: int | None = None
    """How long after its block the newest transaction is applied; None where it is no newer."""
    stale_from: Slot | None = None
    """The lowest slot in which something of the wallet's own changed: its positions are to be
    folded anew from there on; None where nothing did."""
    is_whole: bool = False
    """The plan is that of the whole ledger: the mark that it was to be folded anew is cleared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletView:
    """One tracked wallet as committed, read at one instant."""

    address: Address
    state: WalletState
    blocked_code: str | None
    epoch: int
    revision: int
    projected_revision: int
    applied_seq: int
    span: Span
    counters: Mapping[str, int]
    hours: Mapping[UnixSeconds, int]
    """Transactions by UTC hour start, from 31 days before the newest transaction's day."""
    balances: tuple[MintBalance, ...]
    """Newest slot first, then mint; without mints of which nothing is left."""
    balances_count: int
    has_unresolved_order: bool
    """Some balance, shown or not, rests on a guessed order that may still be learnt."""
    is_soft: bool
    """Something counted is not final yet."""
    coverage: Coverage
    tail_checked_at: UnixSeconds | None
    listed_at: UnixSeconds | None
    """When the newest end was listed last; a look at balances tells less."""
    tokens_checked_at: UnixSeconds | None
    """When the known token accounts were looked at last."""
    applied_lag_s: int | None
    """How long after its block the newest transaction was applied."""
    last_error: LastError | None
    positions: PositionTotals
    moments: MomentTotals
    symbols: Mapping[Mint, str]
    """Under which symbols mints of balances and of the dearest moments are shown, where told."""


class FactTransaction(
    FinalityTransaction,
    DoubtTransaction,
    RewritingTransaction,
    PositionTransaction,
    ValuationTransaction,
    RollupTransaction,
    MomentTransaction,
    VectorTransaction,
    PortraitTransaction,
    Protocol,
):
    """Writes that are committed together, and reads that see them."""

    def insert(
        self,
        pack: PackRecord,
        transactions: Sequence[PackedTransaction],
        *,
        at: datetime,
        ask_at: datetime | None = None,
    ) -> Inserted:
        """Insert the facts of those not yet stored; idempotent by signature.

        A stored transaction keeps its facts; only its unknown time or index is filled in. Every
        transaction has a slot; new ones above the pack's `finalized_slot` are soft, and asked
        about at `ask_at` (`at` if not said). Takes no wallet lock.
        """
        ...

    def fill(self, transactions: Sequence[NormalizedTransaction]) -> Mapping[Signature, Slot]:
        """Learn the time and index of stored transactions that lack them, each in its own slot.

        Returns the stored slot of those that are stored.
        """
        ...

    def enqueue(
        self, transactions: Sequence[NormalizedTransaction], *, at: datetime
    ) -> tuple[Address, ...]:
        """Add a pending row for each tracked participant of each *stored* transaction given.

        A body of another slot than the stored one is another landing's, and queues nothing.

        Returns the wallets to wake, ascending. Takes no wallet lock.
        """
        ...

    def record_unreadable(self, records: Sequence[UnreadableRecord], *, at: datetime) -> None:
        """Record each body once per code."""
        ...

    def track(self, wallet: Address, state: WalletState, *, at: datetime) -> None:
        """Put the wallet into `state`, raising its revision; the same state again is a no-op."""
        ...

    def link(
        self, wallet: Address, signatures: Sequence[Signature], *, at: datetime
    ) -> LinkOutcome:
        """Queue listed transactions that the ledger and pending of a tracked wallet lack.

        Raises `NotFound` for a wallet that is not tracked.
        """
        ...

    def lock(self, wallet: Address) -> FoldPosition | None:
        """Lock the wallet's row until the end of the transaction; None where it has none."""
        ...

    def take_pending(self, wallet_id: int, *, limit: int) -> tuple[WalletEntry, ...]:
        """Remove up to `limit` pending rows of a locked wallet and return what they stand for."""
        ...

    def append(self, wallet_id: int, plan: FoldPlan, *, after_seq: int) -> int:
        """Append the plan's rows to the ledger, gapless; return the last seq."""
        ...

    def newest_held(self, wallet_id: int, accounts: Sequence[int]) -> dict[int, Newest]:
        """Return the saved newest balances of `accounts`."""
        ...

    def newest_from_facts(self, wallet_id: int, accounts: Sequence[int]) -> dict[int, Newest]:
        """Find newest balances among the ledger's live set; accounts without any are absent."""
        ...

    def span_from_facts(self, wallet_id: int) -> Span:
        """Find how far the ledger's live set reaches."""
        ...

    def live_entries(self, wallet_id: int, *, after_tx: int, limit: int) -> tuple[WalletEntry, ...]:
        """Return live entries with `tx_id > after_tx`, ascending."""
        ...

    def clear_fold(self, wallet_id: int) -> None:
        """Delete a locked wallet's counters, hours, days, flows and holdings."""
        ...

    def save(self, wallet_id: int, save: FoldSave, *, at: datetime) -> None:
        """Write a locked wallet's new state and raise its revision by one.

        Accounts of the plan that are not in `save.newest` lose their holding.
        """
        ...

    def block(self, wallet: Address, code: str | None, *, at: datetime) -> None:
        """Mark the wallet as blocked by `code`, or free it; its revision is raised on a change."""
        ...


class FactStore(
    FinalityReads,
    RewritingReads,
    PositionReads,
    ValuationReads,
    RollupReads,
    MomentReads,
    PortraitReads,
    Protocol,
):
    """The database of facts and ledgers."""

    def transaction(self) -> AbstractContextManager[FactTransaction]:
        """Begin; commit at the end of the block, roll back where it raises."""
        ...

    def stored(self, signatures: Iterable[Signature]) -> frozenset[Signature]:
        """Return which of the signatures are stored and not revoked."""
        ...

    def view(self, wallet: Address) -> WalletView | None:
        """Return the wallet as committed; None where it has never been tracked."""
        ...

    def mark_projected(self, wallet: Address, revision: int) -> None:
        """Remember the newest revision that was projected."""
        ...

    def forgotten(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """Return unblocked wallets with a pending row, or a due fold, older than `before`.

        Oldest first.
        """
        ...

    def lagging(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """Return wallets changed before `before` whose newest revision is not projected."""
        ...

    def tracked(self, *, after: Address | None, limit: int) -> tuple[Address, ...]:
        """Return every wallet that was ever tracked, a page at a time, in a stable order."""
        ...
