"""DIAMOND_HANDS: held while the price was halved, and sold at a profit.

Of an exit those units count whose lot was, at some believed price while it was held, worth at most
half of its cost (`diamond_drawdown_pct`), and which together brought `diamond_gain_pct` more than
they cost. `usd` is what they made before fees, `pct` the same of their cost. Where prices of the
holding are missing the drawdown may have been deeper, never less deep.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import (
    Detector,
    Finding,
    amount_part,
    at_candle,
    leg_of,
    moment_of,
)
from oof.domain.moments.formulas import Formulas, plain, times, total_of
from oof.domain.moments.model import Moment, MomentKind
from oof.domain.moments.reach import Trough, trough_in
from oof.domain.moments.shares import Part, Sale, held_in, lots_told, sales_of
from oof.domain.moments.windows import span_of

DETECTOR: Final = Detector(MomentKind.DIAMOND_HANDS, 1)
_FORMULAS: Final[Formulas] = {
    "share_usd": "received_usd * units / sold_units",
    "usd": "share_usd - cost_usd",
    "pct": "usd / cost_usd",
    "depth": "1 - trough_value_usd / cost_usd",
    "severity": "max(0, min(1, (depth - diamond_drawdown_pct) * 5 / 2))",
}


def detect(case: Case) -> Iterator[Moment]:
    """Yield the exits that were worth the wait."""
    for sale in sales_of(case):
        found = _found(case, sale)
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _found(case: Case, sale: Sale) -> Finding | None:
    story, config = case.story, case.config
    deep = [(part, low) for part in sale.parts if (low := _halved(case, sale, part)) is not None]
    held = held_in([part for part, _ in deep])
    cost, share = Fraction(held.cost_usd), sale.share_of(held.raw)
    least = max(cost * (1 + Fraction(config.diamond_gain_pct)), cost + Fraction(config.diamond_usd))
    if not deep or share < least:
        return None
    values = [times(part.units, low.usd) for part, low in deep]
    return Finding(
        stamp=sale.exit.stamp,
        place=sale.exit.place,
        qty_raw=held.raw,
        formulas=_FORMULAS,
        inputs={
            "units": held.units,
            "sold_units": sale.sold_units,
            "received_usd": sale.received.usd,
            "cost_usd": held.cost_usd,
            "trough_value_usd": total_of(values),
        },
        thresholds=("diamond_drawdown_pct", "diamond_gain_pct", "diamond_usd", "dust_usd"),
        prices=(
            leg_of("received", sale.received, case),
            *dict.fromkeys(at_candle("trough", story.mint, low.usd, low.candle) for _, low in deep),
        ),
        uses_lots=True,
        evidence={
            "decimals": case.decimals,
            "sold": amount_part(case, story.mint, sale.exit.sold_raw),
            **lots_told(
                case,
                [part for part, _ in deep],
                [{"trough_usd": plain(low.usd)} for _, low in deep],
                values,
            ),
        },
    )


def _halved(case: Case, sale: Sale, part: Part) -> Trough | None:
    """Return the lowest price while a part was held, if it was low enough."""
    span = span_of(case, case.story.mint, part.since, sale.at)
    low = trough_in(case.story.prices, span, case.config)
    if low is None:
        return None
    most = Fraction(part.cost_usd) * (1 - Fraction(case.config.diamond_drawdown_pct))
    return low if Fraction(part.units) * Fraction(low.usd) <= most else None
