"""Which bodies of webhooks are asked for again, and what an answer means.

A webhook signs nothing, so what it says is believed only until it is checked: a sample of its
bodies, every body whose lamports do not add up, and every body that does not go on where the
wallet's preceding transaction ended. The node's answer is compared by what it normalizes to, never
by its bytes: encodings differ.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple

from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.model import NORMALIZER_VERSION, NormalizedTransaction
from oof.domain.units import RawAmount, Signature, Slot, UnixSeconds

DIGEST_BYTES: Final = 16
PER: Final = 10_000
"""A share of bodies is said in so many parts."""


class Doubt(IntEnum):
    """Why a body is asked for again."""

    SAMPLED = 1
    LAMPORTS = 2
    """The lamports of its accounts do not differ by its fee."""
    CONTINUITY = 3
    """An account does not begin with what the preceding transaction left in it, or the following
    one does not begin with what this one left."""


class Outcome(IntEnum):
    """What came of asking."""

    SAME = 1
    FALSE = 2
    """The node says otherwise: the facts were quarantined and replaced."""
    ABSENT = 3
    """The node does not have it, asked several times; whether it was dropped, finality decides."""
    REPLACED = 4
    """The body was read by another normalizer and cannot be compared: replaced, no alarm."""


class Doubted(NamedTuple):
    """Facts that a webhook's body became, and of which the node is asked."""

    tx_id: int
    signature: Signature
    digest: bytes
    version: int
    """The normalizer that made the digest."""
    block_time: UnixSeconds | None
    tx_index: int | None


class Mark(NamedTuple):
    """What one transaction says of one account."""

    tx_id: int
    slot: Slot
    pre_raw: RawAmount
    post_raw: RawAmount


def doubt_of(signature: Signature, body: Mapping[str, Any], *, sample_per_10k: int) -> Doubt | None:
    """Return why a complete body is doubted on its own; None where nothing speaks against it.

    The sample depends on the signature alone: who makes bodies up cannot tell, and the same body
    is sampled wherever it arrives.
    """
    if not adds_up(body["meta"]):
        return Doubt.LAMPORTS
    is_sampled = int.from_bytes(decode_base58(signature)[-8:]) % PER < sample_per_10k
    return Doubt.SAMPLED if is_sampled else None


def adds_up(meta: Mapping[str, Any]) -> bool:
    """Whether the fee is all that the accounts lost together, rewards aside.

    It holds for every transaction: lamports move, and only the fee leaves. Rewards of a
    transaction (rent that was collected, long ago) are negative where they took something. What is
    no amount adds up to nothing.
    """
    told = [meta.get(name) for name in ("preBalances", "postBalances")]
    fee, rewards = meta.get("fee"), meta.get("rewards") or []
    if not all(_are_lamports(each) for each in (*told, [fee])) or not isinstance(rewards, list):
        return False
    given = [each.get("lamports", 0) for each in rewards if isinstance(each, dict)]
    if len(given) < len(rewards) or not _are_lamports(given):
        return False
    before, after = (sum(each) for each in told if each is not None)
    return bool(before - after == fee - sum(given))


def facts_digest(t: NormalizedTransaction) -> bytes:
    """Return a digest of the facts: all but what a webhook may leave out, and anomalies."""
    facts = t._replace(tx_index=None, block_time=None, anomalies=(), decimals={})
    return sha256(repr((facts, sorted(t.decimals.items()))).encode()).digest()[:DIGEST_BYTES]


def outcome_of(doubted: Doubted, told: NormalizedTransaction) -> Outcome:
    """Compare what is stored with what the node tells."""
    if doubted.version != NORMALIZER_VERSION:
        return Outcome.REPLACED
    is_same = (
        doubted.digest == facts_digest(told)
        and _agree(doubted.block_time, told.block_time)
        and _agree(doubted.tx_index, told.tx_index)
    )
    return Outcome.SAME if is_same else Outcome.FALSE


def broken_from(mark: Mark, others: Iterable[Mark]) -> frozenset[int]:
    """Return the transactions that `mark` should go on from, and goes on from none of.

    These are the others of its own slot, whose order may not be known, and those of the nearest
    earlier slot; empty where `mark` goes on from one of them, or where none is earlier.
    """
    others = [other for other in others if other.tx_id != mark.tx_id and other.slot <= mark.slot]
    nearest = max((other.slot for other in others if other.slot < mark.slot), default=None)
    if nearest is None:
        return frozenset()
    before = [other for other in others if other.slot >= nearest]
    if any(other.post_raw == mark.pre_raw for other in before):
        return frozenset()
    return frozenset(other.tx_id for other in before)


def _are_lamports(values: Any) -> bool:
    return isinstance(values, list) and all(type(each) is int for each in values)


def _agree(one: int | None, other: int | None) -> bool:
    return one is None or other is None or one == other
