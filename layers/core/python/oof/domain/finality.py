"""What the provider's word on a signature means for the facts stored under it.

A stored transaction is soft until the provider reports it finalized in the very slot it was stored
with. Finality is asked for, never counted from slots.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.units import Slot

ASK_AFTER_S: Final = 20
"""From storing to the first question: a slot is finalized some 13 seconds after its block."""
ASK_AGAIN_S: Final = 55
"""Between two questions about the same signature: the next tick asks again."""
WINDOW_SLOTS: Final = 300
"""A blockhash lives for 150 blocks. A node this far beyond a transaction's slot has seen its end:
what it does not know by then can no longer land where it was stored."""
AT_HAND_SLOTS: Final = 150
"""A node has the statuses of its last 150 slots at hand; older ones it looks up in its history."""
ABSENCES: Final = 2
"""Answers in a row that must not know a signature before it is taken for dropped."""


class Told(NamedTuple):
    """Where the provider says a signature landed."""

    slot: Slot
    is_finalized: bool


class Verdict(StrEnum):
    """What to do about a soft transaction."""

    FINAL = "final"
    """It is finalized where we have it."""
    MOVED = "moved"
    """It is finalized in another slot: what is stored never came to be."""
    ABSENT = "absent"
    """It is not known, though the node is beyond its window; taken for dropped if that lasts."""
    WAITING = "waiting"
    """Nothing can be said yet."""


def judge(slot: Slot, told: Told | None, *, node_slot: Slot, is_witnessed: bool) -> Verdict:
    """Return what an answer means for a transaction stored with `slot`.

    An answer that knew none of the signatures asked for (`is_witnessed` false) says nothing about
    any of them: the node may have lost its history.
    """
    if told is not None:
        if not told.is_finalized:
            return Verdict.WAITING
        return Verdict.FINAL if told.slot == slot else Verdict.MOVED
    is_beyond = node_slot >= slot + WINDOW_SLOTS
    return Verdict.ABSENT if is_beyond and is_witnessed else Verdict.WAITING


def is_dropped(absences: int) -> bool:
    """Whether so many absences in a row, the latest included, are enough."""
    return absences >= ABSENCES
