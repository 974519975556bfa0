"""From what was used to what it costs."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from local.bench.prices import PRICES, Item

Usage = Counter[Item]
"""How many billed units of each item were used."""

ASSUMED = {
    Item.QUEUE_RECEIVES: "two requests a batch",
    Item.FIFO_RECEIVES: "two requests a batch",
    Item.WEBHOOK_CREDITS: "one credit an event",
}
"""Items that nothing local counts, and what was taken for them instead."""


class Line(NamedTuple):
    """One line of a bill."""

    item: Item
    each: Decimal
    """Units a single event or wallet used."""
    dollars: Decimal
    """For all of them, as many as the bill is for."""


class Bill(NamedTuple):
    """What so many of something cost, dearest line first."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """All lines together."""
        return sum((line.dollars for line in self.lines), Decimal())


def make_bill(used: Mapping[Item, int], *, by: int, scaled_to: int) -> Bill:
    """The bill for `scaled_to` of what was measured over `by`. Raises ValueError unless by > 0."""
    if by <= 0:
        raise ValueError("nothing was measured")
    lines = []
    for item, units in used.items():
        if units == 0:
            continue
        each = Decimal(units) / by
        price = PRICES[item]
        lines.append(Line(item, each, each * scaled_to * price.dollars / price.per))
    return Bill(tuple(sorted(lines, key=lambda line: (-line.dollars, line.item))))
