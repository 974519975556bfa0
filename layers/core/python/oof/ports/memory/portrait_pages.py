"""Stored portraits read from the facts in memory."""

from oof.domain.units import Address
from oof.domain.windows import Window
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import positions_head
from oof.ports.portraits import PortraitDetail
from oof.ports.system import Clock


class MemoryPortraitReader:
    """A `PortraitReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore, clock: Clock) -> None:
        self._facts = facts
        self._clock = clock

    def portrait(self, wallet: Address, window: Window) -> PortraitDetail | None:
        """See `PortraitReader.portrait`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        due = tables.portraits_due.get(row.wallet_id)
        return PortraitDetail(
            positions_head(tables, wallet),
            due is not None and due <= self._clock.now(),
            tables.portraits.get((row.wallet_id, window)),
        )
