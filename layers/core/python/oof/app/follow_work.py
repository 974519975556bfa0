"""Give a caller its own view of work under way."""

from collections.abc import Callable
from dataclasses import dataclass

from oof.domain.jobs import Job, Work
from oof.domain.units import UnixSeconds
from oof.ports.jobs import JobStore

_KEEP_JOB_S = 30 * 86_400

type JobIds = Callable[[str, str, int], str]
"""(owner, work id, attempt) → the job's id: always the same, and not to be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDeps:
    """What following needs."""

    jobs: JobStore
    job_ids: JobIds


def follow(deps: FollowDeps, work: Work, caller: str, *, at: UnixSeconds) -> Job:
    """Keep and return the caller's job on the work's present attempt; one each, however often."""
    job = Job(
        job_id=deps.job_ids(caller, work.work_id, work.attempt),
        owner=caller,
        work_id=work.work_id,
        attempt=work.attempt,
        kind=work.kind,
        wallet=work.wallet,
        created_at=at,
    )
    deps.jobs.put(job, expires_at=UnixSeconds(at + _KEEP_JOB_S))
    return job
