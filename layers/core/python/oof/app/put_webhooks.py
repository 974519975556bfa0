"""Bring the provider's webhooks in line with the plan.

This side reaches the provider, not the database. The lock is held anew before every call, so that
of two invocations the older one stops. Who waits to be reported goes first: a wallet that moves
between two webhooks is never on neither.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from oof.app.webhook_documents import PutResult, ReconcilePlan, ShardPlan, WebhookDocuments
from oof.domain.errors import BudgetSpent, Conflict, NotFound, UpstreamRejected, UpstreamUnavailable
from oof.domain.rotation import DeliverySecret, advance
from oof.domain.units import UnixSeconds
from oof.domain.webhooks import (
    KIND,
    STATUS,
    TRANSACTION_TYPES,
    Drift,
    Hook,
    Put,
    Wanted,
    auth_digest,
    drift_of,
    list_digest,
    shard_of,
    url_of,
)
from oof.ports.blobs import Blobs
from oof.ports.locks import FencedLock
from oof.ports.system import Clock
from oof.ports.watching import Confirmed
from oof.ports.webhooks import DeliverySecrets, WebhookRegistry

HOLD_S: Final = 300
"""How long the lock is held: longer than this step may take."""
NOT_ACCEPTED_YET: Final = "not_accepted_yet"
"""Nothing can be put before receivers accept some value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutWebhooksDeps:
    """What putting needs."""

    hooks: WebhookRegistry
    secrets: DeliverySecrets
    lock: FencedLock
    blobs: Blobs
    clock: Clock
    new_secret: Callable[[], str]
    url: str


@dataclass(slots=True, kw_only=True)
class _Done:
    """What was brought about so far."""

    puts: list[Put] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    drift: Counter[str] = field(default_factory=Counter)
    looked_at: UnixSeconds | None = None
    fault: str | None = None


def put_webhooks(deps: PutWebhooksDeps, *, tick: str, is_asked: bool) -> PutResult:
    """Put what differs, write what became of it, and return it.

    A provider that refuses or fails ends the work early, and what was done until then counts.

    Raises:
        Conflict: somebody else changes the webhooks now.
    """
    now = _now(deps)
    fence = deps.lock.enter(tick, at=now, for_s=HOLD_S)
    if fence is None:
        raise Conflict("another reconciliation is under way")
    documents = WebhookDocuments(deps.blobs, tick)
    plan = documents.plan()
    secret = _rotated(deps, plan, is_asked, now)
    done = _Done()
    if secret.current is None:
        done.fault = NOT_ACCEPTED_YET if plan.shards else None
    else:
        _Putting(deps, documents, (tick, fence), secret.current, done).bring_about(plan)
    result = PutResult(
        confirmed=Confirmed(
            puts=tuple(done.puts),
            broken=frozenset(done.broken),
            removed=frozenset(done.removed),
            looked_at=done.looked_at,
            auth_digest=auth_digest(secret.current or ""),
            is_rotating=secret.is_rotating,
        ),
        drift=dict(done.drift),
        fault=done.fault,
        calls=deps.hooks.usage.calls,
        credits=deps.hooks.usage.credits,
        fence=fence,
    )
    documents.put_result(result)
    return result


def _rotated(
    deps: PutWebhooksDeps, plan: ReconcilePlan, is_asked: bool, now: UnixSeconds
) -> DeliverySecret:
    """Take the rotation's next step, if it is time; keep it before it is used."""
    secret = deps.secrets.read()
    digest = auth_digest(secret.current or "")
    are_all_put = all(s.last is not None and s.last.auth_digest == digest for s in plan.shards)
    after = advance(
        secret, is_asked=is_asked, fresh=deps.new_secret(), are_all_put=are_all_put, now=now
    )
    if after != secret:
        deps.secrets.write(after)
    return after


class _Putting:
    """The work of one invocation."""

    def __init__(
        self,
        deps: PutWebhooksDeps,
        documents: WebhookDocuments,
        held: tuple[str, int],
        header: str,
        done: _Done,
    ) -> None:
        self._deps = deps
        self._documents = documents
        self._held = held
        self._header = header
        self._done = done

    def bring_about(self, plan: ReconcilePlan) -> None:
        """Do all of the plan, or as much as the provider lets us."""
        try:
            ours = self._look(plan)
            drifts = {} if ours is None else self._drifts(plan.shards, ours)
            # until it is mended, what has drifted reports nobody for sure
            self._done.removed |= drifts.keys()
            for shard in sorted(plan.shards, key=lambda s: (not s.is_awaited, s.shard)):
                if shard.digest is not None:
                    hook = _known_hook(shard, ours)
                    self._mend(shard, hook, drifts.get(shard.shard, frozenset()))
            self._remove(plan, ours or {})
        except (UpstreamUnavailable, UpstreamRejected) as fault:
            self._done.fault = fault.reason
        except BudgetSpent as fault:
            self._done.fault = fault.code

    def _look(self, plan: ReconcilePlan) -> Mapping[int, list[Hook]] | None:
        """Read the provider's list where the plan says so, or one may exist that we forgot."""
        if not plan.must_look and all(each.last is not None for each in plan.shards):
            return None
        self._hold()
        # by what was recorded too: what posts to an address we had before is ours
        recorded = {each.last.hook_id: each.shard for each in plan.shards if each.last is not None}
        found: dict[int, list[Hook]] = {}
        for hook in self._deps.hooks.hooks():
            shard = recorded.get(hook.hook_id, shard_of(self._deps.url, hook.url))
            if shard is not None:
                found.setdefault(shard, []).append(hook)
        self._done.looked_at = _now(self._deps)
        return found

    def _drifts(
        self, shards: Iterable[ShardPlan], ours: Mapping[int, list[Hook]]
    ) -> dict[int, frozenset[Drift]]:
        """Return how webhooks differ from what was last put, those without difference left out."""
        found = {}
        for shard in shards:
            if shard.last is None:
                continue
            hook = _kept(shard, ours)
            drift = drift_of(hook, shard.last, url_of(self._deps.url, shard.shard))
            if hook is not None and list_digest(hook.addresses) == shard.digest:
                # put by one of us that did not live to tell
                drift -= {Drift.ADDRESSES}
            if drift:
                found[shard.shard] = drift
                self._done.drift.update(each.value for each in drift)
        return found

    def _mend(self, shard: ShardPlan, hook: Hook | None, drift: frozenset[Drift]) -> None:
        """Make, put or switch on one webhook, where it needs that."""
        last = shard.last
        is_put = (
            hook is None
            or last is None
            or shard.digest != last.digest
            or last.auth_digest != auth_digest(self._header)
            or bool(drift - {Drift.SWITCHED_OFF})
        )
        if is_put:
            last = self._put(shard, None if hook is None else hook.hook_id)
        if hook is not None and not hook.is_active:
            self._hold()
            self._deps.hooks.switch_on(hook.hook_id)
        if last is not None and (is_put or drift or shard.is_awaited):
            self._done.puts.append(last)
        self._done.removed.discard(shard.shard)
        if drift:
            self._done.broken.add(shard.shard)

    def _put(self, shard: ShardPlan, hook_id: str | None) -> Put:
        """Put the whole webhook, or make it, and return what is there now."""
        addresses = self._documents.list(shard.shard)
        wanted = Wanted(url_of(self._deps.url, shard.shard), addresses, self._header)
        self._hold()
        if hook_id is not None:
            try:
                self._deps.hooks.replace(hook_id, wanted)
            except NotFound:
                self._done.drift[Drift.MISSING.value] += 1
                self._done.broken.add(shard.shard)
                hook_id = None
                self._hold()
        if hook_id is None:
            hook_id = self._deps.hooks.create(wanted)
        return Put(
            shard=shard.shard,
            hook_id=hook_id,
            digest=list_digest(addresses),
            auth_digest=auth_digest(self._header),
            addresses=len(addresses),
            put_at=_now(self._deps),
        )

    def _remove(self, plan: ReconcilePlan, ours: Mapping[int, list[Hook]]) -> None:
        """Delete webhooks of ours that nobody is on, and those there are twice."""
        wanted = {each.shard: each for each in plan.shards}
        surplus = [hook for shard, hooks in ours.items() if shard not in wanted for hook in hooks]
        for shard, hooks in ours.items():
            if shard in wanted:
                kept = _kept(wanted[shard], ours)
                surplus += [hook for hook in hooks if hook is not kept]
        gone = {hook.hook_id: None for hook in surplus}
        gone |= {put.hook_id: None for put in plan.surplus}
        for hook_id in gone:
            self._hold()
            self._deps.hooks.delete(hook_id)
        self._done.removed |= {put.shard for put in plan.surplus}

    def _hold(self) -> None:
        """Make sure that nobody else changes anything, for longer than this step can last."""
        holder, fence = self._held
        if not self._deps.lock.hold(holder, fence, at=_now(self._deps), for_s=HOLD_S):
            raise Conflict("another reconciliation took over")


def _kept(shard: ShardPlan, ours: Mapping[int, list[Hook]]) -> Hook | None:
    """Return the webhook of a shard: of several the one we put, else one that is on."""
    known = None if shard.last is None else shard.last.hook_id
    hooks = ours.get(shard.shard, [])
    return min(
        hooks,
        key=lambda hook: (hook.hook_id != known, not hook.is_active, hook.hook_id),
        default=None,
    )


def _known_hook(shard: ShardPlan, ours: Mapping[int, list[Hook]] | None) -> Hook | None:
    """Return the webhook of a shard, as last put where nobody looked."""
    if ours is not None:
        return _kept(shard, ours)
    last = shard.last
    if last is None:
        return None
    return Hook(last.hook_id, "", frozenset(), None, KIND, STATUS, TRANSACTION_TYPES, True)


def _now(deps: PutWebhooksDeps) -> UnixSeconds:
    return UnixSeconds(ceil(deps.clock.now().timestamp()))
