"""S2E, sold too early: within seven days of an exit the price rose well above what was received.

Every exit is judged alone, re-entries or not, and all units that were sold, whether or not their
cost is known. The peak is one at which these units could have been sold; the naive one stands
beside it. `usd` is what was missed, `pct` how far the peak is above what was received.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from oof.domain.moments.case import Case
from oof.domain.moments.evidence import (
    Detector,
    Finding,
    at_peak,
    leg_of,
    moment_of,
    naive_part,
    peak_parts,
)
from oof.domain.moments.formulas import Formulas, units_of
from oof.domain.moments.model import Exit, Moment, MomentKind
from oof.domain.moments.reach import naive_peak, reachable_peak
from oof.domain.moments.windows import span_of, window_of
from oof.domain.moments.worth import Legs, worth_of
from oof.domain.units import RawAmount, UnixSeconds

DETECTOR: Final = Detector(MomentKind.S2E, 1)
_FORMULAS: Final[Formulas] = {
    "usd": "units * peak_usd - received_usd",
    "pct": "units * peak_usd / received_usd - 1",
    "severity": "max(0, min(1, pct / early_full_pct))",
}


def detect(case: Case) -> Iterator[Moment]:
    """Yield the exits that came too early."""
    if case.is_quote or case.decimals is None:
        return
    for exit_ in case.story.exits:
        found = _found(case, exit_, case.decimals)
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _found(case: Case, exit_: Exit, decimals: int) -> Finding | None:
    story, config, at = case.story, case.config, exit_.stamp.at
    sold = RawAmount(exit_.sold_raw)
    received = worth_of(
        Legs(story.mint, sold, exit_.bought_mint, exit_.bought_raw), at, story.prices
    )
    is_swap = exit_.bought_mint != story.mint and sold > 0
    if at is None or received is None or not is_swap or received.usd < config.dust_usd:
        return None
    end = UnixSeconds(at + config.window_s)
    span = span_of(case, story.mint, at, end)
    units, got = units_of(sold, decimals), Fraction(received.usd)
    least = max(got * (1 + Fraction(config.early_pct)), got + Fraction(config.early_usd))
    naive = naive_peak(story.prices, span)
    if naive is None or Fraction(units) * Fraction(naive.usd) < least:
        return None
    peak = reachable_peak(story.prices, span, units, least / Fraction(units), config)
    if peak is None:
        return None
    inputs = {"units": units, "received_usd": received.usd, "peak_usd": peak.usd}
    return Finding(
        stamp=exit_.stamp,
        place=exit_.place,
        qty_raw=sold,
        formulas=_FORMULAS,
        inputs=inputs,
        thresholds=("early_pct", "early_usd", "early_full_pct", "dust_usd"),
        prices=(leg_of("received", received, case), at_peak(story.mint, peak)),
        window=window_of(case, story.mint, at, end),
        evidence={
            "decimals": decimals,
            **peak_parts(peak, config),
            "naive": naive_part(_FORMULAS, {**inputs, "peak_usd": naive.usd}, naive),
        },
    )
