"""What positions are worth in dollars, among the facts in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from oof.domain.positions.days import DayFigures, DayRow, PositionUsd, day_of, summed
from oof.domain.positions.headline import (
    QUOTE_AGE_S,
    HeldPosition,
    Quote,
    WalletWorth,
    quote_of,
)
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.positions.valuation import ExitValue, Wait
from oof.domain.prices.book import PriceBook, Span
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, Slot, UnixSeconds
from oof.ports.memory.fact_tables import Tables
from oof.ports.valuation import AT_ONCE, OpenedDays, TradeKey

_ALL: Final = 2**31


class ValuationSide:
    """The side of a transaction that keeps what positions are worth in dollars."""

    _tables: Tables

    def take_due(self, wallet_id: int, *, limit: int) -> dict[Mint, Slot]:
        """See `ValuationTransaction.take_due`."""
        due = self._tables.valuation_due
        keys = sorted(key for key in due if key[0] == wallet_id)[:limit]
        return {key[1]: due.pop(key)[0] for key in keys}

    def open_days(self, wallet_id: int, due: Mapping[Mint, Slot]) -> dict[Mint, OpenedDays]:
        """See `ValuationTransaction.open_days`."""
        return {mint: self._open(wallet_id, mint, slot) for mint, slot in due.items()}

    def _open(self, wallet_id: int, mint: Mint, slot: Slot) -> OpenedDays:
        tables = self._tables
        traded = self.trades(wallet_id, {mint: slot}, after=None, limit=_ALL)
        days = frozenset(day_of(row) for row in traded)
        gone = [
            row
            for key, row in tables.position_days.items()
            if key[:2] == (wallet_id, mint) and (row.last_slot >= slot or row.day in days)
        ]
        for row in gone:
            del tables.position_days[wallet_id, mint, row.day]
        start = min([slot, *(row.first_slot for row in gone)])
        tables.valuation_waits = {
            key: wait
            for key, wait in tables.valuation_waits.items()
            if key[:2] != (wallet_id, mint) or wait.from_slot < start
        }
        return OpenedDays(start, days | {row.day for row in gone})

    def trades(
        self, wallet_id: int, since: Mapping[Mint, Slot], *, after: TradeKey | None, limit: int
    ) -> tuple[ExitRow | EntryRow, ...]:
        """See `ValuationTransaction.trades`."""
        tables = self._tables
        stored: list[tuple[TradeKey, ExitRow | EntryRow]] = [
            (TradeKey(row.mint, row.slot, row.tx_id, isinstance(row, EntryRow), row.place), row)
            for rows in (tables.position_exits, tables.position_entries)
            for key, row in rows.items()
            if key[0] == wallet_id and row.mint in since and row.slot >= since[row.mint]
        ]
        left = sorted((pair for pair in stored if after is None or pair[0] > after), key=_first)
        return tuple(row for _, row in left[:limit])

    def price_book(self, spans: Iterable[Span]) -> PriceBook:
        """See `ValuationTransaction.price_book`."""
        return looked_up(self._tables, spans)

    def write_exit_values(self, wallet_id: int, values: Sequence[ExitValue]) -> None:
        """See `ValuationTransaction.write_exit_values`."""
        for value in values:
            row = value.row
            self._tables.exit_values[wallet_id, row.mint, row.tx_id, row.place] = value

    def day_sums(self, wallet_id: int, mints: Sequence[Mint]) -> dict[Mint, DayFigures]:
        """See `ValuationTransaction.day_sums`."""
        days = self._tables.position_days.items()
        own = {mint: [row for key, row in days if key[:2] == (wallet_id, mint)] for mint in mints}
        return {mint: summed(rows) for mint, rows in own.items() if rows}

    def write_days(self, wallet_id: int, days: Sequence[DayRow]) -> None:
        """See `ValuationTransaction.write_days`."""
        for row in days:
            key = wallet_id, row.mint, row.day
            if key in self._tables.position_days:
                raise AssertionError("a day is written that was not opened")
            self._tables.position_days[key] = row

    def save_values(
        self,
        wallet_id: int,
        positions: Mapping[Mint, PositionUsd],
        waits: Mapping[Mint, Sequence[Wait]],
        *,
        at: datetime,
    ) -> None:
        """See `ValuationTransaction.save_values`."""
        tables = self._tables
        tables.position_usd |= {(wallet_id, mint): usd for mint, usd in positions.items()}
        for mint, theirs in waits.items():
            for wait in theirs:
                key = wallet_id, mint, wait.mint, wait.day
                known = tables.valuation_waits.get(key, wait)
                tables.valuation_waits[key] = wait._replace(
                    from_slot=min(known.from_slot, wait.from_slot),
                    is_missing=known.is_missing or wait.is_missing,
                )
        self.touch(tables.addresses[wallet_id], at=at)

    def touch(self, wallet: Address, *, at: datetime) -> None:
        """See `ValuationTransaction.touch`."""
        row = self._tables.tracked[wallet]
        self._tables.tracked[wallet] = replace(row, revision=row.revision + 1, changed_at=at)

    def mark_told(self, is_told: Callable[[Wait], bool]) -> None:
        """Mark at once what waited for prices that were told, as who keeps prices does."""
        for (wallet_id, mint, _, _), wait in self._tables.valuation_waits.items():
            if is_told(wait):
                mark_due(self._tables, wallet_id, {mint: wait.from_slot}, AT_ONCE)


def mark_due(tables: Tables, wallet_id: int, slots: Mapping[Mint, Slot], at: datetime) -> None:
    """Mark mints as to be valued from a slot on; a lower slot and an older time stay."""
    for mint, slot in slots.items():
        known = tables.valuation_due.get((wallet_id, mint), (slot, at))
        tables.valuation_due[wallet_id, mint] = min(known[0], slot), min(known[1], at)


def unvalued_wallets(tables: Tables, *, before: datetime, limit: int) -> tuple[Address, ...]:
    """See `ValuationReads.unvalued_wallets`."""
    oldest: dict[int, datetime] = {}
    for (wallet_id, _), (_, at) in tables.valuation_due.items():
        oldest[wallet_id] = min(at, oldest.get(wallet_id, at))
    found = sorted((at, wallet_id) for wallet_id, at in oldest.items() if at < before)
    wallets = [tables.addresses[wallet_id] for _, wallet_id in found]
    return tuple(w for w in wallets if tables.tracked[w].blocked_code is None)[:limit]


def _first(pair: tuple[TradeKey, ExitRow | EntryRow]) -> TradeKey:
    return pair[0]


def looked_up(tables: Tables, spans: Iterable[Span]) -> PriceBook:
    """Return the prices within `spans`; none until a price store is made over these tables."""
    book = tables.price_books.get("book")
    return PriceBook() if book is None else book(spans)


def newest_price(tables: Tables, mint: Mint, at: UnixSeconds) -> Quote | None:
    """Return the newest price of a mint."""
    span = Span(mint, UnixSeconds(at - QUOTE_AGE_S), UnixSeconds(at + 1))
    return quote_of(looked_up(tables, [span]).latest_in(*span), at)


def worth_of(tables: Tables, wallet: Address, *, at: UnixSeconds) -> WalletWorth:
    """See `ValuationReads.worth`."""
    row = tables.tracked.get(wallet)
    own = {
        mint: position
        for (owner, mint), position in tables.positions.items()
        if row is not None and owner == row.wallet_id and mint not in QUOTES
    }
    valued = {
        mint: tables.position_usd[row.wallet_id, mint]
        for mint in own
        if row is not None and (row.wallet_id, mint) in tables.position_usd
    }
    realized = DayFigures()
    for usd in valued.values():
        realized.add(usd.realized)
    held = (
        HeldPosition(
            mint,
            tables.decimals.get(mint),
            position.figures["held_raw"],
            valued.get(mint),
            newest_price(tables, mint, at),
        )
        for mint, position in own.items()
        if position.is_open
    )
    return WalletWorth(realized, len(own) - len(valued), tuple(held))
