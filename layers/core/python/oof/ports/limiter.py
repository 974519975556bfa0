"""Limits shared by all functions: the provider's gate, and how many wallets may be opened."""

from typing import Protocol

from oof.domain.gate import Demand, GateReading, Turn
from oof.domain.limits import Share


class RateLimiter(Protocol):
    """The one gate in front of a provider: its rates, its pauses, its breaker, the day's credits.

    Every method raises `StoreUnavailable`.
    """

    def reserve(self, demand: Demand) -> Turn:
        """Take a turn; the caller waits `wait_s` before it sends, if the turn then still stands.

        Raises, having taken nothing, `BudgetSpent` where the day's credits are gone for that share,
        and `UpstreamUnavailable` where the breaker is open, or where others wait longer than
        `MAX_WAIT_MS` already.
        """
        ...

    def stands(self, turn: Turn) -> bool:
        """Whether no pause was learnt of since the turn was given; else a new one is to be taken.

        Only who waited need ask.
        """
        ...

    def throttled(self, turn: Turn, pause_s: float) -> None:
        """Let everybody know that the provider wants no call of this class for so long."""
        ...

    def answered(self, turn: Turn, *, is_failure: bool) -> None:
        """Let everybody know how it went; need not be called for a success that is no trial."""
        ...

    def batch(self, share: Share) -> int:
        """Return how many RPC calls may be sent at once for a share, at least one."""
        ...


class GateReader(Protocol):
    """Tells how a provider's gate stands: what is spent today, and what does not get through."""

    def reading(self) -> GateReading | None:
        """Return how it stands; None where nobody ever asked. Raises `StoreUnavailable`."""
        ...


class SpendMeter(Protocol):
    """Counts what was spent without a turn, such as delivered events."""

    def charge(self, credits_: int) -> None:
        """Count credits of today. Raises `StoreUnavailable`."""
        ...


class OpenQuota(Protocol):
    """How many wallets were opened today, by caller and by everybody; or analyses in a minute."""

    def take(self, caller: str, *, day: str, per_caller: int, per_day: int) -> bool:
        """Count one on `day` (UTC date, or minute) unless a cap is reached; return whether counted.

        Raises `StoreUnavailable`.
        """
        ...
