"""Stop work that a caller no longer wants, unless somebody else still waits for it."""

from dataclasses import dataclass

from oof.app.read_job import JobDeps, JobView, own_job, read_job
from oof.domain.units import UnixSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDeps:
    """What cancelling needs."""

    views: JobDeps


def cancel_job(deps: CancelDeps, job_id: str, *, caller: str) -> JobView:
    """Leave the job's work; the last one to leave asks it to stop before its next chunk.

    What is stored stays, and the same request later goes on from there. Cancelling what is over, or
    twice, changes nothing. Raises NotFound for what is not there, or not the caller's.
    """
    views = deps.views
    job = own_job(views, job_id, caller=caller)
    if not views.jobs.leave(job):
        at = UnixSeconds(int(views.clock.now().timestamp()))
        views.works.request_cancel(job.work_id, job.attempt, at=at)
    return read_job(views, job_id, caller=caller)
