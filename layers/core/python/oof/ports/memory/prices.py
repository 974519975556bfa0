"""Prices in memory, kept and looked up the way the database does."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from oof.domain.positions.valuation import Wait
from oof.domain.prices.book import DayState, MintPrices, PriceBook, Span, merged
from oof.domain.prices.candles import DAY_S, KEPT_DAYS, Candle, Width, compact
from oof.domain.prices.wants import FOLLOWED_DAYS, DueDay
from oof.domain.tokens import DOLLARS, QUOTES
from oof.domain.transactions.model import NormalizedTransaction, Role, Trade
from oof.domain.units import SOL_MINT, Mint, Slot, UnixSeconds
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.prices import MOST_TRIES, QuotedSwap, Settled, quotes_of


@dataclass(slots=True, kw_only=True)
class _Day:
    notional: int = 0
    width: Width | None = None
    told: int = 0
    tries: int = 0
    due_at: datetime | None = None
    slots: tuple[Slot, Slot] | None = None
    """The first and the last of its trades."""

    def widen(self, slot: Slot) -> bool:
        """Take a trade's slot in; return whether it was not within."""
        before = self.slots
        self.slots = (slot, slot) if before is None else (min(*before, slot), max(*before, slot))
        return self.slots != before


class _Touched(NamedTuple):
    day: int
    notional: int
    slot: Slot


class MemoryPriceStore:
    """A `PriceStore` in dicts."""

    def __init__(self, facts: MemoryFactStore | None = None) -> None:
        self._facts = facts
        if facts is not None:
            facts.tables.price_books["book"] = self.book
        self._stored: list[NormalizedTransaction] = []
        self._noted = 0
        self._decimals: dict[Mint, int | None] = {}
        self._candles: dict[Mint, dict[tuple[UnixSeconds, Width], Candle]] = {}
        self._days: dict[tuple[Mint, int], _Day] = {}
        self._quoted: dict[Mint, datetime | None] = {}
        self._dear: dict[Mint, int] = {}

    def store(self, transactions: Iterable[NormalizedTransaction]) -> None:
        """Add transactions, as the store path does to the database."""
        for transaction in transactions:
            self._stored.append(transaction)
            self._decimals |= transaction.decimals
            for mint in (SOL_MINT, *transaction.decimals):
                self._candles.setdefault(mint, {})

    def note_trades(self, *, sol_usd: int, oldest_day: int) -> int:
        """See `PriceStore`."""
        count = 0
        for transaction in self._stored[self._noted :]:
            if transaction.block_time is not None:
                for trade in transaction.trades:
                    touched = _Touched(
                        transaction.block_time // DAY_S,
                        _notional(trade, sol_usd),
                        transaction.slot or Slot(0),
                    )
                    self._note(trade, touched, oldest_day)
                    count += 1
        self._noted = len(self._stored)
        self._mark(self._is_settled)
        return count

    def _note(self, trade: Trade, touched: _Touched, oldest_day: int) -> None:
        traded_on, notional, slot = touched
        for mint in {trade.sold_mint, trade.bought_mint, SOL_MINT}:
            self._dear[mint] = max(self._dear.get(mint, 0), notional)
            self._quoted.setdefault(mint, None)
            for day in range(traded_on, traded_on + FOLLOWED_DAYS + 1):
                due_at = None
                if day >= oldest_day:
                    due_at = datetime.fromtimestamp(day * DAY_S + 300, UTC)
                row = self._days.setdefault((mint, day), _Day(due_at=due_at))
                row.notional = max(row.notional, notional)
                if day == traded_on and row.widen(slot) and not row.told and row.due_at is None:
                    row.due_at = due_at

    def due_days(self, *, at: datetime, limit: int) -> tuple[DueDay, ...]:
        """See `PriceStore`."""
        due = [
            DueDay(mint, day, row.notional)
            for (mint, day), row in self._days.items()
            if row.due_at is not None and row.due_at <= at
        ]
        return tuple(sorted(due, key=lambda each: (-each.notional, each.mint, each.day))[:limit])

    def due_among(self, days: Sequence[tuple[Mint, range]], *, at: datetime) -> tuple[DueDay, ...]:
        """See `PriceStore`."""
        wanted = {(mint, day) for mint, stretch in days for day in stretch}
        due = self.due_days(at=at, limit=len(self._days))
        return tuple(each for each in due if (each.mint, each.day) in wanted)

    def due_quotes(self, *, quoted_before: datetime, limit: int) -> tuple[Mint, ...]:
        """See `PriceStore`."""
        due = [m for m, at in self._quoted.items() if at is None or at <= quoted_before]
        return tuple(sorted(due, key=lambda mint: (-self._dear[mint], mint))[:limit])

    def keep(self, candles: Mapping[Mint, Sequence[Candle]]) -> int:
        """See `PriceStore`."""
        better: set[tuple[Mint, UnixSeconds, Width]] = set()
        for mint, theirs in candles.items():
            known = self._candles.get(mint)
            if known is None:
                continue
            for candle in theirs:
                old = known.get((candle.start, candle.width))
                if old is None or (old.confidence <= candle.confidence and old != candle):
                    known[candle.start, candle.width] = candle
                    better.add((mint, candle.start, candle.width))
                row = self._days.setdefault((mint, candle.start // DAY_S), _Day())
                row.width = min(row.width or candle.width, candle.width)
        days = {(mint, start // DAY_S) for mint, start, _ in better}
        self._mark(lambda wait: wait.is_missing and (wait.mint, wait.day) in days)
        return len(better)

    def _mark(self, is_told: Callable[[Wait], bool]) -> None:
        """Have valued again what waited for prices that were told."""
        if self._facts is None:
            return
        with self._facts.transaction() as transaction:
            transaction.mark_told(is_told)

    def _is_settled(self, wait: Wait) -> bool:
        row = self._days.get((wait.mint, wait.day))
        return row is not None and row.due_at is None and row.tries > 0

    def settle(
        self, days: Sequence[Settled], quotes: Sequence[Mint], *, at: datetime, again_at: datetime
    ) -> None:
        """See `PriceStore`."""
        for mint, day, until, told, is_lacking in days:
            row = self._days.get((mint, day))
            if row is not None:
                is_over = until >= (day + 1) * DAY_S
                is_again = not is_over or (is_lacking and row.tries < MOST_TRIES)
                row.due_at = again_at if is_again else None
                row.told = max(row.told, told)
                row.tries += 1
        for mint in quotes:
            if mint in self._quoted:
                self._quoted[mint] = at
        self._mark(self._is_settled)

    def swaps(
        self, days: Sequence[tuple[Mint, int]]
    ) -> Mapping[tuple[Mint, int], tuple[QuotedSwap, ...]]:
        """See `PriceStore`."""
        found = {(mint, day): self._swaps(mint, day) for mint, day in days}
        return {key: swaps for key, swaps in found.items() if swaps}

    def _swaps(self, mint: Mint, day: int) -> tuple[QuotedSwap, ...]:
        quotes = quotes_of(mint)
        found = [
            swap
            for transaction in self._stored
            if transaction.block_time is not None and transaction.block_time // DAY_S == day
            for trade in transaction.trades
            if trade.role is not Role.MAKER and not trade.arbitrage
            for swap in _sides(transaction, trade, mint)
            if swap.quote_mint in quotes
        ]
        return tuple(sorted(found, key=lambda swap: swap.ts))

    def candles(self, mint: Mint, *, since: UnixSeconds, until: UnixSeconds) -> tuple[Candle, ...]:
        """See `PriceReader`."""
        known = sorted(self._candles.get(mint, {}).values(), key=lambda c: (c.start, c.width))
        return tuple(candle for candle in known if since <= candle.start < until)

    def page(
        self, mint: Mint, *, width: Width, since: UnixSeconds, buckets: int
    ) -> tuple[Candle, ...]:
        """See `PriceReader`."""
        known = self.candles(mint, since=since, until=UnixSeconds(2**40))
        narrow = [candle for candle in known if candle.width <= width]
        shown = set(sorted({width.bucket(candle.start) for candle in narrow})[:buckets])
        return tuple(candle for candle in narrow if width.bucket(candle.start) in shown)

    def book(self, spans: Iterable[Span]) -> PriceBook:
        """See `PriceReader`."""
        wanted: dict[Mint, list[Span]] = defaultdict(list)
        for span in merged(spans):
            wanted[span.mint].append(span)
        known = wanted.keys() & self._candles.keys()
        return PriceBook(self._prices(mint, wanted[mint]) for mint in known)

    def _prices(self, mint: Mint, spans: Sequence[Span]) -> MintPrices:
        days = {
            (_state(row), day)
            for (other, day), row in self._days.items()
            if other == mint
            if any(s.start // DAY_S <= day <= (s.end - 1) // DAY_S for s in spans)
        }
        candles = [
            candle
            for candle in self._candles[mint].values()
            if any(candle.start < s.end and candle.end > s.start for s in spans)
        ]
        return MintPrices(
            mint,
            self._decimals.get(mint),
            candles,
            asked=frozenset(day for state, day in days if state is DayState.ASKED),
            pending=frozenset(day for state, day in days if state is DayState.PENDING),
            never=frozenset(day for state, day in days if state is DayState.NEVER),
        )

    def is_pending(self, mint: Mint, *, at: datetime) -> bool:
        """See `PriceReader`."""
        return any(
            row.due_at is not None and row.due_at <= at and row.tries == 0
            for (other, _), row in self._days.items()
            if other == mint
        )

    def outgrown(self, *, now: UnixSeconds, limit: int) -> tuple[tuple[Mint, int], ...]:
        """See `PriceStore`."""
        found = [
            (day, mint)
            for (mint, day), row in self._days.items()
            if row.width is not None and day <= now // DAY_S - KEPT_DAYS[row.width] - 1
        ]
        return tuple((mint, day) for day, mint in sorted(found)[:limit])

    def compact(self, mint: Mint, *, day: int, now: UnixSeconds) -> int:
        """See `PriceStore`."""
        row = self._days.get((mint, day))
        if row is None:
            return 0
        start = UnixSeconds(day * DAY_S)
        before = self.candles(mint, since=start, until=UnixSeconds(start + DAY_S))
        after = compact(before, now)
        for candle in before:
            del self._candles[mint][candle.start, candle.width]
        self._candles[mint] |= {(candle.start, candle.width): candle for candle in after}
        row.width = min((candle.width for candle in after), default=None)
        return len(before) - len(after)


def _state(row: _Day) -> DayState:
    """Return whether more may be told; a row with candles nobody was asked for is a quote's."""
    if row.due_at is not None:
        return DayState.PENDING
    if row.tries:
        return DayState.ASKED
    return DayState.NEVER if row.width is None else DayState.UNNOTED


def _notional(trade: Trade, sol_usd: int) -> int:
    """Return a trade's size in lamports' worth; 0 where neither side tells."""
    worth = {SOL_MINT: 1 * sol_usd, **dict.fromkeys(DOLLARS, 1_000)}
    for mint in QUOTES:
        if trade.sold_mint == mint:
            return trade.sold_raw * worth[mint] // sol_usd
        if trade.bought_mint == mint:
            return trade.bought_raw * worth[mint] // sol_usd
    return 0


def _sides(transaction: NormalizedTransaction, trade: Trade, mint: Mint) -> Iterable[QuotedSwap]:
    """Yield the trade as seen from `mint`, where its decimals are known."""
    decimals, ts = transaction.decimals.get(mint), transaction.block_time
    if decimals is None or ts is None:
        return
    if trade.bought_mint == mint:
        yield QuotedSwap(
            ts, trade.trader, True, trade.bought_raw, decimals, trade.sold_mint, trade.sold_raw
        )
    if trade.sold_mint == mint:
        yield QuotedSwap(
            ts, trade.trader, False, trade.sold_raw, decimals, trade.bought_mint, trade.bought_raw
        )
