"""What stands between all functions and one provider, as one value.

A gate has a lane for each class of calls the provider limits apart: a token bucket, the pause the
provider asked for, and a circuit breaker. And it counts the credits of the UTC day. It changes
only as a whole, so admitting a call is one conditional write of whoever keeps it.

As the day's credits run out, service degrades in a stated order (`STOPS_AT`, `OPENS_UNTIL`):
what nobody asked for stops first, what keeps tracked wallets true stops last.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.breaker import Breaker, enter, failed, recovered
from oof.domain.errors import BudgetSpent
from oof.domain.limits import Bucket, Plan, Share, full, refuse_long_wait, reserve

DAY_MS: Final = 86_400_000

STOPS_AT: Final = {Share.SPARE: 70, Share.DEEP: 85, Share.INTERACTIVE: 98, Share.TAIL: 100}
"""Percent of the day's credits at which calls on somebody's behalf stop."""
OPENS_UNTIL: Final = 95
"""Percent from which no new wallet is opened; those being opened still go on."""


class CallClass(StrEnum):
    """Calls that a provider limits together."""

    RPC = "rpc"
    ENHANCED = "enhanced"
    """Enhanced transactions, assets, and the management of webhooks."""


class ProviderPlan(NamedTuple):
    """What a provider sold."""

    rates: Mapping[CallClass, Plan]
    credits_per_day: int
    """What may be spent in a UTC day."""


class Lane(NamedTuple):
    """One class of calls."""

    bucket: Bucket
    paused_until_ms: int = 0
    """The provider asked that nobody calls before; 0 where it did not."""
    pauses: int = 0
    """How many pauses there were: a turn given before one is void."""
    breaker: Breaker = Breaker()


class Gate(NamedTuple):
    """All that is shared about one provider."""

    lanes: Mapping[CallClass, Lane]
    day: int
    """The UTC day that `spent` belongs to, in days since 1970."""
    spent: int
    """Credits."""


class Demand(NamedTuple):
    """What a caller wants to send: `calls` and `credits` as the provider counts them."""

    kind: CallClass
    share: Share
    calls: int
    credits: int


class Turn(NamedTuple):
    """When a caller may send."""

    kind: CallClass
    wait_s: float
    pauses: int
    is_trial: bool
    """Whether it tries, for everybody, if the provider is back."""


class Admission(NamedTuple):
    """The gate afterwards, and the caller's turn."""

    gate: Gate
    turn: Turn


class Spend(NamedTuple):
    """How much of a UTC day's credits is spent."""

    day: int
    spent: int
    cap: int

    @property
    def percent(self) -> int:
        """Spent of the cap, rounded down; the whole where the cap is none."""
        return self.spent * 100 // self.cap if self.cap > 0 else 100

    @property
    def may_open(self) -> bool:
        """Whether a new wallet may be opened."""
        return self.percent < OPENS_UNTIL

    def allows(self, share: Share) -> bool:
        """Whether calls on that behalf go on."""
        return self.percent < STOPS_AT[share]

    @property
    def stopped(self) -> tuple[str, ...]:
        """What does not go on, in the order it stopped."""
        shares = [str(share) for share, _ in _by_percent() if not self.allows(share)]
        return tuple(shares)


def plan_of(*, rpc_per_s: int, enhanced_per_s: int, credits_per_day: int) -> ProviderPlan:
    """Return a plan of a rate for each class, in calls a second."""
    rates = {CallClass.RPC: Plan(rpc_per_s), CallClass.ENHANCED: Plan(enhanced_per_s)}
    return ProviderPlan(rates, credits_per_day)


class GateReading(NamedTuple):
    """What an operator, or whoever is about to spend, wants to know of a provider."""

    spend: Spend
    broken: tuple[str, ...]
    """Classes of calls whose breaker is open."""
    paused_s: float
    """For how long the provider wants no call of some class; 0 where it wants any."""


def untouched(plan: ProviderPlan, now_ms: int) -> Gate:
    """Return the gate nobody went through yet."""
    lanes = {kind: Lane(full(rate, now_ms)) for kind, rate in plan.rates.items()}
    return Gate(lanes, now_ms // DAY_MS, 0)


def admit(plan: ProviderPlan, gate: Gate, demand: Demand, now_ms: int) -> Admission:
    """Give a caller its turn, and count what it spends.

    Raises, with nothing taken: `BudgetSpent` where the day's credits are gone for that share,
    `UpstreamUnavailable` where the breaker is open or the wait too long.
    """
    gate = _today(gate, now_ms)
    _refuse_overspending(plan, gate, demand, now_ms)
    lane = gate.lanes[demand.kind]
    breaker, is_trial = enter(lane.breaker, now_ms)
    rate = plan.rates[demand.kind]
    reservation = reserve(rate, lane.bucket, demand.share, demand.calls, now_ms)
    wait_ms = reservation.wait_ms + max(lane.paused_until_ms - now_ms, 0)
    refuse_long_wait(wait_ms)
    lane = lane._replace(bucket=reservation.bucket, breaker=breaker)
    gate = _with_lane(gate, demand.kind, lane)._replace(spent=gate.spent + demand.credits)
    return Admission(gate, Turn(demand.kind, wait_ms / 1_000, lane.pauses, is_trial))


def throttled(gate: Gate, turn: Turn, now_ms: int, pause_s: float) -> Gate:
    """Pause a lane: nobody sends before it is over, and then in turns given anew.

    A provider that throttles answers, so a trial has succeeded.
    """
    gate = answered(gate, turn, now_ms, is_failure=False)
    until_ms = now_ms + round(pause_s * 1_000)
    lane = gate.lanes[turn.kind]
    if until_ms <= lane.paused_until_ms:
        return gate
    # its bucket is empty, as the provider's is; those who wait are given new turns
    empty = Bucket(dict.fromkeys(lane.bucket.tokens, 0), until_ms)
    lane = Lane(empty, until_ms, lane.pauses + 1, lane.breaker)
    return _with_lane(gate, turn.kind, lane)


def answered(gate: Gate, turn: Turn, now_ms: int, *, is_failure: bool) -> Gate:
    """Lay in how a request went; only failures and trials change anything."""
    lane = gate.lanes[turn.kind]
    if is_failure:
        breaker = failed(lane.breaker, now_ms, is_trial=turn.is_trial)
    else:
        breaker = recovered(now_ms) if turn.is_trial else lane.breaker
    return _with_lane(gate, turn.kind, lane._replace(breaker=breaker))


def charged(gate: Gate, credits_: int, now_ms: int) -> Gate:
    """Count what was spent without asking, such as delivered events."""
    gate = _today(gate, now_ms)
    return gate._replace(spent=gate.spent + credits_)


def reading_of(gate: Gate, cap: int, now_ms: int) -> GateReading:
    """Return how a gate stands at `now_ms`; it changes nothing."""
    gate = _today(gate, now_ms)
    broken = tuple(str(kind) for kind, lane in gate.lanes.items() if lane.breaker.is_open)
    until_ms = max((lane.paused_until_ms for lane in gate.lanes.values()), default=0)
    spend = Spend(gate.day, gate.spent, cap)
    return GateReading(spend, broken, max(until_ms - now_ms, 0) / 1_000)


def _refuse_overspending(plan: ProviderPlan, gate: Gate, demand: Demand, now_ms: int) -> None:
    ends_at = plan.credits_per_day * STOPS_AT[demand.share] // 100
    if demand.credits and gate.spent + demand.credits > ends_at:
        message = (
            f"{gate.spent} of the day's {plan.credits_per_day} credits are spent; "
            f"{demand.share} calls stop at {STOPS_AT[demand.share]} %"
        )
        raise BudgetSpent(message, reset_s=(DAY_MS - now_ms % DAY_MS) // 1_000)


def _today(gate: Gate, now_ms: int) -> Gate:
    """Return the gate on the day of `now_ms`; a clock that runs behind stays in the newest day."""
    day = now_ms // DAY_MS
    return gate if day <= gate.day else gate._replace(day=day, spent=0)


def _with_lane(gate: Gate, kind: CallClass, lane: Lane) -> Gate:
    return gate._replace(lanes={**gate.lanes, kind: lane})


def _by_percent() -> list[tuple[Share, int]]:
    return sorted(STOPS_AT.items(), key=lambda item: item[1])
