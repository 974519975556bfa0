"""What a person sees while the stack comes up: one line a step, with its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Steps on a console; a step that fails is shown as such and its fault goes on."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._begun = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step while it runs, then how long it took."""
        begun = time.monotonic()
        try:
            with self._console.status(name):
                yield
        except BaseException:
            self._console.print(f"[red]✗[/] {name}")
            raise
        self._console.print(f"[green]✓[/] {name:<44} {time.monotonic() - begun:6.1f} s")

    def note(self, text: str) -> None:
        """Show a line that is no step."""
        self._console.print(text)

    def elapsed_s(self) -> float:
        """Return the time since the first step could have begun."""
        return time.monotonic() - self._begun


class Silent(Progress):
    """No output at all, for tests."""

    def __init__(self) -> None:
        super().__init__(Console(quiet=True))
