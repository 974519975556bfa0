"""BAD_ROUTE: a trade that gave at least one percent less than the market did at that minute.

What was sold counts at the lowest price of its bucket, what was bought at the highest of its own:
whatever of the bucket's prices stood at that very second, the trade was at least so much worse.
The naive value, by where both buckets closed, stands beside it. A bucket of one trader's word is
not asked: it may be this very trade. More than half worse, the prices and not the route are wrong.
`usd` is what was lost, `pct` the same of what was given.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import Detector, Finding, amount_part, at_candle, moment_of
from oof.domain.moments.formulas import Formulas, Inputs, plain, solve, units_of
from oof.domain.moments.model import Json, Moment, MomentKind, StoryTrade
from oof.domain.moments.reach import confirmed
from oof.domain.prices.candles import Candle
from oof.domain.units import Mint, UnixSeconds

DETECTOR: Final = Detector(MomentKind.BAD_ROUTE, 1)
_FORMULAS: Final[Formulas] = {
    "given_usd": "sold_units * sold_usd",
    "usd": "given_usd - bought_units * bought_usd",
    "pct": "usd / given_usd",
    "severity": "max(0, min(1, pct / route_full_pct))",
}


def detect(case: Case) -> Iterator[Moment]:
    """Yield the trades that were worse than the market."""
    for trade in case.swaps:
        found = _found(case, trade)
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _found(case: Case, trade: StoryTrade) -> Finding | None:
    story, config, at = case.story, case.config, trade.stamp.at
    sold = _candle(case, trade.sold_mint, at)
    bought = _candle(case, trade.bought_mint, at)
    units = _units(case, trade)
    if sold is None or bought is None or units is None:
        return None
    inputs = {**units, "sold_usd": sold.low, "bought_usd": bought.high}
    given = Fraction(units["sold_units"]) * Fraction(sold.low)
    lost = given - Fraction(units["bought_units"]) * Fraction(bought.high)
    if given < Fraction(config.dust_usd):
        return None
    if not Fraction(config.route_pct) * given <= lost <= Fraction(config.route_most_pct) * given:
        return None
    return Finding(
        stamp=trade.stamp,
        place=trade.leg,
        qty_raw=trade.bought_raw if trade.bought_mint == story.mint else trade.sold_raw,
        formulas=_FORMULAS,
        inputs=inputs,
        thresholds=("route_pct", "route_full_pct", "route_most_pct", "dust_usd"),
        prices=(
            at_candle("sold", trade.sold_mint, sold.low, sold),
            at_candle("bought", trade.bought_mint, bought.high, bought),
        ),
        evidence={
            "sold": amount_part(case, trade.sold_mint, trade.sold_raw),
            "bought": amount_part(case, trade.bought_mint, trade.bought_raw),
            "venue": trade.venue,
            "route": list(trade.route),
            "naive": _naive({**units, "sold_usd": sold.close, "bought_usd": bought.close}),
        },
    )


def _candle(case: Case, mint: Mint, at: UnixSeconds | None) -> Candle | None:
    found = None if at is None else case.story.prices.candle_at(mint, at)
    return found if found is not None and confirmed(found, case.config) else None


def _units(case: Case, trade: StoryTrade) -> dict[str, Decimal] | None:
    sold = case.story.prices.decimals(trade.sold_mint)
    bought = case.story.prices.decimals(trade.bought_mint)
    if sold is None or bought is None:
        return None
    return {
        "sold_units": units_of(trade.sold_raw, sold),
        "bought_units": units_of(trade.bought_raw, bought),
    }


def _naive(inputs: Inputs) -> dict[str, Json]:
    results = solve({name: _FORMULAS[name] for name in ("given_usd", "usd", "pct")}, inputs)
    return {
        "sold_usd": plain(inputs["sold_usd"]),
        "bought_usd": plain(inputs["bought_usd"]),
        "usd": plain(results["usd"]),
        "pct": plain(results["pct"]),
    }
