"""Windows end today, and are told by the days they really have."""

from datetime import UTC, date, datetime

import pytest

from oof.domain.errors import InvalidInput
from oof.domain.windows import (
    DAYS,
    NO_DAY,
    AskedDays,
    DaySpan,
    Window,
    asked_days,
    day_date,
    day_number,
    today_of,
    window_days,
)

TODAY = day_number(date(2025, 6, 30))


def test_a_window_is_today_and_the_days_before_it() -> None:
    """7d has seven days, and ends today."""
    span = window_days(Window.WEEK, TODAY)
    assert day_date(span.last) == date(2025, 6, 30)
    assert day_date(span.first or 0) == date(2025, 6, 24)
    assert [span.has(day) for day in (TODAY - 7, TODAY - 6, TODAY, TODAY + 1)] == [
        False,
        True,
        True,
        False,
    ]
    assert span.end_at - (span.begin_at or 0) == 7 * 86_400


@pytest.mark.parametrize("window", Window)
def test_only_all_has_what_has_no_known_time(window: Window) -> None:
    """Nobody knows that it was within any number of days."""
    assert window_days(window, TODAY).has(NO_DAY) == (DAYS[window] is None)


def test_today_is_utc() -> None:
    """The day changes at midnight UTC, wherever the clock is set to."""
    assert today_of(datetime(2025, 6, 30, 23, 59, 59, tzinfo=UTC)) == TODAY
    assert today_of(datetime(2025, 7, 1, tzinfo=UTC)) == TODAY + 1


def test_everything_is_asked_for_by_default() -> None:
    """Neither a window nor days: all there is."""
    assert asked_days(None, None, None, today=TODAY) == AskedDays(Window.ALL, DaySpan(None, TODAY))


def test_days_are_cut_off_after_today() -> None:
    """An answer never says that it covers tomorrow."""
    asked = asked_days(None, date(2025, 6, 1), date(2030, 1, 1), today=TODAY)
    assert asked == AskedDays(None, DaySpan(TODAY - 29, TODAY))
    assert asked_days(None, None, date(2025, 6, 29), today=TODAY).span == DaySpan(0, TODAY - 1)


@pytest.mark.parametrize(
    ("window", "since", "until", "field"),
    [
        (Window.ALL, date(2025, 6, 1), None, "window"),
        (None, date(2025, 7, 1), None, "from"),
        (None, date(1969, 12, 31), None, "from"),
        (None, date(2025, 6, 2), date(2025, 6, 1), "to"),
        (None, None, date(1969, 1, 1), "to"),
    ],
)
def test_what_is_no_span_is_refused(
    window: Window | None, since: date | None, until: date | None, field: str
) -> None:
    """The field at fault is named."""
    with pytest.raises(InvalidInput) as refused:
        asked_days(window, since, until, today=TODAY)
    assert refused.value.field == field
