"""One token bucket for every upstream caller, divided into shares.

Amounts are integers in thousandths of a call, times in milliseconds. Each share refills at its
part of the rate and holds at most its part of one burst, so all together never exceed the plan.
What another share leaves idle may be borrowed, but only above half of what that share can hold:
an idle plan is used by whoever needs it, and the interactive share still answers at once.

A reservation may go below zero: the caller is told how long to wait before it sends. So callers
queue up in order, and nobody polls.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.errors import UpstreamUnavailable

THOUSAND: Final = 1_000
MAX_WAIT_MS: Final = 20_000
"""How long a caller is made to wait for its turn."""
OVER_RATE: Final = "over_rate"
"""The reason of a refusal that is the plan's rate, not the provider's doing."""


class Share(StrEnum):
    """On whose behalf a call is made."""

    INTERACTIVE = "interactive"
    """Somebody waits for a first page."""
    TAIL = "tail"
    """What happened since: tails, finality, webhooks."""
    DEEP = "deep"
    """Somebody asked for older history."""
    SPARE = "spare"
    """Nobody asked: overnight history, the hot snapshot. It takes its turn as deep history."""

    @property
    def pool(self) -> "Share":
        """The share whose part of the rate it draws on."""
        return Share.DEEP if self is Share.SPARE else self


PERCENT: Final = {Share.INTERACTIVE: 50, Share.TAIL: 30, Share.DEEP: 20}
"""How the plan's rate is divided among pools; adds up to 100."""


class Plan(NamedTuple):
    """What the provider sold: calls a second, and how much of a second may come at once."""

    rate_per_s: int
    burst_ms: int = 1_000

    def capacity(self, share: Share) -> int:
        """Return the most a share can hold, in thousandths; at least one call."""
        held = self.rate_per_s * self.burst_ms * PERCENT[share.pool] // 100
        return max(held, THOUSAND)

    def refill(self, share: Share, elapsed_ms: int) -> int:
        """Return what flows into a share in `elapsed_ms`, in thousandths."""
        return self.rate_per_s * PERCENT[share.pool] * elapsed_ms // 100

    def batch(self, share: Share) -> int:
        """Return how many calls may be sent at once for a share."""
        return self.capacity(share) // THOUSAND


class Bucket(NamedTuple):
    """What each pool holds at `at_ms`; negative where calls are promised ahead."""

    tokens: dict[Share, int]
    at_ms: int


class Reservation(NamedTuple):
    """The bucket afterwards, and how long to wait before the calls are sent."""

    bucket: Bucket
    wait_ms: int


def full(plan: Plan, at_ms: int) -> Bucket:
    """Return the bucket nobody has used yet."""
    return Bucket({pool: plan.capacity(pool) for pool in PERCENT}, at_ms)


def reserve(plan: Plan, bucket: Bucket, share: Share, calls: int, now_ms: int) -> Reservation:
    """Take `calls` for `share`, borrowing what others leave idle.

    A clock that runs behind counts as standing still.
    """
    bucket = _refilled(plan, bucket, now_ms)
    tokens = dict(bucket.tokens)
    pool = share.pool
    owed = calls * THOUSAND
    from_own = min(owed, max(tokens[pool], 0))
    tokens[pool] -= from_own
    owed -= from_own
    for lender in PERCENT:
        if lender is not pool:
            lent = min(owed, max(tokens[lender] - plan.capacity(lender) // 2, 0))
            tokens[lender] -= lent
            owed -= lent
    tokens[pool] -= owed
    wait_ms = 0
    if owed:
        per_ms = plan.rate_per_s * PERCENT[pool]
        wait_ms = -(tokens[pool] * 100 // per_ms)
    return Reservation(Bucket(tokens, bucket.at_ms), wait_ms)


def refuse_long_wait(wait_ms: int) -> None:
    """Raise `UpstreamUnavailable` where a caller had better come back than sit waiting."""
    if wait_ms > MAX_WAIT_MS:
        message = "too many calls are waiting for the provider already"
        raise UpstreamUnavailable(message, retry_after_s=wait_ms / THOUSAND, reason=OVER_RATE)


def _refilled(plan: Plan, bucket: Bucket, now_ms: int) -> Bucket:
    elapsed_ms = max(now_ms - bucket.at_ms, 0)
    tokens = {
        share: min(held + plan.refill(share, elapsed_ms), plan.capacity(share))
        for share, held in bucket.tokens.items()
    }
    return Bucket(tokens, bucket.at_ms + elapsed_ms)
