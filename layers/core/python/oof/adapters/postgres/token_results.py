"""What tokens came to within some days, from Postgres."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from oof.adapters.postgres import rollup_statements as statements
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.position_reader import positions_head
from oof.adapters.postgres.rollup_writes import hidden_mints
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.positions.days import FIGURES, figures_of_row
from oof.domain.rollups.windows import TokenWindow
from oof.domain.units import Address, Mint
from oof.domain.windows import DaySpan, Window, window_days
from oof.ports.token_results import TokenKey, TokenOrder, TokenPage, TokenRecord


class PostgresTokenResults:
    """A `TokenResultReader` over stored windows, and days summed apart; also `TokenSums`."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            keys = {"wallet_id": wallet_id, "days": statements.SPAN_CODES[window]}
            asked = keys | page_keys(after, limit)
            rows = cursor.execute(statements.window_page(wanted), asked).fetchall()
        if not rows:
            return TokenPage(head, None, 0)
        to_day, turns = rows[0][:2]
        tokens = [row[2:] for row in rows if row[2] is not None]
        return _page(TokenPage(head, window_days(window, to_day), turns), tokens, limit)

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
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            keys = {
                "wallet_id": wallet_id,
                "first": span.lowest,
                "last": span.last,
                "turns": None if after is None else after.turns,
                "at": at,
            }
            [(turns, span_id, summed)] = cursor.execute(statements.FIND_SPAN, keys).fetchall()
            if span_id is None:
                return TokenPage(head, None, turns)
            asked = {"wallet_id": wallet_id, "span_id": span_id, **page_keys(after, limit)}
            rows = cursor.execute(statements.span_page(wanted), asked).fetchall()
        return _page(TokenPage(head, span, summed), rows, limit)

    def sum_days(
        self, wallet: Address, span: DaySpan, *, at: datetime, expires_at: datetime
    ) -> int | None:
        """See `TokenSums.sum_days`."""
        with self._database.transaction() as cursor:
            held = cursor.execute(statements.LOCK, (address_bytes(wallet),)).fetchone()
            if held is None:
                return None
            keys = {
                "wallet_id": held[0],
                "first": span.lowest,
                "last": span.last,
                "at": at,
                "expires_at": expires_at,
                "hidden": hidden_mints(),
            }
            [(span_id, is_known)] = cursor.execute(statements.OPEN_SPAN, keys).fetchall()
            if is_known:
                return 0
            return cursor.execute(statements.SUM_SPAN, keys | {"span_id": span_id}).rowcount

    def drop_expired(self, *, at: datetime, limit: int) -> int:
        """See `TokenSums.drop_expired`."""
        with self._database.transaction() as cursor:
            return cursor.execute(statements.DROP_EXPIRED, (at, limit)).rowcount


def page_keys(after: TokenKey | None, limit: int) -> dict[str, Any]:
    """The parameters of a page's place in its order."""
    if after is None:
        return {"in_nulls": False, "value": None, "mint_id": None, "limit": limit}
    value = None if after.value is None else Decimal(after.value)
    place = {"in_nulls": value is None, "value": value, "mint_id": after.mint_id}
    return {**place, "limit": limit}


def _page(told: TokenPage, rows: Sequence[Sequence[Any]], limit: int) -> TokenPage:
    records = tuple(_record(row) for row in rows[:limit])
    if len(rows) <= limit:
        return told._replace(records=records)
    last = rows[limit - 1]
    value = last[5 + len(FIGURES)]
    key = TokenKey(None if value is None else str(value), last[0], told.turns)
    return told._replace(records=records, next_key=key)


def _record(row: Sequence[Any]) -> TokenRecord:
    mint_id, first_slot, last_slot, first_at, last_at = row[:5]
    sums, (_, mint, decimals, symbol, held) = row[5 : 5 + len(FIGURES)], row[5 + len(FIGURES) :]
    figures = figures_of_row(dict(zip(FIGURES, sums, strict=True)))
    window = TokenWindow(Mint(address_of(mint)), first_slot, last_slot, first_at, last_at, figures)
    return TokenRecord(mint_id, decimals, symbol, window, None if held is None else int(held))
