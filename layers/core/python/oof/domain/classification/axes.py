"""Axes: one value each, by where one metric lies."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from oof.domain.classification.model import Case, Finding, Rule, VerdictKind, shown

TRADER_STYLE: Final = ("scalper", "day", "swing", "position")
SIZE: Final = ("shrimp", "fish", "shark", "whale")
PERFORMANCE: Final = ("ruinous", "losing", "break_even", "profitable", "strong")
EXIT_STYLE: Final = ("all_at_once", "ladder", "mixed")
ACTIVITY: Final = ("occasional", "regular", "busy", "hyperactive")


def _step(value: Decimal | int, names: Sequence[str], lines: Sequence[Decimal | int]) -> str:
    """Return the name of the step that a value is on; a line belongs to the step above it."""
    return names[sum(value >= line for line in lines)]


def _style(case: Case) -> Finding:
    holding, config = case.behaviour.holding, case.config
    median = holding.hold.median
    evidence = {"holding.hold.median": median}
    lines = config.scalper_s, config.day_s, config.swing_s
    return Finding(
        None if median is None else _step(median, TRADER_STYLE, lines),
        holding.hold.count,
        evidence,
        missing=holding.missing,
    )


def _size(case: Case) -> Finding:
    sizing, config = case.behaviour.sizing, case.config
    peak = sizing.peak_day_usd
    lines = config.fish_usd, config.shark_usd, config.whale_usd
    return Finding(
        None if peak is None else _step(peak, SIZE, lines),
        sizing.usd.count,
        {
            "sizing.peak_day_usd": shown(peak),
            "sizing.usd.median": shown(sizing.usd.median),
            "sizing.sol.median": shown(sizing.sol.median),
        },
        missing=sizing.missing,
    )


def _performance(case: Case) -> Finding:
    results, config = case.behaviour.results, case.config
    roi, factor = results.roi, results.profit_factor
    value = None
    if roi is not None:
        is_strong = roi >= config.strong_roi and (factor is None or factor >= config.strong_factor)
        lines = -config.strong_roi, -config.profit_roi, config.profit_roi
        value = PERFORMANCE[-1] if is_strong else _step(roi, PERFORMANCE, lines)
    return Finding(
        value,
        case.behaviour.sample.valued_exits,
        {
            "results.roi": shown(roi),
            "results.profit_factor": shown(factor),
            "results.win_rate": shown(results.win_rate),
            "results.realized_usd": shown(results.realized_usd),
        },
        missing=results.missing,
    )


def _exit_style(case: Case) -> Finding:
    leaving, config = case.behaviour.leaving, case.config
    single, ladder = leaving.single_exit_share, leaving.ladder_share
    value = None
    if single is not None and ladder is not None:
        value = "mixed"
        if single >= config.single_share:
            value = "all_at_once"
        elif ladder >= config.ladder_share:
            value = "ladder"
    return Finding(
        value,
        leaving.episodes,
        {
            "leaving.single_exit_share": shown(single),
            "leaving.ladder_share": shown(ladder),
            "leaving.first_exit_share": shown(leaving.first_exit_share),
        },
        missing=leaving.missing,
    )


def _activity(case: Case) -> Finding:
    rhythm, config = case.behaviour.rhythm, case.config
    rate = rhythm.trades_per_day
    lines = config.regular_trades, config.busy_trades, config.hyper_trades
    return Finding(
        None if rate is None else _step(rate, ACTIVITY, lines),
        sum(rhythm.by_hour),
        {
            "rhythm.trades_per_day": shown(rate),
            "rhythm.active_days": rhythm.active_days,
            "rhythm.covered_days": rhythm.covered_days,
        },
        missing=rhythm.missing,
    )


AXES: Final = (
    Rule(
        name="trader_style",
        kind=VerdictKind.AXIS,
        values=TRADER_STYLE,
        words=lambda c: (
            f"Median hold: scalper below {c.scalper_s} s, day below {c.day_s} s, "
            f"swing below {c.swing_s} s, else position."
        ),
        judge=_style,
        least=lambda c: c.least_exits,
        surety=Decimal("0.95"),
    ),
    Rule(
        name="size",
        kind=VerdictKind.AXIS,
        values=SIZE,
        words=lambda c: (
            f"Most USD bought in one UTC day: shrimp below {c.fish_usd}, fish below "
            f"{c.shark_usd}, shark below {c.whale_usd}, else whale."
        ),
        judge=_size,
        least=lambda c: c.least_entries,
        surety=Decimal("0.90"),
    ),
    Rule(
        name="performance",
        kind=VerdictKind.AXIS,
        values=PERFORMANCE,
        words=lambda c: (
            f"Realized profit by its cost: ruinous below -{c.strong_roi}, losing below "
            f"-{c.profit_roi}, break_even below {c.profit_roi}, else profitable; strong from "
            f"{c.strong_roi} on, where profits are {c.strong_factor} times the losses or more."
        ),
        judge=_performance,
        least=lambda c: c.least_exits,
        surety=Decimal("0.90"),
    ),
    Rule(
        name="exit_style",
        kind=VerdictKind.AXIS,
        values=EXIT_STYLE,
        words=lambda c: (
            f"all_at_once where {c.single_share} of episodes or more were sold in one exit; ladder "
            f"where {c.ladder_share} or more were sold in three exits or more, none of more than "
            "half; else mixed."
        ),
        judge=_exit_style,
        least=lambda c: c.least_episodes,
        surety=Decimal("0.90"),
    ),
    Rule(
        name="activity",
        kind=VerdictKind.AXIS,
        values=ACTIVITY,
        words=lambda c: (
            f"Trades a day: occasional below {c.regular_trades}, regular below {c.busy_trades}, "
            f"busy below {c.hyper_trades}, else hyperactive."
        ),
        judge=_activity,
        least=lambda c: c.least_trades,
        surety=Decimal("0.95"),
    ),
)
