"""What the steps of a reconciliation of webhooks work with on the database's side."""

from functools import cache

from oof.adapters.dynamo.fenced_lock import DynamoFencedLock
from oof.adapters.postgres.tail_store import PostgresTailStore
from oof.adapters.postgres.watch_store import PostgresWatchStore
from oof.adapters.system import SystemClock
from oof.app.confirm_webhooks import ConfirmWebhooksDeps
from oof.app.plan_webhooks import PlanWebhooksDeps, WebhookPolicy
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.bootstrap.facts import database, fact_store, summary_store
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.domain.governor import Budget
from oof.domain.units import Address
from oof.domain.webhooks import Capacity
from oof.ports.webhooks import LOCK_NAME
from oof.settings import HotTableSettings, WatchPolicySettings


def plan_webhooks_deps() -> PlanWebhooksDeps:
    """Dependencies of `plan_webhooks`."""
    settings = WatchPolicySettings.from_env()
    return PlanWebhooksDeps(
        store=PostgresWatchStore(database()),
        tails=PostgresTailStore(database()),
        lock=webhook_lock(),
        blobs=run_blobs(),
        clock=SystemClock(),
        policy=WebhookPolicy(
            url=settings.webhook_url,
            budget=Budget(events_per_day=settings.wallet_events_per_day),
            capacity=Capacity(settings.webhook_addresses, settings.webhook_filled_at),
            put_every_s=settings.webhook_put_every_s,
            look_every_s=settings.webhook_look_every_s,
        ),
    )


def confirm_webhooks_deps() -> ConfirmWebhooksDeps:
    """Dependencies of `confirm_webhooks`."""
    return ConfirmWebhooksDeps(
        store=PostgresWatchStore(database()),
        tails=PostgresTailStore(database()),
        lock=webhook_lock(),
        blobs=run_blobs(),
        clock=SystemClock(),
        project=_project,
    )


@cache
def webhook_lock() -> DynamoFencedLock:
    """What lets one reconciliation at a time change the provider's webhooks."""
    return DynamoFencedLock(dynamo_client(), HotTableSettings.from_env().hot_table, name=LOCK_NAME)


@cache
def _project_deps() -> ProjectDeps:
    table = HotTableSettings.from_env().hot_table
    return ProjectDeps(facts=fact_store(), summaries=summary_store(table), clock=SystemClock())


def _project(wallet: Address) -> None:
    project_wallet(wallet, deps=_project_deps())
