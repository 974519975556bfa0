"""A reconciler of webhooks in this process: the machine's file, its steps, and a provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

from oof.app.confirm_webhooks import ConfirmWebhooksDeps
from oof.app.plan_webhooks import PlanWebhooksDeps, WebhookPolicy
from oof.app.put_webhooks import PutWebhooksDeps
from oof.domain.backfill import PageCoverage
from oof.domain.governor import Activity, Budget
from oof.domain.rotation import DeliverySecret
from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import WalletEvent
from oof.domain.webhooks import Capacity
from oof.entrypoints import watch_steps
from oof.entrypoints.step import WatchState
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_view import MemoryFactsView
from oof.ports.memory.locks import MemoryFencedLock
from oof.ports.memory.tails import MemoryTailStore
from oof.ports.memory.watching import MemoryWatchStore
from oof.ports.memory.webhooks import (
    MemoryDeliverySecrets,
    MemoryWebhookRegistry,
)
from tests.support.asl import Execution, execute
from tests.support.transactions import address

URL = "https://ingest.example/ingest/webhook/helius"
PUT_EVERY_S, LOOK_EVERY_S = 900, 1_800


class Moved:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 10, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """See `Clock`."""
        return self.at

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    @property
    def unix(self) -> UnixSeconds:
        """Now, in unix seconds."""
        return UnixSeconds(int(self.at.timestamp()))


class Busy(MemoryWatchStore):
    """A watch store whose wallets are as large and as busy as a test says."""

    sizes: dict[Address, int]
    paces: dict[Address, int]

    def _addresses(self, wallet: Address) -> tuple[Address, ...]:
        extra = self.sizes.get(wallet, 1) - 1
        return (wallet, *(address(f"{wallet}'s {n}") for n in range(extra)))

    def _activity(self, wallet: Address, now: UnixSeconds) -> Activity:
        return super()._activity(wallet, now)._replace(last_day=self.paces.get(wallet, 0))


class Reconciling:
    """A reconciler, its wallets, and a provider."""

    def __init__(self) -> None:
        self.clock = Moved()
        facts = MemoryFactStore()
        self.backfill = MemoryBackfillStore(MemoryFactsView(facts))
        self.store = Busy(self.backfill, facts)
        self.store.sizes, self.store.paces = {}, {}
        self.tails = MemoryTailStore(self.backfill)
        self.lock = MemoryFencedLock()
        self.blobs = MemoryBlobs()
        self.provider = MemoryWebhookRegistry()
        self.secrets = MemoryDeliverySecrets(DeliverySecret(accepted=("secret",)))
        self.capacity = Capacity(most=100, filled_at=80)
        self.url = URL
        self.projected: list[Address] = []
        self._ticks = 0
        self.last: Execution

    def follow(self, *names: str) -> None:
        """Open wallets and fold their first chunk."""
        for name in names:
            self.backfill.track(address(name), at=self.clock.unix)
            self.backfill.move(address(name), WalletEvent.FOLDED_FULLY, at=self.clock.unix)

    def plan_deps(self) -> PlanWebhooksDeps:
        """Dependencies of the plan."""
        policy = WebhookPolicy(
            url=self.url,
            budget=Budget(events_per_day=2_000),
            capacity=self.capacity,
            put_every_s=PUT_EVERY_S,
            look_every_s=LOOK_EVERY_S,
        )
        return PlanWebhooksDeps(
            store=self.store,
            tails=self.tails,
            lock=self.lock,
            blobs=self.blobs,
            clock=self.clock,
            policy=policy,
        )

    def put_deps(self) -> PutWebhooksDeps:
        """Dependencies of the put."""
        return PutWebhooksDeps(
            hooks=self.provider,
            secrets=self.secrets,
            lock=self.lock,
            blobs=self.blobs,
            clock=self.clock,
            new_secret=lambda: f"secret {self.clock.unix}",
            url=self.url,
        )

    def confirm_deps(self) -> ConfirmWebhooksDeps:
        """Dependencies of the confirmation."""
        return ConfirmWebhooksDeps(
            store=self.store,
            tails=self.tails,
            lock=self.lock,
            blobs=self.blobs,
            clock=self.clock,
            project=self.projected.append,
        )

    def reconcile(self, **asked: bool) -> list[str]:
        """One tick; returns what the provider was asked, in order."""
        self._ticks += 1
        self.provider.calls.clear()
        tasks = {
            "step_plan_webhooks": lambda s: watch_steps.plan(_state(s), self.plan_deps()),
            "step_put_webhooks": lambda s: watch_steps.put(_state(s), self.put_deps()),
            "step_confirm_webhooks": lambda s: watch_steps.confirm(_state(s), self.confirm_deps()),
        }
        event = {"id": f"tick-{self._ticks}", **asked}
        self.last = execute("reconcile_webhooks", tasks, event, on_wait=self.clock.pass_)
        assert self.last.succeeded
        self.clock.pass_(120)
        return list(self.provider.calls)

    def hooks(self) -> dict[str, frozenset[Address]]:
        """Addresses at the provider, by URL."""
        return {hook.url: hook.addresses for hook in self.provider.held.values()}

    def list_tail(self, name: str, began_at: UnixSeconds) -> None:
        """End a listing of a wallet's newest end."""
        page = PageCoverage((), None, tail_checked=True, began_at=began_at)
        self.backfill.cover(address(name), page, stopped_by=None, at=self.clock.unix)

    def is_live(self, name: str) -> bool:
        """Whether a wallet is live."""
        return self.backfill.rows[address(name)].live_since is not None

    def wanted(self) -> set[Address]:
        """Whose listing is asked for."""
        long_ago = UnixSeconds(0)
        claim = self.tails.claim("t", at=self.clock.unix, at_once=99, given_up_before=long_ago)
        return set(claim.wallets)


def _state(document: dict[str, Any]) -> WatchState:
    return WatchState.model_validate(document)
