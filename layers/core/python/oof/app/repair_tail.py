"""Find out cheaply which wallets moved, and list only those.

One look a hundred accounts compares what the accounts hold now with the last post-balances we
know. What differs moved; once a day a wallet is listed whatever its balances say, because a
movement can undo itself and an unknown account cannot be looked at.
"""

from dataclasses import dataclass
from itertools import batched
from typing import Any, Final

import orjson

from oof.domain.backfill import Mode
from oof.domain.units import Address, RawAmount, UnixSeconds
from oof.ports.backfill import BackfillStore, DueTail, LastBalance
from oof.ports.blobs import Blobs
from oof.ports.system import Clock
from oof.ports.upstream import MAX_ACCOUNTS, AccountState, ChainSource
from oof.ports.workflow import Run, RunStarter

AUDIT_AFTER_S: Final = 86_400
PAGE: Final = 500
"""Wallets looked at in one round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TailPlanDeps:
    """What planning a round needs; it reaches the database, not the provider."""

    store: BackfillStore
    blobs: Blobs
    clock: Clock
    fresh_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TailCheckDeps:
    """What looking needs; it reaches the provider, not the database."""

    chain: ChainSource
    blobs: Blobs
    starter: RunStarter


def plan_tail(deps: TailPlanDeps, *, tick: str, round_: int) -> int:
    """Mark what the last round found unmoved, write the next round, return its size.

    Rounds count from 0; one of no wallets ends the repair.
    """
    now = UnixSeconds(int(deps.clock.now().timestamp()))
    after = None
    if round_ > 0:
        checked = orjson.loads(deps.blobs.get(_key(tick, round_ - 1, "checked")))
        deps.store.mark_tails([Address(w) for w in checked["unmoved"]], at=now)
        after = Address(checked["last"])
    due = deps.store.due_tails(
        checked_before=UnixSeconds(now - deps.fresh_s // 2),
        listed_before=UnixSeconds(now - AUDIT_AFTER_S),
        after=after,
        limit=PAGE,
    )
    if due:
        deps.blobs.put(_key(tick, round_, "due"), orjson.dumps(due, default=tuple))
    return len(due)


def check_tail(deps: TailCheckDeps, *, tick: str, round_: int) -> int:
    """Look at the round's accounts, start a run for each wallet that moved, return their number."""
    due = [_due(row) for row in orjson.loads(deps.blobs.get(_key(tick, round_, "due")))]
    looked = [tail for tail in due if not tail.must_list]
    states = _look(deps.chain, looked)
    moved = [tail.wallet for tail in due if tail.must_list or is_moved(tail, states)]
    for wallet in moved:
        run_id = f"tail-{wallet}-{tick}"
        deps.starter.start(Run(run_id=run_id, wallet=wallet, mode=Mode.TAIL))
    still = sorted({tail.wallet for tail in due} - set(moved))
    document = {"unmoved": still, "last": due[-1].wallet}
    deps.blobs.put(_key(tick, round_, "checked"), orjson.dumps(document))
    return len(moved)


def _look(chain: ChainSource, tails: list[DueTail]) -> dict[Address, AccountState | None]:
    addresses = sorted({b.account for tail in tails for b in _expected(tail)})
    states: dict[Address, AccountState | None] = {}
    for group in batched(addresses, MAX_ACCOUNTS, strict=False):
        states.update(zip(group, chain.accounts(group), strict=True))
    return states


def is_moved(tail: DueTail, states: dict[Address, AccountState | None]) -> bool:
    """Whether any account holds other than we know."""
    return any(_held(tail.wallet, b, states[b.account]) != b.raw for b in _expected(tail))


def _expected(tail: DueTail) -> tuple[LastBalance, ...]:
    """What the wallet's accounts held last; one that never held anything holds nothing."""
    return tail.balances or (LastBalance(tail.wallet, RawAmount(0)),)


def _held(wallet: Address, balance: LastBalance, state: AccountState | None) -> int:
    if state is None:
        return 0
    if balance.account == wallet:
        return state.lamports
    is_theirs = state.token is not None and state.token.owner == wallet
    return state.token.raw if is_theirs and state.token is not None else 0


def _due(row: list[Any]) -> DueTail:
    wallet, balances, must_list = row
    known = tuple(LastBalance(Address(a), RawAmount(raw)) for a, raw in balances)
    return DueTail(Address(wallet), known, must_list)


def _key(tick: str, round_: int, what: str) -> str:
    return f"runs/tail-{tick}/{round_:05}-{what}.json"
