"""The token bucket and the opening quota in one process."""

from collections import Counter
from collections.abc import Callable

from oof.domain.limits import Bucket, Plan, Share, full, refuse_long_wait, reserve


class MemoryRateLimiter:
    """A `RateLimiter` over a clock of milliseconds."""

    def __init__(self, plan: Plan, now_ms: Callable[[], int]) -> None:
        self._plan = plan
        self._now_ms = now_ms
        self._bucket: Bucket | None = None
        self.taken: Counter[Share] = Counter()
        """Calls reserved by share, for whoever asks what was spent."""

    def reserve(self, share: Share, calls: int) -> float:
        """See `RateLimiter`."""
        now_ms = self._now_ms()
        held = self._bucket or full(self._plan, now_ms)
        reservation = reserve(self._plan, held, share, calls, now_ms)
        refuse_long_wait(reservation.wait_ms)
        self._bucket = reservation.bucket
        self.taken[share] += calls
        return reservation.wait_ms / 1_000

    def batch(self, share: Share) -> int:
        """See `RateLimiter`."""
        return self._plan.batch(share)


class MemoryOpenQuota:
    """An `OpenQuota` in two counters."""

    def __init__(self) -> None:
        self._callers: Counter[tuple[str, str]] = Counter()
        self._days: Counter[str] = Counter()

    def take(self, caller: str, *, day: str, per_caller: int, per_day: int) -> bool:
        """See `OpenQuota`."""
        if self._callers[caller, day] >= per_caller or self._days[day] >= per_day:
            return False
        self._callers[caller, day] += 1
        self._days[day] += 1
        return True
