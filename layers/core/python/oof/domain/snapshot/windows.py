"""Rolling windows, summed at read time from the summary's buckets.

A window ends now and starts a whole number of hours (1 day) or days (7, 30) back, so its edge is
exact to the bucket: 24 whole hours plus the running one, 7 or 30 whole days plus today.
"""

from typing import Final

from oof.domain.snapshot.fold import DAY_S, HOUR_S
from oof.domain.snapshot.model import WalletSummary
from oof.domain.units import UnixSeconds

_DAYS: Final = {"7d": 7, "30d": 30}


def window_counts(summary: WalletSummary, now: UnixSeconds) -> dict[str, int]:
    """Return transaction counts of the windows 1d, 7d, 30d that end `now`, and of all time."""
    hour = now - now % HOUR_S
    day = now - now % DAY_S
    counts = {"1d": _sum(summary.hourly, hour - 24 * HOUR_S, now)}
    for name, days in _DAYS.items():
        counts[name] = _sum(summary.daily, day - days * DAY_S, now)
    counts["all"] = summary.tx_count
    return counts


def _sum(buckets: dict[UnixSeconds, int], start: int, end: int) -> int:
    return sum(count for bucket, count in buckets.items() if start <= bucket <= end)
