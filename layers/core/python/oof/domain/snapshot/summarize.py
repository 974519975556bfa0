"""The summary of a wallet, from what is committed of it. Pure: the same view, the same summary."""

from collections.abc import Mapping
from typing import Final

from oof.domain.snapshot.activity import FEE, VENUE
from oof.domain.snapshot.fold import DAY_S, HOUR_S
from oof.domain.units import UnixSeconds

HOURS_KEPT: Final = 48
DAYS_KEPT: Final = 31
VENUES_KEPT: Final = 20


def newest_hours(hours: Mapping[UnixSeconds, int]) -> dict[UnixSeconds, int]:
    """Return the hours within 48 hours of the newest one, ascending."""
    if not hours:
        return {}
    oldest = max(hours) - HOURS_KEPT * HOUR_S
    return {hour: hours[hour] for hour in sorted(hours) if hour >= oldest}


def newest_days(hours: Mapping[UnixSeconds, int]) -> dict[UnixSeconds, int]:
    """Return the days within 31 days of the newest one, ascending."""
    days: dict[UnixSeconds, int] = {}
    for hour in sorted(hours):
        day = UnixSeconds(hour - hour % DAY_S)
        days[day] = days.get(day, 0) + hours[hour]
    if not days:
        return {}
    oldest = max(days) - DAYS_KEPT * DAY_S
    return {day: count for day, count in days.items() if day >= oldest}


def top_venues(counters: Mapping[str, int]) -> dict[str, int]:
    """Return trades by venue, most used first, then by name."""
    venues = _under(VENUE, counters)
    ordered = sorted(venues.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:VENUES_KEPT])


def fees_by_kind(counters: Mapping[str, int]) -> dict[str, int]:
    """Return lamports paid by fee kind, by name."""
    return dict(sorted(_under(FEE, counters).items()))


def _under(prefix: str, counters: Mapping[str, int]) -> dict[str, int]:
    return {
        name.removeprefix(prefix): value
        for name, value in counters.items()
        if name.startswith(prefix) and value
    }
