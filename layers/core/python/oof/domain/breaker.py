"""A circuit breaker: after many failures nobody asks, then one tries, and all follow or wait.

It counts requests and failures within a window, so that a share of failures that retries can bear
leaves it closed. All times are milliseconds of the wall clock; nothing here waits.
"""

from typing import Final, NamedTuple

from oof.domain.errors import UpstreamUnavailable

WINDOW_MS: Final = 30_000
LEAST_FAILURES: Final = 8
"""Fewer failures in a window say nothing."""
LEAST_PERCENT: Final = 75
"""How much of a window must fail before nobody asks any more: tries again bear what is less."""
FIRST_PAUSE_MS: Final = 15_000
LONGEST_PAUSE_MS: Final = 120_000
"""Each failed trial doubles the pause up to this."""
TRIAL_MS: Final = 30_000
"""How long one caller's trial keeps the others out; one that dies is succeeded after that."""
CIRCUIT_OPEN: Final = "circuit_open"


class Breaker(NamedTuple):
    """What is known of the provider's health."""

    window_at_ms: int = 0
    asked: int = 0
    failed: int = 0
    open_until_ms: int = 0
    """When somebody may try; 0 while it is closed."""
    pause_ms: int = 0
    """How long the present pause is."""
    trial_until_ms: int = 0
    """Until when somebody tries; 0 while nobody does."""

    @property
    def is_open(self) -> bool:
        """Whether only a trial may ask."""
        return self.open_until_ms > 0


class Entry(NamedTuple):
    """The breaker after a caller was let in, and whether that caller is the trial."""

    breaker: Breaker
    is_trial: bool


def enter(breaker: Breaker, now_ms: int) -> Entry:
    """Let a caller in. Raises `UpstreamUnavailable` where it is open and this is no trial."""
    if not breaker.is_open:
        breaker = _within(breaker, now_ms)
        return Entry(breaker._replace(asked=breaker.asked + 1), is_trial=False)
    until_ms = max(breaker.open_until_ms, breaker.trial_until_ms)
    if now_ms < until_ms:
        raise UpstreamUnavailable(
            "the provider keeps failing and is left alone for a while",
            retry_after_s=(until_ms - now_ms) / 1_000,
            reason=CIRCUIT_OPEN,
        )
    return Entry(breaker._replace(trial_until_ms=now_ms + TRIAL_MS), is_trial=True)


def failed(breaker: Breaker, now_ms: int, *, is_trial: bool) -> Breaker:
    """Count a failure: a trial's lengthens the pause, others may open the breaker."""
    if breaker.is_open:
        # what was asked before it opened says nothing new
        return _opened(breaker, now_ms, breaker.pause_ms * 2) if is_trial else breaker
    breaker = _within(breaker, now_ms)
    breaker = breaker._replace(failed=breaker.failed + 1)
    is_much = breaker.failed * 100 >= breaker.asked * LEAST_PERCENT
    if breaker.failed >= LEAST_FAILURES and is_much:
        return _opened(breaker, now_ms, FIRST_PAUSE_MS)
    return breaker


def recovered(now_ms: int) -> Breaker:
    """Return the breaker after a trial that was answered."""
    return Breaker(window_at_ms=now_ms)


def _within(breaker: Breaker, now_ms: int) -> Breaker:
    """Return the breaker in the window of `now_ms`; a clock that runs behind stays in this one."""
    if now_ms - breaker.window_at_ms < WINDOW_MS:
        return breaker
    return Breaker(window_at_ms=now_ms)


def _opened(breaker: Breaker, now_ms: int, pause_ms: int) -> Breaker:
    pause_ms = min(pause_ms, LONGEST_PAUSE_MS)
    return breaker._replace(open_until_ms=now_ms + pause_ms, pause_ms=pause_ms, trial_until_ms=0)
