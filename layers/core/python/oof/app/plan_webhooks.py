"""Decide how each wallet is watched, and what the provider's webhooks are to name.

This side reaches the database. Governing comes first: who moves more than its budget is polled.
Then newcomers get their webhook, and the lists that may have changed are made up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final, NamedTuple

from oof.app.webhook_documents import ReconcilePlan, ShardPlan, WebhookDocuments
from oof.domain.evidence import Reason
from oof.domain.governor import Budget, govern
from oof.domain.units import Address, UnixSeconds
from oof.domain.webhooks import Capacity, Put, list_digest, list_of, overflowing, place
from oof.ports.blobs import Blobs
from oof.ports.locks import FencedLock
from oof.ports.system import Clock, unix_now
from oof.ports.tails import TailStore
from oof.ports.watching import RegistryState, WatchCounts, Watched, WatchStore

PAGE: Final = 5_000
"""Wallets read in one go."""
LISTINGS: Final = 1_000
"""Listings asked for in one tick; what is beyond waits for the next."""
HOLD_S: Final = 300
"""How long the lock is held: longer than any step may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPolicy:
    """How webhooks are kept."""

    url: str
    """Where the provider posts to; empty where it cannot reach us: then there are none."""
    budget: Budget
    capacity: Capacity
    put_every_s: int
    """How often a list is put anew for accounts that came or went, when nobody waits for it."""
    look_every_s: int
    """How often the provider's own list is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWebhooksDeps:
    """What planning needs; it reaches the database, not the provider."""

    store: WatchStore
    tails: TailStore
    lock: FencedLock
    blobs: Blobs
    clock: Clock
    policy: WebhookPolicy


class Planned(NamedTuple):
    """What a tick is about."""

    has_work: bool
    """Whether the provider is to be asked anything."""
    is_held: bool
    """Whether another tick was still at it: then this one does nothing."""
    turned: int = 0
    """Wallets that went from a webhook to polling, or back."""
    counts: WatchCounts | None = None
    """As it was before what this tick puts."""
    events_a_day: int = 0
    """What wallets on webhooks moved within the last day: about what their reports cost."""


class _Seats(NamedTuple):
    """Who is where once everybody has a place."""

    in_use: frozenset[int]
    awaited: frozenset[int]
    """Shards with somebody whom the provider does not report yet."""


def plan_webhooks(deps: PlanWebhooksDeps, *, tick: str, is_asked: bool) -> Planned:
    """Govern, place, and write what the provider is to be told; `is_asked` begins a rotation.

    The lock is kept where there is something to tell: whoever confirms it gives it back.
    """
    now = unix_now(deps.clock)
    if deps.lock.enter(tick, at=now, for_s=HOLD_S) is None:
        return Planned(has_work=False, is_held=True)
    watched = list(_all_watched(deps.store, now))
    turned = _govern(deps, watched, now)
    state = deps.store.registry()
    seats = _seat(deps, watched, turned, state, now)
    plan = _plan(deps, tick, seats, state, now)
    _want_listings(deps, now)
    has_work = is_asked or state.is_rotating or _is_outdated(plan)
    if has_work:
        WebhookDocuments(deps.blobs, tick).put_plan(plan)
    else:
        deps.lock.leave(tick)
    events = sum(each.activity.last_day for each in watched if each.is_named)
    return Planned(has_work, False, len(turned), deps.store.counts(), events)


def _all_watched(store: WatchStore, now: UnixSeconds) -> Iterator[Watched]:
    after = None
    while page := store.watched(now=now, after=after, limit=PAGE):
        yield from page
        after = page[-1].wallet


def _govern(
    deps: PlanWebhooksDeps, watched: Iterable[Watched], now: UnixSeconds
) -> dict[Address, bool]:
    """Let the governor decide; return who turned, and whether to polling."""
    changed = {}
    turned = {}
    for each in watched:
        after = govern(each.watch, each.activity, deps.policy.budget, now=now)
        if each.is_followed and after is not each.watch:
            changed[each.wallet] = after
            if after.is_polled is not each.watch.is_polled:
                turned[each.wallet] = after.is_polled
    deps.store.govern(changed, at=now)
    return turned


def _seat(
    deps: PlanWebhooksDeps,
    watched: Sequence[Watched],
    turned: Mapping[Address, bool],
    state: RegistryState,
    now: UnixSeconds,
) -> _Seats:
    """Give every wallet that a webhook is to report its shard, and take it from all others."""
    seated = {
        each.wallet: each
        for each in watched
        if deps.policy.url
        and each.is_followed
        and not turned.get(each.wallet, each.watch.is_polled)
    }
    leaving = [w.wallet for w in watched if w.shard is not None and w.wallet not in seated]
    newcomers = [each.wallet for each in seated.values() if each.shard is None]
    sizes = {put.shard: put.addresses for put in state.puts}
    placed = place(sizes, _sizes(deps.store, newcomers), deps.policy.capacity)
    deps.store.assign({**dict.fromkeys(leaving), **placed}, at=now)
    seats = [(w.shard, w.is_named) for w in seated.values() if w.shard is not None]
    new = frozenset(placed.values())
    return _Seats(
        in_use=new | {shard for shard, _ in seats},
        awaited=new | {shard for shard, is_named in seats if not is_named},
    )


def _sizes(store: WatchStore, wallets: Sequence[Address]) -> Iterator[tuple[Address, int]]:
    for group in batched(wallets, PAGE, strict=False):
        found = store.addresses(group)
        yield from ((wallet, len(found[wallet])) for wallet in group)


def _plan(
    deps: PlanWebhooksDeps, tick: str, seats: _Seats, state: RegistryState, now: UnixSeconds
) -> ReconcilePlan:
    policy = deps.policy
    last = {put.shard: put for put in state.puts}
    must_look = bool(last) and _is_past(state.looked_at, policy.look_every_s, now)
    due = {
        shard
        for shard in seats.in_use
        if must_look or shard in seats.awaited or _is_due(last.get(shard), state, policy, now)
    }
    lists = _lists(deps, due, last, now)
    awaited = seats.awaited | (lists.keys() - due)
    unchanged = _unchanged(lists, last, state) if not must_look else set()
    deps.store.name(sorted(unchanged & awaited), at=now)
    documents = WebhookDocuments(deps.blobs, tick)
    for shard in lists.keys() - unchanged:
        documents.put_list(shard, lists[shard])
    in_use = sorted(seats.in_use | lists.keys())
    return ReconcilePlan(
        shards=tuple(
            ShardPlan(
                shard=shard,
                last=last.get(shard),
                digest=list_digest(lists[shard]) if shard in lists.keys() - unchanged else None,
                is_awaited=shard in awaited - unchanged,
            )
            for shard in in_use
        ),
        surplus=tuple(put for put in state.puts if put.shard not in in_use),
        must_look=must_look,
    )


def _is_due(
    last: Put | None, state: RegistryState, policy: WebhookPolicy, now: UnixSeconds
) -> bool:
    """Whether a list that nobody waits for is to be made up."""
    if last is None or last.auth_digest != state.auth_digest:
        return True
    return _is_past(last.put_at, policy.put_every_s, now)


def _is_past(before: UnixSeconds | None, every_s: int, now: UnixSeconds) -> bool:
    return before is None or now - before >= every_s


def _lists(
    deps: PlanWebhooksDeps, due: Iterable[int], last: Mapping[int, Put], now: UnixSeconds
) -> dict[int, tuple[Address, ...]]:
    """Return the lists of these shards, and of those that somebody had to move to."""
    sizes = {shard: put.addresses for shard, put in last.items()}
    lists: dict[int, tuple[Address, ...]] = {}
    waiting = sorted(due)
    while waiting:
        shard = waiting.pop(0)
        members = deps.store.members(shard)
        counted = [(wallet, len(accounts)) for wallet, accounts in members.items()]
        leaving = overflowing(counted, deps.policy.capacity)
        moving = [(wallet, len(members.pop(wallet))) for wallet in leaving]
        sizes[shard] = max(sum(map(len, members.values())), deps.policy.capacity.filled_at)
        placed = place(sizes, moving, deps.policy.capacity)
        deps.store.assign(placed, at=now)
        waiting += sorted(set(placed.values()) - set(waiting))
        lists[shard] = list_of(members.values())
    return lists


def _unchanged(
    lists: Mapping[int, Iterable[Address]], last: Mapping[int, Put], state: RegistryState
) -> set[int]:
    """Return the shards whose webhook has this very list and the current header value."""
    return {
        shard
        for shard, addresses in lists.items()
        if shard in last
        and last[shard].digest == list_digest(addresses)
        and last[shard].auth_digest == state.auth_digest
    }


def _is_outdated(plan: ReconcilePlan) -> bool:
    """Whether the provider has to be asked or told anything."""
    return (
        plan.must_look
        or bool(plan.surplus)
        or any(shard.last is None or shard.digest is not None for shard in plan.shards)
    )


def _want_listings(deps: PlanWebhooksDeps, now: UnixSeconds) -> None:
    """Queue who has to be listed to be live, and who is polled and due again."""
    polled = deps.store.due_polls(at=now, limit=LISTINGS)
    named = deps.store.unlisted(limit=LISTINGS)
    wanted = {**dict.fromkeys(polled, Reason.POLLED), **dict.fromkeys(named, Reason.OUTAGE)}
    deps.tails.want(wanted, at=now)
