"""Stop work that a caller no longer wants, unless somebody else still waits for it."""

from oof.app.read_job import JobDeps, JobView, own_job, read_job
from oof.ports.system import unix_now


def cancel_job(deps: JobDeps, job_id: str, *, caller: str) -> JobView:
    """Leave the job's work; the last one to leave asks it to stop before its next chunk.

    What is stored stays, and the same request later goes on from there. Cancelling what is over, or
    twice, changes nothing. Raises NotFound for what is not there, or not the caller's.
    """
    job = own_job(deps, job_id, caller=caller)
    if not deps.jobs.leave(job):
        at = unix_now(deps.clock)
        deps.works.request_cancel(job.work_id, job.attempt, at=at)
    return read_job(deps, job_id, caller=caller)
