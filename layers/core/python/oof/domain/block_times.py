"""Times of slots whose time nobody recorded, from their neighbours.

Between two known slots time is taken to run evenly; beyond the last known one it runs at the
network's usual pace. In integers, rounded down::

    below + (above - below) * (slot - slot_below) // (slot_above - slot_below)
"""

from typing import Final, NamedTuple

from oof.domain.units import Slot, UnixSeconds

MILLIS_PER_SLOT: Final = 400


class SlotTime(NamedTuple):
    """A slot whose time is known."""

    slot: Slot
    time: UnixSeconds


def estimate_time(slot: Slot, below: SlotTime | None, above: SlotTime | None) -> UnixSeconds | None:
    """The time of `slot`, given the nearest known at or below it, and above it."""
    if below is not None and above is not None:
        span = above.time - below.time
        return UnixSeconds(below.time + span * (slot - below.slot) // (above.slot - below.slot))
    if below is not None:
        return UnixSeconds(below.time + (slot - below.slot) * MILLIS_PER_SLOT // 1_000)
    if above is not None:
        return UnixSeconds(above.time - (above.slot - slot) * MILLIS_PER_SLOT // 1_000)
    return None
