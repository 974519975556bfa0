"""What tokens came to within some days, read from the facts in memory."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from oof.domain.rollups.windows import TokenWindow, token_window
from oof.domain.tokens import QUOTES
from oof.domain.transactions.base58 import decode_base58
from oof.domain.units import Address
from oof.domain.windows import DaySpan, Window, window_days
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import positions_head
from oof.ports.token_results import (
    SortOrder,
    TokenKey,
    TokenOrder,
    TokenPage,
    TokenRecord,
    TokenSort,
)

type _SpanKey = tuple[Address, DaySpan, int]


class MemoryTokenResults:
    """A `TokenResultReader` over a `MemoryFactStore`, and `TokenSums`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts
        self._sums: dict[_SpanKey, tuple[datetime, tuple[TokenWindow, ...]]] = {}

    def of_window(
        self,
        wallet: Address,
        window: Window,
        *,
        wanted: TokenOrder,
        after: TokenKey | None,
        limit: int,
    ) -> TokenPage | None:
        """See `TokenResultReader.of_window`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        head = positions_head(tables, wallet)
        known = tables.wallet_windows.get((row.wallet_id, window))
        if known is None:
            return TokenPage(head, None, 0)
        own = [
            each
            for (owner, of, _), each in tables.token_windows.items()
            if (owner, of) == (row.wallet_id, window)
        ]
        told = TokenPage(head, window_days(window, known.to_day), known.turns)
        return _page(told, _records(tables, row.wallet_id, own), wanted, after, limit)

    def of_days(
        self,
        wallet: Address,
        span: DaySpan,
        *,
        wanted: TokenOrder,
        after: TokenKey | None,
        at: datetime,
        limit: int,
    ) -> TokenPage | None:
        """See `TokenResultReader.of_days`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        head, turns = positions_head(tables, wallet), _turns(tables, row.wallet_id)
        of_turns = turns if after is None else after.turns
        expires_at, own = self._sums.get((wallet, span, of_turns), (at, ()))
        if expires_at <= at:
            return TokenPage(head, None, turns)
        told = TokenPage(head, span, of_turns)
        return _page(told, _records(tables, row.wallet_id, own), wanted, after, limit)

    def sum_days(
        self, wallet: Address, span: DaySpan, *, at: datetime, expires_at: datetime
    ) -> int | None:
        """See `TokenSums.sum_days`."""
        del at
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        key = wallet, span, _turns(tables, row.wallet_id)
        if key in self._sums:
            self._sums[key] = expires_at, self._sums[key][1]
            return 0
        own = [day for (owner, _, _), day in tables.position_days.items() if owner == row.wallet_id]
        mints = {day.mint for day in own} - set(QUOTES)
        summed = (token_window(m, [day for day in own if day.mint == m], span) for m in mints)
        self._sums[key] = expires_at, tuple(each for each in summed if each is not None)
        return len(self._sums[key][1])

    def drop_expired(self, *, at: datetime, limit: int) -> int:
        """See `TokenSums.drop_expired`."""
        gone = [key for key, (expires_at, _) in self._sums.items() if expires_at <= at][:limit]
        for key in gone:
            del self._sums[key]
        return len(gone)


def _turns(tables: Tables, wallet_id: int) -> int:
    known = tables.wallet_windows.get((wallet_id, Window.ALL))
    return 0 if known is None else known.turns


def _records(tables: Tables, wallet_id: int, windows: Iterable[TokenWindow]) -> list[TokenRecord]:
    found = []
    for window in windows:
        position = tables.positions.get((wallet_id, window.mint))
        held = None if position is None else position.figures["held_raw"]
        symbol = tables.symbol(window.mint)
        # a number that stays, as a row's does
        mint_id = int.from_bytes(decode_base58(window.mint)[:4])
        found.append(TokenRecord(mint_id, tables.decimals.get(window.mint), symbol, window, held))
    return found


def _page(
    told: TokenPage,
    records: Iterable[TokenRecord],
    wanted: TokenOrder,
    after: TokenKey | None,
    limit: int,
) -> TokenPage:
    is_down = wanted.order is SortOrder.DESC

    def place(value: Decimal | None, mint_id: int) -> tuple[bool, Decimal, int]:
        sign = -1 if is_down else 1
        return value is None, (value or Decimal(0)) * sign, mint_id * sign

    keyed = sorted(
        (place(_value(record, wanted.sort), record.mint_id), record.mint_id, record)
        for record in records
    )
    if after is not None:
        value = None if after.value is None else Decimal(after.value)
        reached = place(value, after.mint_id)
        keyed = [each for each in keyed if each[0] > reached]
    shown = tuple(record for _, _, record in keyed[:limit])
    if len(keyed) <= limit:
        return told._replace(records=shown)
    last = _value(shown[-1], wanted.sort)
    key = TokenKey(None if last is None else str(last), shown[-1].mint_id, told.turns)
    return told._replace(records=shown, next_key=key)


def _value(record: TokenRecord, sort: TokenSort) -> Decimal | None:
    window = record.window
    match sort:
        case TokenSort.LAST_TRADE:
            return Decimal(window.last_slot)
        case TokenSort.REALIZED:
            return window.figures.realized_usd
        case TokenSort.ROI:
            return window.roi
        case TokenSort.VOLUME:
            return window.figures.volume_usd
