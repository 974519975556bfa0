"""Portray a wallet that is marked: metrics of every window, and what they class it as.

One transaction under the wallet's row lock: the mark is taken, the newest of its trades, entries,
exits, episodes and moments are read a page at a time, and the portraits of all windows are put in
the place of those before, and the vector beside them. Portraying again what did not change changes
nothing but the time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from oof.app.embed_wallet import embed_wallet
from oof.domain.behaviour.limits import DAY_S, MOST
from oof.domain.behaviour.portray import parts_of, portray
from oof.domain.behaviour.records import (
    CostMark,
    EntryMark,
    ExitMark,
    FirstBuy,
    History,
    TradeMark,
)
from oof.domain.classification.codec import named
from oof.domain.classification.config import DEFAULTS, ClassConfig
from oof.domain.classification.model import Case
from oof.domain.classification.registry import classify
from oof.domain.positions.lots import Origin
from oof.domain.positions.stored import EntryRow
from oof.domain.positions.valuation import Prices, entry_needs
from oof.domain.units import SOL_MINT, Address, Lamports, Mint
from oof.domain.windows import Window, today_of, window_days
from oof.ports.facts import FactStore, FactTransaction
from oof.ports.portraits import ExitMoney, Portrait, RowKey, TradeKey
from oof.ports.system import Clock

SPREAD_S: Final = 4 * 3_600
"""A new day is portrayed within so many seconds of its beginning: wallets take turns."""
_RECEIVED: Final = frozenset({Origin.TRANSFER, Origin.INCOME, Origin.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class PortrayDeps:
    """What portraying needs."""

    facts: FactStore
    clock: Clock
    config: ClassConfig = DEFAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraySizes:
    """How much is read."""

    page: int = 1_000
    most: int = MOST
    """Trades, entries, exits, episodes and moments, each: the newest."""
    mints: int = 500
    """Tokens whose launches are looked up at once."""


SIZES: Final = PortraySizes()


def portray_wallet(wallet: Address, *, deps: PortrayDeps, sizes: PortraySizes = SIZES) -> bool:
    """Portray a wallet whose mark is due; return whether it was.

    Raises `StoreUnavailable` or `Conflict`: nothing happened, or all of it did; try again.
    """
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        held = transaction.lock(wallet)
        if held is None or held.blocked_code is not None:
            return False
        if not transaction.take_portrait(held.wallet_id, at=at):
            return False
        history = _Reading(transaction, held.wallet_id, sizes).history()
        portraits = _portraits(transaction, history, at, deps.config)
        transaction.write_portraits(
            held.wallet_id, portraits, as_of_slot=held.span.newest_slot, at=at
        )
        whole = next(each.behaviour for each in portraits if each.window is Window.ALL)
        embed_wallet(transaction, held.wallet_id, whole, at=at)
        transaction.mark_portrait_again(held.wallet_id, at=_next_day(at, held.wallet_id))
    return True


def _portraits(
    transaction: FactTransaction,
    history: History,
    at: datetime,
    config: ClassConfig,
) -> list[Portrait]:
    spans = {window: window_days(window, today_of(at)) for window in Window}
    parts = parts_of(history, spans.values())
    told = [portray(part, history.episodes) for part in parts]
    cases = [Case(part, behaviour, config) for part, behaviour in zip(parts, told, strict=True)]
    verdicts = [classify(case) for case in cases]
    tx_ids = sorted({tx_id for each in verdicts for v in each for tx_id in v.tx_ids})
    signatures = transaction.signatures_of(tx_ids)
    return [
        Portrait(window, span, behaviour, tuple(named(v, signatures) for v in found))
        for (window, span), behaviour, found in zip(spans.items(), told, verdicts, strict=True)
    ]


def _next_day(at: datetime, wallet_id: int) -> datetime:
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(seconds=DAY_S + wallet_id % SPREAD_S)


class _Reading:
    """A history on its way out of the store."""

    def __init__(self, transaction: FactTransaction, wallet_id: int, sizes: PortraySizes) -> None:
        self._transaction = transaction
        self._wallet_id = wallet_id
        self._sizes = sizes

    def history(self) -> History:
        """Read all that is looked at."""
        trades, costs = self._trades()
        entries, exits = self._entries(), self._exits()
        most, wallet_id, told = self._sizes.most, self._wallet_id, self._transaction
        ends = [each[-1] for each in (trades, entries, exits) if len(each) >= most]
        lowest = max(ends, key=lambda mark: mark.slot) if ends else None
        return History(
            trades=trades,
            costs=costs,
            entries=entries,
            exits=exits,
            episodes=told.episode_marks(wallet_id, limit=most),
            first_buys=self._first_buys(each.mint for each in entries),
            moments=told.moment_notes(wallet_id, limit=most),
            capped_below=None if lowest is None else lowest.slot,
            capped_at=None if lowest is None else lowest.at,
        )

    def _trades(self) -> tuple[list[TradeMark], list[CostMark]]:
        trades: list[TradeMark] = []
        costs: dict[int, CostMark] = {}
        for page in self._pages(self._transaction.trade_marks, _trade_key):
            trades += page
            # A transaction may lie on two pages: it is told of once.
            new = [each for each in page if each.tx_id not in costs]
            told = self._transaction.cost_marks(self._wallet_id, new)
            costs |= {each.tx_id: each for each in told}
        return trades, list(costs.values())

    def _entries(self) -> list[EntryMark]:
        found: list[EntryMark] = []
        for page in self._pages(self._transaction.entry_rows, _entry_key):
            needs = (span for row in page for span in entry_needs(row))
            prices = Prices(book=self._transaction.price_book(needs))
            found += [_entry(row, prices) for row in page]
        return found

    def _exits(self) -> list[ExitMark]:
        return [
            _exit(sold)
            for page in self._pages(self._transaction.exit_rows, _exit_key)
            for sold in page
        ]

    def _first_buys(self, bought: Iterable[Mint]) -> list[FirstBuy]:
        mints, size = sorted(set(bought)), self._sizes.mints
        return [
            each
            for start in range(0, len(mints), size)
            for each in self._transaction.first_buys(self._wallet_id, mints[start : start + size])
        ]

    def _pages[Row, Key](
        self, read: Callable[..., Sequence[Row]], key_of: Callable[[Row], Key]
    ) -> Iterator[Sequence[Row]]:
        """Yield pages, newest first, of `most` rows in all at most."""
        after: Key | None = None
        left = self._sizes.most
        while left > 0:
            limit = min(self._sizes.page, left)
            page = read(self._wallet_id, after=after, limit=limit)
            if page:
                yield page
                after = key_of(page[-1])
            left = left - len(page) if len(page) == limit else 0


def _trade_key(trade: TradeMark) -> TradeKey:
    return TradeKey(trade.slot, trade.tx_id, trade.leg)


def _entry_key(row: EntryRow) -> RowKey:
    return RowKey(row.slot, row.tx_id, row.mint, row.place)


def _exit_key(sold: ExitMoney) -> RowKey:
    return RowKey(sold.row.slot, sold.row.tx_id, sold.row.mint, sold.row.place)


def _entry(row: EntryRow, prices: Prices) -> EntryMark:
    told = row.document
    is_sol = told["sold_mint"] == SOL_MINT
    return EntryMark(
        row.mint,
        row.tx_id,
        row.slot,
        told["at"],
        Lamports(int(told["sold_raw"])) if is_sol else None,
        prices.entry(row).volume_usd,
    )


def _exit(sold: ExitMoney) -> ExitMark:
    row, told = sold.row, sold.row.document
    pnl = told["pnl_lamports"]
    parts = ("qty_raw", "unknown_raw", "unmatched_raw")
    received = (int(lot["qty_raw"]) for lot in told["lots"] if lot["origin"] in _RECEIVED)
    return ExitMark(
        mint=row.mint,
        tx_id=row.tx_id,
        place=row.place,
        slot=row.slot,
        tx_index=told["tx_index"],
        at=told["at"],
        sold_raw=sum(int(told[part]) for part in parts),
        received_raw=sum(received),
        hold_s=_hold(sold),
        proceeds_usd=sold.proceeds_usd,
        cost_usd=sold.cost_usd,
        fees_usd=sold.fees_usd,
        pnl_usd=sold.pnl_usd,
        pnl_lamports=None if pnl is None else int(pnl),
    )


def _hold(sold: ExitMoney) -> int | None:
    """Return how long its units had been held that a trade brought; see `Holding`."""
    told = sold.row.document
    at = told["at"]
    lots = [
        (int(lot["qty_raw"]), lot["at"])
        for lot in told["lots"]
        if lot["origin"] == Origin.TRADE and lot["at"] is not None
    ]
    units = sum(raw for raw, _ in lots)
    if at is None or not units:
        return None
    held: int = sum(raw * max(0, at - since) for raw, since in lots) // units
    return held
