"""What each step of settling finality does with the workflow's state."""

from aws_lambda_powertools.metrics import MetricUnit

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
from oof.entrypoints.observability import logger, metrics
from oof.entrypoints.step import FinalityState


def settle(state: FinalityState, deps: SettleDeps) -> dict[str, object]:
    """Settle the last round's answers and write the next round; done where there is none."""
    tick = state.tick or f"{deps.clock.now():%Y%m%dT%H%M%S}-{deps.new_id()[:8]}"
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
    gauges = metrics()
    counts = {
        "FinalitySettled": settled.final,
        "FinalityMoved": settled.moved,
        "FinalityDropped": settled.dropped,
        "FinalityWaiting": settled.waiting,
        "OrderPlaced": settled.placed,
        "OrderUnknown": settled.unknown,
    }
    for name, value in counts.items():
        gauges.add_metric(name=name, unit=MetricUnit.Count, value=value)
    gauges.flush_metrics()
    if settled.moved or settled.dropped:
        logger().warning(
            "landings_revoked", moved=settled.moved, dropped=settled.dropped, tick=state.tick
        )
