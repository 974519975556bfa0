"""What is final on the stand-in's chain, and what a caller's commitment lets it see."""

from typing import Any

from local.upstream.index import IndexedChain
from local.upstream.model import Record

FINALIZED_AFTER = 32
"""Slots below the tip that are finalized; younger ones are confirmed."""


def commitment_of(chain: IndexedChain, record: Record) -> str:
    """Return `finalized` or `confirmed`."""
    depth = chain.tip_slot() - record.slot
    return "finalized" if depth >= FINALIZED_AFTER else "confirmed"


def settled(chain: IndexedChain, records: list[Record], options: dict[str, Any]) -> list[Record]:
    """Return the records that the caller's commitment shows; `finalized` if it names none."""
    if options.get("commitment", "finalized") != "finalized":
        return records
    edge = chain.tip_slot() - FINALIZED_AFTER
    return [record for record in records if record.slot <= edge]
