"""IDLE_YIELD: a balance that lay untouched and could have earned a configured yield.

What arrives last leaves first here: each arrival is a layer, an outflow takes layers from the top,
and so the lower ones are what was never touched. A layer that lay for at least `idle_least_s` was
idle from when it arrived until it left, or until the last midnight (UTC). Layers that left together
are one pile, named for the oldest of them. The units never needed for fees are the first layer,
and never idle. So the idle unit-seconds are the area under the balance, cut into what moved when::

    usd = Σ units · seconds · apr / year · mean price

The mean is of prices a week apart, the first and the last among them; the share of those that are
missing lowers the confidence. `pct` is what the pile would have grown by.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from oof.domain.moments.case import Case
from oof.domain.moments.config import DAY_S, YEAR_S, MomentConfig, Yield
from oof.domain.moments.evidence import Detector, Finding, Told, moment_of
from oof.domain.moments.formulas import Formulas, plain, total_of, units_of
from oof.domain.moments.model import BalancePoint, Json, Moment, MomentKind, Stamp
from oof.domain.moments.windows import next_multiple
from oof.domain.prices.book import PriceBook
from oof.domain.prices.series import Priced
from oof.domain.units import Mint, RawAmount, UnixSeconds

DETECTOR: Final = Detector(MomentKind.IDLE_YIELD, 1)
_FORMULAS: Final[Formulas] = {
    "usd": "unit_seconds / year_s * apr * price_sum_usd / samples",
    "pct": "unit_seconds / units / year_s * apr",
    "severity": "max(0, min(1, usd / idle_full_usd))",
}


class Layer(NamedTuple):
    """Units that arrived together and left together."""

    raw: int
    since: UnixSeconds
    until: UnixSeconds
    is_open: bool
    """Whether they still lie there."""

    @property
    def unit_seconds(self) -> int:
        """Base units times the seconds they lay."""
        return self.raw * (self.until - self.since)


class _Sample(NamedTuple):
    at: UnixSeconds
    priced: Priced | None


def detect(case: Case) -> Iterator[Moment]:
    """Yield the piles that could have earned enough."""
    rate = case.config.yield_of(case.story.mint)
    if rate is None or case.decimals is None:
        return
    midnight = UnixSeconds(case.story.now // DAY_S * DAY_S)
    for stamp, layers in _piles(case.story.balances, rate, midnight).items():
        idle = [each for each in layers if each.until - each.since >= case.config.idle_least_s]
        found = _found(case, rate, stamp, idle) if idle and stamp.at is not None else None
        if found is not None:
            yield moment_of(DETECTOR, case, found)


def _found(case: Case, rate: Yield, stamp: Stamp, idle: Sequence[Layer]) -> Finding | None:
    story, config = case.story, case.config
    since, until = min(each.since for each in idle), max(each.until for each in idle)
    samples = _samples(story.prices, story.mint, since, until, config)
    known = [each.priced for each in samples if each.priced is not None]
    if samples[0].priced is None or samples[-1].priced is None:
        return None
    decimals = case.decimals or 0
    seconds = sum(each.unit_seconds for each in idle)
    units = sum(each.raw for each in idle)
    inputs: dict[str, Decimal | int] = {
        "unit_seconds": units_of(seconds, decimals),
        "units": units_of(units, decimals),
        "year_s": YEAR_S,
        "apr": rate.apr,
        "price_sum_usd": total_of(each.usd for each in known),
        "samples": len(known),
    }
    value = Fraction(inputs["unit_seconds"]) * Fraction(inputs["price_sum_usd"]) / len(known)
    if value * Fraction(rate.apr) / YEAR_S < Fraction(config.idle_usd):
        return None
    is_open = any(each.is_open for each in idle)
    return Finding(
        stamp=stamp,
        qty_raw=RawAmount(units),
        formulas=_FORMULAS,
        inputs=inputs,
        thresholds=("idle_usd", "idle_full_usd", "idle_least_s"),
        prices=[Told("sample", story.mint, priced) for priced in _weakest(known)],
        confidence=100 * len(known) // len(samples),
        due_at=next_multiple(story.now, DAY_S) if is_open else None,
        uses_lots=True,
        evidence={
            "decimals": decimals,
            "apr_source": rate.source,
            "reserve_raw": str(rate.reserve_raw),
            **_layers(idle, config.evidence_lots),
            "samples": [_sample(each) for each in samples],
        },
    )


def _piles(
    points: Sequence[BalancePoint], rate: Yield, midnight: UnixSeconds
) -> dict[Stamp, list[Layer]]:
    """Return layers by the oldest arrival of those they left with."""
    piles: dict[Stamp, list[Layer]] = defaultdict(list)
    lying: list[tuple[int, UnixSeconds, Stamp]] = []
    held, at = 0, UnixSeconds(0)
    for point in points:
        at = max(at, point.stamp.at or at)
        now_held = max(0, point.held_raw - rate.reserve_raw)
        if now_held > held:
            lying.append((now_held - held, at, point.stamp))
        elif now_held < held:
            _leave(lying, held - now_held, at, piles)
        held = now_held
    until = max(at, midnight)
    for raw, since, _ in lying:
        piles[lying[0][2]].append(Layer(raw, since, until, is_open=True))
    return piles


def _leave(
    lying: list[tuple[int, UnixSeconds, Stamp]],
    raw: int,
    at: UnixSeconds,
    piles: dict[Stamp, list[Layer]],
) -> None:
    """Take so many units from the top."""
    left: list[Layer] = []
    while raw > 0:
        top, since, stamp = lying.pop()
        taken = min(top, raw)
        left.append(Layer(taken, since, at, is_open=False))
        raw -= taken
        if taken < top:
            lying.append((top - taken, since, stamp))
    piles[stamp] += reversed(left)


def _samples(
    prices: PriceBook, mint: Mint, since: UnixSeconds, until: UnixSeconds, config: MomentConfig
) -> list[_Sample]:
    """Return the prices at the beginning, each week after, and at the end; ascending."""
    times = [*range(since, until, config.idle_sample_s), until]
    last = len(times) - 1
    return [
        _Sample(UnixSeconds(at), _price_by(prices, mint, UnixSeconds(at), is_last=place == last))
        for place, at in enumerate(times)
    ]


def _price_by(prices: PriceBook, mint: Mint, at: UnixSeconds, *, is_last: bool) -> Priced | None:
    """Return the price at a time, else the next one within a day, or the last one before."""
    found = prices.at_minute(mint, at)
    if found is not None:
        return found
    start = at - DAY_S if is_last else at
    near = list(prices.within(mint, UnixSeconds(start), UnixSeconds(start + DAY_S)))
    if not near:
        return None
    candle = near[-1 if is_last else 0]
    return Priced(candle.close, candle.start, candle.width, candle.source, candle.confidence)


def _weakest(known: Sequence[Priced]) -> list[Priced]:
    return [min(known, key=lambda priced: (priced.confidence, priced.start))]


def _layers(idle: Sequence[Layer], most: int) -> dict[str, Json]:
    """Return the layers that weigh most, in their order, and the sum of the rest."""
    weighty = sorted(range(len(idle)), key=lambda place: -idle[place].unit_seconds)
    told: dict[str, Json] = {"layers": [_layer(idle[place]) for place in sorted(weighty[:most])]}
    rest = [idle[place] for place in weighty[most:]]
    if rest:
        told["layers_rest"] = {
            "layers": len(rest),
            "raw_seconds": str(sum(each.unit_seconds for each in rest)),
        }
    return told


def _layer(layer: Layer) -> dict[str, Json]:
    return {
        "raw": str(layer.raw),
        "since": layer.since,
        "until": layer.until,
        "is_open": layer.is_open,
    }


def _sample(sample: _Sample) -> dict[str, Json]:
    priced = sample.priced
    if priced is None:
        return {"at": sample.at, "usd": None}
    return {
        "at": sample.at,
        "usd": plain(priced.usd),
        "start": priced.start,
        "width": int(priced.width),
        "source": priced.source.value,
        "confidence": priced.confidence,
    }
