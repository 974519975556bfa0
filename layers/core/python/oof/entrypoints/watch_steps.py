"""What each step of a reconciliation of webhooks does with the workflow's state."""

from oof.app.confirm_webhooks import Confirmation, ConfirmWebhooksDeps, confirm_webhooks
from oof.app.plan_webhooks import Planned, PlanWebhooksDeps, plan_webhooks
from oof.app.put_webhooks import NOT_ACCEPTED_YET, PutWebhooksDeps, put_webhooks
from oof.entrypoints.observability import logger, tell_counts
from oof.entrypoints.step import WatchNext, WatchState


def plan(state: WatchState, deps: PlanWebhooksDeps) -> dict[str, object]:
    """Decide who is watched how; done where the provider needs no change."""
    tick = state.tick or state.id or f"{deps.clock.now():%Y%m%dT%H%M%S%f}"
    planned = plan_webhooks(deps, tick=tick, is_asked=state.rotate)
    if planned.is_held:
        logger().warning("webhooks_held", tick=tick)
        return state.then(WatchNext.DONE, tick=tick, held=True)
    _gauge(planned)
    if planned.turned:
        logger().info("wallets_turned", wallets=planned.turned)
    return state.then(WatchNext.PUT if planned.has_work else WatchNext.DONE, tick=tick)


def put(state: WatchState, deps: PutWebhooksDeps) -> dict[str, object]:
    """Tell the provider; what became of it is confirmed next, whole or in part."""
    result = put_webhooks(deps, tick=state.tick, is_asked=state.rotate)
    return state.then(
        WatchNext.CONFIRM,
        puts=len(result.confirmed.puts),
        credits=result.credits,
        fault=result.fault,
        rotating=result.confirmed.is_rotating,
    )


def confirm(state: WatchState, deps: ConfirmWebhooksDeps) -> dict[str, object]:
    """Record what is there now, and say what was not as it should be."""
    ended = confirm_webhooks(deps, tick=state.tick)
    _tell(ended)
    return state.then(WatchNext.DONE, named=ended.named)


def _tell(ended: Confirmation) -> None:
    """Say what was put and found; alarms count the lines of drift and of faults."""
    counts = {
        "WebhookPuts": ended.puts,
        "WebhookNamed": ended.named,
        "WebhookDrift": sum(ended.drift.values()),
        "WebhookFaults": int(ended.fault not in {None, NOT_ACCEPTED_YET}),
        "WebhookCredits": ended.credits,
    }
    tell_counts(counts)
    if ended.drift:
        logger().error("webhooks_drifted", drift=dict(ended.drift))
    if ended.fault not in {None, NOT_ACCEPTED_YET}:
        logger().error("webhooks_not_put", fault=ended.fault)
    if ended.is_rotating:
        logger().info("webhook_secret_rotating", fault=ended.fault)


def _gauge(planned: Planned) -> None:
    """Say how wallets are watched, and what that costs."""
    ways = {} if planned.counts is None else planned.counts._asdict()
    counts = {f"Wallets{name.capitalize()}": count for name, count in ways.items()}
    tell_counts({"WebhookEventsADay": planned.events_a_day, **counts})
