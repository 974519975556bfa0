"""Ask the provider what has become of soft transactions, and settle what it says.

In rounds: the database's side writes down who is due, the provider's side asks, and the next round
begins by settling the answers. 255 signatures are one call and one credit, ten where
they are old. What was dropped or
landed in another slot is revoked from every ledger that has it; a body that landed elsewhere is
asked for again and comes down the one store path as the new landing it is.

The same rounds resolve in which order the transactions of a slot ran (`resolve_order`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any, Final, NamedTuple

import orjson

from oof.app.resolve_order import Places, find_places, save_places, slots_due
from oof.domain.errors import BudgetSpent, UpstreamUnavailable
from oof.domain.finality import ASK_AGAIN_S, AT_HAND_SLOTS, Verdict, is_dropped, judge
from oof.domain.units import Address, Signature
from oof.ports.blobs import Blobs
from oof.ports.facts import FactStore
from oof.ports.finality import Landing, SoftTransaction
from oof.ports.locks import FencedLock
from oof.ports.queues import FetchRequester, WalletWaker
from oof.ports.system import Clock, NewId, unix_now
from oof.ports.upstream import MAX_STATUSES, ChainSource

CALLS: Final = 8
"""Questions of one round, each about as many signatures as fit."""
ROUND: Final = CALLS * (MAX_STATUSES - 1)
ROUNDS: Final = 20
"""Rounds of one tick, which is a minute."""
HOLD_S: Final = 300
"""For how long a tick may be silent before another one takes over: longer than a round's questions
may take, with their retries."""
WALLETS: Final = 500
"""Wallets brought in line at once; what is beyond waits for the next tick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDeps:
    """What planning and settling need; they reach the database, not the provider."""

    facts: FactStore
    lock: FencedLock
    """Of ticks: two at once would ask about the same, and make each other late."""
    blobs: Blobs
    waker: WalletWaker
    fetches: FetchRequester
    project: Callable[[Address], object]
    clock: Clock
    new_id: NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDeps:
    """What asking needs; it reaches the provider, not the database."""

    chain: ChainSource
    blobs: Blobs


class Planned(NamedTuple):
    """What a round has to ask."""

    soft: int
    slots: int


NOTHING: Final = Planned(0, 0)


class Asked(NamedTuple):
    """What a round asked of the provider."""

    calls: int
    credits: int


class Settled(NamedTuple):
    """What became of a round."""

    final: int = 0
    moved: int = 0
    dropped: int = 0
    waiting: int = 0
    placed: int = 0
    """Transactions whose place in their block was learnt."""
    unknown: int = 0
    """Slots whose order could not be learnt, for good."""


def plan_finality(deps: SettleDeps, *, tick: str, round_: int) -> Planned:
    """Write down what to ask in a round; one of nothing ends the settling.

    After `ROUNDS` rounds, and while another tick is at it, there is nothing to ask.
    """
    if deps.lock.enter(tick, at=unix_now(deps.clock), for_s=HOLD_S) is None:
        return NOTHING
    planned = _plan(deps, tick, round_) if round_ < ROUNDS else NOTHING
    if not any(planned):
        deps.lock.leave(tick)
    return planned


def _plan(deps: SettleDeps, tick: str, round_: int) -> Planned:
    now = deps.clock.now()
    after = 0
    if round_ > 0:
        after = orjson.loads(deps.blobs.get(_key(tick, round_ - 1, "due")))["last"]
    soft = deps.facts.soft_due(at=now, after=after, limit=ROUND)
    slots = slots_due(deps.facts, at=now)
    if soft or slots:
        document = {
            "soft": soft,
            "witness": deps.facts.witness(),
            "slots": slots,
            "last": soft[-1].tx_id if soft else after,
        }
        deps.blobs.put(_key(tick, round_, "due"), orjson.dumps(document, default=tuple))
    return Planned(len(soft), len(slots))


def ask_finality(deps: AskDeps, *, tick: str, round_: int) -> Asked:
    """Ask about a round's signatures and slots, and write down what each answer means."""
    planned = orjson.loads(deps.blobs.get(_key(tick, round_, "due")))
    before = deps.chain.usage
    witness = planned["witness"]
    verdicts: dict[Verdict, list[SoftTransaction]] = {verdict: [] for verdict in Verdict}
    is_answering = True
    for group in batched(map(_soft, planned["soft"]), MAX_STATUSES - 1, strict=False):
        try:
            found = _judge(deps.chain, group, witness) if is_answering else _waiting(group)
        except (UpstreamUnavailable, BudgetSpent):
            is_answering, found = False, _waiting(group)
        for verdict, soft in found:
            verdicts[verdict].append(soft)
    places = find_places(deps.chain, deps.blobs, planned["slots"])
    named = {verdict.value: found for verdict, found in verdicts.items()}
    document = {"verdicts": named, "places": places}
    deps.blobs.put(_key(tick, round_, "asked"), orjson.dumps(document, default=tuple))
    usage = deps.chain.usage
    return Asked(usage.calls - before.calls, usage.credits - before.credits)


def settle_finality(deps: SettleDeps, *, tick: str, round_: int) -> Settled:
    """Settle a round's answers; settling the same ones again changes nothing.

    Raises `StoreUnavailable` or `Conflict`: settle again.
    """
    asked = orjson.loads(deps.blobs.get(_key(tick, round_, "asked")))
    verdicts = {
        Verdict(name): [_soft(row) for row in rows] for name, rows in asked["verdicts"].items()
    }
    report, woken = _settle_verdicts(deps, verdicts)
    places = save_places(deps.facts, Places.of(asked["places"]), at=deps.clock.now())
    woken = tuple(sorted({*woken, *places.woken}))
    if woken:
        deps.waker.wake(woken, batch=deps.new_id())
    for wallet in places.settled:
        deps.project(wallet)
    clear_soft(deps)
    moved = [soft.signature for soft in verdicts[Verdict.MOVED]]
    if moved:
        deps.fetches.request(moved, reason="landed_elsewhere")
    return report._replace(placed=places.placed, unknown=places.unknown)


def clear_soft(deps: SettleDeps) -> int:
    """Show wallets as final that have nothing soft any more; return how many changed."""
    with deps.facts.transaction() as transaction:
        changed = transaction.clear_soft(at=deps.clock.now(), limit=WALLETS)
    for wallet in changed:
        deps.project(wallet)
    return len(changed)


def _judge(
    chain: ChainSource, group: Iterable[SoftTransaction], witness: Signature | None
) -> list[tuple[Verdict, SoftTransaction]]:
    """Ask about one call's worth of signatures: first what the node has at hand.

    What it does not have, though it may be too old for that, is looked up in its history, beside
    a signature that every sound answer knows.
    """
    soft = tuple(group)
    recent, told = chain.signature_statuses([s.signature for s in soft], with_history=False)
    found = [
        (judge(each.slot, answer, node_slot=recent, is_witnessed=False), each)
        for each, answer in zip(soft, told, strict=True)
    ]
    old = [
        each
        for each, answer in zip(soft, told, strict=True)
        if answer is None and recent - each.slot >= AT_HAND_SLOTS
    ]
    if not old:
        return found
    signatures = [each.signature for each in old] + ([witness] if witness else [])
    node_slot, told = chain.signature_statuses(signatures, with_history=True)
    is_witnessed = any(each is not None for each in told)
    return [(verdict, each) for verdict, each in found if each not in old] + [
        (judge(each.slot, answer, node_slot=node_slot, is_witnessed=is_witnessed), each)
        for each, answer in zip(old, told, strict=False)
    ]


def _waiting(group: Iterable[SoftTransaction]) -> list[tuple[Verdict, SoftTransaction]]:
    return [(Verdict.WAITING, soft) for soft in group]


def _settle_verdicts(
    deps: SettleDeps, verdicts: dict[Verdict, list[SoftTransaction]]
) -> tuple[Settled, tuple[Address, ...]]:
    at = deps.clock.now()
    absent = verdicts[Verdict.ABSENT]
    dropped = [soft for soft in absent if is_dropped(soft.absent + 1)]
    again = {soft.tx_id: soft.absent for soft in verdicts[Verdict.WAITING]}
    again |= {soft.tx_id: soft.absent + 1 for soft in absent if soft not in dropped}
    gone = [Landing(soft.tx_id, soft.heard) for soft in dropped]
    gone += [Landing(soft.tx_id, None) for soft in verdicts[Verdict.MOVED]]
    with deps.facts.transaction() as transaction:
        woken = transaction.revoke(gone, at=at)
    with deps.facts.transaction() as transaction:
        transaction.finalize([soft.tx_id for soft in verdicts[Verdict.FINAL]])
        transaction.postpone(again, due_at=at + timedelta(seconds=ASK_AGAIN_S))
    final, moved = len(verdicts[Verdict.FINAL]), len(verdicts[Verdict.MOVED])
    return Settled(final, moved, len(dropped), len(again)), woken


def _soft(row: list[Any]) -> SoftTransaction:
    return SoftTransaction(*row)


def _key(tick: str, round_: int, what: str) -> str:
    return f"runs/finality-{tick}/{round_:05}-{what}.json"
