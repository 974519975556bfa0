"""RUG: held while the price collapsed, suddenly and for good.

Within one episode of holding, by buckets that are believed: the price closed at or below a tenth of
the highest it had been (`rug_left_pct`), had still stood at half of that (`rug_stood_pct`) within
the day before (`rug_fall_s`), and did not come back to a fifth (`rug_back_pct`) in the three days
after (`rug_persist_s`). What fades over weeks is no rug, and where prices are missing just then
nobody can tell. A collapse is told at once, provisionally, and taken back if the price recovers.

The units are those that were held from before the fall until after it. `usd` is the worst outcome:
from the last price that still stood to the lowest after; `pct` is negative.
"""

from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import Detector, Finding, at_candle, moment_of
from oof.domain.moments.formulas import Formulas, plain, units_of
from oof.domain.moments.model import BalancePoint, Moment, MomentKind, StoryEpisode
from oof.domain.moments.reach import Trough, confirmed, high_of, trough_in
from oof.domain.moments.windows import span_of, window_of
from oof.domain.prices.candles import Candle
from oof.domain.units import RawAmount, UnixSeconds

DETECTOR: Final = Detector(MomentKind.RUG, 1)
_FORMULAS: Final[Formulas] = {
    "usd": "units * (before_usd - after_usd)",
    "pct": "after_usd / before_usd - 1",
    "left": "rug_left_pct / rug_stood_pct",
    "severity": "max(0, min(1, (abs(pct) - (1 - left)) / left))",
}


class Collapse(NamedTuple):
    """Where the price fell."""

    highest_usd: Decimal
    """Up to then, within the episode."""
    before_usd: Decimal
    """The last price that still stood."""
    stood: Candle
    onset: Candle
    """The bucket that closed on the ground."""


def detect(case: Case) -> Iterator[Moment]:
    """Yield the first collapse of each episode that was held through."""
    if case.is_quote or case.decimals is None:
        return
    for episode in case.story.episodes:
        for collapse in _collapses(case, episode):
            found = _found(case, collapse)
            if found is not None:
                yield moment_of(DETECTOR, case, found)
                break


def _collapses(case: Case, episode: StoryEpisode) -> Iterator[Collapse]:
    """Yield every sudden fall of an episode, in order, whether or not it lasted."""
    if episode.opened_at is None:
        return
    config, end = case.config, episode.closed_at or case.story.now
    highest, stood = Decimal(0), None
    for candle in case.story.prices.within(case.story.mint, episode.opened_at, end):
        if not confirmed(candle, config):
            continue
        highest = max(highest, high_of(candle, config))
        floor = highest * config.rug_stood_pct
        if candle.open >= floor:
            stood = (candle.open, candle)
        if candle.close <= highest * config.rug_left_pct:
            if stood is not None and candle.start - stood[1].end <= config.rug_fall_s:
                yield Collapse(highest, stood[0], stood[1], candle)
            stood = None
        elif candle.close >= floor:
            stood = (candle.close, candle)


def _found(case: Case, collapse: Collapse) -> Finding | None:
    story, config = case.story, case.config
    onset = collapse.onset
    end = UnixSeconds(onset.end + config.rug_persist_s)
    held = _held_through(case, collapse)
    after = _lowest_after(case, collapse, end)
    if held is None or after is None:
        return None
    point, raw = held
    units = units_of(raw, case.decimals or 0)
    if Fraction(units) * Fraction(collapse.before_usd) < Fraction(config.dust_usd):
        return None
    return Finding(
        stamp=point.stamp,
        qty_raw=RawAmount(raw),
        formulas=_FORMULAS,
        inputs={"units": units, "before_usd": collapse.before_usd, "after_usd": after.usd},
        thresholds=(
            "rug_left_pct",
            "rug_stood_pct",
            "rug_fall_s",
            "rug_back_pct",
            "rug_persist_s",
            "dust_usd",
        ),
        prices=(
            at_candle("before", story.mint, collapse.before_usd, collapse.stood),
            at_candle("onset", story.mint, onset.close, onset),
            at_candle("after", story.mint, after.usd, after.candle),
        ),
        window=window_of(case, story.mint, onset.start, end),
        uses_lots=True,
        evidence={"decimals": case.decimals, "highest_usd": plain(collapse.highest_usd)},
    )


def _held_through(case: Case, collapse: Collapse) -> tuple[BalancePoint, int] | None:
    """Return what was held before the fall and until it was over, and since which transaction."""
    points = [point for point in case.story.balances if point.stamp.at is not None]
    times = [point.stamp.at or 0 for point in points]
    place = bisect_right(times, collapse.onset.start) - 1
    if place < 0:
        return None
    during = points[place : bisect_right(times, collapse.onset.end)]
    raw = min(point.held_raw for point in during)
    return (points[place], raw) if raw > 0 else None


def _lowest_after(case: Case, collapse: Collapse, end: UnixSeconds) -> Trough | None:
    """Return the lowest price from the fall on; None where the price came back in time."""
    story, config, onset = case.story, case.config, collapse.onset
    back = collapse.highest_usd * config.rug_back_pct
    after = span_of(case, story.mint, onset.end, end)
    believed = (c for c in story.prices.within(*after) if confirmed(c, config))
    if any(high_of(candle, config) >= back for candle in believed):
        return None
    return trough_in(story.prices, span_of(case, story.mint, onset.start, end), config)
