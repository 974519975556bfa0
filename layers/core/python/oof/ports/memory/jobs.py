"""Work, jobs and remembered requests, in memory."""

from collections.abc import Sequence

from oof.domain.errors import NotFound
from oof.domain.jobs import (
    SEQS_PER_ATTEMPT,
    Job,
    Progress,
    Work,
    WorkEvent,
    WorkRequest,
    WorkStatus,
    begin_attempt,
    event_of,
    finish_attempt,
    report_progress,
    request_cancel,
)
from oof.domain.units import UnixSeconds
from oof.ports.jobs import Begun, RememberedRequest


class MemoryWorkStore:
    """A `WorkStore` in a dict."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}
        self._events: dict[str, list[WorkEvent]] = {}

    def begin(self, request: WorkRequest, *, at: UnixSeconds, stale_after_s: int) -> Begun:
        """See `WorkStore`."""
        seen = self._works.get(request.work_id)
        work = begin_attempt(seen, request, at=at, stale_after_s=stale_after_s)
        if work is None and seen is not None:
            return Begun(work=seen, is_new=False)
        self._keep(work)
        return Begun(work=self._known(request.work_id), is_new=True)

    def get(self, work_id: str) -> Work | None:
        """See `WorkStore`."""
        return self._works.get(work_id)

    def report(
        self,
        work_id: str,
        attempt: int,
        progress: Progress,
        *,
        at: UnixSeconds,
        note: str | None = None,
    ) -> bool:
        """See `WorkStore`."""
        return self._keep(
            report_progress(self._known(work_id), attempt, progress, at=at), note=note
        )

    def finish(
        self,
        work_id: str,
        attempt: int,
        status: WorkStatus,
        *,
        at: UnixSeconds,
        reason: str | None = None,
    ) -> bool:
        """See `WorkStore`."""
        return self._keep(
            finish_attempt(self._known(work_id), attempt, status, at=at, reason=reason)
        )

    def request_cancel(self, work_id: str, attempt: int, *, at: UnixSeconds) -> bool:
        """See `WorkStore`."""
        changed = request_cancel(self._known(work_id), attempt, at=at)
        return self._keep(changed, note="cancel_requested")

    def events(self, work_id: str, *, after_seq: int, limit: int) -> Sequence[WorkEvent]:
        """See `WorkStore`."""
        log = self._events.get(work_id, [])
        return tuple(event for event in log if event.seq > after_seq)[:limit]

    def last_event(self, work_id: str, attempt: int) -> WorkEvent | None:
        """See `WorkStore`."""
        log = self._events.get(work_id, [])
        own = [event for event in log if event.seq // SEQS_PER_ATTEMPT == attempt]
        return own[-1] if own else None

    def _known(self, work_id: str) -> Work:
        work = self._works.get(work_id)
        if work is None:
            raise NotFound(work_id)
        return work

    def _keep(self, work: Work | None, *, note: str | None = None) -> bool:
        if work is None:
            return False
        self._works[work.work_id] = work
        self._events.setdefault(work.work_id, []).append(event_of(work, note=note))
        return True


class MemoryJobStore:
    """A `JobStore` in a dict."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._followers: dict[tuple[str, int], set[str]] = {}

    def put(self, job: Job, *, expires_at: UnixSeconds) -> None:  # noqa: ARG002 - never expires
        """See `JobStore`."""
        self._jobs.setdefault(job.job_id, job)
        self._followers.setdefault((job.work_id, job.attempt), set()).add(job.job_id)

    def leave(self, job: Job) -> bool:
        """See `JobStore`."""
        followers = self._followers.get((job.work_id, job.attempt), set())
        followers.discard(job.job_id)
        return bool(followers)

    def get(self, job_id: str) -> Job | None:
        """See `JobStore`."""
        return self._jobs.get(job_id)


class MemoryRequestMemory:
    """A `RequestMemory` in a dict."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str], tuple[RememberedRequest, UnixSeconds]] = {}

    def remember(
        self,
        caller: str,
        key: str,
        request: RememberedRequest,
        *,
        at: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> RememberedRequest:
        """See `RequestMemory`."""
        kept = self.recall(caller, key, at=at)
        if kept is None:
            self._requests[caller, key] = (request, expires_at)
        return kept or request

    def recall(self, caller: str, key: str, *, at: UnixSeconds) -> RememberedRequest | None:
        """See `RequestMemory`."""
        request, expires_at = self._requests.get((caller, key), (None, at))
        return request if expires_at > at else None
