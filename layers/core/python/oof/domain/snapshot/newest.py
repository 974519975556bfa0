"""The newest post-balance of an account, whatever order its transactions arrive in.

An account's transactions of its newest known slot are its *rivals*. Which of them came last:

1. where every rival's position in the block is known, the highest position;
2. else the balances tell: a rival follows another whose post-balance is its own pre-balance, so
   the balance that is reached once more often than it is left is the last one;
3. else (the balances form a circle, or a link is missing) the highest signature stands in, and
   the result says that its order is unresolved.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgpack

from oof.domain.units import RawAmount, Signature, Slot


class Rival(NamedTuple):
    """One transaction's word on the account."""

    tx_id: int
    signature: Signature
    tx_index: int | None
    pre_raw: RawAmount
    post_raw: RawAmount


class Newest(NamedTuple):
    """All live rivals of one account in the newest slot that has any."""

    slot: Slot
    rivals: tuple[Rival, ...]
    """By signature, ascending; never empty."""


class Settled(NamedTuple):
    """The rival that came last, as far as can be told."""

    rival: Rival
    order_unresolved: bool


def place(current: Newest | None, slot: Slot, rivals: Iterable[Rival]) -> Newest | None:
    """Return `current` with `rivals` of `slot` added; one known before is replaced."""
    added = {rival.tx_id: rival for rival in rivals}
    if not added or (current is not None and slot < current.slot):
        return current
    kept = current.rivals if current is not None and current.slot == slot else ()
    merged = [rival for rival in kept if rival.tx_id not in added] + list(added.values())
    return Newest(slot, tuple(sorted(merged, key=lambda rival: rival.signature)))


def withdraw(current: Newest | None, tx_ids: Collection[int]) -> Newest | None:
    """Return `current` without the given transactions; None where none is left to tell."""
    if current is None:
        return None
    kept = tuple(rival for rival in current.rivals if rival.tx_id not in tx_ids)
    return Newest(current.slot, kept) if kept else None


def settle(newest: Newest) -> Settled:
    """Choose the rival that came last."""
    rivals = newest.rivals
    if len(rivals) == 1:
        return Settled(rivals[0], order_unresolved=False)
    by_index = [(rival.tx_index, rival) for rival in rivals if rival.tx_index is not None]
    if len(by_index) == len(rivals):
        return Settled(max(by_index, key=lambda pair: pair[0])[1], order_unresolved=False)
    ends = Counter(rival.post_raw for rival in rivals)
    ends.subtract(rival.pre_raw for rival in rivals)
    last = [raw for raw, surplus in ends.items() if surplus > 0]
    if len(last) == 1 and ends[last[0]] == 1:
        finalists = [rival for rival in rivals if rival.post_raw == last[0]]
        return Settled(finalists[-1], order_unresolved=False)
    return Settled(rivals[-1], order_unresolved=True)


def encode_rivals(rivals: Iterable[Rival]) -> bytes:
    """Return the rivals as MessagePack; amounts beyond 64 bits are kept exactly."""
    rows = [
        (rival.tx_id, rival.signature, rival.tx_index, str(rival.pre_raw), str(rival.post_raw))
        for rival in rivals
    ]
    return bytes(msgpack.packb(rows))


def decode_rivals(data: bytes) -> tuple[Rival, ...]:
    """Undo `encode_rivals`."""
    return tuple(
        Rival(tx_id, Signature(signature), index, RawAmount(int(pre)), RawAmount(int(post)))
        for tx_id, signature, index, pre, post in msgpack.unpackb(data)
    )
