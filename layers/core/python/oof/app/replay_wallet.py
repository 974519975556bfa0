"""Build a wallet's state anew from its facts: after a fault in a fold, or a doubt about it.

The fold of counts, fees and newest balances is free of order, so it needs no checkpoints: whatever
slot a replay starts from, the state is built from the whole live set, in one database transaction.
`from_slot` bounds what is queued again for the ledger: from there on every stored transaction of
the wallet is compared with it, and what the ledger lacks, or holds too much, is put right.
"""

from dataclasses import dataclass
from typing import NamedTuple

from oof.app.apply_wallet import ApplyDeps, apply_wallet, rebuild_wallet
from oof.domain.errors import NotFound
from oof.domain.units import Address, Slot
from oof.ports.queues import WalletWaker
from oof.ports.system import NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeps:
    """What replaying needs."""

    applying: ApplyDeps
    waker: WalletWaker
    new_id: NewId


class Replay(NamedTuple):
    """What a replay did."""

    queued: int
    """Transactions compared with the ledger."""
    appended: int
    """Ledger rows that were missing."""
    folded: int
    """Live transactions that the state was built from."""


def replay_wallet(wallet: Address, *, from_slot: Slot, deps: ReplayDeps) -> Replay:
    """Compare from `from_slot` on, apply what is missing, and fold the whole live set anew.

    The wallet is woken at the end, which projects it. Raises `NotFound` for a wallet that was
    never tracked, `StoreUnavailable` or `Conflict`: replay again.
    """
    facts, clock = deps.applying.facts, deps.applying.clock
    with facts.transaction() as transaction:
        position = transaction.lock(wallet)
        if position is None:
            raise NotFound(f"wallet {wallet} is not tracked")
        queued = transaction.queue_history(position.wallet_id, from_slot=from_slot, at=clock.now())
    appended = 0
    while (report := apply_wallet(wallet, deps=deps.applying)).taken:
        appended += report.appended
    folded = rebuild_wallet(wallet, deps=deps.applying)
    deps.waker.wake([wallet], batch=deps.new_id())
    return Replay(queued, appended, folded)
