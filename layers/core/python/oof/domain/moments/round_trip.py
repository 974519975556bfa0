"""ROUND_TRIP: a large gain was there, was held, and was gone.

Of an exit those lots count that could have been sold while they were held for twice their cost
(`round_gain_pct`, see `oof.domain.moments.reach`), and brought no more than they cost. What is
still held counts as soon as the price closed at or below its entry after such a peak; it stays
provisional until it is sold. `usd` is what was there and is not any more, `pct` the same of the
peak, negative.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Final, NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import (
    Detector,
    Finding,
    Told,
    amount_part,
    at_candle,
    at_peak,
    leg_of,
    moment_of,
    peak_parts,
)
from oof.domain.moments.formulas import Formulas, Inputs, plain, solve, times, total_of
from oof.domain.moments.model import Json, Moment, MomentKind, Stamp
from oof.domain.moments.reach import Peak, confirmed, naive_peak, reachable_peak
from oof.domain.moments.shares import Part, Sale, held_in, lots_told, parts_of, sales_of
from oof.domain.moments.windows import span_of
from oof.domain.prices.candles import Candle
from oof.domain.units import RawAmount, UnixSeconds

DETECTOR: Final = Detector(MomentKind.ROUND_TRIP, 1)
_SEVERITY: Final = "max(0, min(1, (peak_value_usd / cost_usd - 1 - round_gain_pct) / 8))"
_SOLD: Final[Formulas] = {
    "share_usd": "received_usd * units / sold_units",
    "usd": "peak_value_usd - share_usd",
    "pct": "share_usd / peak_value_usd - 1",
    "severity": _SEVERITY,
}
_HELD: Final[Formulas] = {
    "usd": "peak_value_usd - units * gone_usd",
    "pct": "units * gone_usd / peak_value_usd - 1",
    "severity": _SEVERITY,
}
_THRESHOLDS: Final = ("round_gain_pct", "round_usd", "dust_usd")


class Ridden(NamedTuple):
    """A part of a lot, and the peak it was held through."""

    part: Part
    peak: Peak
    naive_usd: Decimal
    """The highest price, whatever it rests on."""

    @property
    def value_usd(self) -> Decimal:
        """What the part would have brought at its peak."""
        return times(self.part.units, self.peak.usd)


def detect(case: Case) -> Iterator[Moment]:
    """Yield exits and open lots whose gain was gone."""
    for sale in sales_of(case):
        found = _sold(case, sale)
        if found is not None:
            yield moment_of(DETECTOR, case, found)
    if case.is_quote or case.decimals is None:
        return
    lots = (lot for lot in case.story.open_lots if lot.signature is not None)
    ordered = sorted(lots, key=lambda lot: (lot.slot, lot.signature or ""))
    for _, same in groupby(ordered, key=lambda lot: (lot.slot, lot.signature)):
        found = _held(case, parts_of(case, same, case.decimals))
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _sold(case: Case, sale: Sale) -> Finding | None:
    given = [part for part in sale.parts if sale.share_of(part.lot.qty_raw) <= _cost(part)]
    ridden = _ridden(case, given, sale.at)
    held = held_in([each.part for each in ridden])
    value = _peak_value(ridden)
    if not ridden or Fraction(value) - sale.share_of(held.raw) < Fraction(case.config.round_usd):
        return None
    inputs = {
        "units": held.units,
        "sold_units": sale.sold_units,
        "received_usd": sale.received.usd,
        "cost_usd": held.cost_usd,
        "peak_value_usd": value,
    }
    return Finding(
        stamp=sale.exit.stamp,
        place=sale.exit.place,
        qty_raw=held.raw,
        formulas=_SOLD,
        inputs=inputs,
        thresholds=_THRESHOLDS,
        prices=(leg_of("received", sale.received, case), *_peaks(case, ridden)),
        uses_lots=True,
        evidence={
            "sold": amount_part(case, case.story.mint, sale.exit.sold_raw),
            **_evidence(case, ridden, _SOLD, inputs),
        },
    )


def _held(case: Case, parts: Sequence[Part]) -> Finding | None:
    """Judge what one transaction brought in and what is still held of it."""
    story = case.story
    ridden = _ridden(case, parts, story.now)
    held = held_in([each.part for each in ridden])
    gone = _gone(case, ridden, held.units, held.cost_usd) if ridden else None
    if gone is None or held.cost_usd < case.config.dust_usd:
        return None
    value, lot = _peak_value(ridden), ridden[0].part.lot
    left = Fraction(held.units) * Fraction(gone.close)
    if lot.signature is None or Fraction(value) - left < Fraction(case.config.round_usd):
        return None
    inputs = {
        "units": held.units,
        "cost_usd": held.cost_usd,
        "peak_value_usd": value,
        "gone_usd": gone.close,
    }
    return Finding(
        stamp=Stamp(lot.slot, lot.tx_index, lot.signature, lot.at),
        qty_raw=RawAmount(held.raw),
        formulas=_HELD,
        inputs=inputs,
        thresholds=_THRESHOLDS,
        prices=(*_peaks(case, ridden), at_candle("gone", story.mint, gone.close, gone)),
        is_held=True,
        uses_lots=True,
        evidence=_evidence(case, ridden, _HELD, inputs),
    )


def _ridden(case: Case, parts: Sequence[Part], until: UnixSeconds) -> list[Ridden]:
    """Return the parts that could have been sold for enough while they were held."""
    config, mint, prices = case.config, case.story.mint, case.story.prices
    factor = 1 + Fraction(config.round_gain_pct)
    found = []
    for part in parts:
        least = _cost(part) * factor / Fraction(part.units)
        span = span_of(case, mint, part.since, until)
        peak = reachable_peak(prices, span, part.units, least, config)
        naive = naive_peak(prices, span)
        if peak is not None and naive is not None:
            found.append(Ridden(part, peak, naive.usd))
    return found


def _gone(case: Case, ridden: Sequence[Ridden], units: Decimal, cost_usd: Decimal) -> Candle | None:
    """Return the first bucket after the last peak that closed at the entry or below."""
    since = max(each.peak.candle.end for each in ridden)
    span = span_of(case, case.story.mint, since, case.story.now)
    return next(
        (
            candle
            for candle in case.story.prices.within(*span)
            if confirmed(candle, case.config)
            and Fraction(candle.close) * Fraction(units) <= Fraction(cost_usd)
        ),
        None,
    )


def _cost(part: Part) -> Fraction:
    return Fraction(part.cost_usd)


def _peak_value(ridden: Sequence[Ridden]) -> Decimal:
    return total_of(each.value_usd for each in ridden)


def _peaks(case: Case, ridden: Sequence[Ridden]) -> list[Told]:
    return list(dict.fromkeys(at_peak(case.story.mint, each.peak) for each in ridden))


def _evidence(
    case: Case, ridden: Sequence[Ridden], formulas: Formulas, inputs: Inputs
) -> dict[str, Json]:
    more: list[dict[str, Json]] = [
        {
            "peak_usd": plain(each.peak.usd),
            "naive_peak_usd": plain(each.naive_usd),
            "reach": peak_parts(each.peak, case.config),
        }
        for each in ridden
    ]
    naive = total_of(times(each.part.units, each.naive_usd) for each in ridden)
    bare = {name: text for name, text in formulas.items() if name != "severity"}
    results = solve(bare, {**inputs, "peak_value_usd": naive})
    return {
        "decimals": case.decimals,
        **lots_told(case, [r.part for r in ridden], more, [r.value_usd for r in ridden]),
        "naive": {
            "peak_value_usd": plain(naive),
            "usd": plain(results["usd"]),
            "pct": plain(results["pct"]),
        },
    }
