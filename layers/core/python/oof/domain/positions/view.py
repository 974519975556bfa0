"""A view: positions of a group of wallets by a choice of its own, in lamports and in dollars.

Unlike stored positions it is folded in one go over everything its members' ledgers hold. What it
needs at once is the open lots and the sums of each mint, not the history. Exits and open lots are
valued as stored ones are; a pool of average cost is not of one time, so it is worth what the fold
made of it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from oof.domain.labels import EXCHANGE_WALLETS
from oof.domain.positions.days import DayFigures, PositionUsd
from oof.domain.positions.figures import figures_of
from oof.domain.positions.fold import Realized
from oof.domain.positions.group import GroupChoice, GroupTransaction, of_group
from oof.domain.positions.lots import PRICED_ORIGINS, Lot, Method
from oof.domain.positions.money import NO_USD, less, sum_usd, usd_of
from oof.domain.positions.stored import ExitRow, HistoryFold, exit_document
from oof.domain.positions.valuation import ExitValue, Missing, OpenValue, Prices, lot_needs
from oof.domain.positions.valuing import BookPrices
from oof.domain.prices.book import PriceBook, Span
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, Slot, UnixSeconds


class ViewPosition(NamedTuple):
    """What one mint came to."""

    mint: Mint
    is_open: bool
    last_slot: Slot
    last_at: UnixSeconds | None
    figures: Mapping[str, int]
    """As of stored positions: base units and lamports."""
    usd: PositionUsd
    fallbacks: int
    """Exits whose lots the method could not rank: they were taken oldest first."""


class ViewFold:
    """A group's history on its way into a view; pages come in chain order."""

    def __init__(self, choice: GroupChoice) -> None:
        self._is_pooled = choice.method is Method.AVERAGE
        self._history = HistoryFold(BookPrices(PriceBook()), method=choice.method)
        self._exchanges: Collection[Address] = (
            EXCHANGE_WALLETS if choice.realize_exchange_transfers else ()
        )
        self._usd: dict[Mint, DayFigures] = defaultdict(DayFigures)
        self._fallbacks: Counter[Mint] = Counter()
        self._last: dict[Mint, tuple[Slot, UnixSeconds | None]] = {}
        self.transactions = 0

    @property
    def other_fees_lamports(self) -> int:
        """Paid in transactions without a trade of a known position."""
        return self._history.other_fees_lamports

    @property
    def mints(self) -> Sequence[Mint]:
        """Every mint of a position, sorted."""
        return sorted(self._last)

    def add(self, page: Iterable[GroupTransaction], book: PriceBook) -> Sequence[ExitRow]:
        """Fold a page; `book` has the prices of its spans. Returns the exits to be valued."""
        prices = BookPrices(book)
        self._history.fold.valuer = prices
        exits: list[ExitRow] = []
        for transaction in page:
            event = of_group(transaction, prices, exchanges=self._exchanges)
            step = self._history.add(event)
            exits += self._exits(event.tx_id, step.realized)
            for mint in step.touched:
                self._last[mint] = (event.slot, event.transaction.at)
            self.transactions += 1
        return exits

    def value(self, exits: Iterable[ExitRow], prices: Prices) -> None:
        """Count what exits came to in dollars."""
        for row in exits:
            self._usd[row.mint].add_exit(prices.exit(row))

    def needs(self, mints: Iterable[Mint]) -> Iterator[Span]:
        """Yield the minutes whose prices tell what is held of some mints cost."""
        if not self._is_pooled:
            for mint in mints:
                for lot in self._history.fold.position(mint).book.lots:
                    yield from lot_needs(mint, lot)

    def positions(self, mints: Iterable[Mint], prices: Prices) -> Iterator[ViewPosition]:
        """Yield where some mints stand; `prices` has what they need."""
        for mint in mints:
            position = self._history.fold.position(mint)
            lots = position.book.lots
            yield ViewPosition(
                mint,
                position.opened is not None,
                *self._last[mint],
                figures_of(position, self._history.totals[mint]),
                PositionUsd(
                    self._usd[mint],
                    _of_pools(lots) if self._is_pooled else prices.lots(mint, lots),
                ),
                self._fallbacks[mint],
            )

    def _exits(self, tx_id: int, realized: Iterable[Realized]) -> Iterator[ExitRow]:
        for place, each in enumerate(realized):
            if each.bought is None:
                continue
            self._fallbacks[each.mint] += each.method_fallback is not None
            row = ExitRow(each.mint, each.moment.slot, tx_id, place, exit_document(each))
            if self._is_pooled:
                self._usd[each.mint].add_exit(_of_worth(each, row))
            else:
                yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTotals:
    """What all tokens came to, without SOL and the dollars they are paid with."""

    open_count: int
    closed_count: int
    realized_lamports: int
    fees_lamports: int
    excluded_lamports: int
    unpriced: int
    wins: int
    losses: int
    fallbacks: int
    usd: DayFigures


def totals_of_view(positions: Iterable[ViewPosition]) -> ViewTotals:
    """Return the sums over tokens."""
    tokens = [each for each in positions if each.mint not in QUOTES]
    usd = DayFigures()
    for each in tokens:
        usd.add(each.usd.realized)

    def total(name: str) -> int:
        return sum(each.figures[name] for each in tokens)

    return ViewTotals(
        open_count=sum(each.is_open for each in tokens),
        closed_count=sum(not each.is_open for each in tokens),
        realized_lamports=total("realized_lamports"),
        fees_lamports=total("fees_lamports"),
        excluded_lamports=total("excluded_lamports"),
        unpriced=total("unpriced"),
        wins=total("wins"),
        losses=total("losses"),
        fallbacks=sum(each.fallbacks for each in tokens),
        usd=usd,
    )


def _of_worth(exit_: Realized, row: ExitRow) -> ExitValue:
    """Return a sale out of a pool, by what the fold made its parts worth."""
    proceeds, cost = usd_of(exit_.proceeds.usd), usd_of(exit_.cost.usd)
    fees, volume = usd_of(exit_.entry_fees.plus(exit_.exit_fees).usd), usd_of(exit_.worth.usd)
    profit = None
    if exit_.qty_raw and proceeds is not None and cost is not None and fees is not None:
        profit = less(proceeds, cost, fees)
    return ExitValue(
        row,
        proceeds,
        cost,
        fees,
        profit,
        volume,
        None if volume is None or proceeds is None else less(volume, proceeds),
        () if profit is not None else (Missing.NO_PRICE,),
        {},
    )


def _of_pools(pools: Iterable[Lot]) -> OpenValue:
    """Return what pools hold, by what the fold made it worth."""
    cost: list[Decimal] = [NO_USD]
    fees: list[Decimal] = [NO_USD]
    priced_raw = unpriced_raw = unknown_raw = 0
    for pool in pools:
        spent = usd_of(pool.worth.part(pool.qty_raw, pool.share_of).usd)
        paid = usd_of(pool.fees.part(pool.qty_raw, pool.share_of).usd)
        if pool.entry.origin not in PRICED_ORIGINS:
            unknown_raw += pool.qty_raw
        elif spent is None or paid is None:
            unpriced_raw += pool.qty_raw
        else:
            priced_raw += pool.qty_raw
            cost.append(spent)
            fees.append(paid)
    return OpenValue(sum_usd(cost), sum_usd(fees), priced_raw, 0, unpriced_raw, unknown_raw)
