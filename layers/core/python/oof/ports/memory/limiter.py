"""The provider's gate and the opening quota in one process."""

from collections import Counter
from collections.abc import Callable

from oof.domain.gate import (
    CallClass,
    Demand,
    Gate,
    GateReading,
    ProviderPlan,
    Turn,
    admit,
    answered,
    charged,
    reading_of,
    throttled,
    untouched,
)
from oof.domain.limits import Share


class MemoryRateLimiter:
    """A `RateLimiter` and `GateReader` over a clock of milliseconds."""

    def __init__(self, plan: ProviderPlan, now_ms: Callable[[], int]) -> None:
        self._plan = plan
        self._now_ms = now_ms
        self._gate: Gate | None = None
        self.taken: Counter[Share] = Counter()
        """Calls reserved by share, for whoever asks what was asked."""

    def reserve(self, demand: Demand) -> Turn:
        """See `RateLimiter`."""
        self._gate, turn = admit(self._plan, self._held(), demand, self._now_ms())
        self.taken[demand.share] += demand.calls
        return turn

    def stands(self, turn: Turn) -> bool:
        """See `RateLimiter`."""
        return self._held().lanes[turn.kind].pauses == turn.pauses

    def throttled(self, turn: Turn, pause_s: float) -> None:
        """See `RateLimiter`."""
        self._gate = throttled(self._held(), turn, self._now_ms(), pause_s)

    def answered(self, turn: Turn, *, is_failure: bool) -> None:
        """See `RateLimiter`."""
        self._gate = answered(self._held(), turn, self._now_ms(), is_failure=is_failure)

    def charge(self, credits_: int) -> None:
        """See `RateLimiter`."""
        self._gate = charged(self._held(), credits_, self._now_ms())

    def batch(self, share: Share) -> int:
        """See `RateLimiter`."""
        return self._plan.rates[CallClass.RPC].batch(share)

    def reading(self) -> GateReading | None:
        """See `GateReader`."""
        if self._gate is None:
            return None
        return reading_of(self._gate, self._plan.credits_per_day, self._now_ms())

    def _held(self) -> Gate:
        return self._gate or untouched(self._plan, self._now_ms())


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
