"""A listing decides membership: bring its stored transactions into the wallet's ledger.

A wallet tracked after, or while, a transaction was stored is not queued by the store; whoever
lists it links what it found. What is missing is to be fetched, stored, and linked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from oof.domain.units import Address, Signature
from oof.ports.facts import FactStore, LinkOutcome
from oof.ports.queues import WalletWaker
from oof.ports.system import Clock, NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDeps:
    """What linking needs."""

    facts: FactStore
    waker: WalletWaker
    clock: Clock
    new_id: NewId


def link_signatures(
    wallet: Address, signatures: Sequence[Signature], *, deps: LinkDeps
) -> LinkOutcome:
    """Queue what the wallet's ledger lacks and wake it; return what is not stored.

    Raises `NotFound` for a wallet that was never tracked, `StoreUnavailable`, `Conflict`.
    """
    with deps.facts.transaction() as transaction:
        outcome = transaction.link(wallet, signatures, at=deps.clock.now())
    if outcome.queued:
        deps.waker.wake([wallet], batch=deps.new_id())
    return outcome
