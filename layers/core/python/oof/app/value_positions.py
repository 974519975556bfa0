"""Value in dollars what is marked of a wallet's positions, exactly once.

One transaction under the wallet's row lock: marks are cleared first, then trades are read from
where they changed (whole days), valued a page at a time at the prices of their minutes, and summed
by day, days by window; open lots are valued at what they cost. What still waits for a price is
noted, so that whoever brings it can mark it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from oof.app.apply_wallet import ApplyDeps
from oof.app.detect_moments import marks_of
from oof.domain.positions.codec import decode_position
from oof.domain.positions.days import DayFigures, Days, PositionUsd, day_of
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.positions.valuation import (
    ExitValue,
    Prices,
    Wait,
    entry_needs,
    exit_needs,
    lot_needs,
    waits_of,
)
from oof.domain.prices.book import Span
from oof.domain.units import Address, Mint
from oof.domain.windows import today_of
from oof.ports.facts import FactTransaction
from oof.ports.valuation import OpenedDays, TradeKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSizes:
    """How much is done at once."""

    mints: int = 50
    """Of one database transaction; what is beyond has its own. All trades of each are in it."""
    page: int = 500
    """Trades read, valued and written at once."""


class ValueReport(NamedTuple):
    """What one turn did."""

    mints: int
    has_more: bool


SIZES: Final = ValueSizes()
_NOTHING: Final = ValueReport(0, has_more=False)


def value_positions(wallet: Address, *, deps: ApplyDeps, sizes: ValueSizes = SIZES) -> ValueReport:
    """Value up to `sizes.mints` marked mints; `has_more` where there may be others.

    Valuing again what did not change changes nothing. Raises `StoreUnavailable` or `Conflict`:
    nothing happened, or all of it did; try again.
    """
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        held = transaction.lock(wallet)
        if held is None or held.blocked_code is not None:
            return _NOTHING
        due = transaction.take_due(held.wallet_id, limit=sizes.mints)
        if not due:
            return _NOTHING
        opened = transaction.open_days(held.wallet_id, due)
        # asked after the marks were cleared: who told a price before that is heard now
        turn = _Turn(transaction, held.wallet_id, sizes)
        turn.value_trades(opened)
        days = frozenset(day for days in opened.values() for day in days.days)
        transaction.roll(held.wallet_id, mints=opened, days=days, today=today_of(at))
        positions = turn.value_lots(due)
        transaction.save_values(held.wallet_id, positions, turn.waits, at=at)
        changed = {mint: days.slot for mint, days in opened.items()}
        transaction.mark_moments(held.wallet_id, marks_of(changed, at))
        transaction.mark_portrait(held.wallet_id, at=at)
    return ValueReport(len(due), has_more=len(due) == sizes.mints)


class _Turn:
    """What is valued in one database transaction."""

    def __init__(self, transaction: FactTransaction, wallet_id: int, sizes: ValueSizes) -> None:
        self._transaction = transaction
        self._wallet_id = wallet_id
        self._sizes = sizes
        self.waits: dict[Mint, list[Wait]] = defaultdict(list)

    def value_trades(self, opened: Mapping[Mint, OpenedDays]) -> None:
        """Value all trades of each mint from where its opened days begin, and sum those days."""
        since = {mint: days.slot for mint, days in opened.items()}
        days, after, limit = Days(), None, self._sizes.page
        while True:
            page = self._transaction.trades(self._wallet_id, since, after=after, limit=limit)
            self._value_page(page, opened, days)
            if len(page) < limit:
                break
            after = _key(page[-1])
        self._transaction.write_days(self._wallet_id, days.rows())

    def value_lots(self, mints: Iterable[Mint]) -> dict[Mint, PositionUsd]:
        """Return what positions came to: all of their days, and what is held."""
        wanted = sorted(mints)
        rows = self._transaction.positions(self._wallet_id, wanted)
        sums = self._transaction.day_sums(self._wallet_id, wanted)
        lots = {row.mint: decode_position(row.mint, row.state).book.lots for row in rows}
        # What is not told yet of a lot, the trade that opened it waits for.
        prices = self._prices(
            span for mint, held in lots.items() for lot in held for span in lot_needs(mint, lot)
        )
        return {
            mint: PositionUsd(sums.get(mint) or DayFigures(), prices.lots(mint, held))
            for mint, held in lots.items()
        }

    def _value_page(
        self,
        page: Iterable[ExitRow | EntryRow],
        opened: Mapping[Mint, OpenedDays],
        days: Days,
    ) -> None:
        needs = [(row, list(_needs(row))) for row in page]
        prices = self._prices(span for _, theirs in needs for span in theirs)
        exits: list[ExitValue] = []
        for row, theirs in needs:
            self.waits[row.mint] += set(waits_of(theirs, row.slot, prices))
            is_summed = day_of(row) in opened[row.mint].days
            if isinstance(row, ExitRow):
                exits.append(prices.exit(row))
                if is_summed:
                    days.add_exit(exits[-1])
            elif is_summed:
                days.add_entry(prices.entry(row))
        self._transaction.write_exit_values(self._wallet_id, exits)

    def _prices(self, spans: Iterable[Span]) -> Prices:
        return Prices(book=self._transaction.price_book(spans))


def _needs(row: ExitRow | EntryRow) -> Iterable[Span]:
    return exit_needs(row) if isinstance(row, ExitRow) else entry_needs(row)


def _key(row: ExitRow | EntryRow) -> TradeKey:
    is_entry = isinstance(row, EntryRow)
    return TradeKey(row.mint, row.slot, row.tx_id, is_entry, row.place)
