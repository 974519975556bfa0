"""From what a detector found to a moment with its evidence.

Evidence is what a reader needs to work the numbers out again, always with these parts::

    formulas    result → text over inputs, thresholds and earlier results, in this order
                (`oof.domain.moments.formulas`)
    inputs      name → number, as text; exact
    thresholds  what the moment had to reach, by the names of `MomentConfig`
    signatures  every transaction it rests on, in order of first mention
    prices      what was read off which candle: of, mint, start, width, usd, source, confidence;
                with `raw` and `decimals` where an amount was valued. The input `<of>_usd` is the
                price, or the sum of all amounts valued under that name
    candles     of a peak: all buckets that stood as high, with their volume; the first few
    lots        of what was sold or held: units, cost, when it came in; of more than
                `evidence_lots` the first, and `lots_rest` as sums (idle balances: `layers`)
    window      the span of prices it rests on, what of it was not asked and how much is known
    naive       the same results without guards, where they differ in what they take
    notes       assumptions and gaps, by stable names

Parts that do not apply are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.config import MomentConfig
from oof.domain.moments.formulas import Formulas, Inputs, plain, solve
from oof.domain.moments.model import Json, LotSlice, Moment, MomentKind, Provisional, Stamp
from oof.domain.moments.reach import Peak
from oof.domain.moments.windows import Window
from oof.domain.moments.worth import LegWorth
from oof.domain.prices.candles import Candle
from oof.domain.prices.series import Priced
from oof.domain.units import Mint, RawAmount, UnixSeconds

CHAIN: Final = "chain"
"""The source of what rests on no price."""
STORED: Final = "stored"
"""The source of money that was worked out before, by prices that are not there any more."""


class Told(NamedTuple):
    """One price a moment rests on."""

    part: str
    """What it is the price of."""
    mint: Mint
    priced: Priced
    raw: RawAmount | None = None
    """What was valued at it."""
    decimals: int | None = None


class Detector(NamedTuple):
    """Who found it."""

    kind: MomentKind
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a detector found, before it is a moment."""

    stamp: Stamp
    """The transaction it is about; its time is known."""
    place: int = 0
    qty_raw: RawAmount | None
    formulas: Formulas
    """Of these `usd`, `pct` and `severity` are the moment's own; `usd` may be left out."""
    inputs: Inputs
    thresholds: Sequence[str]
    """Names in `MomentConfig`."""
    prices: Sequence[Told] = ()
    source: str = CHAIN
    """Of what no price here tells."""
    confidence: int = 100
    """Percent, at most."""
    window: Window | None = None
    due_at: UnixSeconds | None = None
    """When to look again although no window says so: something lies there still."""
    is_held: bool = False
    """Whether it may change for as long as something is held."""
    uses_lots: bool = False
    """Whether it depends on what came before: on lots, or on the oldest balance."""
    stamps: Sequence[Stamp] = ()
    """Other transactions of the wallet that it depends on."""
    evidence: dict[str, Json] = field(default_factory=dict)
    """Other parts: lots, candles, naive, notes."""


def moment_of(detector: Detector, case: Case, found: Finding) -> Moment:
    """Return the moment that was found. Raises ValueError where its time is not known."""
    if found.stamp.at is None:
        raise ValueError("a moment without a time has no place in a life")
    results = solve(found.formulas, {**thresholds_of(case, found), **found.inputs})
    due_at = _earliest(found.due_at, None if found.window is None else found.window.due_at)
    weakest = min((told.priced for told in found.prices), key=_doubt, default=None)
    confidence = found.confidence if weakest is None else min(found.confidence, weakest.confidence)
    return Moment(
        kind=detector.kind,
        mint=case.story.mint,
        signature=found.stamp.signature,
        slot=found.stamp.slot,
        tx_index=found.stamp.tx_index,
        place=found.place,
        at=found.stamp.at,
        qty_raw=found.qty_raw,
        usd=results.get("usd"),
        pct=results.get("pct"),
        severity=results["severity"],
        source=found.source if weakest is None else weakest.source.value,
        confidence=confidence,
        provisional=_doubts(case, found, is_open=due_at is not None or found.is_held),
        due_at=due_at,
        version=detector.version,
        evidence=_evidence(case, found),
    )


def thresholds_of(case: Case, found: Finding) -> dict[str, Decimal | int]:
    """Return what a moment had to reach, by name."""
    return {name: getattr(case.config, name) for name in found.thresholds}


def leg_of(part: str, worth: LegWorth, case: Case) -> Told:
    """Return the price that a trade's worth was read off."""
    decimals = case.story.prices.decimals(worth.mint)
    return Told(part, worth.mint, worth.priced, worth.raw, decimals)


def at_peak(mint: Mint, peak: Peak) -> Told:
    """Return the price of a reachable peak, as sure as the weakest bucket it rests on."""
    weakest = min(peak.counted, key=lambda c: (c.confidence, c.start))
    c = peak.candle
    return Told("peak", mint, Priced(peak.usd, c.start, c.width, weakest.source, peak.confidence))


def at_candle(part: str, mint: Mint, usd: Decimal, candle: Candle) -> Told:
    """Return a price read off a candle."""
    c = candle
    return Told(part, mint, Priced(usd, c.start, c.width, c.source, c.confidence))


def peak_parts(peak: Peak, config: MomentConfig) -> dict[str, Json]:
    """Return the evidence that a peak was reachable."""
    return {
        "candles": [_candle(each) for each in peak.counted[: config.evidence_candles]],
        "reach": {
            "buckets": len(peak.counted),
            "volume_usd": plain(peak.volume_usd),
            "volume_share": plain(config.volume_share),
            "is_assumed": peak.is_assumed,
            "is_deep": peak.is_deep,
        },
    }


def naive_part(formulas: Formulas, inputs: Inputs, priced: Priced) -> dict[str, Json]:
    """Return what the formulas of `usd` and `pct` give of the bare extreme."""
    results = solve({k: v for k, v in formulas.items() if k != "severity"}, inputs)
    return {
        "price_usd": plain(priced.usd),
        "start": priced.start,
        "width": int(priced.width),
        **{name: plain(results[name]) for name in ("usd", "pct")},
    }


def amount_part(case: Case, mint: Mint, raw: int) -> dict[str, Json]:
    """Return an amount as it was on the chain."""
    return {"mint": mint, "raw": str(raw), "decimals": case.story.prices.decimals(mint)}


def lot_part(part: LotSlice, decimals: int, **more: Json) -> dict[str, Json]:
    """Return what to say of some units of a lot."""
    return {
        "signature": part.signature,
        "slot": part.slot,
        "at": part.at,
        "origin": part.origin.value,
        "qty_raw": str(part.qty_raw),
        "decimals": decimals,
        "cost_raw": {mint: str(raw) for mint, raw in sorted(part.cost_raw.items())},
        "cost_usd": None if part.cost_usd is None else plain(part.cost_usd),
        **more,
    }


def _evidence(case: Case, found: Finding) -> dict[str, Json]:
    thresholds = thresholds_of(case, found)
    stamps = (found.stamp, *found.stamps)
    lots = found.evidence.get("lots")
    rows = lots if isinstance(lots, list) else []
    of_lots = [lot["signature"] for lot in rows if isinstance(lot, dict)]
    signatures = dict.fromkeys([*(stamp.signature for stamp in stamps), *of_lots])
    told: dict[str, Json] = {
        "formulas": dict(found.formulas),
        "inputs": {name: plain(value) for name, value in found.inputs.items()},
        "thresholds": {name: plain(value) for name, value in thresholds.items()},
        "signatures": [each for each in signatures if each is not None],
        "prices": [_price(each) for each in found.prices],
        **found.evidence,
    }
    if found.window is not None:
        told["window"] = found.window.told
    return told


def _doubts(case: Case, found: Finding, *, is_open: bool) -> frozenset[Provisional]:
    story = case.story
    slots = {found.stamp.slot, *(stamp.slot for stamp in found.stamps)}
    doubts: set[Provisional] = set()
    if is_open:
        doubts.add(Provisional.WINDOW_OPEN)
    if story.soft_from is not None and max(slots) >= story.soft_from:
        doubts.add(Provisional.SOFT)
    if found.uses_lots and story.is_history_partial:
        doubts.add(Provisional.HISTORY_PARTIAL)
    if found.uses_lots and slots & case.unordered:
        doubts.add(Provisional.ORDER_UNRESOLVED)
    return frozenset(doubts)


def _price(told: Told) -> dict[str, Json]:
    part, mint, priced, raw, decimals = told
    amount: dict[str, Json] = {} if raw is None else {"raw": str(raw), "decimals": decimals}
    return {
        "of": part,
        "mint": mint,
        "start": priced.start,
        "width": int(priced.width),
        "usd": plain(priced.usd),
        "source": priced.source.value,
        "confidence": priced.confidence,
        **amount,
    }


def _candle(candle: Candle) -> dict[str, Json]:
    return {
        "start": candle.start,
        "width": int(candle.width),
        "open": plain(candle.open),
        "high": plain(candle.high),
        "low": plain(candle.low),
        "close": plain(candle.close),
        "volume_usd": None if candle.volume_usd is None else plain(candle.volume_usd),
        "source": candle.source.value,
        "confidence": candle.confidence,
    }


def _doubt(priced: Priced) -> tuple[int, str]:
    return priced.confidence, priced.source


def _earliest(*times: UnixSeconds | None) -> UnixSeconds | None:
    return min((time for time in times if time is not None), default=None)
