"""Locks that end by themselves."""

from typing import Protocol

from oof.domain.units import UnixSeconds


class FencedLock(Protocol):
    """One holder at a time, and of one holder's invocations only the newest.

    A lock ends by itself, so a holder that died holds nobody up for long. Every method raises
    `StoreUnavailable`.
    """

    def enter(self, holder: str, *, at: UnixSeconds, for_s: int) -> int | None:
        """Take the lock, or enter it again, and return a fence higher than any before.

        None where another holder has it.
        """
        ...

    def hold(self, holder: str, fence: int, *, at: UnixSeconds, for_s: int) -> bool:
        """Prolong the lock; False where it was lost, or entered again since."""
        ...

    def leave(self, holder: str) -> None:
        """Give the lock back, if the holder still has it."""
        ...
