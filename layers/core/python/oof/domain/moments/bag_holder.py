"""BHD, bag-holder drawdown: within seven days of a buy the price fell far below what was paid.

What one transaction bought is one lot. Only what was still held counts: the window ends when exits
have taken the whole lot, or with the episode, and `usd` is the loss on paper of the units that were
left when the trough ended. `pct` is negative: the trough against the entry.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Final, NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import (
    Detector,
    Finding,
    Told,
    at_candle,
    leg_of,
    moment_of,
    naive_part,
)
from oof.domain.moments.formulas import Formulas, total_of, units_of
from oof.domain.moments.model import Exit, Moment, MomentKind, Stamp, StoryTrade
from oof.domain.moments.reach import trough_in
from oof.domain.moments.windows import span_of, window_of
from oof.domain.moments.worth import worth_of
from oof.domain.units import RawAmount, Signature, UnixSeconds

DETECTOR: Final = Detector(MomentKind.BHD, 1)
_FORMULAS: Final[Formulas] = {
    "entry_usd": "cost_usd / units",
    "usd": "held_units * (entry_usd - trough_usd)",
    "pct": "trough_usd / entry_usd - 1",
    "severity": "max(0, min(1, (abs(pct) - drawdown_pct) / drawdown_range_pct))",
}
_NEVER: Final = UnixSeconds(2**62)


class Buy(NamedTuple):
    """What one transaction bought."""

    stamp: Stamp
    at: UnixSeconds
    raw: RawAmount
    cost_usd: Decimal
    told: tuple[Told, ...]


def detect(case: Case) -> Iterator[Moment]:
    """Yield the buys whose price fell while they were held."""
    if case.is_quote or case.decimals is None:
        return
    exits = _exits_by_lot(case)
    for buy in buys_of(case):
        found = _found(case, buy, exits.get(buy.stamp.signature, []), case.decimals)
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def buys_of(case: Case) -> Iterator[Buy]:
    """Yield what was bought, a transaction at a time, where it is all priced and no dust."""
    mint = case.story.mint
    bought = (t for t in case.story.trades if t.bought_mint == mint and not t.arbitrage)
    for stamp, trades in groupby(bought, key=lambda trade: trade.stamp):
        buy = _buy(case, stamp, list(trades))
        if buy is not None and buy.cost_usd >= case.config.dust_usd:
            yield buy


def _buy(case: Case, stamp: Stamp, trades: Sequence[StoryTrade]) -> Buy | None:
    worths = [worth_of(trade, stamp.at, case.story.prices) for trade in trades]
    known = [worth for worth in worths if worth is not None]
    raw = RawAmount(sum(trade.bought_raw for trade in trades))
    if stamp.at is None or len(known) < len(trades) or raw <= 0:
        return None
    cost = total_of(worth.usd for worth in known)
    return Buy(stamp, stamp.at, raw, cost, tuple(leg_of("cost", worth, case) for worth in known))


def _found(
    case: Case, buy: Buy, exits: Sequence[tuple[Exit, int]], decimals: int
) -> Finding | None:
    story, config, at = case.story, case.config, buy.at
    end = min(UnixSeconds(at + config.window_s), _held_until(case, buy, exits))
    trough = trough_in(story.prices, span_of(case, story.mint, at, end), config)
    naive = story.prices.min_in(story.mint, at, min(end, story.now))
    if trough is None or naive is None:
        return None
    gone = [(e, raw) for e, raw in exits if (e.stamp.at or at) < trough.candle.end]
    held_raw = buy.raw - sum(raw for _, raw in gone)
    cost = Fraction(buy.cost_usd)
    is_deep = (
        Fraction(trough.usd) * Fraction(units_of(buy.raw, decimals))
        <= (1 - Fraction(config.drawdown_pct)) * cost
    )
    if not is_deep or cost * held_raw < Fraction(config.dust_usd) * buy.raw:
        return None
    inputs = {
        "units": units_of(buy.raw, decimals),
        "cost_usd": buy.cost_usd,
        "held_units": units_of(held_raw, decimals),
        "trough_usd": trough.usd,
    }
    return Finding(
        stamp=buy.stamp,
        qty_raw=RawAmount(held_raw),
        formulas=_FORMULAS,
        inputs=inputs,
        thresholds=("drawdown_pct", "drawdown_range_pct", "dust_usd"),
        prices=(*buy.told, at_candle("trough", story.mint, trough.usd, trough.candle)),
        window=window_of(case, story.mint, at, end),
        uses_lots=True,
        stamps=tuple(e.stamp for e, _ in gone),
        evidence={
            "decimals": decimals,
            "bought_raw": str(buy.raw),
            "sold_before_raw": str(buy.raw - held_raw),
            "naive": naive_part(_FORMULAS, {**inputs, "trough_usd": naive.usd}, naive),
        },
    )


def _held_until(case: Case, buy: Buy, exits: Sequence[tuple[Exit, int]]) -> UnixSeconds:
    """When the last unit of the lot had left; the end of time where it has not."""
    left: int = buy.raw
    for exit_, raw in exits:
        left -= raw
        if left <= 0:
            return exit_.stamp.at or buy.at
    episodes, slot = case.story.episodes, buy.stamp.slot
    place = bisect_right(episodes, slot, key=lambda episode: episode.opened_slot) - 1
    if place < 0:
        return _NEVER
    episode = episodes[place]
    is_over = episode.closed_slot is not None and episode.closed_slot >= slot
    return episode.closed_at or buy.at if is_over else _NEVER


def _exits_by_lot(case: Case) -> dict[Signature | None, list[tuple[Exit, int]]]:
    """Return which exits took how much of each lot, in chain order."""
    found: dict[Signature | None, list[tuple[Exit, int]]] = defaultdict(list)
    for exit_ in case.story.exits:
        for part in exit_.lots:
            found[part.signature].append((exit_, part.qty_raw))
    return found
