"""A caller's view of work under way."""

from collections.abc import Mapping
from dataclasses import dataclass

from oof.domain.errors import NotFound
from oof.domain.jobs import Job, Work, WorkEvent, WorkStatus, eta_s
from oof.domain.units import UnixSeconds
from oof.ports.jobs import JobStore, WorkStore
from oof.ports.system import Clock, unix_now


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job with the state of its attempt."""

    job: Job
    params: Mapping[str, str]
    """What was asked for; empty once the work has expired."""
    event: WorkEvent
    """The attempt's newest log line."""
    started_at: UnixSeconds | None
    finished_at: UnixSeconds | None
    eta_s: int | None
    is_cancel_requested: bool
    """Whether the work was asked to stop before its next chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDeps:
    """What reading a job needs."""

    jobs: JobStore
    works: WorkStore
    clock: Clock


def read_job(deps: JobDeps, job_id: str, *, caller: str) -> JobView:
    """Return the job. Raises NotFound for what is not there, or not the caller's."""
    job = own_job(deps, job_id, caller=caller)
    work = deps.works.get(job.work_id)
    event = deps.works.last_event(job.work_id, job.attempt)
    if event is None:
        raise NotFound("this job has expired")
    return view_of(job, event, work, now=unix_now(deps.clock))


def own_job(deps: JobDeps, job_id: str, *, caller: str) -> Job:
    """Return the caller's job. Raises NotFound for what is not there, or not the caller's."""
    job = deps.jobs.get(job_id)
    if job is None or job.owner != caller:
        raise NotFound("no job of yours has this id")
    return job


def view_of(job: Job, event: WorkEvent, work: Work | None, *, now: UnixSeconds) -> JobView:
    """The view at `now`; `work` may be at a later attempt than the job's."""
    own = work if work is not None and work.attempt == job.attempt else None
    is_running = event.status is WorkStatus.RUNNING
    left_s = None
    if own is not None and is_running:
        left_s = eta_s(event.progress, since=own.created_at, at=event.at, now=now)
    return JobView(
        job=job,
        params={} if work is None else work.params,
        event=event,
        started_at=None if own is None else own.started_at,
        finished_at=event.at if event.status.is_final else None,
        eta_s=left_s,
        is_cancel_requested=own is not None and own.is_cancel_requested,
    )
