"""PAPER_HANDS: sold within a day of buying, at a loss, before the price rose above the entry.

Of an exit only the units count that were bought within `paper_hold_s`. They were given away at
least `paper_loss_pct` below cost, and within the window after it they could have been sold (see
`oof.domain.moments.reach`) for `paper_rise_pct` more than they cost. `usd` is what they would have
brought more than they did, `pct` how far the peak is above their cost.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import (
    Detector,
    Finding,
    amount_part,
    at_peak,
    leg_of,
    moment_of,
    naive_part,
    peak_parts,
)
from oof.domain.moments.formulas import Formulas
from oof.domain.moments.model import Moment, MomentKind
from oof.domain.moments.reach import naive_peak, reachable_peak
from oof.domain.moments.shares import Sale, held_in, lots_told, sales_of, those
from oof.domain.moments.windows import span_of, window_of
from oof.domain.units import UnixSeconds

DETECTOR: Final = Detector(MomentKind.PAPER_HANDS, 1)
_FORMULAS: Final[Formulas] = {
    "share_usd": "received_usd * units / sold_units",
    "usd": "units * peak_usd - share_usd",
    "pct": "units * peak_usd / cost_usd - 1",
    "severity": "max(0, min(1, pct))",
}


def detect(case: Case) -> Iterator[Moment]:
    """Yield the exits that gave up within a day, and too soon."""
    for sale in sales_of(case):
        found = _found(case, sale)
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _found(case: Case, sale: Sale) -> Finding | None:
    story, config = case.story, case.config
    parts = those(sale.parts, lambda part: 0 <= sale.at - part.since <= config.paper_hold_s)
    held = held_in(parts)
    cost, share = Fraction(held.cost_usd), sale.share_of(held.raw)
    if not parts or share > cost * (1 - Fraction(config.paper_loss_pct)):
        return None
    end = UnixSeconds(sale.at + config.window_s)
    span = span_of(case, story.mint, sale.at, end)
    least = max(cost * (1 + Fraction(config.paper_rise_pct)), share + Fraction(config.paper_usd))
    naive = naive_peak(story.prices, span)
    peak = reachable_peak(story.prices, span, held.units, least / Fraction(held.units), config)
    if peak is None or naive is None:
        return None
    inputs = {
        "units": held.units,
        "sold_units": sale.sold_units,
        "received_usd": sale.received.usd,
        "cost_usd": held.cost_usd,
        "peak_usd": peak.usd,
    }
    return Finding(
        stamp=sale.exit.stamp,
        place=sale.exit.place,
        qty_raw=held.raw,
        formulas=_FORMULAS,
        inputs=inputs,
        thresholds=("paper_hold_s", "paper_loss_pct", "paper_rise_pct", "paper_usd", "dust_usd"),
        prices=(leg_of("received", sale.received, case), at_peak(story.mint, peak)),
        window=window_of(case, story.mint, sale.at, end),
        uses_lots=True,
        evidence={
            "decimals": case.decimals,
            "sold": amount_part(case, story.mint, sale.exit.sold_raw),
            **lots_told(case, parts, [{} for _ in parts], ()),
            **peak_parts(peak, config),
            "naive": naive_part(_FORMULAS, {**inputs, "peak_usd": naive.usd}, naive),
        },
    )
