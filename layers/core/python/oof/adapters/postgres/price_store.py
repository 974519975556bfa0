"""Candles in Postgres, and the days that are still to be asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from oof.adapters.postgres import price_statements as sql
from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.price_books import load_book
from oof.adapters.postgres.price_rows import MINUTE_S, SOURCE_CODES, candle_of
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.prices.book import PriceBook, Span
from oof.domain.prices.candles import DAY_S, KEPT_DAYS, Candle, Width, compact
from oof.domain.prices.wants import FOLLOWED_DAYS, DueDay
from oof.domain.tokens import DOLLARS, QUOTES
from oof.domain.units import SOL_MINT, Mint, RawAmount, UnixSeconds
from oof.ports.prices import MOST_TRIES, QuotedSwap, Settled, quotes_of

_SCANNED: Final = 100_000
"""Transactions looked at in one go."""
_OVERLAP: Final = 20_000
"""Older ones looked at again: ids are given before transactions are committed."""


class PostgresPriceStore:
    """A `PriceStore` in tables of its own, beside the facts it reads trades from."""

    def __init__(self, database: Database, kept_days: int = KEPT_DAYS[Width.HOUR]) -> None:
        self._database = database
        self._kept_days = {**KEPT_DAYS, Width.HOUR: kept_days}

    def note_trades(self, *, sol_usd: int, oldest_day: int) -> int:
        """See `PriceStore`."""
        with self._database.transaction() as cursor:
            [noted] = _one(cursor.execute(sql.SCAN))
            [newest] = _one(cursor.execute(sql.NEWEST))
            upto = min(newest, noted + _SCANNED)
            found = cursor.execute(
                sql.NOTE,
                {
                    "sol": address_bytes(SOL_MINT),
                    "dollars": [address_bytes(mint) for mint in DOLLARS],
                    "per_dollar": Decimal(1_000) / sol_usd,
                    "after": noted - _OVERLAP,
                    "upto": upto,
                    "followed": FOLLOWED_DAYS,
                    "oldest": oldest_day,
                },
            )
            [count] = _one(found)
            cursor.execute(sql.SCANNED, (upto,))
            cursor.execute(sql.MARK_SETTLED)
        return int(count)

    def due_days(self, *, at: datetime, limit: int) -> tuple[DueDay, ...]:
        """See `PriceStore`."""
        return _due(self._rows(sql.DUE_DAYS, at=at, limit=limit))

    def due_among(self, days: Sequence[tuple[Mint, range]], *, at: datetime) -> tuple[DueDay, ...]:
        """See `PriceStore`."""
        stretches = {
            "addresses": [address_bytes(mint) for mint, _ in days],
            "firsts": [stretch.start for _, stretch in days],
            "lasts": [stretch.stop - 1 for _, stretch in days],
        }
        return _due(self._rows(sql.DUE_AMONG, at=at, **stretches))

    def due_quotes(self, *, quoted_before: datetime, limit: int) -> tuple[Mint, ...]:
        """See `PriceStore`."""
        rows = self._rows(sql.DUE_QUOTES, before=quoted_before, limit=limit)
        return tuple(_mint(key) for (key,) in rows)

    def keep(self, candles: Mapping[Mint, Sequence[Candle]]) -> int:
        """See `PriceStore`."""
        # one statement may not touch a row twice: of two the more confident, else the later
        best: dict[tuple[bytes, int, int], Candle] = {}
        for mint, theirs in candles.items():
            for candle in theirs:
                key = (address_bytes(mint), candle.start // MINUTE_S, int(candle.width))
                known = best.get(key)
                if known is None or known.confidence <= candle.confidence:
                    best[key] = candle
        if not best:
            return 0
        with self._database.transaction() as cursor:
            columns = _columns(best)
            cursor.execute(sql.KEEP_DAYS, columns)
            [kept] = _one(cursor.execute(sql.KEEP, columns))
        return int(kept)

    def settle(
        self, days: Sequence[Settled], quotes: Sequence[Mint], *, at: datetime, again_at: datetime
    ) -> None:
        """See `PriceStore`."""
        asked = {
            "addresses": [address_bytes(each.mint) for each in days],
            "days": [each.day for each in days],
            "untils": [each.until for each in days],
            "tolds": [each.told for each in days],
            "lackings": [each.is_lacking for each in days],
            "again_at": again_at,
            "most": MOST_TRIES,
        }
        with self._database.transaction() as cursor:
            cursor.execute(sql.SETTLE, asked)
            named = [address_bytes(mint) for mint in quotes]
            cursor.execute(sql.QUOTED, {"addresses": named, "at": at})
            cursor.execute(sql.MARK_SETTLED)

    def swaps(
        self, days: Sequence[tuple[Mint, int]]
    ) -> Mapping[tuple[Mint, int], tuple[QuotedSwap, ...]]:
        """See `PriceStore`."""
        asked = [(mint, day) for mint, day in days if quotes_of(mint)]
        if not asked:
            return {}
        rows = self._rows(
            sql.SWAPS,
            addresses=[address_bytes(mint) for mint, _ in asked],
            days=[day for _, day in asked],
            sol=address_bytes(SOL_MINT),
            dollars=[address_bytes(mint) for mint in DOLLARS],
            quotes=[address_bytes(mint) for mint in QUOTES],
        )
        found: dict[tuple[Mint, int], list[QuotedSwap]] = defaultdict(list)
        for key, day, ts, trader, is_buy, raw, decimals, quote, quote_raw in rows:
            swap = QuotedSwap(
                ts=UnixSeconds(ts),
                trader=address_of(trader),
                is_buy=is_buy,
                raw=RawAmount(int(raw)),
                decimals=decimals,
                quote_mint=_mint(quote),
                quote_raw=RawAmount(int(quote_raw)),
            )
            found[_mint(key), day].append(swap)
        return {key: tuple(swaps) for key, swaps in found.items()}

    def candles(self, mint: Mint, *, since: UnixSeconds, until: UnixSeconds) -> tuple[Candle, ...]:
        """See `PriceReader`."""
        with self._database.transaction() as cursor:
            return _candles(cursor, mint, since, until)

    def page(
        self, mint: Mint, *, width: Width, since: UnixSeconds, buckets: int
    ) -> tuple[Candle, ...]:
        """See `PriceReader`."""
        rows = self._rows(
            sql.PAGE,
            mint=address_bytes(mint),
            since=_minutes(since),
            width=int(width),
            minutes=int(width) // MINUTE_S,
            buckets=buckets,
        )
        return tuple(map(candle_of, rows))

    def book(self, spans: Iterable[Span]) -> PriceBook:
        """See `PriceReader`."""
        with self._database.transaction() as cursor:
            return load_book(cursor, spans)

    def is_pending(self, mint: Mint, *, at: datetime) -> bool:
        """See `PriceReader`."""
        [(found,)] = self._rows(sql.PENDING, mint=address_bytes(mint), at=at)
        return bool(found)

    def outgrown(self, *, now: UnixSeconds, limit: int) -> tuple[tuple[Mint, int], ...]:
        """See `PriceStore`."""
        last = {width: now // DAY_S - kept - 1 for width, kept in self._kept_days.items()}
        rows = self._rows(
            sql.OUTGROWN,
            minutes=last[Width.MINUTE],
            fives=last[Width.FIVE_MINUTES],
            hours=last[Width.HOUR],
            limit=limit,
        )
        return tuple((_mint(key), day) for key, day in rows)

    def compact(self, mint: Mint, *, day: int, now: UnixSeconds) -> int:
        """See `PriceStore`."""
        start = UnixSeconds(day * DAY_S)
        end = UnixSeconds(start + DAY_S)
        with self._database.transaction() as cursor:
            locked = cursor.execute(
                sql.LOCK_DAY, {"mint": address_bytes(mint), "day": day}
            ).fetchone()
            if locked is None:
                return 0
            place = {"mint_id": locked[0], "day": day}
            before = _candles(cursor, mint, start, end)
            after = compact(before, now, self._kept_days[Width.HOUR])
            span = {"since": _minutes(start), "until": _minutes(end)}
            cursor.execute(sql.CLEAR_DAY, {**place, **span})
            if after:
                cursor.execute(sql.KEEP, _columns(_keyed(mint, after)))
            narrowest = min((candle.width for candle in after), default=None)
            width = None if narrowest is None else int(narrowest)
            cursor.execute(sql.WIDEN_DAY, {**place, "width": width})
        return len(before) - len(after)

    def _rows(self, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        with self._database.transaction() as cursor:
            return cursor.execute(statement, params).fetchall()


def _due(rows: Iterable[tuple[Any, ...]]) -> tuple[DueDay, ...]:
    return tuple(DueDay(_mint(key), day, int(notional)) for key, day, notional in rows)


def _one(cursor: Cursor) -> tuple[Any, ...]:
    [row] = cursor.fetchall()
    return row


def _candles(
    cursor: Cursor, mint: Mint, since: UnixSeconds, until: UnixSeconds
) -> tuple[Candle, ...]:
    span = {"mint": address_bytes(mint), "since": _minutes(since), "until": _minutes(until)}
    return tuple(map(candle_of, cursor.execute(sql.CANDLES, span).fetchall()))


def _keyed(mint: Mint, candles: Iterable[Candle]) -> dict[tuple[bytes, int, int], Candle]:
    key = address_bytes(mint)
    return {(key, candle.start // MINUTE_S, int(candle.width)): candle for candle in candles}


def _columns(candles: Mapping[tuple[bytes, int, int], Candle]) -> dict[str, list[Any]]:
    told = list(candles.values())
    return {
        "addresses": [address for address, _, _ in candles],
        "starts": [start for _, start, _ in candles],
        "widths": [width for _, _, width in candles],
        "days": [candle.start // DAY_S for candle in told],
        "sources": [SOURCE_CODES[candle.source] for candle in told],
        "confidences": [candle.confidence for candle in told],
        "opens": [candle.open for candle in told],
        "highs": [candle.high for candle in told],
        "lows": [candle.low for candle in told],
        "closes": [candle.close for candle in told],
        "volumes": [candle.volume_usd for candle in told],
    }


def _minutes(moment: UnixSeconds) -> int:
    """Return the minute that a moment is in, and the next one where it is within: `start >=`."""
    return -(-moment // MINUTE_S)


def _mint(key: bytes) -> Mint:
    return Mint(address_of(key))
