"""Where and through what a wallet trades, and what it pays around its trades."""

from collections import Counter
from collections.abc import Sequence

from oof.domain.behaviour.limits import LEAST_COSTS, LEAST_TRADES, SHOWN
from oof.domain.behaviour.model import Costs, Mix, NamedShare, Reason
from oof.domain.behaviour.records import CostMark, TradeMark
from oof.domain.behaviour.spreads import SOL_PLACES, money_spread, scaled, share


def mix_of(trades: Sequence[TradeMark]) -> Mix:
    """Return the parts of venues and terminals."""
    venues = Counter(trade.venue for trade in trades)
    terminals = Counter(trade.terminal for trade in trades if trade.terminal is not None)
    shown, hidden = _named(venues, len(trades))
    terminals_shown, terminals_hidden = _named(terminals, len(trades))
    is_told = len(trades) >= LEAST_TRADES
    return Mix(
        venues=shown,
        other_venues=hidden,
        terminals=terminals_shown,
        other_terminals=terminals_hidden,
        direct=len(trades) - terminals.total(),
        maker_share=(
            share(sum(trade.is_maker for trade in trades), len(trades)) if is_told else None
        ),
        missing=None if is_told else Reason.TOO_FEW,
    )


def costs_of(costs: Sequence[CostMark]) -> Costs:
    """Return what was paid around transactions with a trade."""
    count = len(costs)
    is_told = count >= LEAST_COSTS
    of_all = costs if is_told else ()
    tips = [each.tip for each in of_all if each.tip]
    return Costs(
        priority=money_spread((each.priority for each in of_all), places=SOL_PLACES),
        tips=money_spread(tips, places=SOL_PLACES),
        tip_share=share(len(tips), count) if is_told else None,
        bot_fee_share=share(sum(each.bot_fee > 0 for each in costs), count) if is_told else None,
        total=money_spread((each.total for each in of_all), places=SOL_PLACES),
        total_sol=scaled(sum(each.total for each in costs), SOL_PLACES),
        missing=None if is_told else Reason.TOO_FEW,
    )


def _named(counts: Counter[str], whole: int) -> tuple[tuple[NamedShare, ...], int]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = tuple(
        NamedShare(name=name, trades=count, share=share(count, whole))
        for name, count in ranked[:SHOWN]
    )
    return shown, sum(count for _, count in ranked[SHOWN:])
