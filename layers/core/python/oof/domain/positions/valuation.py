"""What stored trades were worth in dollars, at the prices of their own minutes.

Matching never depends on prices: lots and exits are as the fold left them, and this only puts a
price beside each. So prices may come late, or in any order, and nothing is folded again::

    worth of a trade   = its first priced leg of SOL, USDC, USDT, sold, bought
    proceeds of an exit = that, for the units whose cost is known
    cost               = what those units' entries were worth, each at its own time
    profit             = proceeds - cost - fees, fees being lamports at SOL's price then

Each part is rounded to eight decimals and sums are exact. What has no price is missing: it is told
why, counted, and never 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from oof.domain.positions.lots import PRICED_ORIGINS, Lot, Origin
from oof.domain.positions.money import NO_USD, less, rounded_usd, sum_usd
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.prices.book import DayState, PriceBook, Span, Valued
from oof.domain.prices.candles import DAY_S
from oof.domain.tokens import QUOTES
from oof.domain.units import SOL_MINT, Mint, RawAmount, Slot, UnixSeconds


class Missing(StrEnum):
    """Why something has no worth in dollars."""

    PENDING = "pending"
    """Its price is still to be asked for."""
    NO_PRICE = "no_price"
    """Everybody was asked, and nobody told."""
    TOO_OLD = "too_old"
    """It is older than what prices are asked for."""
    NO_TIME = "no_time"
    """Nobody knows when it was."""
    FEES = "fees"
    """A fee was paid in something that has no worth in SOL."""


class Wait(NamedTuple):
    """A price that may still come, or become a better one."""

    mint: Mint
    """Whose price."""
    day: int
    from_slot: Slot
    """The first trade that needs it."""
    is_missing: bool
    """Whether there is none yet."""


class Worth(NamedTuple):
    """An amount in dollars, or why there is none."""

    usd: Decimal | None
    missing: Missing | None = None
    by: Mapping[str, Any] | None = None
    """The leg it was read off, its price, and who told it."""
    confidence: int | None = None
    """Percent; None where no price was needed."""


class ExitValue(NamedTuple):
    """What a sale came to in dollars; parts that have no worth are None."""

    row: ExitRow
    proceeds_usd: Decimal | None
    """Of the units whose cost is known."""
    cost_usd: Decimal | None
    fees_usd: Decimal | None
    """On entry and exit."""
    pnl_usd: Decimal | None
    volume_usd: Decimal | None
    """What the whole sale was worth."""
    excluded_usd: Decimal | None
    """What was got for units of unknown cost, or of no known lot."""
    missing: tuple[Missing, ...]
    """Why there is no profit told; empty where there is, or where no cost is known."""
    basis: Mapping[str, Any]
    """What each part rests on, as it is stored and shown."""

    @property
    def has_basis(self) -> bool:
        """Whether the cost of some of it is known, so that a profit or loss was made."""
        return int(self.row.document["qty_raw"]) > 0

    @property
    def is_pending(self) -> bool:
        """Whether the profit may be told yet."""
        return self.has_basis and Missing.PENDING in self.missing


class EntryValue(NamedTuple):
    """What a purchase was worth in dollars."""

    row: EntryRow
    volume_usd: Decimal | None


class OpenValue(NamedTuple):
    """What is held, by whether its cost is known in dollars."""

    cost_usd: Decimal
    """Of `priced_raw`, without fees."""
    fees_usd: Decimal
    """Paid on entry, of the same."""
    priced_raw: int
    pending_raw: int
    unpriced_raw: int
    unknown_raw: int
    """Units that came in without a cost anybody knows."""


class _Leg(NamedTuple):
    mint: Mint
    raw: int


_LAST: Final = len(QUOTES)
_OPEN: Final = frozenset({DayState.PENDING, DayState.UNNOTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Values trades and lots by the prices that are known."""

    book: PriceBook

    def exit(self, row: ExitRow) -> ExitValue:
        """Return what a sale came to."""
        told = row.document
        at = told["at"]
        known, others = int(told["qty_raw"]), int(told["unknown_raw"]) + int(told["unmatched_raw"])
        sold_raw = known + others
        legs = _Leg(row.mint, sold_raw), _Leg(Mint(told["bought_mint"]), int(told["bought_raw"]))
        whole = self._worth(legs, at)
        usd = whole.usd
        lots = [self._slice(lot, row.mint) for lot in told["lots"] if has_cost(lot["origin"])]
        exit_fees = self._fees(told["exit_fees_lamports"], at)
        costs = [cost for cost, _ in lots]
        fees = [exit_fees, *(fee for _, fee in lots)]
        parts = (whole, *costs, *fees) if known else ()
        missing = tuple(sorted({part.missing for part in parts if part.missing is not None}))
        proceeds = None if usd is None else rounded_usd(usd, of=known, whole=sold_raw)
        cost, paid = _sum(costs), _sum(fees)
        volume = None if usd is None else rounded_usd(usd)
        return ExitValue(
            row,
            proceeds,
            cost,
            paid,
            less(proceeds, cost, paid)
            if known and proceeds is not None and cost is not None and paid is not None
            else None,
            volume,
            None if volume is None or proceeds is None else less(volume, proceeds),
            missing,
            _basis(whole, lots, exit_fees, parts, missing),
        )

    def entry(self, row: EntryRow) -> EntryValue:
        """Return what a purchase was worth."""
        usd = self._worth(_entry_legs(row), row.document["at"]).usd
        return EntryValue(row, None if usd is None else rounded_usd(usd))

    def lots(self, mint: Mint, lots: Iterable[Lot]) -> OpenValue:
        """Return what open lots cost, each at its own time and rounded by itself."""
        cost, fees = [NO_USD], [NO_USD]
        raw = dict.fromkeys(("priced", "pending", "unpriced", "unknown"), 0)
        for lot in lots:
            state = "unknown"
            if lot.entry.origin in PRICED_ORIGINS:
                worth, paid = self.lot(mint, lot)
                missing = {worth.missing, paid.missing} - {None}
                if worth.usd is not None and paid.usd is not None:
                    state = "priced"
                    cost.append(worth.usd)
                    fees.append(paid.usd)
                else:
                    state = "pending" if Missing.PENDING in missing else "unpriced"
            raw[state] += lot.qty_raw
        return OpenValue(
            sum_usd(cost),
            sum_usd(fees),
            raw["priced"],
            raw["pending"],
            raw["unpriced"],
            raw["unknown"],
        )

    def lot(self, mint: Mint, lot: Lot) -> tuple[Worth, Worth]:
        """Return what is left of a lot whose cost is known cost, and the fees on it."""
        paid = lot.fees.part(lot.qty_raw, lot.share_of).lamports
        legs = [_Leg(m, raw) for m, raw in lot.cost_raw.items()] + [_Leg(mint, lot.qty_raw)]
        lamports = None if paid is None else str(paid.in_parts(1))
        at = lot.entry.at
        return self._rounded(legs, at, lot.entry.origin), self._fees(lamports, at)

    def _slice(self, lot: Mapping[str, Any], mint: Mint) -> tuple[Worth, Worth]:
        at, origin = lot["at"], Origin(lot["origin"])
        return self._rounded(_slice_legs(lot, mint), at, origin), self._fees(
            lot["fees_lamports"], at
        )

    def _rounded(self, legs: Sequence[_Leg], at: UnixSeconds | None, origin: Origin) -> Worth:
        worth = self._worth(legs, at)
        if worth.usd is not None:
            return worth._replace(usd=rounded_usd(worth.usd))
        # of what came back without a trade nobody asks the day's price
        is_final = origin is not Origin.TRADE and worth.missing is Missing.PENDING
        return worth._replace(missing=Missing.NO_PRICE) if is_final else worth

    def _fees(self, lamports: str | None, at: UnixSeconds | None) -> Worth:
        if lamports is None:
            return Worth(None, Missing.FEES)
        if lamports == "0":
            return Worth(NO_USD)
        worth = self._worth([_Leg(SOL_MINT, int(lamports))], at)
        return worth if worth.usd is None else worth._replace(usd=rounded_usd(worth.usd))

    def _worth(self, legs: Sequence[_Leg], at: UnixSeconds | None) -> Worth:
        """Return what legs are worth, exactly, by the first that has a price."""
        if at is None:
            return Worth(None, Missing.NO_TIME)
        ordered = sorted(legs, key=lambda leg: QUOTES.index(leg.mint) if _is_quote(leg) else _LAST)
        for leg in ordered:
            valued = self.book.value(leg.mint, RawAmount(leg.raw), at)
            if valued is not None:
                return Worth(valued.usd, None, _told(leg, valued), valued.priced.confidence)
        return Worth(None, self._why([leg.mint for leg in legs], at))

    def _why(self, mints: Sequence[Mint], at: UnixSeconds) -> Missing:
        states = {self.book.day_state(mint, at) for mint in mints}
        if states & _OPEN:
            return Missing.PENDING
        return Missing.TOO_OLD if DayState.NEVER in states else Missing.NO_PRICE


def exit_needs(row: ExitRow) -> Iterator[Span]:
    """Yield the minutes whose prices tell what a sale came to."""
    told = row.document
    yield from _points((row.mint, told["bought_mint"], SOL_MINT), told["at"])
    for lot in told["lots"]:
        if has_cost(lot["origin"]):
            mints = [leg.mint for leg in _slice_legs(lot, row.mint)]
            yield from _points((*mints, SOL_MINT), lot["at"])


def entry_needs(row: EntryRow) -> Iterator[Span]:
    """Yield the minutes whose prices tell what a purchase was worth, and the lot it opened cost."""
    yield from _points([*(leg.mint for leg in _entry_legs(row)), SOL_MINT], row.document["at"])


def lot_needs(mint: Mint, lot: Lot) -> Iterator[Span]:
    """Yield the minutes whose prices tell what a lot cost."""
    if lot.entry.origin in PRICED_ORIGINS:
        yield from _points((*lot.cost_raw, mint, SOL_MINT), lot.entry.at)


def waits_of(needs: Iterable[Span], slot: Slot, prices: Prices) -> Iterator[Wait]:
    """Yield what of these prices may still come, or change: days nobody is done with."""
    book = prices.book
    for mint, at, _ in needs:
        if book.day_state(mint, at) in _OPEN:
            yield Wait(mint, at // DAY_S, slot, book.at_minute(mint, at) is None)


def _points(mints: Iterable[Mint | str], at: UnixSeconds | None) -> Iterator[Span]:
    if at is not None:
        yield from (Span(Mint(mint), at, UnixSeconds(at + 1)) for mint in mints)


def _slice_legs(lot: Mapping[str, Any], mint: Mint) -> list[_Leg]:
    given = [_Leg(Mint(paid), int(raw)) for paid, raw in lot["cost_raw"].items()]
    return [*given, _Leg(mint, int(lot["qty_raw"]))]


def _entry_legs(row: EntryRow) -> tuple[_Leg, _Leg]:
    told = row.document
    given = _Leg(Mint(told["sold_mint"]), int(told["sold_raw"]))
    return given, _Leg(row.mint, int(told["qty_raw"]))


def _is_quote(leg: _Leg) -> bool:
    return leg.mint in QUOTES


def has_cost(origin: str) -> bool:
    """Return whether the cost of what came in so is known, by the origin's name."""
    return Origin(origin) in PRICED_ORIGINS


def _sum(parts: Sequence[Worth]) -> Decimal | None:
    told = [part.usd for part in parts if part.usd is not None]
    return sum_usd(told) if len(told) == len(parts) else None


def _told(leg: _Leg, valued: Valued) -> dict[str, Any]:
    priced = valued.priced
    return {
        "mint": leg.mint,
        "price_usd": str(priced.usd),
        "start": priced.start,
        "width": int(priced.width),
        "source": priced.source.value,
        "confidence": priced.confidence,
    }


def _basis(
    whole: Worth,
    lots: Sequence[tuple[Worth, Worth]],
    exit_fees: Worth,
    parts: Sequence[Worth],
    missing: Sequence[Missing],
) -> dict[str, Any]:
    confidences = [part.confidence for part in parts if part.confidence is not None]
    return {
        "missing": [each.value for each in missing],
        "confidence": min(confidences, default=None),
        "proceeds": whole.by,
        "exit_fees_usd": _text(exit_fees.usd),
        "exit_fees": exit_fees.by,
        "lots": [
            {
                "cost_usd": _text(cost.usd),
                "cost": cost.by,
                "fees_usd": _text(fees.usd),
                "fees": fees.by,
                "missing": sorted({each.missing for each in (cost, fees) if each.missing}),
            }
            for cost, fees in lots
        ],
    }


def _text(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:f}"
