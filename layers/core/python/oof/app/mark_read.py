"""Remember that somebody looks at a wallet, at most once an hour."""

from typing import Final

from oof.domain.errors import StoreUnavailable
from oof.domain.units import Address, UnixSeconds
from oof.ports.reads import ReadMarks

EVERY_S: Final = 3_600
_REMEMBERED: Final = 10_000


class ReadMarker:
    """Marks reads, once an hour and environment; a mark that fails never fails the read."""

    def __init__(self, marks: ReadMarks) -> None:
        self._marks = marks
        self._marked: dict[Address, UnixSeconds] = {}

    def __call__(self, wallet: Address, *, at: UnixSeconds) -> None:
        """Mark the wallet as read at `at`, unless this environment did so lately."""
        if at - self._marked.get(wallet, 0) < EVERY_S:
            return
        if len(self._marked) >= _REMEMBERED:
            self._marked.clear()
        try:
            self._marks.mark(wallet, at=at)
        except StoreUnavailable:
            return
        self._marked[wallet] = at
