"""Work and jobs.

*Work* is shared and keyed by its input: asking twice is doing once. It runs in attempts, one at a
time; each attempt goes queued → running → (succeeded | partial | failed | cancelled) and is then
final. A *job* is one caller's view of one attempt. What happened is an append-only log whose
numbers rise over all attempts::

    seq = attempt * SEQS_PER_ATTEMPT + n        # n = 0 is "queued"

All transitions are pure; a store applies one only while (attempt, last_seq) are as they were seen.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.units import Address, UnixSeconds

SEQS_PER_ATTEMPT: Final = 1_000_000


class WorkKind(StrEnum):
    """What is being done."""

    OPEN_WALLET = "open_wallet"
    BACKFILL_HISTORY = "backfill_history"
    FOLD_VIEW = "fold_view"
    """Positions of a group of wallets by a caller's own choice; one caller's alone."""
    SUM_TOKENS = "sum_tokens"
    """What each token of a wallet came to from one day to another; whoever asks shares it."""

    @property
    def unit(self) -> str:
        """What its progress is counted in."""
        return _UNITS.get(self, "signatures")


_UNITS: Final = {WorkKind.FOLD_VIEW: "transactions", WorkKind.SUM_TOKENS: "tokens"}


class WorkStatus(StrEnum):
    """How far an attempt is; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    """A ceiling ended it early; what was done is kept, `reason` names the ceiling."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the attempt is over."""
        return self not in {WorkStatus.QUEUED, WorkStatus.RUNNING}


class Progress(NamedTuple):
    """How much is done, of how much where that is known."""

    done: int
    total: int | None
    unit: str
    expected: int | None = None
    """How much it will probably be, where `total` is not known; None where there is no telling."""


NOTHING_DONE: Final = Progress(done=0, total=None, unit="signatures")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRequest:
    """The input that keys a work. `params` are canonical: equal input, equal text."""

    kind: WorkKind
    wallet: Address
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def work_id(self) -> str:
        """The key: the same input always gives the same one; fit for an execution's name."""
        key = [self.kind, self.wallet, sorted(self.params.items())]
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        return f"{self.kind}-{digest[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A work and its latest attempt."""

    work_id: str
    kind: WorkKind
    wallet: Address
    params: Mapping[str, str]
    attempt: int
    """From 1; the execution's name is `<work_id>-<attempt>`."""
    status: WorkStatus
    progress: Progress
    last_seq: int
    created_at: UnixSeconds
    """When this attempt was queued."""
    started_at: UnixSeconds | None
    updated_at: UnixSeconds
    finished_at: UnixSeconds | None
    reason: str | None
    """A stable code: why the attempt ended partial, failed or cancelled."""
    is_cancel_requested: bool

    @property
    def execution_name(self) -> str:
        """The name under which this attempt runs; taken once for ever."""
        return f"{self.work_id}-{self.attempt}"


class WorkEvent(NamedTuple):
    """One line of the log: the work's state after a change."""

    seq: int
    at: UnixSeconds
    status: WorkStatus
    progress: Progress
    reason: str | None
    note: str | None
    """A stable code of what just happened, such as `page_stored`; None where status says all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One caller's view of one attempt."""

    job_id: str
    owner: str
    work_id: str
    attempt: int
    kind: WorkKind
    wallet: Address
    created_at: UnixSeconds


def begin_attempt(
    seen: Work | None, request: WorkRequest, *, at: UnixSeconds, stale_after_s: int
) -> Work | None:
    """The next attempt, queued; None while the one seen is under way.

    An attempt that reported nothing for `stale_after_s` is taken to be dead and is superseded.
    """
    if seen is not None and not seen.status.is_final and at - seen.updated_at < stale_after_s:
        return None
    attempt = 1 if seen is None else seen.attempt + 1
    return Work(
        work_id=request.work_id,
        kind=request.kind,
        wallet=request.wallet,
        params=dict(request.params),
        attempt=attempt,
        status=WorkStatus.QUEUED,
        progress=NOTHING_DONE._replace(unit=request.kind.unit),
        last_seq=attempt * SEQS_PER_ATTEMPT,
        created_at=at,
        started_at=None,
        updated_at=at,
        finished_at=None,
        reason=None,
        is_cancel_requested=False,
    )


def report_progress(
    seen: Work, attempt: int, progress: Progress, *, at: UnixSeconds
) -> Work | None:
    """The work running with this progress; None where that attempt is over or superseded."""
    if seen.attempt != attempt or seen.status.is_final:
        return None
    return replace(
        seen,
        status=WorkStatus.RUNNING,
        progress=progress,
        last_seq=seen.last_seq + 1,
        started_at=at if seen.started_at is None else seen.started_at,
        updated_at=at,
    )


def finish_attempt(
    seen: Work, attempt: int, status: WorkStatus, *, at: UnixSeconds, reason: str | None
) -> Work | None:
    """The work with this attempt final; None where it already is, or is superseded.

    Raises ValueError for a status that is not final.
    """
    if not status.is_final:
        msg = f"{status} does not end an attempt"
        raise ValueError(msg)
    if seen.attempt != attempt or seen.status.is_final:
        return None
    return replace(
        seen,
        status=status,
        last_seq=seen.last_seq + 1,
        updated_at=at,
        finished_at=at,
        reason=reason,
    )


def request_cancel(seen: Work, attempt: int, *, at: UnixSeconds) -> Work | None:
    """The work asked to stop before its next chunk; None where that changes nothing."""
    if seen.attempt != attempt or seen.status.is_final or seen.is_cancel_requested:
        return None
    return replace(seen, is_cancel_requested=True, last_seq=seen.last_seq + 1, updated_at=at)


def event_of(work: Work, *, note: str | None = None) -> WorkEvent:
    """The log line of the change that led to this state."""
    return WorkEvent(
        seq=work.last_seq,
        at=work.updated_at,
        status=work.status,
        progress=work.progress,
        reason=work.reason,
        note=note,
    )


def eta_s(
    progress: Progress, *, since: UnixSeconds, at: UnixSeconds, now: UnixSeconds
) -> int | None:
    """Seconds left at `now`, rounded up, at the pace measured from `since` to `at`.

    None where there is no telling: nobody knows or expects the whole, or nothing was done yet.
    """
    whole = progress.expected if progress.total is None else progress.total
    if whole is None or progress.done <= 0:
        return None
    left = max(whole - progress.done, 0)
    # while nothing new is reported, the estimate runs down
    return max(-(-(at - since) * left // progress.done) - (now - at), 0)
