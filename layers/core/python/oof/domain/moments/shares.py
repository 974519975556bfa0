"""Exits by what they took of known lots: units that were bought, at a known cost and time."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import lot_part
from oof.domain.moments.formulas import plain, total_of, units_of
from oof.domain.moments.model import Exit, Json, LotSlice
from oof.domain.moments.worth import Legs, LegWorth, worth_of
from oof.domain.positions.lots import Origin
from oof.domain.units import RawAmount, UnixSeconds


class Part(NamedTuple):
    """Units of one lot, with what is known of them."""

    lot: LotSlice
    units: Decimal
    cost_usd: Decimal
    since: UnixSeconds


class Sale(NamedTuple):
    """An exit with a known worth, and the parts of lots it took."""

    exit: Exit
    at: UnixSeconds
    received: LegWorth
    """For all units."""
    sold_units: Decimal
    parts: tuple[Part, ...]

    def share_of(self, raw: int) -> Fraction:
        """Return what was received for so many of the units."""
        return Fraction(self.received.usd) * raw / self.exit.sold_raw


class Held(NamedTuple):
    """Several parts together."""

    raw: RawAmount
    units: Decimal
    cost_usd: Decimal


def sales_of(case: Case) -> Iterable[Sale]:
    """Yield the exits of known worth that took known lots, in chain order; dust left out."""
    if case.is_quote or case.decimals is None:
        return
    for exit_ in case.story.exits:
        sale = _sale(case, exit_, case.decimals)
        if sale is not None and sale.received.usd >= case.config.dust_usd:
            yield sale


def parts_of(case: Case, lots: Iterable[LotSlice], decimals: int) -> tuple[Part, ...]:
    """Return the lots that were bought at a known time and cost."""
    found = []
    for lot in lots:
        cost = _cost(case, lot)
        is_bought = lot.origin is Origin.TRADE and lot.qty_raw > 0
        if is_bought and lot.at is not None and cost is not None and cost > 0:
            found.append(Part(lot, units_of(lot.qty_raw, decimals), cost, lot.at))
    return tuple(found)


def held_in(parts: Sequence[Part]) -> Held:
    """Return the sums of parts."""
    return Held(
        RawAmount(sum(part.lot.qty_raw for part in parts)),
        total_of(part.units for part in parts),
        total_of(part.cost_usd for part in parts),
    )


def those(parts: Iterable[Part], is_one: Callable[[Part], bool]) -> tuple[Part, ...]:
    """Return the parts a condition holds for."""
    return tuple(part for part in parts if is_one(part))


def lots_told(
    case: Case, parts: Sequence[Part], more: Sequence[dict[str, Json]], values: Sequence[Decimal]
) -> dict[str, Json]:
    """Return the evidence of parts: the first few with what is said of each, the rest as sums.

    `values` are what each part came to at the price that matters; empty where none does.
    """
    most, decimals = case.config.evidence_lots, case.decimals or 0
    rows: list[Json] = [
        lot_part(part.lot, decimals, used_cost_usd=plain(part.cost_usd), **said)
        for part, said in zip(parts[:most], more, strict=False)
    ]
    if len(parts) <= most:
        return {"lots": rows}
    rest = held_in(parts[most:])
    sums: dict[str, Json] = {
        "lots": len(parts) - most,
        "qty_raw": str(rest.raw),
        "used_cost_usd": plain(rest.cost_usd),
    }
    if values:
        sums["value_usd"] = plain(total_of(values[most:]))
    return {"lots": rows, "lots_rest": sums}


def _sale(case: Case, exit_: Exit, decimals: int) -> Sale | None:
    at, mint = exit_.stamp.at, case.story.mint
    sold = RawAmount(exit_.sold_raw)
    if at is None or sold <= 0 or exit_.bought_mint == mint:
        return None
    legs = Legs(mint, sold, exit_.bought_mint, exit_.bought_raw)
    received = worth_of(legs, at, case.story.prices)
    if received is None:
        return None
    parts = parts_of(case, exit_.lots, decimals)
    return Sale(exit_, at, received, units_of(sold, decimals), parts)


def _cost(case: Case, lot: LotSlice) -> Decimal | None:
    """Return what a lot cost, as stored, else by what was given for it at its own minute."""
    if lot.cost_usd is not None or lot.at is None or not lot.cost_raw:
        return lot.cost_usd
    prices = case.story.prices
    valued = [prices.value(mint, raw, lot.at) for mint, raw in sorted(lot.cost_raw.items())]
    known = [each.usd for each in valued if each is not None]
    return total_of(known) if len(known) == len(valued) else None
