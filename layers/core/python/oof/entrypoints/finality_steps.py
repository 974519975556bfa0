"""What each step of settling finality does with the workflow's state."""

from oof.app.plan_backfill import Next
from oof.app.settle_finality import (
    AskDeps,
    Settled,
    SettleDeps,
    ask_finality,
    clear_soft,
    plan_finality,
    settle_finality,
)
from oof.entrypoints.observability import logger, tell_counts
from oof.entrypoints.step import FinalityState, new_tick


def settle(state: FinalityState, deps: SettleDeps) -> dict[str, object]:
    """Settle the last round's answers and write the next round; done where there is none."""
    tick = state.tick or new_tick(deps.clock, deps.new_id)
    if state.round >= 0:
        _tell(settle_finality(deps, tick=tick, round_=state.round), state)
    round_ = state.round + 1
    planned = plan_finality(deps, tick=tick, round_=round_)
    if not any(planned):
        clear_soft(deps)
    next_ = Next.CHECK if any(planned) else Next.DONE
    return state.then(next_, tick=tick, round=round_, due=sum(planned))


def check(state: FinalityState, deps: AskDeps) -> dict[str, object]:
    """Ask the provider about the round's signatures and slots."""
    asked = ask_finality(deps, tick=state.tick, round_=state.round)
    calls, credits_ = state.calls + asked.calls, state.credits + asked.credits
    return state.then(Next.PLAN, calls=calls, credits=credits_)


def _tell(settled: Settled, state: FinalityState) -> None:
    """Count what became of a round; a landing that was dropped is worth a line of its own."""
    counts = {
        "FinalitySettled": settled.final,
        "FinalityMoved": settled.moved,
        "FinalityDropped": settled.dropped,
        "FinalityWaiting": settled.waiting,
        "OrderPlaced": settled.placed,
        "OrderUnknown": settled.unknown,
    }
    tell_counts(counts)
    if settled.moved or settled.dropped:
        moved, dropped = settled.moved, settled.dropped
        logger().error("landings_revoked", moved=moved, dropped=dropped, tick=state.tick)
