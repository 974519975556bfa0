"""Runs' memory in one process, over whatever keeps the facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from oof.domain.backfill import (
    ListedAddress,
    PageCoverage,
    Reach,
    Span,
    WalletCoverage,
    merged_rows,
    span_of,
)
from oof.domain.evidence import LastBalance
from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import Address, Signature, Slot, UnixSeconds
from oof.domain.wallets import SETTLED, WalletEvent, next_state
from oof.ports.backfill import Leases, RunRecord

LONG_AGO = UnixSeconds(0)
FORGET_AFTER_S = 3_600
"""How long a lease nobody gave back is kept beyond its end."""


class FactsView(Protocol):
    """What runs read of the facts."""

    def known(self, signatures: Iterable[Signature]) -> set[Signature]:
        """Return those that are stored or recorded as unreadable."""
        ...

    def accounts_of(self, wallet: Address) -> tuple[Address, ...]:
        """Return every token account ever seen under this owner."""
        ...

    def balances_of(self, wallet: Address) -> tuple[LastBalance, ...]:
        """Return newest post-balances within reach, closed accounts left out.

        A wallet that never held anything holds no lamports.
        """
        ...

    def is_folded(self, wallet: Address) -> bool:
        """Whether everything stored of the wallet is applied."""
        ...

    def last_heard(self) -> UnixSeconds | None:
        """Return when a webhook's delivery was stored last."""
        ...

    def set_reach(self, wallet: Address, reach: Reach) -> None:
        """Show how far down the wallet is covered."""
        ...

    def set_tracked(self, wallet: Address) -> None:
        """Apply what is stored from now on."""
        ...


@dataclass(slots=True)
class TrackedRow:
    """What runs and tail repair remember of one wallet."""

    state: WalletState = WalletState.UNSEEN
    revision: int = 0
    top_slot: Slot | None = None
    newest_time: UnixSeconds | None = None
    oldest_time: UnixSeconds | None = None
    is_complete: bool = False
    stopped_by: str | None = None
    tail_checked_at: UnixSeconds | None = None
    listed_at: UnixSeconds | None = None
    tokens_checked_at: UnixSeconds | None = None
    tail_shown_at: UnixSeconds | None = None
    evidence: str | None = None
    evidence_due_at: UnixSeconds = LONG_AGO
    token_evidence: str | None = None
    token_evidence_due_at: UnixSeconds = LONG_AGO
    last_error: LastError | None = None
    tracked_at: UnixSeconds = LONG_AGO
    read_at: UnixSeconds = LONG_AGO
    addresses: tuple[ListedAddress, ...] = ()
    unavailable: set[Signature] = field(default_factory=set)
    shard: int | None = None
    shard_since: UnixSeconds = LONG_AGO
    hooked_at: UnixSeconds | None = None
    live_since: UnixSeconds | None = None
    governed_at: UnixSeconds | None = None
    poll_every_s: int | None = None
    poll_due_at: UnixSeconds | None = None

    def note_listed(self, began_at: UnixSeconds | None, *, at: UnixSeconds) -> None:
        """Record that a listing of the newest end ended, and what follows for watching."""
        self.tail_checked_at = self.listed_at = at
        if self.poll_every_s is not None:
            self.poll_due_at = UnixSeconds(at + self.poll_every_s)
        is_after = began_at is not None and self.hooked_at is not None
        if is_after and self.live_since is None and (began_at or 0) >= (self.hooked_at or 0):
            self.live_since = at


class MemoryBackfillStore:
    """A `BackfillStore` in dicts."""

    def __init__(self, facts: FactsView) -> None:
        self.facts = facts
        self.rows: dict[Address, TrackedRow] = {}
        self.runs: dict[str, RunRecord] = {}
        self._leases: dict[Signature, tuple[str, UnixSeconds]] = {}

    def track(self, wallet: Address, *, at: UnixSeconds) -> WalletCoverage:
        """See `BackfillStore`."""
        row = self.rows.setdefault(wallet, TrackedRow())
        before = row.state
        if self.move(wallet, WalletEvent.OPENED, at=at) is not before:
            row.tracked_at = at
        self.facts.set_tracked(wallet)
        return self._known(wallet)

    def coverage(self, wallet: Address) -> WalletCoverage | None:
        """See `BackfillStore`."""
        return self._known(wallet) if wallet in self.rows else None

    def move(self, wallet: Address, event: WalletEvent, *, at: UnixSeconds) -> WalletState:  # noqa: ARG002
        """See `BackfillStore`."""
        row = self.rows[wallet]
        state = next_state(row.state, event)
        is_fold = event in {WalletEvent.FOLDED_FULLY, WalletEvent.FOLDED_PARTLY}
        clears = is_fold and row.last_error is not None
        if state is not row.state or clears:
            row.state, row.revision = state, row.revision + 1
            row.last_error = None if clears else row.last_error
        if state is WalletState.UNTRACKED:
            row.hooked_at = row.live_since = None
        return state

    def cover(
        self, wallet: Address, page: PageCoverage, *, stopped_by: str | None, at: UnixSeconds
    ) -> Span:
        """See `BackfillStore`."""
        row = self.rows[wallet]
        row.addresses = merged_rows(row.addresses, page.addresses)
        known = self._known(wallet)
        span = span_of(row.addresses, known.accounts, unavailable=len(known.unavailable))
        row.oldest_time, row.is_complete = span.oldest_time, span.is_complete
        if page.top is not None and (row.top_slot is None or page.top.slot >= row.top_slot):
            row.top_slot, row.newest_time = page.top.slot, page.top.block_time
        if page.tail_checked:
            row.note_listed(page.began_at, at=at)
        row.stopped_by = None if span.is_complete else stopped_by
        row.revision += 1
        ended = frozenset(each.address for each in row.addresses if each.is_ended)
        self.facts.set_reach(wallet, Reach(span.floor_slot, ended))
        return span

    def fail(self, wallet: Address, error: LastError) -> None:
        """See `BackfillStore`."""
        row = self.rows.get(wallet)
        if row is not None:
            row.last_error, row.revision = error, row.revision + 1

    def is_folded(self, wallet: Address) -> bool:
        """See `BackfillStore`."""
        return self.facts.is_folded(wallet)

    def lease(
        self,
        run_id: str,
        signatures: Sequence[Signature],
        *,
        at: UnixSeconds,
        until: UnixSeconds,
    ) -> Leases:
        """See `BackfillStore`."""
        stored = self.facts.known(signatures)
        known, mine, busy = [], [], []
        for signature in dict.fromkeys(signatures):
            holder, ends = self._leases.get(signature, (run_id, until))
            if signature in stored:
                known.append(signature)
            elif holder != run_id and ends > at:
                busy.append(signature)
            else:
                self._leases[signature] = (run_id, until)
                mine.append(signature)
        return Leases(tuple(known), tuple(mine), tuple(busy))

    def release(self, run_id: str) -> None:
        """See `BackfillStore`."""
        self._leases = {s: held for s, held in self._leases.items() if held[0] != run_id}

    def give_up(
        self,
        wallet: Address,
        signatures: Sequence[Signature],
        *,
        at: UnixSeconds,  # noqa: ARG002 - kept for whoever looks into the table
    ) -> None:
        """See `BackfillStore`."""
        self.rows[wallet].unavailable.update(signatures)

    def record_run(self, record: RunRecord, *, at: UnixSeconds) -> None:
        """See `BackfillStore`."""
        self.runs.setdefault(record.run_id, record)
        kept = {s: held for s, held in self._leases.items() if held[1] > at - FORGET_AFTER_S}
        self._leases = kept

    def unread(self, *, before: UnixSeconds, limit: int) -> tuple[Address, ...]:
        """See `BackfillStore`."""
        found = [
            wallet
            for wallet, row in self.rows.items()
            if row.state in SETTLED and max(row.tracked_at, row.read_at) <= before
        ]
        return tuple(sorted(found)[:limit])

    def note_read(self, wallet: Address, *, at: UnixSeconds) -> None:
        """See `BackfillStore`."""
        self.rows[wallet].read_at = at

    def leased(self) -> int:
        """Return how many leases are kept."""
        return len(self._leases)

    def revision(self, wallet: Address) -> int:
        """Return how often the wallet changed."""
        return self.rows[wallet].revision

    def last_error(self, wallet: Address) -> LastError | None:
        """Return the wallet's last failure."""
        return self.rows[wallet].last_error

    def stopped_by(self, wallet: Address) -> str | None:
        """Return which ceiling ended the last run."""
        return self.rows[wallet].stopped_by

    def _known(self, wallet: Address) -> WalletCoverage:
        row = self.rows[wallet]
        row.unavailable -= self.facts.known(row.unavailable)
        return WalletCoverage(
            state=row.state,
            top_slot=row.top_slot,
            oldest_time=row.oldest_time,
            newest_time=row.newest_time,
            is_complete=row.is_complete,
            tail_checked_at=row.tail_checked_at,
            addresses=row.addresses,
            accounts=self.facts.accounts_of(wallet),
            unavailable=tuple(sorted(row.unavailable)),
            awaits_listing=row.hooked_at is not None and row.live_since is None,
        )
