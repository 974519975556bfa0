"""Lots of one position, and which of them an exit takes.

A lot is what one entry brought, at what it cost. An exit takes lots in the order of the method,
each in whole units: a partial exit of `q` takes ⌊remaining cost · q / remaining quantity⌋ of each
cost, and the last exit takes the rest, so that no unit of cost is lost or made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from oof.domain.positions.worth import NOTHING, UNKNOWN, Ratio, Worth
from oof.domain.units import Mint, RawAmount, Signature, Slot, UnixSeconds

_LAST: Final = Fraction(1)
"""Behind every rank: those are what a unit cost, below zero."""
_POOL_PARTS: Final = 10**40
"""A pool's worth is kept to so many parts of a unit: exact ratios would grow with each exit."""


class Method(StrEnum):
    """In which order an exit takes lots; ties are broken oldest first."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    """Dearest first, by the USD a unit cost; see `LotBook.order`."""
    AVERAGE = "avg"
    """One pooled lot at the average cost of what it holds.

    What came in without a known cost is a pool of its own, so that it makes no other unknown; the
    pool that was opened first is taken first.
    """


class Moment(NamedTuple):
    """Where in the chain something happened; `tx_index` is None where nobody told it."""

    slot: Slot
    tx_index: int | None


class Origin(StrEnum):
    """How units came in; only a trade tells what they cost."""

    TRADE = "trade"
    OPENING = "opening"
    """Held before the oldest transaction that is known."""
    TRANSFER = "transfer"
    INCOME = "income"
    RENT = "rent"
    """Came back from an account that was closed, at what it is worth."""
    UNKNOWN = "unknown"


PRICED_ORIGINS: Final = frozenset({Origin.TRADE, Origin.RENT})
"""How units came in whose cost is known."""


class Entry(NamedTuple):
    """What came in at once."""

    opened: Moment
    qty_raw: RawAmount
    cost_raw: Mapping[Mint, RawAmount]
    """What it cost, by mint; empty where nobody knows."""
    worth: Worth = UNKNOWN
    """What was given for it, in money."""
    fees: Worth = NOTHING
    """What was paid around it, apart from its cost."""
    origin: Origin = Origin.TRADE
    signature: Signature | None = None
    at: UnixSeconds | None = None


@dataclass(slots=True)
class Lot:
    """What is left of one entry."""

    entry: Entry
    qty_raw: int
    """Units left; positive."""
    cost_raw: dict[Mint, RawAmount]
    """What the units left cost, by mint."""
    worth: Worth
    fees: Worth
    share_of: int
    """The units that `worth` and `fees` stand for."""


class Slice(NamedTuple):
    """What an exit took of one lot."""

    entry: Entry
    """How it came in; of a pool, the first of its entries."""
    qty_raw: RawAmount
    cost_raw: Mapping[Mint, RawAmount]
    worth: Worth
    fees: Worth


class Taken(NamedTuple):
    """What an exit found, in order of consumption."""

    slices: tuple[Slice, ...]
    matched_raw: RawAmount
    unmatched_raw: RawAmount
    """Units beyond all known lots."""
    method_fallback: Method | None
    """The method used where the one asked for could not rank the lots."""

    @property
    def cost_raw(self) -> dict[Mint, RawAmount]:
        """What the matched units cost, by mint."""
        total: dict[Mint, RawAmount] = {}
        for part in self.slices:
            for mint, raw in part.cost_raw.items():
                total[mint] = RawAmount(total.get(mint, 0) + raw)
        return total


@dataclass(slots=True)
class LotBook:
    """The open lots of one position, oldest first."""

    method: Method = Method.FIFO
    lots: list[Lot] = field(default_factory=list)

    @property
    def qty_raw(self) -> int:
        """Units in all open lots."""
        return sum(lot.qty_raw for lot in self.lots)

    def enter(self, entry: Entry) -> None:
        """Open a lot; an entry of nothing opens none."""
        qty = entry.qty_raw
        if qty <= 0:
            return
        pool = self._pool(entry)
        if pool is not None:
            _pool(pool, entry)
            return
        self.lots.append(Lot(entry, qty, dict(entry.cost_raw), entry.worth, entry.fees, qty))

    def exit(self, qty_raw: RawAmount) -> Taken:
        """Take up to `qty_raw` units out of the open lots."""
        order, fallback = self.order()
        take = _take_of_pool if self.method is Method.AVERAGE else _take
        slices: list[Slice] = []
        left: int = qty_raw
        for lot in order:
            if left <= 0:
                break
            part = take(lot, min(left, lot.qty_raw))
            slices.append(part)
            left -= part.qty_raw
        self._drop_empty(len(slices))
        matched = RawAmount(qty_raw - left)
        return Taken(tuple(slices), matched, RawAmount(left), fallback if slices else None)

    def restore(self, slices: Iterable[Slice]) -> None:
        """Take back what an exit took of another book, as old as it was."""
        for part in slices:
            pool = self._pool(part.entry)
            if pool is not None:
                _pool(pool, part)
            else:
                cost, qty = dict(part.cost_raw), part.qty_raw
                self.lots.append(Lot(part.entry, qty, cost, part.worth, part.fees, qty))
        self.lots.sort(key=_age)

    def order(self) -> tuple[Iterable[Lot], Method | None]:
        """Return the lots as an exit takes them, and the method used if it is another.

        HIFO ranks by USD a unit where every lot of known cost is priced, else by cost a unit where
        all cost one and the same mint, and takes what nobody knows the cost of last; where neither
        is so, lots are taken oldest first.
        """
        if self.method is Method.LIFO:
            return reversed(self.lots), None
        if self.method is not Method.HIFO:
            return self.lots, None
        rank = _ranking(self.lots)
        if rank is None:
            return self.lots, Method.FIFO
        # Sorting is stable, and lots stand oldest first.
        return sorted(self.lots, key=rank), None

    def _pool(self, entry: Entry) -> Lot | None:
        """Return the pool that an entry joins; None where it opens a lot of its own."""
        if self.method is not Method.AVERAGE:
            return None
        is_priced = entry.origin in PRICED_ORIGINS
        return next((p for p in self.lots if (p.entry.origin in PRICED_ORIGINS) is is_priced), None)

    def _drop_empty(self, touched: int) -> None:
        """Drop what the last exit emptied; it touched so many lots, at one end but for HIFO."""
        if self.method is Method.HIFO:
            self.lots = [lot for lot in self.lots if lot.qty_raw]
        elif self.method is Method.LIFO:
            while self.lots and not self.lots[-1].qty_raw:
                self.lots.pop()
        else:
            emptied = sum(not lot.qty_raw for lot in self.lots[:touched])
            del self.lots[:emptied]


def _age(lot: Lot) -> tuple[int, bool, int]:
    slot, index = lot.entry.opened
    return slot, index is None, index or 0


def _take(lot: Lot, qty: int) -> Slice:
    whole = lot.share_of
    if qty == lot.qty_raw:
        cost = lot.cost_raw
        lot.cost_raw = {}
    else:
        cost = {mint: RawAmount(raw * qty // lot.qty_raw) for mint, raw in lot.cost_raw.items()}
        lot.cost_raw = {mint: RawAmount(raw - cost[mint]) for mint, raw in lot.cost_raw.items()}
    lot.qty_raw -= qty
    worth, fees = lot.worth, lot.fees
    return Slice(
        lot.entry,
        RawAmount(qty),
        cost,
        worth if worth is UNKNOWN else worth.part(qty, whole),
        fees if fees is NOTHING else fees.part(qty, whole),
    )


def _take_of_pool(pool: Lot, qty: int) -> Slice:
    part = _take(pool, qty)
    pool.worth = _coarse(pool.worth.minus(part.worth))
    pool.fees = _coarse(pool.fees.minus(part.fees))
    pool.share_of = pool.qty_raw
    return part


def _pool(pool: Lot, added: Entry | Slice) -> None:
    pool.qty_raw += added.qty_raw
    pool.share_of = pool.qty_raw
    for mint, raw in added.cost_raw.items():
        pool.cost_raw[mint] = RawAmount(pool.cost_raw.get(mint, 0) + raw)
    pool.worth = pool.worth.plus(added.worth)
    pool.fees = pool.fees.plus(added.fees)


def _coarse(worth: Worth) -> Worth:
    usd, lamports = (
        None if each is None else Ratio(each.in_parts(_POOL_PARTS), _POOL_PARTS) for each in worth
    )
    return Worth(usd, lamports)


def _ranking(lots: Sequence[Lot]) -> Callable[[Lot], Fraction] | None:
    """Return what sorts the dearest lot first; None where the lots cannot be compared.

    By what a unit cost when it came in: what was rounded off since moves no lot.
    """
    known = [lot for lot in lots if lot.entry.origin in PRICED_ORIGINS]
    if all(lot.entry.worth.usd is not None for lot in known):
        return _usd_a_unit
    mints = {mint for lot in known for mint in lot.entry.cost_raw}
    if len(mints) == 1 and all(lot.entry.cost_raw for lot in known):
        return _cost_a_unit
    return None


def _usd_a_unit(lot: Lot) -> Fraction:
    usd = lot.entry.worth.usd
    if lot.entry.origin not in PRICED_ORIGINS:
        return _LAST
    if usd is None:
        raise ValueError("an unpriced lot has no rank")
    return -Fraction(usd.num, usd.den * lot.entry.qty_raw)


def _cost_a_unit(lot: Lot) -> Fraction:
    if lot.entry.origin not in PRICED_ORIGINS:
        return _LAST
    [cost] = lot.entry.cost_raw.values()
    return -Fraction(cost, lot.entry.qty_raw)
