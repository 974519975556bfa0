"""The clock of the stand-in: real time by default, or set and moved by hand."""

import time


class Clock:
    """Unix seconds that follow real time, until somebody sets them."""

    def __init__(self, fixed: float | None = None) -> None:
        self._fixed = fixed
        self._offset = 0.0

    def now(self) -> float:
        """Return the present, in Unix seconds."""
        if self._fixed is not None:
            return self._fixed
        return time.time() + self._offset

    def freeze(self, at: float) -> None:
        """Stand still at `at`, in Unix seconds."""
        self._fixed = at

    def run_from(self, at: float) -> None:
        """Read `at` now and go on with real time from there."""
        self._fixed = None
        self._offset = at - time.time()

    def advance(self, seconds: float) -> None:
        """Move forward (or back, if negative) by `seconds`, frozen or running."""
        if self._fixed is not None:
            self._fixed += seconds
        else:
            self._offset += seconds

    def follow_real_time(self) -> None:
        """Forget every setting."""
        self._fixed = None
        self._offset = 0.0
