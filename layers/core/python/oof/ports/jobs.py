"""Work under way, and callers' views of it.

Who starts work calls `begin`, and starts the execution named `work.execution_name` whenever the
returned work is still queued: names are taken once, so starting twice is starting once. Steps call
`report` as they go and `finish` at the end; both change nothing (and return False) for an attempt
that is over or superseded, so a late or repeated step does no harm.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from oof.domain.jobs import Job, Progress, Work, WorkEvent, WorkRequest, WorkStatus
from oof.domain.units import UnixSeconds


class Begun(NamedTuple):
    """The work that now stands for a request."""

    work: Work
    is_new: bool
    """Whether this call queued the attempt; False where one was under way."""


class WorkStore(Protocol):
    """Work by its input's key, with an append-only log."""

    def begin(self, request: WorkRequest, *, at: UnixSeconds, stale_after_s: int) -> Begun:
        """Take the next attempt by a conditional write, or join the one under way.

        An attempt silent for `stale_after_s` counts as dead. Raises `StoreUnavailable`.
        """
        ...

    def get(self, work_id: str) -> Work | None:
        """Return the work with its latest attempt, as last written. Raises `StoreUnavailable`."""
        ...

    def report(
        self,
        work_id: str,
        attempt: int,
        progress: Progress,
        *,
        at: UnixSeconds,
        note: str | None = None,
    ) -> bool:
        """Set progress and status running, and log it. Returns whether the attempt is live.

        Raises `NotFound`, `StoreUnavailable`.
        """
        ...

    def finish(
        self,
        work_id: str,
        attempt: int,
        status: WorkStatus,
        *,
        at: UnixSeconds,
        reason: str | None = None,
    ) -> bool:
        """End the attempt for good, and log it. Returns whether this call ended it.

        Raises `NotFound`, `StoreUnavailable`.
        """
        ...

    def request_cancel(self, work_id: str, attempt: int, *, at: UnixSeconds) -> bool:
        """Ask the attempt to stop before its next chunk. Returns whether this call asked it.

        Raises `NotFound`, `StoreUnavailable`.
        """
        ...

    def events(self, work_id: str, *, after_seq: int, limit: int) -> Sequence[WorkEvent]:
        """Return log lines after `after_seq`, oldest first. Raises `StoreUnavailable`."""
        ...

    def last_event(self, work_id: str, attempt: int) -> WorkEvent | None:
        """Return an attempt's newest log line: its outcome, once over."""
        ...


class JobStore(Protocol):
    """Jobs by their unguessable ids."""

    def put(self, job: Job, *, expires_at: UnixSeconds) -> None:
        """Store the job, whose owner follows its work from now on; the same job again is the same.

        Raises `StoreUnavailable`.
        """
        ...

    def leave(self, job: Job) -> bool:
        """Let the owner follow the work no more; return whether anybody else still does.

        Raises `StoreUnavailable`.
        """
        ...

    def get(self, job_id: str) -> Job | None:
        """Return the job, or None. Raises `StoreUnavailable`."""
        ...


class RememberedRequest(NamedTuple):
    """What an `Idempotency-Key` was first used for."""

    fingerprint: str
    job_id: str


class RequestMemory(Protocol):
    """Requests by caller and `Idempotency-Key`."""

    def remember(
        self,
        caller: str,
        key: str,
        request: RememberedRequest,
        *,
        at: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> RememberedRequest:
        """Keep the request unless one is kept under that key; return the one that is kept.

        One that expired by `at` counts as gone. Raises `StoreUnavailable`.
        """
        ...

    def recall(self, caller: str, key: str, *, at: UnixSeconds) -> RememberedRequest | None:
        """Return what the key was first used for, or None once that expired.

        Raises `StoreUnavailable`.
        """
        ...
