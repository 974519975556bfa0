"""Metrics over days agree with naive references, and say why where they are none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.positions.days import DayFigures
from oof.domain.rollups.metrics import (
    LEAST_RESULTS,
    DayResult,
    Fall,
    Lack,
    Metric,
    max_drawdown,
    overview,
    streaks,
)
from oof.domain.rollups.windows import ratio_of, roi_of
from oof.domain.windows import NO_DAY

CENTS = st.integers(-500, 500).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.lists(st.tuples(CENTS, st.integers(0, 2)), max_size=30).map(
    lambda days: [DayResult(100 + 2 * n, usd, results) for n, (usd, results) in enumerate(days)]
)


def days_of(*realized):
    """Days that came to so many dollars each, one after the other."""
    return [DayResult(100 + n, Decimal(usd), 1) for n, usd in enumerate(realized)]


@given(DAYS)
def test_the_deepest_fall_is_that_of_any_two_days(days):
    """Of all pairs of an earlier day, or the begin, and a later one."""
    told = [day for day in days if day.results]
    totals = [(None, Decimal(0))]
    for day in told:
        totals.append((day.day, totals[-1][1] + day.realized_usd))
    falls = [
        (high - low, first, last)
        for n, (first, high) in enumerate(totals)
        for last, low in totals[n + 1 :]
    ]
    found = max_drawdown(days)
    if not told or found is None:
        assert (told, found) == ([], None)
        return
    assert found.usd == max(0, *(usd for usd, _, _ in falls))
    if found.usd:
        assert (found.usd, found.peak_day, found.trough_day) in falls
    else:
        assert found == Fall(Decimal(0), None, None)


@given(DAYS)
def test_streaks_are_runs_of_one_sign(days):
    """The longest of all runs, and the last one; days without a result are not there."""
    told = [day for day in days if day.results]
    runs = [
        told[first:last] for first in range(len(told)) for last in range(first + 1, len(told) + 1)
    ]
    found = streaks(days)
    if not told or found is None:
        assert (told, found) == ([], None)
        return
    for sign, longest in ((1, found.winning), (-1, found.losing)):
        good = [run for run in runs if all(day.realized_usd * sign > 0 for day in run)]
        assert (0 if longest is None else longest.days) == max(map(len, good), default=0)
        if longest is not None:
            first = next(run for run in good if len(run) == longest.days)
            assert (longest.first_day, longest.last_day) == (first[0].day, first[-1].day)
    last = told[-1].realized_usd
    if not last:
        assert (found.current, found.is_winning) == (None, None)
        return
    assert found.is_winning == (last > 0)
    tail = [run for run in runs if run[-1] is told[-1]]
    same = [run for run in tail if all(day.realized_usd * last > 0 for day in run)]
    assert found.current is not None
    assert found.current.days == max(map(len, same))


def test_a_fall_says_from_where_to_where():
    """From the latest highest day before it, to the earliest lowest one."""
    fall = max_drawdown(days_of(10, 0, -4, -3, 20, -6))
    assert fall == Fall(Decimal(7), 101, 103)
    assert max_drawdown(days_of(-4, -3, 9)) == Fall(Decimal(7), None, 101)


def test_metrics_are_what_their_formulas_say():
    """Of sums over enough results."""
    figures = DayFigures(
        wins=3, losses=2, realized_usd=Decimal(5), won_usd=Decimal(9), lost_usd=Decimal(4)
    )
    found = overview(figures, [*days_of(9, -4), DayResult(NO_DAY, Decimal(99), 4)])
    assert found.win_rate == Metric(Decimal("0.600000"))
    assert found.profit_factor == Metric(Decimal("2.250000"))
    assert found.expectancy_usd == Metric(Decimal("1.00000000"))
    assert found.best_day == DayResult(100, Decimal(9), 1)
    assert found.worst_day == DayResult(101, Decimal(-4), 1)
    assert (found.active_days, found.result_days) == (2, 2)
    assert found.average_win_usd == Metric(None, Lack.TOO_FEW_RESULTS)


@pytest.mark.parametrize(("wins", "lack"), [(0, Lack.NO_RESULTS), (4, Lack.TOO_FEW_RESULTS)])
def test_too_small_a_sample_has_no_metric(wins, lack):
    """And says so; it is never 0."""
    assert wins < LEAST_RESULTS
    found = overview(DayFigures(wins=wins, won_usd=Decimal(wins)), [])
    ratios = (found.win_rate, found.profit_factor, found.expectancy_usd, found.average_win_usd)
    assert set(ratios) == {Metric(None, lack)}
    assert (found.max_drawdown, found.streaks, found.best_day) == (None, None, None)


def test_without_a_loss_profits_pay_for_no_loss():
    """Nothing is divided by 0."""
    figures = DayFigures(wins=9, won_usd=Decimal(9), realized_usd=Decimal(9))
    found = overview(figures, days_of(9))
    assert found.profit_factor == Metric(None, Lack.NO_LOSSES)
    assert found.win_rate == Metric(Decimal(1))


@given(
    st.decimals(-(10**12), 10**12, places=8, allow_nan=False),
    st.decimals("0.00000001", 10**12, places=8, allow_nan=False),
)
def test_a_ratio_is_rounded_half_away_from_zero(part, whole):
    """With six decimals, and no further from the truth than half of the last one."""
    found = ratio_of(part, whole)
    units = int(found.scaleb(6))
    twice = abs(int(part.scaleb(8))) * 2 * 10**6
    below = int(whole.scaleb(8))
    assert abs(units) == (twice + below) // (2 * below)
    assert units == 0 or (units > 0) == (part > 0)


def test_a_return_needs_a_cost():
    """None where nothing was matched at one."""
    assert roi_of(DayFigures(realized_usd=Decimal(3))) is None
    assert roi_of(DayFigures(realized_usd=Decimal(-1), cost_usd=Decimal(3))) == Decimal("-0.333333")
