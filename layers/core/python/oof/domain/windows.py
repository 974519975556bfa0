"""Windows: spans of whole UTC days that everything about a wallet is told for.

A window ends with *today*, the running UTC day, and begins so many days before: `7d` is today and
the six days before it. `all` has no first day, and is the only one with trades whose time nobody
knows. Days are numbered since 1970-01-01.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.errors import InvalidInput
from oof.domain.prices.candles import DAY_S
from oof.domain.units import UnixSeconds

NO_DAY: Final = -1
"""The number of the day of what nobody knows the time of: below every day."""
EPOCH: Final = date(1970, 1, 1)


class Window(StrEnum):
    """A span of days that ends today."""

    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "1y"
    ALL = "all"


DAYS: Final = {
    Window.DAY: 1,
    Window.WEEK: 7,
    Window.MONTH: 30,
    Window.QUARTER: 90,
    Window.YEAR: 365,
    Window.ALL: None,
}
"""How many days each has, today included; None: no first day."""


class DaySpan(NamedTuple):
    """Whole UTC days, both ends included."""

    first: int | None
    """None: no first day, and what has no known time is in it."""
    last: int

    @property
    def lowest(self) -> int:
        """The lowest number of a day that is in it, `NO_DAY` included."""
        return NO_DAY if self.first is None else self.first

    @property
    def begin_at(self) -> UnixSeconds | None:
        """The first second; None without a first day."""
        return None if self.first is None else UnixSeconds(self.first * DAY_S)

    @property
    def end_at(self) -> UnixSeconds:
        """The first second after it."""
        return UnixSeconds((self.last + 1) * DAY_S)

    def has(self, day: int) -> bool:
        """Return whether a day, or `NO_DAY`, is in it."""
        return self.lowest <= day <= self.last


class AskedDays(NamedTuple):
    """What was asked for: a window, or days from one to another."""

    window: Window | None
    """None for days from one to another."""
    span: DaySpan


def day_number(when: date) -> int:
    """Return the number of a UTC day."""
    return (when - EPOCH).days


def day_date(number: int) -> date:
    """Return the UTC day of a number."""
    return EPOCH + timedelta(days=number)


def today_of(now: datetime) -> int:
    """Return the number of the UTC day that an aware moment is in."""
    return day_number(now.astimezone(UTC).date())


def window_first(window: Window, today: int) -> int | None:
    """Return a window's first day, of 1970 at the earliest; None of `all`."""
    days = DAYS[window]
    return None if days is None else max(0, today - days + 1)


def window_days(window: Window, today: int) -> DaySpan:
    """Return the days of a window that ends with `today`."""
    return DaySpan(window_first(window, today), today)


def asked_days(
    window: Window | None, since: date | None, until: date | None, *, today: int
) -> AskedDays:
    """Return the days somebody asks for: `all` by default, else a window or days up to `today`.

    Days from one to another never have what has no known time; without a first day they begin in
    1970. Raises InvalidInput naming `window`, `from` or `to`.
    """
    if since is None and until is None:
        chosen = window or Window.ALL
        return AskedDays(chosen, window_days(chosen, today))
    if window is not None:
        raise InvalidInput("window", "either window or from and to")
    first = 0 if since is None else day_number(since)
    last = today if until is None else min(day_number(until), today)
    if not 0 <= first <= today:
        raise InvalidInput("from", "a day from 1970 on, and not after today")
    if last < first:
        raise InvalidInput("to", "a day not before from")
    return AskedDays(None, DaySpan(first, last))
