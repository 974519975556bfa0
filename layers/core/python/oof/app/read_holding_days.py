"""What a wallet held at the end of each day, newest first."""

from typing import NamedTuple

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.positions.held_values import HeldOnDay, held_on_days
from oof.domain.positions.holding_days import day_of_time
from oof.domain.units import Address
from oof.domain.windows import DaySpan
from oof.ports.holding_days import HoldingDaysReader
from oof.ports.position_pages import PositionsHead


class HoldingHistory(NamedTuple):
    """Some days, newest first."""

    head: PositionsHead
    days: tuple[HeldOnDay, ...]
    next_day: int | None
    """The day before which the next page begins."""
    undated: int
    """Transactions whose time nobody knows: what they changed is in no day yet."""
    is_cut: bool
    """More was held than a page looks at."""


def read_holding_days(
    reader: HoldingDaysReader,
    wallet: Address,
    span: DaySpan,
    *,
    before: int | None,
    limit: int,
    top: int,
) -> HoldingHistory:
    """Return up to `limit` days of a span, before a day if one is given.

    They begin with the day of the oldest known transaction; an unseen wallet has none yet.
    """
    last = span.last if before is None else min(span.last, before - 1)
    first = max(last - limit + 1, span.lowest, 0)
    found = reader.page(wallet, DaySpan(first, last))
    if found is None:
        head = PositionsHead(wallet=UNSEEN_HEAD, folded_slot=None)
        return HoldingHistory(head, (), None, undated=0, is_cut=False)
    begun = last + 1 if found.oldest_time is None else day_of_time(found.oldest_time)
    oldest = max(first, begun)
    days = held_on_days(range(last, oldest - 1, -1), found.spans, found.closes, top=top)
    has_more = max(begun, span.lowest) < first
    next_day = first if has_more and days else None
    return HoldingHistory(found.head, days, next_day, found.undated, found.is_cut)
