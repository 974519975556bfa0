"""Limits shared by all functions: the provider's rate, and how many wallets may be opened."""

from typing import Protocol

from oof.domain.limits import Share


class RateLimiter(Protocol):
    """The one token bucket in front of the provider."""

    def reserve(self, share: Share, calls: int) -> float:
        """Take `calls` and return the seconds to wait before sending them.

        `calls` counts what the provider counts: each item of a batch. Raises
        `UpstreamUnavailable`, having taken nothing, where others wait longer than `MAX_WAIT_MS`
        already, and `StoreUnavailable`.
        """
        ...

    def batch(self, share: Share) -> int:
        """Return how many calls may be sent at once for a share, at least one."""
        ...


class OpenQuota(Protocol):
    """How many wallets were opened today, by caller and by everybody."""

    def take(self, caller: str, *, day: str, per_caller: int, per_day: int) -> bool:
        """Count one opening on `day` (UTC date) unless a cap is reached; return whether counted.

        Raises `StoreUnavailable`.
        """
        ...
