"""What a wallet held at the end of each UTC day on which that changed.

The quantity is what the position fold came to after the last transaction of the day: units in open
lots, less those that left though no lot was known, as the chain's own balance would be; what is
staked, lent, pooled or escrowed is not held. A day without a row is as the one before it. What has
no known time is under `NO_DAY`, until the time is learnt and it is folded anew.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from oof.domain.prices.candles import DAY_S
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.domain.windows import NO_DAY

OPEN_END: Final = 2**31 - 1
"""The day until which the newest quantity holds."""


class HoldingDay(NamedTuple):
    """What was held of one mint at the end of a day."""

    mint: Mint
    day: int
    """Days since 1970, or `NO_DAY`."""
    slot: Slot
    """Where it changed last on that day."""
    held_raw: int
    """Never negative: what is short was not seen to arrive."""


def day_of_time(at: UnixSeconds | None) -> int:
    """Return the UTC day of a time, `NO_DAY` of none."""
    return NO_DAY if at is None else at // DAY_S


def held_of(held_raw: int, short_raw: int) -> int:
    """Return what is held by a position's figures."""
    return max(held_raw - short_raw, 0)


def holding_of_figures(
    mint: Mint, slot: Slot, at: UnixSeconds | None, figures: Mapping[str, int]
) -> HoldingDay:
    """Return the row that a stored position left on the day it changed last."""
    held = held_of(figures["held_raw"], figures["short_raw"])
    return HoldingDay(mint, day_of_time(at), slot, held)


class HoldingDays:
    """Days on their way to being written; transactions come in chain order.

    `held` tells what is held of a mint now.
    """

    def __init__(self, held: Callable[[Mint], int]) -> None:
        self._held = held
        self._day = NO_DAY
        self._touched: dict[Mint, Slot] = {}
        self._rows: dict[tuple[Mint, int], HoldingDay] = {}

    def begin(self, at: UnixSeconds | None) -> None:
        """Say when the next transaction was, before it is folded."""
        day = day_of_time(at)
        if day != self._day:
            self._end_day()
            self._day = day

    def touch(self, mint: Mint, slot: Slot) -> None:
        """Note that a transaction changed what is held of a mint."""
        self._touched[mint] = slot

    def rows(self) -> tuple[HoldingDay, ...]:
        """Return a row a mint and day, by both."""
        self._end_day()
        return tuple(row for _, row in sorted(self._rows.items()))

    def _end_day(self) -> None:
        for mint, slot in self._touched.items():
            row = HoldingDay(mint, self._day, slot, self._held(mint))
            self._rows[mint, self._day] = row
        self._touched.clear()
