"""What each step of refreshing prices does with the workflow's state."""

from oof.app.plan_backfill import Next
from oof.app.refresh_prices import (
    AskPricesDeps,
    Kept,
    RefreshDeps,
    ask_prices,
    end_refresh,
    keep_prices,
    plan_prices,
)
from oof.entrypoints.observability import tell_counts
from oof.entrypoints.step import StepState, new_tick


class PriceState(StepState):
    """A refresh of prices between two steps."""

    tick: str = ""
    """Names this refresh; the first step sets it."""
    round: int = -1
    """The round under way; -1 before the first."""
    due: int = 0
    """What the round asks."""
    reads: int = 0
    """Requests sent to providers, over all rounds."""
    failed: int = 0
    """Of the round: a round with failures is the last one."""
    next: Next = Next.PLAN


def settle(state: PriceState, deps: RefreshDeps) -> dict[str, object]:
    """Keep the last round's answers and write the next round; done where nothing is due."""
    tick = state.tick or new_tick(deps.clock, deps.new_id)
    if state.round >= 0:
        _tell(keep_prices(deps, tick=tick, round_=state.round), state)
    round_ = state.round + 1
    due = 0
    if not state.failed:
        due = plan_prices(deps, tick=tick, round_=round_, reads=state.reads)
    if not due:
        end_refresh(deps, tick=tick)
        return state.then(Next.DONE, tick=tick, round=round_, due=0)
    return state.then(Next.CHECK, tick=tick, round=round_, due=due)


def ask(state: PriceState, deps: AskPricesDeps) -> dict[str, object]:
    """Ask the providers for what the round wants."""
    asked = ask_prices(deps, tick=state.tick, round_=state.round)
    return state.then(Next.PLAN, reads=state.reads + asked.reads, failed=asked.failed)


def _tell(kept: Kept, state: PriceState) -> None:
    counts = {
        "CandlesKept": kept.candles,
        "CandlesFromSwaps": kept.from_swaps,
        "PriceDaysSettled": kept.days,
        "PriceWantsFailed": state.failed,
    }
    tell_counts(counts)
