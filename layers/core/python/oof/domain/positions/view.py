"""A view: positions of a group of wallets by a choice of its own, in lamports and in dollars.

Unlike stored positions it is folded in one go over everything its members' ledgers hold, with the
prices known by then. What it needs at once is the open lots and the sums of each mint, not the
history.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

from oof.domain.exchanges import EXCHANGE_WALLETS
from oof.domain.positions.figures import figures_of
from oof.domain.positions.fold import Position, Realized
from oof.domain.positions.group import GroupChoice, GroupTransaction, of_group
from oof.domain.positions.lots import PRICED_ORIGINS
from oof.domain.positions.stored import HistoryFold
from oof.domain.positions.valuing import BookPrices
from oof.domain.positions.worth import Ratio
from oof.domain.prices.book import PriceBook
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, Slot, UnixSeconds

USD_PARTS: Final = 10**8
"""Dollars are kept in whole parts of so many: eight decimals."""


@dataclass(slots=True, kw_only=True)
class DollarTotals:
    """What exits came to in dollars, each rounded once; USD are in parts of `USD_PARTS`."""

    realized_usd: int = 0
    """Proceeds less cost less fees, of units whose cost and proceeds have a price."""
    fees_usd: int = 0
    """Within `realized_usd`."""
    excluded_usd: int = 0
    """Got for units whose cost nobody knows, as far as priced: in no profit."""
    counted: int = 0
    """Exits in `realized_usd`."""
    wins: int = 0
    losses: int = 0
    unpriced: int = 0
    """Exits of known units without a price of cost, fees or proceeds."""
    unpriced_raw: int = 0
    fallbacks: int = 0
    """Exits whose lots the method could not rank: they were taken oldest first."""

    def add(self, exit_: Realized) -> None:
        """Count what a sale came to."""
        self.fallbacks += exit_.method_fallback is not None
        whole, proceeds = _parts(exit_.worth.usd), _parts(exit_.proceeds.usd)
        if whole is not None and proceeds is not None:
            self.excluded_usd += whole - proceeds
        if not exit_.qty_raw:
            return
        profit = _parts(exit_.pnl.usd)
        if profit is None:
            self.unpriced += 1
            self.unpriced_raw += exit_.qty_raw
            return
        self.counted += 1
        self.realized_usd += profit
        self.fees_usd += _parts(exit_.entry_fees.plus(exit_.exit_fees).usd) or 0
        self.wins += profit > 0
        self.losses += profit < 0


class ViewPosition(NamedTuple):
    """What one mint came to."""

    mint: Mint
    is_open: bool
    last_slot: Slot
    last_at: UnixSeconds | None
    figures: Mapping[str, int]
    """As of stored positions: base units and lamports."""
    dollars: Mapping[str, int]
    """`DollarTotals`; `cost_usd` and `priced_raw` of the open lots that have a price."""


class ViewFold:
    """A group's history on its way into a view; pages come in chain order."""

    def __init__(self, choice: GroupChoice) -> None:
        self._history = HistoryFold(BookPrices(PriceBook()), method=choice.method)
        self._exchanges: Collection[Address] = (
            EXCHANGE_WALLETS if choice.realize_exchange_transfers else ()
        )
        self._dollars: dict[Mint, DollarTotals] = defaultdict(DollarTotals)
        self._last: dict[Mint, tuple[Slot, UnixSeconds | None]] = {}
        self.transactions = 0

    @property
    def other_fees_lamports(self) -> int:
        """Paid in transactions without a trade of a known position."""
        return self._history.other_fees_lamports

    def add(self, page: Iterable[GroupTransaction], book: PriceBook) -> None:
        """Fold a page; `book` has the prices of its spans."""
        prices = BookPrices(book)
        self._history.fold.valuer = prices
        for transaction in page:
            event = of_group(transaction, prices, exchanges=self._exchanges)
            step = self._history.add(event)
            for each in step.realized:
                if each.bought is not None:
                    self._dollars[each.mint].add(each)
            for mint in step.touched:
                self._last[mint] = (event.slot, event.transaction.at)
            self.transactions += 1

    def positions(self) -> tuple[ViewPosition, ...]:
        """Return where every mint stands, by mint."""
        return tuple(self._position(mint, *last) for mint, last in sorted(self._last.items()))

    def _position(self, mint: Mint, slot: Slot, at: UnixSeconds | None) -> ViewPosition:
        position = self._history.fold.position(mint)
        figures = figures_of(position, self._history.totals[mint])
        dollars = _dollars_of(position, self._dollars[mint])
        return ViewPosition(mint, position.opened is not None, slot, at, figures, dollars)


class ViewTotals(NamedTuple):
    """What all tokens came to, without SOL and the dollars they are paid with."""

    open_count: int
    closed_count: int
    realized_lamports: int
    fees_lamports: int
    excluded_lamports: int
    unpriced: int
    wins: int
    losses: int
    realized_usd: int
    """In parts of `USD_PARTS`, like the next two."""
    fees_usd: int
    excluded_usd: int
    counted_usd: int
    wins_usd: int
    losses_usd: int
    unpriced_usd: int
    fallbacks: int


def totals_of_view(positions: Iterable[ViewPosition]) -> ViewTotals:
    """Return the sums over tokens."""
    tokens = [each for each in positions if each.mint not in QUOTES]

    def lamports(name: str) -> int:
        return sum(each.figures[name] for each in tokens)

    def dollars(name: str) -> int:
        return sum(each.dollars[name] for each in tokens)

    return ViewTotals(
        open_count=sum(each.is_open for each in tokens),
        closed_count=sum(not each.is_open for each in tokens),
        realized_lamports=lamports("realized_lamports"),
        fees_lamports=lamports("fees_lamports"),
        excluded_lamports=lamports("excluded_lamports"),
        unpriced=lamports("unpriced"),
        wins=lamports("wins"),
        losses=lamports("losses"),
        realized_usd=dollars("realized_usd"),
        fees_usd=dollars("fees_usd"),
        excluded_usd=dollars("excluded_usd"),
        counted_usd=dollars("counted"),
        wins_usd=dollars("wins"),
        losses_usd=dollars("losses"),
        unpriced_usd=dollars("unpriced"),
        fallbacks=dollars("fallbacks"),
    )


def usd_text(parts: int) -> str:
    """Return whole parts of a dollar in plain notation."""
    return Ratio(parts, USD_PARTS).text(8)


def _dollars_of(position: Position, totals: DollarTotals) -> dict[str, int]:
    known = [lot for lot in position.book.lots if lot.entry.origin in PRICED_ORIGINS]
    priced = [lot for lot in known if lot.worth.usd is not None]
    costs = (_parts(lot.worth.part(lot.qty_raw, lot.share_of).usd) or 0 for lot in priced)
    return {
        **{part.name: getattr(totals, part.name) for part in fields(DollarTotals)},
        "cost_usd": sum(costs),
        "priced_raw": sum(lot.qty_raw for lot in priced),
    }


def _parts(usd: Ratio | None) -> int | None:
    return None if usd is None else usd.in_parts(USD_PARTS)
