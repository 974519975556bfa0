"""Rollups of days, among the facts in memory."""

from collections.abc import Collection

from oof.domain.positions.days import DayFigures, DayRow, summed
from oof.domain.rollups.windows import WalletWindow, aged_days, token_window
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint
from oof.domain.windows import Window, window_days
from oof.ports.memory.fact_tables import Tables


class RollupSide:
    """The side of a transaction that keeps rollups."""

    _tables: Tables

    def roll(
        self, wallet_id: int, *, mints: Collection[Mint], days: Collection[int], today: int
    ) -> None:
        """See `RollupTransaction.roll`."""
        tables = self._tables
        known = tables.wallet_windows.get((wallet_id, Window.ALL))
        last = today if known is None else max(today, known.to_day)
        aged = () if known is None else aged_days(known.to_day, last)
        own = [
            row
            for (owner, mint, _), row in tables.position_days.items()
            if owner == wallet_id and mint not in QUOTES
        ]
        for day in days:
            self._put_day(wallet_id, day, [row for row in own if row.day == day])
        moved = {row.mint for row in own if any(span.has(row.day) for span in aged)}
        for mint in {*mints, *moved} - set(QUOTES):
            theirs = [row for row in own if row.mint == mint]
            self._put_windows(wallet_id, mint, theirs, last)
        turns = (0 if known is None else known.turns) + bool(mints)
        for window in Window:
            span = window_days(window, last)
            figures = DayFigures()
            for (owner, day), each in tables.wallet_days.items():
                if owner == wallet_id and span.has(day):
                    figures.add(each)
            tables.wallet_windows[wallet_id, window] = WalletWindow(last, turns, figures)

    def _put_day(self, wallet_id: int, day: int, rows: list[DayRow]) -> None:
        self._tables.wallet_days.pop((wallet_id, day), None)
        if rows:
            self._tables.wallet_days[wallet_id, day] = summed(rows)

    def _put_windows(self, wallet_id: int, mint: Mint, rows: list[DayRow], last: int) -> None:
        for window in Window:
            key = wallet_id, window, mint
            self._tables.token_windows.pop(key, None)
            found = token_window(mint, rows, window_days(window, last))
            if found is not None:
                self._tables.token_windows[key] = found


class RollupQueries:
    """Reads outside of any transaction."""

    tables: Tables

    def wallets_behind(self, *, today: int, limit: int) -> tuple[Address, ...]:
        """See `RollupReads.wallets_behind`."""
        tables = self.tables
        found = sorted(
            (row.to_day, wallet_id)
            for (wallet_id, window), row in tables.wallet_windows.items()
            if window is Window.ALL and row.to_day < today
        )
        wallets = (tables.addresses[wallet_id] for _, wallet_id in found)
        return tuple(wallet for wallet in wallets if wallet in tables.tracked)[:limit]
