"""How good a wallet's results were: each metric with its meaning, formula, unit and least sample.

A *result* is an exit with a profit in dollars above or below zero; a *day with a result* is a UTC
day with one. Below its least sample a metric is none, and says why; it is never 0 instead. Trades
whose time nobody knows are in sums over all days, and on no day.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.positions.days import DayFigures
from oof.domain.positions.money import NO_USD, less, rounded_usd, sum_usd
from oof.domain.rollups.windows import ratio_of
from oof.domain.windows import NO_DAY

LEAST_RESULTS: Final = 5
"""Results below which ratios and averages over them say nothing."""


class Lack(StrEnum):
    """Why a metric is none."""

    TOO_FEW_RESULTS = "too_few_results"
    NO_RESULTS = "no_results"
    NO_LOSSES = "no_losses"


class Metric(NamedTuple):
    """A number, or why there is none."""

    value: Decimal | None
    lack: Lack | None = None


class DayResult(NamedTuple):
    """What a day came to."""

    day: int
    realized_usd: Decimal
    results: int
    """Exits above or below zero."""


class Fall(NamedTuple):
    """How far the running total fell below where it had been highest."""

    usd: Decimal
    """A positive number; 0 where it never fell."""
    peak_day: int | None
    """The day with a result on which it was highest before; None where that was the begin, at 0."""
    trough_day: int | None
    """The day on which it was lowest after; None where it never fell."""


class Streak(NamedTuple):
    """Days with a result that follow each other, all of one sign; days without one do not count."""

    days: int
    first_day: int
    last_day: int


class Streaks(NamedTuple):
    """The longest ones, the earliest of equals, and the one that the newest day is in."""

    winning: Streak | None
    losing: Streak | None
    current: Streak | None
    """None where the newest day with a result came to exactly nothing."""
    is_winning: bool | None
    """What the current one is."""


class Overview(NamedTuple):
    """Everything that is told of some days."""

    win_rate: Metric
    profit_factor: Metric
    expectancy_usd: Metric
    average_win_usd: Metric
    average_loss_usd: Metric
    max_drawdown: Fall | None
    """None without a day with a result."""
    streaks: Streaks | None
    best_day: DayResult | None
    worst_day: DayResult | None
    active_days: int
    """UTC days with a trade of a token, either way."""
    result_days: int


def win_rate(figures: DayFigures) -> Metric:
    """Return the share of results that are profits: wins / (wins + losses); no unit, 0 to 1."""
    results = figures.wins + figures.losses
    if results < LEAST_RESULTS:
        return _too_few(results)
    return Metric(ratio_of(Decimal(figures.wins), Decimal(results)))


def profit_factor(figures: DayFigures) -> Metric:
    """Return how often profits pay for losses: won_usd / lost_usd; no unit, above 1 is profit.

    None without a loss, which would make it infinite.
    """
    results = figures.wins + figures.losses
    if results < LEAST_RESULTS:
        return _too_few(results)
    if not figures.lost_usd:
        return Metric(None, Lack.NO_LOSSES)
    return Metric(ratio_of(figures.won_usd, figures.lost_usd))


def expectancy(figures: DayFigures) -> Metric:
    """Return what a result came to on average: realized_usd / (wins + losses); USD."""
    results = figures.wins + figures.losses
    if results < LEAST_RESULTS:
        return _too_few(results)
    return Metric(rounded_usd(figures.realized_usd, whole=results))


def average_win(figures: DayFigures) -> Metric:
    """Return what a profit came to on average: won_usd / wins; USD."""
    return _average(figures.won_usd, figures.wins)


def average_loss(figures: DayFigures) -> Metric:
    """Return what a loss came to on average: lost_usd / losses; USD, a positive number."""
    return _average(figures.lost_usd, figures.losses)


def max_drawdown(days: Sequence[DayResult]) -> Fall | None:
    """Return the deepest fall of the running total of realized USD, which begins at 0.

    max over days of (highest total up to it, 0 included - total at its end); USD. Of equal falls
    the earliest, and of equal highs the latest before it.
    """
    told = _with_results(days)
    if not told:
        return None
    total, high, high_day = NO_USD, NO_USD, None
    deepest = Fall(NO_USD, None, None)
    for each in told:
        total = sum_usd((total, each.realized_usd))
        if total >= high:
            high, high_day = total, each.day
        elif less(high, total) > deepest.usd:
            deepest = Fall(less(high, total), high_day, each.day)
    return deepest


def streaks(days: Sequence[DayResult]) -> Streaks | None:
    """Return the longest streaks of winning and of losing days, and the current one.

    A day is winning where its realized USD are above 0, losing below; exactly 0 ends any streak.
    """
    told = _with_results(days)
    if not told:
        return None
    longest: dict[int, Streak | None] = {1: None, -1: None}
    current, sign = None, 0
    for each in told:
        last, sign = sign, _sign(each.realized_usd)
        if not sign:
            current = None
            continue
        goes_on = current is not None and sign == last
        before = current if goes_on and current is not None else Streak(0, each.day, each.day)
        current = Streak(before.days + 1, before.first_day, each.day)
        best = longest[sign]
        if best is None or current.days > best.days:
            longest[sign] = current
    return Streaks(longest[1], longest[-1], current, None if current is None else sign > 0)


def overview(figures: DayFigures, days: Iterable[DayResult]) -> Overview:
    """Return all metrics of a wallet's sums over some days, and of those days, oldest first."""
    dated = [each for each in days if each.day != NO_DAY]
    told = _with_results(dated)
    return Overview(
        win_rate(figures),
        profit_factor(figures),
        expectancy(figures),
        average_win(figures),
        average_loss(figures),
        max_drawdown(dated),
        streaks(dated),
        max(told, key=_realized, default=None),
        min(told, key=_realized, default=None),
        len(dated),
        len(told),
    )


def _with_results(days: Iterable[DayResult]) -> list[DayResult]:
    return [each for each in days if each.results and each.day != NO_DAY]


def _realized(each: DayResult) -> Decimal:
    return each.realized_usd


def _sign(usd: Decimal) -> int:
    return (usd > 0) - (usd < 0)


def _average(usd: Decimal, count: int) -> Metric:
    return _too_few(count) if count < LEAST_RESULTS else Metric(rounded_usd(usd, whole=count))


def _too_few(count: int) -> Metric:
    return Metric(None, Lack.TOO_FEW_RESULTS if count else Lack.NO_RESULTS)
