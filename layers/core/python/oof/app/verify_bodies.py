"""Compare the node's bodies with what webhooks had said, and replace what was false.

What differs by its facts is quarantined: its row is revoked, as a dropped landing's is, so that
every ledger that counted it takes it back, and the node's body becomes a new row in the same
database transaction. Nothing is deleted: both bodies stay in their packs, and `body_checks` says
which was false and why it was doubted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oof.app.read_batch import Arrived, Batch, Complete, read_together
from oof.app.store_transactions import (
    StoreDeps,
    pack_record,
    packed,
    put_pack,
    store_together,
)
from oof.domain.doubt import Doubted, Outcome, outcome_of
from oof.domain.units import Address, Signature
from oof.ports.doubts import DoubtStore
from oof.ports.finality import Landing


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDeps:
    """What verifying needs."""

    doubts: DoubtStore
    storing: StoreDeps


class VerifyReport(NamedTuple):
    """What became of a batch of the node's bodies."""

    same: int
    replaced: int
    """Quarantined without an alarm: they could not be compared."""
    false: tuple[Signature, ...]
    woken: tuple[Address, ...]


def verify_bodies(arrived: Sequence[Arrived], *, deps: VerifyDeps) -> VerifyReport:
    """Settle what was doubted; what nobody doubts any more is stored like any other body.

    Idempotent: a doubt is settled once. Raises `StoreUnavailable` or `Conflict`: deliver all of
    them again.
    """
    batch = read_together(arrived)
    told = {item.transaction.signature: item for item in batch.complete}
    doubted = deps.doubts.doubted(told)
    outcomes = {d.tx_id: outcome_of(d, told[d.signature].transaction) for d in doubted}
    wrong = [d for d in doubted if outcomes[d.tx_id] is not Outcome.SAME]
    settled, woken = _settle(batch, outcomes, wrong, [told[d.signature] for d in wrong], deps)
    if woken:
        deps.storing.waker.wake(woken, batch=deps.storing.new_id())
    store_together(arrived, deps=deps.storing)
    counted = [outcomes[tx_id] for tx_id in settled]
    return VerifyReport(
        same=counted.count(Outcome.SAME),
        replaced=counted.count(Outcome.REPLACED),
        false=tuple(d.signature for d in wrong if _is_false(d, outcomes, settled)),
        woken=woken,
    )


def _settle(
    batch: Batch,
    outcomes: dict[int, Outcome],
    wrong: Sequence[Doubted],
    bodies: Sequence[Complete],
    deps: VerifyDeps,
) -> tuple[frozenset[int], tuple[Address, ...]]:
    if not outcomes:
        return frozenset(), ()
    storing = deps.storing
    at = storing.clock.now()
    pack = put_pack(bodies, storing)
    woken: set[Address] = set()
    with storing.facts.transaction() as transaction:
        settled = transaction.settle_doubts(outcomes, at=at)
        landings = [Landing(d.tx_id, None) for d in wrong if d.tx_id in settled]
        if landings and pack is not None:
            woken |= set(transaction.revoke(landings, at=at))
            record = pack_record(pack, batch.finalized_slot)
            transaction.insert(record, packed(bodies, pack), at=at)
            woken |= set(transaction.enqueue([item.transaction for item in bodies], at=at))
    return settled, tuple(sorted(woken))


def _is_false(doubted: Doubted, outcomes: dict[int, Outcome], settled: frozenset[int]) -> bool:
    return doubted.tx_id in settled and outcomes[doubted.tx_id] is Outcome.FALSE
