"""Tell whoever waits how far a run is."""

from oof.domain.errors import NotFound
from oof.domain.jobs import Progress, WorkStatus
from oof.ports.jobs import WorkStore
from oof.ports.system import Clock, unix_now
from oof.ports.workflow import Run


class WorkReporter:
    """Reports to a run's work; says nothing where nobody asked for the run."""

    def __init__(self, works: WorkStore, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    def report(self, run: Run, progress: Progress, *, note: str) -> None:
        """Log how far the run is."""
        if run.work_id is not None:
            self._works.report(
                run.work_id, run.attempt, progress, at=unix_now(self._clock), note=note
            )

    def finish(self, run: Run, status: WorkStatus, *, reason: str | None) -> None:
        """End the run's attempt; repeated ends change nothing."""
        if run.work_id is not None:
            self._works.finish(
                run.work_id, run.attempt, status, at=unix_now(self._clock), reason=reason
            )

    def is_cancelled(self, run: Run) -> bool:
        """Whether somebody asked the run to stop before its next chunk."""
        if run.work_id is None:
            return False
        work = self._works.get(run.work_id)
        if work is None:
            raise NotFound(run.work_id)
        return work.attempt == run.attempt and work.is_cancel_requested
