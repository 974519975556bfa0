"""Tail repair's memory in one process, over the rows that runs remember."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from oof.domain.evidence import LastBalance, Reason
from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import SETTLED
from oof.ports.memory.backfill import MemoryBackfillStore, TrackedRow
from oof.ports.tails import Claim, Confirmation, DueTail, Evidence, TailLag


@dataclass(slots=True)
class _Wanted:
    reason: Reason
    wanted_at: UnixSeconds
    started_at: UnixSeconds | None = None
    tick: str | None = None


@dataclass(slots=True)
class _Outage:
    ended_at: UnixSeconds | None
    reported: bool


class MemoryTailStore:
    """A `TailStore` in dicts."""

    def __init__(self, runs: MemoryBackfillStore) -> None:
        self._runs = runs
        self._wanted: dict[Address, _Wanted] = {}
        self._outages: dict[UnixSeconds, _Outage] = {}

    def due(
        self, *, checked_before: UnixSeconds, after: Address | None, limit: int
    ) -> tuple[DueTail, ...]:
        """See `TailStore`."""
        found = [
            wallet
            for wallet, row in sorted(self._runs.rows.items())
            if row.state in SETTLED
            and row.poll_every_s is None
            and (row.tail_checked_at or 0) <= checked_before
            and self._runs.facts.is_folded(wallet)
            and (after is None or wallet > after)
        ]
        return tuple(self._due(wallet, self._runs.rows[wallet]) for wallet in found[:limit])

    def token_balances(self, wallets: Sequence[Address]) -> dict[Address, tuple[LastBalance, ...]]:
        """See `TailStore`."""
        return {
            wallet: tuple(b for b in self._runs.facts.balances_of(wallet) if b.account != wallet)
            for wallet in wallets
        }

    def confirm(
        self,
        confirmed: Sequence[Confirmation],
        *,
        at: UnixSeconds,
        read_since: UnixSeconds,
        shown_before: UnixSeconds,
    ) -> None:
        """See `TailStore`."""
        for wallet, has_tokens in confirmed:
            row = self._runs.rows[wallet]
            row.tail_checked_at = at
            row.tokens_checked_at = at if has_tokens else row.tokens_checked_at
            shown = row.tail_shown_at
            if row.read_at >= read_since or shown is None or shown <= shown_before:
                row.tail_shown_at, row.revision = at, row.revision + 1

    def note_evidence(self, moved: Mapping[Address, Evidence], *, due_at: UnixSeconds) -> None:
        """See `TailStore`."""
        for wallet, evidence in moved.items():
            row = self._runs.rows[wallet]
            if evidence.lamports not in {None, row.evidence}:
                row.evidence, row.evidence_due_at = evidence.lamports, due_at
            if evidence.tokens not in {None, row.token_evidence}:
                row.token_evidence, row.token_evidence_due_at = evidence.tokens, due_at

    def note_reads(self, reads: Mapping[Address, UnixSeconds]) -> None:
        """See `TailStore`."""
        for wallet, read_at in reads.items():
            if (row := self._runs.rows.get(wallet)) is not None:
                row.read_at = max(row.read_at, read_at)

    def want(self, wanted: Mapping[Address, Reason], *, at: UnixSeconds) -> None:
        """See `TailStore`."""
        for wallet, reason in wanted.items():
            row = self._wanted.setdefault(wallet, _Wanted(reason, at))
            row.reason = min(row.reason, reason)

    def forget_listed(self) -> None:
        """See `TailStore`."""
        self._wanted = {w: row for w, row in self._wanted.items() if not self._is_listed(w, row)}

    def claim(
        self,
        tick: str,
        *,
        at: UnixSeconds,
        at_once: int,
        given_up_before: UnixSeconds,
        deferred: Collection[Reason] = (),
    ) -> Claim:
        """See `TailStore`."""

        def runs(wallet: Address) -> bool:
            row, error = self._wanted[wallet], self._runs.rows[wallet].last_error
            if row.started_at is None or row.started_at <= given_up_before:
                return False
            if error is None or error.at < row.started_at:
                return True
            return (error.at if error.retry_at is None else error.retry_at) > at

        ordered = sorted(self._wanted, key=self._urgency)
        room = max(at_once - sum(runs(wallet) for wallet in ordered), 0)
        free = [w for w in ordered if not runs(w) and self._wanted[w].reason not in deferred]
        for wallet in free[:room]:
            self._wanted[wallet].started_at = at
            self._wanted[wallet].tick = tick
        running = [wallet for wallet in ordered if runs(wallet)]
        mine = tuple(wallet for wallet in running if self._wanted[wallet].tick == tick)
        return Claim(mine, len(running), len(ordered) - len(running))

    def lag(self) -> TailLag:
        """See `TailStore`."""
        followed = [row for row in self._runs.rows.values() if row.state in SETTLED]
        rows = [row for row in followed if row.poll_every_s is None]
        checked = [
            row.tracked_at if row.tail_checked_at is None else row.tail_checked_at for row in rows
        ]
        return TailLag(len(rows), min(checked, default=None))

    def last_heard(self) -> UnixSeconds | None:
        """See `TailStore`."""
        return self._runs.facts.last_heard()

    def begin_outage(self, *, began_at: UnixSeconds) -> bool:
        """See `TailStore`."""
        if self.outage_began_at() is not None or began_at in self._outages:
            return False
        self._outages[began_at] = _Outage(None, reported=False)
        return True

    def end_outage(
        self, *, began_at: UnixSeconds | None, ended_at: UnixSeconds, reported: bool
    ) -> None:
        """See `TailStore`."""
        if began_at is None:
            for outage in self._outages.values():
                outage.ended_at = ended_at if outage.ended_at is None else outage.ended_at
            return
        known = self._outages.setdefault(began_at, _Outage(ended_at, reported))
        known.ended_at, known.reported = ended_at, known.reported or reported

    def outage_began_at(self) -> UnixSeconds | None:
        """See `TailStore`."""
        under_way = [began for began, outage in self._outages.items() if outage.ended_at is None]
        return under_way[0] if under_way else None

    def outage_ended_at(self) -> UnixSeconds | None:
        """See `TailStore`."""
        ends = [o.ended_at for o in self._outages.values() if o.ended_at is not None]
        return max(ends, default=None)

    def waiting(self) -> dict[Address, Reason]:
        """Return who is in the queue, and why."""
        return {wallet: row.reason for wallet, row in self._wanted.items()}

    def _due(self, wallet: Address, row: TrackedRow) -> DueTail:
        row.unavailable -= self._runs.facts.known(row.unavailable)
        lamports = [b for b in self._runs.facts.balances_of(wallet) if b.account == wallet]
        is_answered = row.listed_at is not None and row.listed_at >= row.evidence_due_at
        token_answered = row.listed_at is not None and row.listed_at >= row.token_evidence_due_at
        answered = Evidence(
            row.evidence if is_answered else None, row.token_evidence if token_answered else None
        )
        times = [at for at in (row.tokens_checked_at, row.listed_at) if at is not None]
        return DueTail(
            wallet=wallet,
            lamports=lamports[0] if lamports else None,
            checked_at=row.tail_checked_at,
            listed_at=row.listed_at,
            tokens_checked_at=max(times, default=None),
            has_missing=bool(row.unavailable),
            answered=answered,
            is_live=row.live_since is not None,
        )

    def _urgency(self, wallet: Address) -> tuple[int, int, int, Address]:
        row = self._wanted[wallet]
        return row.reason, -self._runs.rows[wallet].read_at, row.wanted_at, wallet

    def _is_listed(self, wallet: Address, wanted: _Wanted) -> bool:
        row = self._runs.rows[wallet]
        since = wanted.wanted_at if wanted.started_at is None else wanted.started_at
        is_over = row.state not in SETTLED
        return is_over or (row.listed_at is not None and row.listed_at >= since)
