"""What a position came to day by day: sums of its trades, so that all days are all trades.

A UTC day is summed anew as a whole whenever one of its trades is, from the first of them on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Final, NamedTuple

from oof.domain.positions.money import NO_USD, less, sum_usd
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.positions.valuation import EntryValue, ExitValue, OpenValue
from oof.domain.prices.candles import DAY_S
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.domain.windows import NO_DAY


@dataclass(slots=True, kw_only=True)
class DayFigures:
    """Sums over the trades of a position within some days.

    Money of profits is that of exits whose every part has a price: realized = proceeds - cost -
    fees, to the last decimal.
    """

    buys: int = 0
    exits: int = 0
    """Trades that sold some of it."""
    wins: int = 0
    """Exits with a profit in dollars above zero."""
    losses: int = 0
    pending: int = 0
    """Exits whose profit waits for a price."""
    unpriced: int = 0
    """Exits whose profit has no price, for good."""
    unvalued: int = 0
    """Trades either way that are in no volume."""
    realized_lamports: int = 0
    realized_usd: Decimal = NO_USD
    proceeds_usd: Decimal = NO_USD
    cost_usd: Decimal = NO_USD
    fees_usd: Decimal = NO_USD
    excluded_usd: Decimal = NO_USD
    """Got for units of unknown cost or of no known lot: in no profit."""
    volume_usd: Decimal = NO_USD
    """Bought and sold."""
    won_usd: Decimal = NO_USD
    """Profits of wins."""
    lost_usd: Decimal = NO_USD
    """Losses of losses, as a positive number: realized = won - lost."""

    def add_exit(self, value: ExitValue) -> None:
        """Count a sale."""
        self.exits += 1
        self._add_volume(value.volume_usd)
        self.realized_lamports += int(value.row.document["pnl_lamports"] or 0)
        if value.excluded_usd is not None:
            self.excluded_usd = sum_usd((self.excluded_usd, value.excluded_usd))
        if value.pnl_usd is not None:
            self._add_profit(value, value.pnl_usd)
        elif value.has_basis:
            self.pending += value.is_pending
            self.unpriced += not value.is_pending

    def add_entry(self, value: EntryValue) -> None:
        """Count a purchase."""
        self.buys += 1
        self._add_volume(value.volume_usd)

    def add(self, other: "DayFigures") -> None:
        """Add other days."""
        for part in fields(self):
            mine, theirs = getattr(self, part.name), getattr(other, part.name)
            is_money = isinstance(mine, Decimal)
            setattr(self, part.name, sum_usd((mine, theirs)) if is_money else mine + theirs)

    def _add_volume(self, usd: Decimal | None) -> None:
        if usd is None:
            self.unvalued += 1
        else:
            self.volume_usd = sum_usd((self.volume_usd, usd))

    def _add_profit(self, value: ExitValue, profit: Decimal) -> None:
        self.realized_usd = sum_usd((self.realized_usd, profit))
        self.proceeds_usd = sum_usd((self.proceeds_usd, value.proceeds_usd or NO_USD))
        self.cost_usd = sum_usd((self.cost_usd, value.cost_usd or NO_USD))
        self.fees_usd = sum_usd((self.fees_usd, value.fees_usd or NO_USD))
        self.wins += profit > 0
        self.losses += profit < 0
        if profit > 0:
            self.won_usd = sum_usd((self.won_usd, profit))
        else:
            self.lost_usd = less(self.lost_usd, profit)


FIGURES: Final = tuple(part.name for part in fields(DayFigures))
MONEY: Final = tuple(part.name for part in fields(DayFigures) if part.type in {Decimal, "Decimal"})


class DayRow(NamedTuple):
    """One UTC day of one position."""

    mint: Mint
    day: int
    """Days since 1970, or `NO_DAY`."""
    first_slot: Slot
    last_slot: Slot
    """Of the day's own trades."""
    figures: DayFigures
    first_at: UnixSeconds | None = None
    last_at: UnixSeconds | None = None
    """Of the same; None under `NO_DAY`."""


@dataclass(slots=True)
class _Day:
    first_slot: Slot
    last_slot: Slot
    times: list[UnixSeconds] = field(default_factory=list)
    figures: DayFigures = field(default_factory=DayFigures)

    def row(self, mint: Mint, day: int) -> DayRow:
        first, last = min(self.times, default=None), max(self.times, default=None)
        return DayRow(mint, day, self.first_slot, self.last_slot, self.figures, first, last)


def day_of(row: ExitRow | EntryRow) -> int:
    """Return the UTC day of a trade, `NO_DAY` where nobody knows when it was."""
    at = row.document["at"]
    return NO_DAY if at is None else at // DAY_S


class Days:
    """Days on their way to being summed; trades come in any order."""

    def __init__(self) -> None:
        self._days: dict[tuple[Mint, int], _Day] = {}

    def add_exit(self, value: ExitValue) -> None:
        """Count a sale."""
        self._day(value.row).add_exit(value)

    def add_entry(self, value: EntryValue) -> None:
        """Count a purchase."""
        self._day(value.row).add_entry(value)

    def rows(self) -> tuple[DayRow, ...]:
        """Return the days, by mint and day."""
        return tuple(
            day.row(mint, number)
            for (mint, number), day in sorted(self._days.items(), key=lambda item: item[0])
        )

    def _day(self, row: ExitRow | EntryRow) -> DayFigures:
        slot = row.slot
        day = self._days.setdefault((row.mint, day_of(row)), _Day(slot, slot))
        day.first_slot, day.last_slot = min(day.first_slot, slot), max(day.last_slot, slot)
        at = row.document["at"]
        if at is not None:
            times = (*day.times, UnixSeconds(at))
            day.times = [min(times), max(times)]
        return day.figures


class PositionUsd(NamedTuple):
    """A position in dollars, as last valued: the sum of its days, and what its open lots cost."""

    realized: DayFigures
    open: OpenValue


def summed(days: Iterable[DayRow]) -> DayFigures:
    """Return the sums of days."""
    whole = DayFigures()
    for day in days:
        whole.add(day.figures)
    return whole


def figures_of_row(told: Mapping[str, Any]) -> DayFigures:
    """Return figures by name, whatever kind of number each is given as."""
    figures: dict[str, Any] = {
        name: Decimal(told[name]) if name in MONEY else int(told[name]) for name in FIGURES
    }
    return DayFigures(**figures)


def encode_usd(usd: PositionUsd) -> dict[str, str]:
    """Return numbers as text, which JSON does not round."""
    realized = {name: f"{getattr(usd.realized, name)}" for name in FIGURES}
    return realized | {f"open_{name}": f"{value}" for name, value in usd.open._asdict().items()}


def decode_usd(told: Mapping[str, Any]) -> PositionUsd:
    """Undo `encode_usd`."""
    realized = figures_of_row(told)
    cost, fees, *raws = (told[f"open_{name}"] for name in OpenValue._fields)
    return PositionUsd(realized, OpenValue(Decimal(cost), Decimal(fees), *map(int, raws)))
