"""The one store path: webhook, backfill and tail repair all come through here.

Everything is idempotent by signature, so a batch may be delivered again at any point:

1. pack the raw bodies that are new, and put the pack (its key is its content);
2. in one transaction, insert what is not stored, and queue every signature of the batch, new or
   stored before, for each tracked participant; a body of another slot than the stored one is
   another landing's, and has the provider asked which of them came to be;
3. after the commit, wake those wallets, and ask for the bodies of mere notifications.

A crash after 2 loses only wake-ups; the sweeper finds what is pending.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from oof.app.read_batch import Arrived, Batch, Complete, read_together, refused
from oof.app.warm_programs import SNAPSHOT
from oof.domain.doubt import doubt_of, facts_digest
from oof.domain.errors import Conflict
from oof.domain.finality import ASK_AFTER_S
from oof.domain.packs import Pack, PackDictionary, pack_bodies
from oof.domain.units import Address, Signature, Slot
from oof.ports.blobs import Blobs
from oof.ports.doubts import Said
from oof.ports.facts import FactStore, FactTransaction, Inserted, PackedTransaction, PackRecord
from oof.ports.queues import FetchRequester, WalletWaker
from oof.ports.system import Clock, NewId

WEBHOOK: Final = "webhook"
MAX_BATCH: Final = 8_000_000
"""Characters of JSON stored at once, a single longer document aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDeps:
    """What storing needs."""

    facts: FactStore
    blobs: Blobs
    waker: WalletWaker
    fetches: FetchRequester
    clock: Clock
    new_id: NewId
    dictionary: PackDictionary
    sample_per_10k: int = 100
    """Of so many of ten thousand bodies of webhooks the node is asked too."""


class StoreReport(NamedTuple):
    """What became of a batch."""

    stored: int
    """New at the time of packing; a concurrent store may have been first."""
    known: int
    unreadable: int
    requested: int
    woken: tuple[Address, ...]
    events: int = 0
    """Entries that webhooks delivered, repeated ones too."""

    @property
    def counts(self) -> dict[str, Any]:
        """All of it in numbers."""
        return {**self._asdict(), "woken": len(self.woken)}


def store_transactions(content: str | bytes, *, source: str, deps: StoreDeps) -> StoreReport:
    """Store one document of raw bodies, as `store_together` does."""
    return store_together([Arrived(content, source)], deps=deps)


def in_batches(arrived: Sequence[Arrived]) -> Iterator[list[Arrived]]:
    """Part documents, in their order, into batches that fit into memory together."""
    batch: list[Arrived] = []
    size = 0
    for each in arrived:
        if batch and size + len(each.content) > MAX_BATCH:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += len(each.content)
    if batch:
        yield batch


def store_together(arrived: Sequence[Arrived], *, deps: StoreDeps) -> StoreReport:
    """Store documents of raw bodies as one batch: one pack, one transaction, one wake-up a wallet.

    Raises `StoreUnavailable` or `Conflict`: deliver all of them again.
    """
    batch = read_together(arrived)
    signatures = [item.transaction.signature for item in batch.complete]
    before = deps.facts.stored([*signatures, *batch.notified])
    first: dict[Signature, Complete] = {}
    for item in batch.complete:
        first.setdefault(item.transaction.signature, item)
    new = [item for signature, item in first.items() if signature not in before]
    pack = put_pack(new, deps)
    woken = _commit(batch, new, pack, deps)
    if woken:
        deps.waker.wake(woken, batch=deps.new_id())
    wanted = [s for s in batch.notified if s not in before and s not in first]
    if wanted:
        is_unasked = batch.sources == {SNAPSHOT}
        deps.fetches.request(wanted, reason=SNAPSHOT if is_unasked else "enhanced")
    known = len(batch.complete) - len(new)
    unreadable = len(batch.unreadable)
    return StoreReport(len(new), known, unreadable, len(wanted), woken, batch.events)


def put_pack(new: Sequence[Complete], deps: StoreDeps) -> Pack | None:
    """Put the bodies' pack; None where there is none to put."""
    if not new:
        return None
    bodies = [(item.transaction.signature, item.body) for item in new]
    pack = pack_bodies(bodies, deps.dictionary)
    deps.blobs.put(pack.object_key, pack.body)
    return pack


def _commit(
    batch: Batch, new: Sequence[Complete], pack: Pack | None, deps: StoreDeps
) -> tuple[Address, ...]:
    is_heard = WEBHOOK in batch.sources
    if not (batch.complete or batch.unreadable or is_heard):
        return ()
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        inserted = Inserted((), {})
        if pack is not None:
            record = pack_record(pack, batch.finalized_slot)
            ask_at = at + timedelta(seconds=ASK_AFTER_S)
            inserted = transaction.insert(record, packed(new, pack), at=at, ask_at=ask_at)
            transaction.note_said(pack.object_key, _said(new, deps.sample_per_10k), at=at)
        fresh = {id(item) for item in new}
        rest = [item.transaction for item in batch.complete if id(item) not in fresh]
        known = {**inserted.known, **transaction.fill(rest)}
        if any(t.signature not in known and t.signature not in inserted.refused for t in rest):
            raise Conflict("a transaction was revoked while it was told again")
        _hold(transaction, batch, known, at)
        unstorable = inserted.refused
        woken = transaction.enqueue([item.transaction for item in batch.complete], at=at)
        records = [refused(i) for i in new if i.transaction.signature in unstorable]
        if records or batch.unreadable:
            transaction.record_unreadable([*batch.unreadable, *records], at=at)
        if is_heard:
            transaction.note_heard(WEBHOOK, at=at)
    return woken


def _said(new: Sequence[Complete], sample_per_10k: int) -> list[Said]:
    """Return what webhooks said: they sign nothing, so it is believed until it is checked."""
    return [
        Said(
            item.transaction.signature,
            facts_digest(item.transaction),
            doubt_of(item.transaction.signature, item.body, sample_per_10k=sample_per_10k),
        )
        for item in new
        if item.source == WEBHOOK
    ]


def _hold(
    transaction: FactTransaction, batch: Batch, known: Mapping[Signature, Slot], at: datetime
) -> None:
    """Contest what other slots are told of. Raises `Conflict` for what was revoked meanwhile.

    Delivered again, such a body is stored as the new landing that it may be.
    """
    told = [item.transaction for item in batch.complete]
    contested = {t.signature for t in told if known.get(t.signature, t.slot) != t.slot}
    held = transaction.contest(sorted(contested), at=at) if contested else frozenset()
    if contested - held:
        raise Conflict("a transaction was revoked while another landing of it was stored")


def packed(new: Sequence[Complete], pack: Pack) -> list[PackedTransaction]:
    """Return the transactions, each with its place in the pack."""
    return [
        PackedTransaction(item.transaction, frame.offset, frame.length)
        for item, frame in zip(new, pack.frames, strict=True)
    ]


def pack_record(pack: Pack, finalized_slot: Slot | None) -> PackRecord:
    """Return what the facts remember of the pack."""
    frames, size = len(pack.frames), len(pack.body)
    return PackRecord(pack.object_key, pack.dictionary_id, frames, size, finalized_slot)
