"""What each step of a tail repair does with the workflow's state."""

from oof.app.plan_backfill import Next
from oof.app.repair_tail import TailCheckDeps, TailPlanDeps, check_tail, plan_tail
from oof.entrypoints.step import TailState


def plan(state: TailState, deps: TailPlanDeps) -> dict[str, object]:
    """Mark what the last round found unmoved, and write the next; done where nobody is due."""
    tick = state.tick or f"{deps.clock.now():%Y%m%dT%H%M%S}"
    round_ = state.round + 1
    due = plan_tail(deps, tick=tick, round_=round_)
    next_ = Next.CHECK if due else Next.DONE
    return state.then(next_, tick=tick, round=round_, due=due)


def check(state: TailState, deps: TailCheckDeps) -> dict[str, object]:
    """Look at the round's accounts; what moved is started."""
    moved = check_tail(deps, tick=state.tick, round_=state.round)
    return state.then(Next.PLAN, moved=state.moved + moved)
