"""Lots of one position, and which of them an exit takes.

A lot is what one entry brought, at what it cost. An exit takes lots in the order of the method,
each in whole units: a partial exit of `q` takes ⌊remaining cost · q / remaining quantity⌋ of each
cost, and the last exit takes the rest, so that no unit of cost is lost or made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from oof.domain.positions.ratio import Ratio
from oof.domain.units import Mint, RawAmount, Slot

_POOL_DIGITS: Final = 10**40
"""A pool's value is kept to so many parts of a dollar: exact ratios would grow with each exit."""


class Method(StrEnum):
    """In which order an exit takes lots; ties are broken oldest first."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    """Dearest first, by the USD a unit cost; see `LotBook.order`."""
    AVERAGE = "avg"
    """One pooled lot at the average cost of what it holds."""


class Moment(NamedTuple):
    """Where in the chain something happened; `tx_index` is None where nobody told it."""

    slot: Slot
    tx_index: int | None


@dataclass(slots=True, kw_only=True)
class Lot:
    """What is left of one entry."""

    opened: Moment
    qty_raw: RawAmount
    """Units left; positive."""
    cost_raw: dict[Mint, RawAmount]
    """What the units left cost, by mint; empty where nobody knows."""
    usd: Ratio | None
    """What the whole entry was worth in USD; None where it was not priced."""
    opened_raw: RawAmount
    """Units that the entry brought."""
    opened_cost_raw: Mapping[Mint, RawAmount]
    sequence: int = 0


class Slice(NamedTuple):
    """What an exit took of one lot."""

    opened: Moment
    qty_raw: RawAmount
    cost_raw: Mapping[Mint, RawAmount]
    usd: Ratio | None
    is_pooled: bool


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

    @property
    def usd(self) -> Ratio | None:
        """What the matched units cost in USD; None where any part is unpriced."""
        total = Ratio(0, 1)
        for part in self.slices:
            if part.usd is None:
                return None
            total = total.plus(part.usd)
        return total


@dataclass(slots=True)
class LotBook:
    """The open lots of one position, oldest first."""

    method: Method = Method.FIFO
    lots: list[Lot] = field(default_factory=list)
    _entries: int = 0

    @property
    def qty_raw(self) -> int:
        """Units in all open lots."""
        return sum(lot.qty_raw for lot in self.lots)

    def enter(
        self,
        opened: Moment,
        qty_raw: RawAmount,
        cost_raw: Mapping[Mint, RawAmount],
        usd: Ratio | None,
    ) -> None:
        """Open a lot; an entry of nothing opens none."""
        if qty_raw <= 0:
            return
        if self.method is Method.AVERAGE and self.lots:
            self._pool(qty_raw, cost_raw, usd)
            return
        self._entries += 1
        self.lots.append(
            Lot(
                opened=opened,
                qty_raw=qty_raw,
                cost_raw=dict(cost_raw),
                usd=usd,
                opened_raw=qty_raw,
                opened_cost_raw=dict(cost_raw),
                sequence=self._entries,
            )
        )

    def exit(self, qty_raw: RawAmount) -> Taken:
        """Take up to `qty_raw` units out of the open lots."""
        order, fallback = self.order()
        slices: list[Slice] = []
        left = int(qty_raw)
        for lot in order:
            if left <= 0:
                break
            part = self._take(lot, min(left, lot.qty_raw))
            slices.append(part)
            left -= part.qty_raw
        self._drop_empty(len(slices))
        matched = RawAmount(qty_raw - left)
        return Taken(tuple(slices), matched, RawAmount(left), fallback if slices else None)

    def order(self) -> tuple[Iterable[Lot], Method | None]:
        """Return the lots as an exit takes them, and the method used if it is another.

        HIFO ranks by USD a unit where every lot is priced, else by cost a unit where all cost one
        and the same mint; where neither is so, lots are taken oldest first.
        """
        if self.method is Method.LIFO:
            return reversed(self.lots), None
        if self.method is not Method.HIFO:
            return self.lots, None
        ranks = _usd_ranks(self.lots) or _cost_ranks(self.lots)
        if ranks is None:
            return self.lots, Method.FIFO
        return sorted(self.lots, key=lambda lot: (-ranks[lot.sequence], lot.sequence)), None

    def _drop_empty(self, touched: int) -> None:
        """Drop what the last exit emptied; it touched so many lots, at one end but for HIFO."""
        if self.method is Method.HIFO:
            self.lots = [lot for lot in self.lots if lot.qty_raw > 0]
        elif self.method is Method.LIFO:
            while self.lots and self.lots[-1].qty_raw == 0:
                self.lots.pop()
        else:
            emptied = sum(lot.qty_raw == 0 for lot in self.lots[:touched])
            del self.lots[:emptied]

    def _take(self, lot: Lot, qty: int) -> Slice:
        is_all = qty == lot.qty_raw
        cost = {
            mint: RawAmount(raw if is_all else raw * qty // lot.qty_raw)
            for mint, raw in lot.cost_raw.items()
        }
        is_pooled = self.method is Method.AVERAGE
        usd = None if lot.usd is None else lot.usd.part(qty, lot.opened_raw)
        lot.qty_raw = RawAmount(lot.qty_raw - qty)
        for mint, raw in cost.items():
            lot.cost_raw[mint] = RawAmount(lot.cost_raw[mint] - raw)
        if is_pooled and lot.usd is not None and usd is not None:
            lot.usd = _coarse(lot.usd.minus(usd))
            lot.opened_raw = lot.qty_raw
        return Slice(lot.opened, RawAmount(qty), cost, usd, is_pooled)

    def _pool(
        self, qty_raw: RawAmount, cost_raw: Mapping[Mint, RawAmount], usd: Ratio | None
    ) -> None:
        [pool] = self.lots
        pool.qty_raw = RawAmount(pool.qty_raw + qty_raw)
        pool.opened_raw = pool.qty_raw
        for mint, raw in cost_raw.items():
            pool.cost_raw[mint] = RawAmount(pool.cost_raw.get(mint, 0) + raw)
        pool.usd = None if pool.usd is None or usd is None else pool.usd.plus(usd)


def _coarse(value: Ratio) -> Ratio:
    return Ratio(value.num * _POOL_DIGITS // value.den, _POOL_DIGITS)


def _usd_ranks(lots: Iterable[Lot]) -> dict[int, Fraction] | None:
    ranks: dict[int, Fraction] = {}
    for lot in lots:
        if lot.usd is None:
            return None
        ranks[lot.sequence] = Fraction(lot.usd.num, lot.usd.den * lot.opened_raw)
    return ranks


def _cost_ranks(lots: Iterable[Lot]) -> dict[int, Fraction] | None:
    ranks: dict[int, Fraction] = {}
    mints: set[Mint] = set()
    for lot in lots:
        mints.update(lot.opened_cost_raw)
        if len(lot.opened_cost_raw) != 1 or len(mints) != 1:
            return None
        [cost] = lot.opened_cost_raw.values()
        ranks[lot.sequence] = Fraction(cost, lot.opened_raw)
    return ranks
