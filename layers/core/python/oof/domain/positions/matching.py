"""Matches the exits of trades against lots: what `./oof positions` prints.

Every mint is a position here, SOL and stablecoins included: a trade exits what it sold, then
enters what it bought at the cost of what it sold. Trades are all there is at this level; fees,
transfers and prices of the served positions are in `fold`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from oof.domain.positions.lots import Entry, Lot, LotBook, Method, Moment, Slice, Taken
from oof.domain.positions.worth import UNKNOWN, ZERO, Ratio, Worth
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, RawAmount, UnixSeconds

type PriceOf = Callable[[Mint, RawAmount, UnixSeconds], Ratio | None]
"""Returns what an amount of a mint was worth in USD at a time; None where nobody knows."""


class TradeRow(NamedTuple):
    """One trade of a wallet; both amounts are in base units and not negative."""

    wallet: Address
    moment: Moment
    block_time: UnixSeconds | None
    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount


class Realized(NamedTuple):
    """What an exit got for units whose lots are known."""

    wallet: Address
    mint: Mint
    moment: Moment
    qty_raw: RawAmount
    cost_raw: Mapping[Mint, RawAmount]
    proceeds_raw: Mapping[Mint, RawAmount]
    pnl_usd: Ratio | None
    """Proceeds less cost; None where either is not wholly priced."""
    slices: tuple[Slice, ...]
    method_fallback: Method | None


class Unmatched(NamedTuple):
    """What an exit got for units beyond all known lots."""

    wallet: Address
    mint: Mint
    moment: Moment
    qty_raw: RawAmount
    proceeds_raw: Mapping[Mint, RawAmount]


class Open(NamedTuple):
    """A lot that is left."""

    wallet: Address
    mint: Mint
    lot: Lot


def chain_order(row: TradeRow) -> tuple[Address, int, bool, int]:
    """Return the key that trades are matched in: by wallet, slot and index, unknown ones last."""
    slot, index = row.moment
    return row.wallet, slot, index is None, index or 0


def match_trades(
    rows: Iterable[TradeRow], *, method: Method, price_of: PriceOf | None = None
) -> Iterator[Realized | Unmatched | Open]:
    """Match trades, in their order within a slot and index, and end with the lots left.

    Yields what each trade's exit came to, then what is open, by wallet, mint and age.
    """
    books: dict[tuple[Address, Mint], LotBook] = {}
    for row in sorted(rows, key=chain_order):
        usd = None if price_of is None else value_of(row, price_of)
        sold = books.get((row.wallet, row.sold_mint))
        if sold is None:
            sold = books[row.wallet, row.sold_mint] = LotBook(method)
        if row.sold_raw > 0:
            yield from _exit(row, sold, usd)
        bought = books.get((row.wallet, row.bought_mint))
        if bought is None:
            bought = books[row.wallet, row.bought_mint] = LotBook(method)
        worth = UNKNOWN if usd is None else Worth(usd, None)
        bought.enter(Entry(row.moment, row.bought_raw, {row.sold_mint: row.sold_raw}, worth))
    for wallet, mint in sorted(books):
        for lot in books[wallet, mint].lots:
            yield Open(wallet, mint, lot)


def value_of(row: TradeRow, price_of: PriceOf) -> Ratio | None:
    """Return what a trade was worth in USD, by the first of its legs that has a price."""
    if row.block_time is None:
        return None
    legs = {row.bought_mint: row.bought_raw, row.sold_mint: row.sold_raw}
    for mint in (*QUOTES, row.sold_mint, row.bought_mint):
        if mint in legs:
            usd = price_of(mint, legs[mint], row.block_time)
            if usd is not None:
                return usd
    return None


def _exit(row: TradeRow, book: LotBook, usd: Ratio | None) -> Iterator[Realized | Unmatched]:
    taken = book.exit(row.sold_raw)
    matched_proceeds = RawAmount(row.bought_raw * taken.matched_raw // row.sold_raw)
    if taken.matched_raw:
        yield Realized(
            wallet=row.wallet,
            mint=row.sold_mint,
            moment=row.moment,
            qty_raw=taken.matched_raw,
            cost_raw=taken.cost_raw,
            proceeds_raw={row.bought_mint: matched_proceeds},
            pnl_usd=None if usd is None else _pnl(usd.part(taken.matched_raw, row.sold_raw), taken),
            slices=taken.slices,
            method_fallback=taken.method_fallback,
        )
    if taken.unmatched_raw:
        rest = RawAmount(row.bought_raw - matched_proceeds)
        yield Unmatched(
            row.wallet, row.sold_mint, row.moment, taken.unmatched_raw, {row.bought_mint: rest}
        )


def _pnl(proceeds: Ratio, taken: Taken) -> Ratio | None:
    cost = ZERO
    for part in taken.slices:
        if part.worth.usd is None:
            return None
        cost = cost.plus(part.worth.usd)
    return proceeds.minus(cost)
