"""Learn in which order the transactions of one slot ran: from the slot's block, asked for once.

Bodies asked for by signature do not tell their place in the block. Where a wallet has several in
one slot, the slot's signatures are asked for, once for everybody: what a block said is kept, and
what it said of stored transactions becomes their facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from oof.domain.errors import BudgetSpent, NotFound, UpstreamRejected, UpstreamUnavailable
from oof.domain.units import Address, Signature, Slot
from oof.ports.blobs import Blobs
from oof.ports.facts import FactStore
from oof.ports.finality import UnorderedSlot
from oof.ports.upstream import ChainSource

SLOTS: Final = 40
"""Slots of one round; a block's signatures are some 100 KB."""
PAUSES: Final = (timedelta(minutes=10), timedelta(hours=1))
"""After the first and the second failed try; after the third there is none."""
RETRY: Final = timedelta(minutes=1)
"""After a question that nobody answered, which is no try."""


class Places(NamedTuple):
    """What blocks told."""

    indexes: dict[int, int]
    """Place in its block, by id of the transaction."""
    failed: dict[Slot, int]
    """Slots whose block does not tell, with their tries, this one included."""
    unasked: dict[Slot, int]
    """Slots that the provider gave no answer about, with their tries."""

    @classmethod
    def of(cls, document: list[list[list[int]]]) -> "Places":
        """Return what `as_rows` wrote."""
        indexes, failed, unasked = ({row[0]: row[1] for row in part} for part in document)
        return cls(indexes, _by_slot(failed), _by_slot(unasked))


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlaces:
    """What became of them."""

    woken: tuple[Address, ...]
    settled: tuple[Address, ...]
    """Wallets whose guess is now final."""
    placed: int
    unknown: int


def slots_due(facts: FactStore, *, at: datetime) -> tuple[UnorderedSlot, ...]:
    """Return the slots to ask about in one round."""
    return facts.unordered_due(at=at, limit=SLOTS)


def find_places(chain: ChainSource, blobs: Blobs, rows: Iterable[Any]) -> list[list[list[int]]]:
    """Return the places of slots' transactions as JSON rows; no kept block is asked for again."""
    slots = [_slot(row) for row in rows]
    blocks = {slot.slot: block for slot in slots if (block := _kept(blobs, slot.slot)) is not None}
    missing = [slot.slot for slot in slots if slot.slot not in blocks]
    unasked: set[Slot] = set()
    if missing:
        try:
            told = chain.block_signatures(missing)
        except (UpstreamUnavailable, BudgetSpent):
            told, unasked = {}, set(missing)
        except UpstreamRejected:
            # a try of each: what is final does not wait for what cannot be ordered
            told = {}
        for number, signatures in told.items():
            blobs.put(_key(number), orjson.dumps(signatures))
        blocks |= told
    places = Places({}, {}, {})
    for slot in slots:
        _find(slot, blocks.get(slot.slot, ()), places, is_asked=slot.slot not in unasked)
    return [[list(item) for item in part.items()] for part in places]


def save_places(facts: FactStore, places: Places, *, at: datetime) -> SavedPlaces:
    """Learn the places, and put off or give up the slots that told none."""
    given_up = {slot: tries for slot, tries in places.failed.items() if tries > len(PAUSES)}
    with facts.transaction() as transaction:
        settled = transaction.retry_slots(given_up, due_at=None, at=at)
    with facts.transaction() as transaction:
        woken = transaction.place(places.indexes, at=at)
        transaction.retry_slots(places.unasked, due_at=at + RETRY, at=at)
        for tries, pause in enumerate(PAUSES, start=1):
            failed = {slot: n for slot, n in places.failed.items() if n == tries}
            transaction.retry_slots(failed, due_at=at + pause, at=at)
    return SavedPlaces(
        woken=woken, settled=settled, placed=len(places.indexes), unknown=len(given_up)
    )


def _find(
    slot: UnorderedSlot, block: Iterable[Signature], places: Places, *, is_asked: bool
) -> None:
    order = {signature: place for place, signature in enumerate(block)}
    found = {tx_id: order[name] for tx_id, name in slot.transactions if name in order}
    places.indexes.update(found)
    if not is_asked:
        places.unasked[slot.slot] = slot.tries
    elif len(found) < len(slot.transactions):
        places.failed[slot.slot] = slot.tries + 1


def _by_slot(rows: dict[int, int]) -> dict[Slot, int]:
    return {Slot(slot): tries for slot, tries in rows.items()}


def _kept(blobs: Blobs, slot: Slot) -> tuple[Signature, ...] | None:
    try:
        return tuple(orjson.loads(blobs.get(_key(slot))))
    except NotFound:
        return None


def _slot(row: list[Any]) -> UnorderedSlot:
    slot, tries, transactions = row
    return UnorderedSlot(
        Slot(slot), tries, tuple((tx_id, Signature(s)) for tx_id, s in transactions)
    )


def _key(slot: Slot) -> str:
    return f"runs/blocks/{slot}.json"
