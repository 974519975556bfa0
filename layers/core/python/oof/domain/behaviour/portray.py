"""A wallet's portrait: all metrics of a span of days, out of one history."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from oof.domain.behaviour.costs import costs_of, mix_of
from oof.domain.behaviour.holding import holding_of
from oof.domain.behaviour.launches import launches_of
from oof.domain.behaviour.leaving import EndedEpisode, ended_episodes, leaving_of, reentry_of
from oof.domain.behaviour.limits import DAY_S
from oof.domain.behaviour.model import Behaviour, Sample
from oof.domain.behaviour.records import (
    CostMark,
    EntryMark,
    EpisodeMark,
    ExitMark,
    FirstBuy,
    History,
    MomentNote,
    TradeMark,
)
from oof.domain.behaviour.results import ExitResult, results_of, valued
from oof.domain.behaviour.rhythm import Turn, pace_of, rhythm_of, sessions_of, turns_of
from oof.domain.behaviour.sizing import sizing_of
from oof.domain.tokens import QUOTES
from oof.domain.units import UnixSeconds
from oof.domain.windows import NO_DAY, DaySpan


class SpanPart(NamedTuple):
    """What of a history lies within a span of days."""

    span: DaySpan
    trades: Sequence[TradeMark]
    costs: Sequence[CostMark]
    entries: Sequence[EntryMark]
    exits: Sequence[ExitMark]
    valued: Sequence[ExitResult]
    """Exits whose profit is known in USD."""
    turns: Sequence[Turn]
    ended: Sequence[EndedEpisode]
    """Episodes that ended within it by exits."""
    ended_count: int
    """Episodes that ended within it in any way."""
    begun: Sequence[EpisodeMark]
    held: Sequence[EpisodeMark]
    """Episodes that are open now."""
    first_buys: Sequence[FirstBuy]
    moments: Sequence[MomentNote]
    is_capped: bool


class _Whole(NamedTuple):
    """What is worked out once of a history, whatever the spans."""

    history: History
    ended: Sequence[EndedEpisode]
    valued: Sequence[ExitResult]
    turns: Sequence[Turn]


def parts_of(history: History, spans: Iterable[DaySpan]) -> list[SpanPart]:
    """Return what lies within each span."""
    whole = _Whole(
        history, ended_episodes(history), valued(history.exits), turns_of(history.trades)
    )
    return [_part(whole, span) for span in spans]


def _part(whole: _Whole, span: DaySpan) -> SpanPart:
    history = whole.history
    return SpanPart(
        span=span,
        trades=[each for each in history.trades if _has(span, each.at)],
        costs=[each for each in history.costs if _has(span, each.at)],
        entries=[each for each in history.entries if _has(span, each.at)],
        exits=[each for each in history.exits if _has(span, each.at)],
        valued=[each for each in whole.valued if _has(span, each.exit.at)],
        turns=[each for each in whole.turns if _has(span, each.at)],
        ended=[each for each in whole.ended if _has(span, each.episode.closed_at)],
        ended_count=sum(
            each.closed_slot is not None and _has(span, each.closed_at) for each in history.episodes
        ),
        begun=[each for each in history.episodes if _has(span, each.opened_at)],
        held=[each for each in history.episodes if each.closed_slot is None],
        first_buys=[each for each in history.first_buys if _has(span, each.at)],
        moments=[each for each in history.moments if _has(span, each.at)],
        is_capped=history.is_capped(span.begin_at),
    )


def portray(part: SpanPart, episodes: Sequence[EpisodeMark]) -> Behaviour:
    """Return all metrics of a span; `episodes` are those of the whole history."""
    return Behaviour(
        sample=_sample(part),
        rhythm=rhythm_of(part.trades, part.span),
        pace=pace_of(part.trades, part.turns),
        sessions=sessions_of(part.trades),
        holding=holding_of(part.exits, part.held, end=part.span.end_at),
        sizing=sizing_of(part.entries),
        leaving=leaving_of(part.ended),
        reentry=reentry_of(part.begun, episodes),
        launches=launches_of(part.first_buys),
        mix=mix_of(part.trades),
        costs=costs_of(part.costs),
        results=results_of(part.exits, part.valued),
    )


def _sample(part: SpanPart) -> Sample:
    traded = {mint for each in part.trades for mint in (each.sold_mint, each.bought_mint)}
    return Sample(
        trades=len(part.trades),
        undated_trades=sum(each.at is None for each in part.trades),
        transactions=len({each.tx_id for each in part.trades}),
        tokens=len(traded - set(QUOTES)),
        entries=len(part.entries),
        exits=len(part.exits),
        valued_exits=sum(each.pnl_usd is not None for each in part.exits),
        episodes=part.ended_count,
        arbitrages=sum(each.arbitrage for each in part.trades),
        is_capped=part.is_capped,
    )


def _has(span: DaySpan, at: UnixSeconds | None) -> bool:
    return span.has(NO_DAY if at is None else at // DAY_S)
