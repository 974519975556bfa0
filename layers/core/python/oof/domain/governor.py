"""Which wallets a webhook reports, and which are listed at intervals instead. Pure.

A webhook charges for every event as it happens; a listing costs the same whether it brings one
transaction or a page of them, and can wait. So a wallet that moves more than its budget is taken
off the webhooks and listed about as often as a page fills. It comes back at half the budget, and
not before it stayed where it is for a while: a wallet near the line does not go to and fro.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from oof.domain.units import UnixSeconds

DAY_S: Final = 86_400
BURST_HOURS: Final = 8
"""An hour that spends a day's budget divided by this is enough to tell what the day will be."""
RETURN_DIVISOR: Final = 2
"""A wallet comes back where it moves at most its budget divided by this."""
POLL_LADDER_S: Final = (300, 600, 1_200, 1_800, 3_600)
"""Intervals of listings; few, so that a pace that changes a little changes nothing."""


class Activity(NamedTuple):
    """How often a wallet's transactions came lately."""

    last_hour: int
    """In the busier one of the running UTC hour and the hour before."""
    last_day: int
    """In the running UTC hour and the 24 before."""

    @property
    def pace(self) -> int:
        """Events a day, at the rate of the day or of a burst, whichever is higher."""
        return max(self.last_day, self.last_hour * BURST_HOURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one wallet may move before it is polled, and how long a decision stands."""

    events_per_day: int
    page: int = 100
    """Transactions that one listing brings in at the price of one."""
    hooked_at_least_s: int = 3_600
    polled_at_least_s: int = 21_600


class Watch(NamedTuple):
    """How a wallet is watched."""

    poll_every_s: int | None
    """Seconds between two listings; None where a webhook reports it."""
    since: UnixSeconds | None
    """When it last went from one to the other; None where it never did."""

    @property
    def is_polled(self) -> bool:
        """Whether it is listed at intervals."""
        return self.poll_every_s is not None


def govern(watch: Watch, activity: Activity, budget: Budget, *, now: UnixSeconds) -> Watch:
    """Return how the wallet is to be watched from now on; `watch` itself where nothing changes."""
    if not watch.is_polled:
        is_over = activity.pace > budget.events_per_day
        if is_over and _stood(watch, budget.hooked_at_least_s, now):
            return Watch(poll_interval_s(activity, budget), now)
        return watch
    is_calm = activity.pace * RETURN_DIVISOR <= budget.events_per_day
    if is_calm and _stood(watch, budget.polled_at_least_s, now):
        return Watch(None, now)
    interval = poll_interval_s(activity, budget)
    return watch if interval == watch.poll_every_s else watch._replace(poll_every_s=interval)


def poll_interval_s(activity: Activity, budget: Budget) -> int:
    """Return the longest interval of the ladder in which a page does not overflow."""
    fills_in_s = DAY_S * budget.page // max(activity.pace, 1)
    return max((step for step in POLL_LADDER_S if step <= fills_in_s), default=POLL_LADDER_S[0])


def _stood(watch: Watch, at_least_s: int, now: UnixSeconds) -> bool:
    return watch.since is None or now - watch.since >= at_least_s
