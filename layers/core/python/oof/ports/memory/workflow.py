"""Runs started in one process."""

from collections.abc import Mapping

from oof.ports.workflow import Run


class MemoryRunStarter:
    """A `RunStarter` that keeps the runs for whoever executes them."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.continued: dict[str, Mapping[str, object]] = {}
        """States by the names of the executions that go on from them."""

    def start(self, run: Run) -> None:
        """See `RunStarter`."""
        self.runs.setdefault(run.run_id, run)

    def go_on(self, name: str, state: Mapping[str, object]) -> None:
        """See `RunStarter`."""
        self.continued.setdefault(name, state)
