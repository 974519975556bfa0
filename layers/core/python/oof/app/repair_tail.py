"""Find out cheaply which wallets moved, and list only those.

One look a hundred accounts compares what the accounts hold now with the last post-balances we
know. What differs moved; once a day a wallet is listed whatever its balances say, because a
movement can undo itself and an unknown account cannot be looked at.

What differs though the newest end was listed since is beyond a listing (an amount that changes
without a transaction, an order that nothing tells): the same difference is not listed for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
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
LISTING_LAG_S: Final = 30
"""How far a provider's listing may run behind its accounts: one that ended sooner after a look has
not answered what the look saw."""
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
        deps.store.note_evidence(
            {Address(w): evidence for w, evidence in checked["moved"].items()},
            due_at=UnixSeconds(checked["planned_at"] + LISTING_LAG_S),
        )
        after = Address(checked["last"])
    due = deps.store.due_tails(
        checked_before=UnixSeconds(now - deps.fresh_s // 2),
        listed_before=UnixSeconds(now - AUDIT_AFTER_S),
        after=after,
        limit=PAGE,
    )
    if due:
        document = {"planned_at": now, "tails": due}
        deps.blobs.put(_key(tick, round_, "due"), orjson.dumps(document, default=tuple))
    return len(due)


def check_tail(deps: TailCheckDeps, *, tick: str, round_: int) -> int:
    """Look at the round's accounts, start a run for each wallet that moved, return their number."""
    planned = orjson.loads(deps.blobs.get(_key(tick, round_, "due")))
    due = [_due(row) for row in planned["tails"]]
    looked = [tail for tail in due if not tail.must_list]
    states = _look(deps.chain, looked)
    moved: dict[Address, str] = {}
    for tail in looked:
        evidence = evidence_of(tail, states)
        if evidence is not None and evidence != tail.answered:
            moved[tail.wallet] = evidence
    listed = [tail.wallet for tail in due if tail.must_list or tail.wallet in moved]
    for wallet in listed:
        run_id = f"tail-{wallet}-{tick}"
        deps.starter.start(Run(run_id=run_id, wallet=wallet, mode=Mode.TAIL))
    document = {
        "unmoved": sorted({tail.wallet for tail in due} - set(listed)),
        "moved": moved,
        "planned_at": planned["planned_at"],
        "last": due[-1].wallet,
    }
    deps.blobs.put(_key(tick, round_, "checked"), orjson.dumps(document))
    return len(listed)


def _look(chain: ChainSource, tails: list[DueTail]) -> dict[Address, AccountState | None]:
    addresses = sorted({b.account for tail in tails for b in tail.balances})
    states: dict[Address, AccountState | None] = {}
    for group in batched(addresses, MAX_ACCOUNTS, strict=False):
        states.update(zip(group, chain.accounts(group), strict=True))
    return states


def evidence_of(tail: DueTail, states: Mapping[Address, AccountState | None]) -> str | None:
    """Return a digest of what the accounts hold other than we know; None where nothing differs."""
    held = [(b, _held(tail.wallet, b, states[b.account])) for b in tail.balances]
    differing = sorted((b.account, raw) for b, raw in held if raw not in {b.raw, *b.rivals})
    return sha256(orjson.dumps(differing)).hexdigest() if differing else None


def _held(wallet: Address, balance: LastBalance, state: AccountState | None) -> int:
    if state is None:
        return 0
    if balance.account == wallet:
        return state.lamports
    is_theirs = state.token is not None and state.token.owner == wallet
    return state.token.raw if is_theirs and state.token is not None else 0


def _due(row: list[Any]) -> DueTail:
    wallet, balances, must_list, answered = row
    known = tuple(
        LastBalance(Address(account), RawAmount(raw), tuple(RawAmount(each) for each in rivals))
        for account, raw, rivals in balances
    )
    return DueTail(Address(wallet), known, must_list, answered)


def _key(tick: str, round_: int, what: str) -> str:
    return f"runs/tail-{tick}/{round_:05}-{what}.json"
