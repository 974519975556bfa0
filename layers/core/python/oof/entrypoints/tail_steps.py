"""What each step of a tail repair does with the workflow's state."""

from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from oof.app.plan_backfill import Next
from oof.app.repair_tail import (
    Outage,
    Started,
    TailCheckDeps,
    TailPlanDeps,
    check_tail,
    plan_tail,
    start_tails,
)
from oof.domain.units import UnixSeconds
from oof.entrypoints.observability import logger, metrics, tell_counts
from oof.entrypoints.step import TailState


def plan(state: TailState, deps: TailPlanDeps) -> dict[str, object]:
    """Record the last round and write the next; where nobody is due, start whose turn it is."""
    tick = state.tick or f"{deps.clock.now():%Y%m%dT%H%M%S}"
    round_ = state.round + 1
    due = plan_tail(deps, tick=tick, round_=round_, outage=_outage(state))
    if due:
        return state.then(Next.CHECK, tick=tick, round=round_, due=due)
    ended = start_tails(deps, tick=tick, moved=state.moved)
    _tell(ended, state)
    counted = {"started": ended.started, "waiting": ended.waiting}
    return state.then(Next.DONE, tick=tick, round=round_, due=0, **counted)


def check(state: TailState, deps: TailCheckDeps) -> dict[str, object]:
    """Look at the round's accounts."""
    found = check_tail(deps, tick=state.tick, round_=state.round)
    return state.then(
        Next.PLAN,
        moved=state.moved + found.moved,
        calls=state.calls + found.calls,
        credits=state.credits + found.credits,
    )


def _outage(state: TailState) -> Outage | None:
    if state.outage is None:
        return None
    return Outage(_seconds(state.outage.began_at), _seconds(state.outage.ended_at))


def _seconds(moment: datetime) -> UnixSeconds:
    return UnixSeconds(int(moment.timestamp()))


def _tell(ended: Started, state: TailState) -> None:
    """Say how far behind the tails are; silence of the webhooks is what an alarm watches."""
    counts = {
        "TailWallets": ended.wallets,
        "TailMoved": state.moved,
        "TailStarted": ended.started,
        "TailRunning": ended.running,
        "TailWaiting": ended.waiting,
        "TailCredits": state.credits,
        "WebhookSilent": int(ended.is_silent),
    }
    metrics().add_metric(name="TailOldest", unit=MetricUnit.Seconds, value=ended.oldest_s)
    tell_counts(counts)
    if ended.is_silent:
        logger().error("webhooks_silent", moved=state.moved)
