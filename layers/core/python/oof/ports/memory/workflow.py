"""Runs started in one process."""

from oof.ports.workflow import Run


class MemoryRunStarter:
    """A `RunStarter` that keeps the runs for whoever executes them."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    def start(self, run: Run) -> None:
        """See `RunStarter`."""
        self.runs.setdefault(run.run_id, run)
