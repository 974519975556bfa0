"""Read marks in one process."""

from oof.domain.units import Address, UnixSeconds


class MemoryReadMarks:
    """`ReadMarks` in a dict."""

    def __init__(self) -> None:
        self._marks: dict[Address, UnixSeconds] = {}

    def mark(self, wallet: Address, *, at: UnixSeconds) -> None:
        """See `ReadMarks`."""
        self._marks[wallet] = at

    def last(self, wallet: Address) -> UnixSeconds | None:
        """See `ReadMarks`."""
        return self._marks.get(wallet)
