"""A lock in memory."""

from typing import NamedTuple

from oof.domain.units import UnixSeconds


class _Held(NamedTuple):
    holder: str
    fence: int
    ends_at: UnixSeconds


class MemoryFencedLock:
    """A `FencedLock` in one tuple."""

    def __init__(self) -> None:
        self._held = _Held("", 0, UnixSeconds(0))

    def enter(self, holder: str, *, at: UnixSeconds, for_s: int) -> int | None:
        """See `FencedLock`."""
        if self._held.holder not in {"", holder} and self._held.ends_at > at:
            return None
        self._held = _Held(holder, self._held.fence + 1, UnixSeconds(at + for_s))
        return self._held.fence

    def hold(self, holder: str, fence: int, *, at: UnixSeconds, for_s: int) -> bool:
        """See `FencedLock`."""
        if (self._held.holder, self._held.fence) != (holder, fence):
            return False
        self._held = self._held._replace(ends_at=UnixSeconds(at + for_s))
        return True

    def leave(self, holder: str) -> None:
        """See `FencedLock`."""
        if self._held.holder == holder:
            self._held = self._held._replace(holder="")
