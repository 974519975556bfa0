"""Sort a batch of bodies into facts, notifications and what can be neither.

Only complete bodies become facts. An enhanced webhook entry lacks balances: it is a notification
that its signature exists. Whatever cannot be read is recorded with its reason, and never keeps
the rest of the batch from being stored.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.bodies import split_bodies
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.units import Signature, Slot
from oof.ports.facts import UnreadableRecord

_INT4 = 2**31
_INT8 = 2**63
_ENHANCED_FIELDS = frozenset({"nativeTransfers", "tokenTransfers", "accountData", "events"})


class Arrived(NamedTuple):
    """Bodies as they came."""

    content: str | bytes
    """JSON text: any document that `read_bodies` knows."""
    source: str
    """webhook, backfill, tail, fetch, verify or snapshot."""


class Complete(NamedTuple):
    """A body that became facts."""

    transaction: NormalizedTransaction
    body: Any
    source: str


class Batch(NamedTuple):
    """What a batch holds."""

    complete: tuple[Complete, ...]
    notified: tuple[Signature, ...]
    """Signatures of enhanced entries, to be fetched unless stored."""
    unreadable: tuple[UnreadableRecord, ...]
    finalized_slot: Slot | None = None
    """The provider had reported this slot finalized before any of the bodies were asked for."""
    sources: frozenset[str] = frozenset()
    """Where its documents came from."""
    events: int = 0
    """Entries that webhooks delivered: the provider bills each."""


def read_batch(arrived: Arrived) -> Batch:
    """Read one document."""
    content, source = arrived
    complete: list[Complete] = []
    notified: list[Signature] = []
    unreadable: list[UnreadableRecord] = []
    document = _decoded(content)
    items = (document,) if isinstance(document, Unreadable) else tuple(split_bodies(document))
    for item in items:
        signature = _enhanced_signature(item)
        if signature is not None:
            notified.append(signature)
            continue
        result = item if isinstance(item, Unreadable) else _normalize(item)
        if isinstance(result, Unreadable):
            raw = _raw(content) if isinstance(item, Unreadable) else orjson.dumps(item)
            unreadable.append(_record(raw, result, source, _claimed_signature(item)))
        else:
            complete.append(Complete(result, item, source))
    finalized_slot = _finalized_slot(document, source)
    told = tuple(dict.fromkeys(notified))
    return Batch(
        complete=tuple(complete),
        notified=told,
        unreadable=tuple(unreadable),
        finalized_slot=finalized_slot,
        sources=frozenset({source}),
        events=len(items) if source == "webhook" else 0,
    )


def read_together(documents: Iterable[Arrived]) -> Batch:
    """Read documents as one batch, in their order."""
    batches = [read_batch(arrived) for arrived in documents]
    slots = [b.finalized_slot for b in batches if b.finalized_slot is not None]
    return Batch(
        complete=tuple(item for batch in batches for item in batch.complete),
        notified=tuple(dict.fromkeys(s for batch in batches for s in batch.notified)),
        unreadable=tuple(
            {(r.body_sha256, r.code): r for batch in batches for r in batch.unreadable}.values()
        ),
        finalized_slot=min(slots) if slots and len(slots) == len(batches) else None,
        sources=frozenset(source for batch in batches for source in batch.sources),
        events=sum(batch.events for batch in batches),
    )


def refused(item: Complete) -> UnreadableRecord:
    """Record a complete body whose signature begins like another stored one."""
    reason = Unreadable("signature_taken", "another signature with the same first 16 bytes")
    raw = orjson.dumps(item.body)
    return _record(raw, reason, item.source, item.transaction.signature)


def _decoded(content: str | bytes) -> Any | Unreadable:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        return Unreadable("bad_json", str(fault))


def _finalized_slot(document: Any, source: str) -> Slot | None:
    """Return what our own fetch wrote beside the bodies; a webhook's word counts for nothing."""
    if source == "webhook" or not isinstance(document, dict):
        return None
    slot = document.get("finalizedSlot")
    return Slot(slot) if isinstance(slot, int) else None


def _raw(content: str | bytes) -> bytes:
    return content.encode(errors="replace") if isinstance(content, str) else content


def _normalize(item: Any) -> NormalizedTransaction | Unreadable:
    result = normalize(item)
    if isinstance(result, Unreadable):
        return result
    if result.slot is None:
        return Unreadable("no_slot", "a transaction without a slot has no place in a history")
    in_range = (
        0 <= result.slot < _INT4
        and 0 <= result.fee_lamports < _INT8
        and abs(result.block_time or 0) < _INT8
        and 0 <= (result.tx_index or 0) < _INT4
    )
    return result if in_range else Unreadable("out_of_range", "a slot, time, index or fee")


def _enhanced_signature(item: Any) -> Signature | None:
    if not isinstance(item, dict) or "transaction" in item or "meta" in item:
        return None
    if not _ENHANCED_FIELDS & item.keys():
        return None
    return _signature(item.get("signature"))


def _claimed_signature(item: Any) -> Signature | None:
    if not isinstance(item, dict):
        return None
    inner = item.get("transaction")
    listed = inner.get("signatures") if isinstance(inner, dict) else None
    claimed = listed[0] if isinstance(listed, list) and listed else item.get("signature")
    return _signature(claimed)


def _signature(value: Any) -> Signature | None:
    if not isinstance(value, str) or len(value) > 88:
        return None
    try:
        return Signature(value) if len(decode_base58(value)) == 64 else None
    except ValueError:
        return None


def _record(
    raw: bytes, reason: Unreadable, source: str, signature: Signature | None
) -> UnreadableRecord:
    digest = hashlib.sha256(raw).digest()
    return UnreadableRecord(digest, reason.code, reason.detail[:500], source, signature)
