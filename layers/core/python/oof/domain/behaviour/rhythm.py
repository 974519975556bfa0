"""When and how quickly a wallet trades: times of day, pace, sessions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Final, NamedTuple

from oof.domain.behaviour.limits import (
    AT_ONCE_S,
    DAY_S,
    HOUR_S,
    LEAST_SESSIONS,
    LEAST_TRADES,
    QUIET_PERCENT,
    SESSION_GAP_S,
)
from oof.domain.behaviour.model import Pace, Reason, Rhythm, Sessions
from oof.domain.behaviour.records import TradeMark
from oof.domain.behaviour.spreads import PLACES, scaled, share, spread
from oof.domain.tokens import QUOTES
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.domain.windows import DaySpan

_HOURS: Final = 24
_WEEKDAYS: Final = 7


class Turn(NamedTuple):
    """A slot in which a token was bought and sold in different transactions."""

    slot: Slot
    at: UnixSeconds | None
    tx_ids: tuple[int, ...]
    """Ascending."""


def rhythm_of(trades: Sequence[TradeMark], span: DaySpan) -> Rhythm:
    """Return when a span's trades were."""
    times = _times(trades)
    hours = Counter(at // HOUR_S % _HOURS for at in times)
    by_hour = tuple(hours[hour] for hour in range(_HOURS))
    weekdays = Counter(datetime.fromtimestamp(at, UTC).weekday() for at in times)
    days = {at // DAY_S for at in times}
    covered = span.last + 1 - max(min(days), span.lowest) if days else 0
    is_told = len(times) >= LEAST_TRADES
    return Rhythm(
        by_hour=by_hour,
        by_weekday=tuple(weekdays[day] for day in range(_WEEKDAYS)),
        active_days=len(days),
        covered_days=covered,
        trades_per_day=share(len(times), covered) if is_told else None,
        trades_per_active_day=share(len(times), len(days)) if is_told else None,
        active_hours_per_day=(
            share(len({at // HOUR_S for at in times}), len(days)) if is_told else None
        ),
        quiet_hours=_quiet(by_hour) if is_told else None,
        peak_hour=by_hour.index(max(by_hour)) if is_told else None,
        missing=None if is_told else why_undated(trades, LEAST_TRADES),
    )


def pace_of(trades: Sequence[TradeMark], turns: Sequence[Turn]) -> Pace:
    """Return how quickly one transaction with a trade follows another."""
    times = sorted({trade.tx_id: trade.at for trade in trades if trade.at is not None}.values())
    gaps = [later - earlier for earlier, later in pairwise(times)]
    is_told = len(times) >= LEAST_TRADES
    missing = None if is_told else why_undated(trades, LEAST_TRADES)
    return Pace(
        gap=spread(gaps if is_told else (), why=missing or Reason.TOO_FEW),
        within_2s_share=share(sum(gap <= AT_ONCE_S for gap in gaps), len(gaps))
        if is_told
        else None,
        burstiness=_burstiness(gaps) if is_told else None,
        same_slot_turns=len(turns),
        missing=missing,
    )


def sessions_of(trades: Sequence[TradeMark]) -> Sessions:
    """Return the runs of trades without a long pause."""
    times = sorted(_times(trades))
    runs: list[list[UnixSeconds]] = []
    for at in times:
        if runs and at - runs[-1][-1] <= SESSION_GAP_S:
            runs[-1].append(at)
        else:
            runs.append([at])
    is_told = len(runs) >= LEAST_SESSIONS
    missing = None if is_told else why_undated(trades, LEAST_SESSIONS)
    days = {at // DAY_S for at in times}
    return Sessions(
        count=len(runs),
        length=spread(
            (run[-1] - run[0] for run in runs) if is_told else (), why=missing or Reason.TOO_FEW
        ),
        trades=share(len(times), len(runs)) if is_told else None,
        per_active_day=share(len(runs), len(days)) if is_told else None,
        missing=missing,
    )


def turns_of(trades: Iterable[TradeMark]) -> list[Turn]:
    """Return where a token was bought and sold in one slot; arbitrage aside."""
    by_slot: dict[Slot, list[TradeMark]] = defaultdict(list)
    for trade in trades:
        if not trade.arbitrage:
            by_slot[trade.slot].append(trade)
    turns: list[Turn] = []
    for slot, found in by_slot.items():
        if len(found) > 1:
            times = {trade.at for trade in found if trade.at is not None}
            turns += (Turn(slot, min(times, default=None), each) for each in _turned(found))
    return turns


def _turned(trades: Sequence[TradeMark]) -> Iterator[tuple[int, ...]]:
    """Yield, of each token that trades of one slot turned, in which transactions."""
    bought: dict[Mint, set[int]] = defaultdict(set)
    sold: dict[Mint, set[int]] = defaultdict(set)
    for trade in trades:
        bought[trade.bought_mint].add(trade.tx_id)
        sold[trade.sold_mint].add(trade.tx_id)
    for mint in sorted(bought.keys() & sold.keys() - set(QUOTES)):
        tx_ids = bought[mint] | sold[mint]
        if len(tx_ids) > 1:
            yield tuple(sorted(tx_ids))


def why_undated(trades: Sequence[TradeMark], least: int) -> Reason:
    """Return why there are too few times: too few trades, or nobody knows when they were."""
    return Reason.TOO_FEW if len(trades) < least else Reason.NO_TIME


def _times(trades: Iterable[TradeMark]) -> list[UnixSeconds]:
    return [trade.at for trade in trades if trade.at is not None]


def _quiet(by_hour: Sequence[int]) -> int:
    total = sum(by_hour)
    longest = run = 0
    for count in (*by_hour, *by_hour):
        run = run + 1 if count * 100 < total * QUIET_PERCENT else 0
        longest = max(longest, run)
    return min(longest, _HOURS)


def _burstiness(gaps: Sequence[int]) -> Decimal | None:
    total = sum(gaps)
    if not total:
        return None
    # n times the standard deviation, so that only one root is not exact
    variance = len(gaps) * sum(gap * gap for gap in gaps) - total * total
    with localcontext(prec=50):
        deviation = Decimal(variance).sqrt()
        return round((deviation - total) / (deviation + total), PLACES) + scaled(0, PLACES)
