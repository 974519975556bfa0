"""A reader with nothing but a moment's evidence works its numbers out again.

Written apart from the detectors: it knows what the parts of evidence mean, and nothing else.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from oof.domain.moments.model import Moment

_WIDE = Context(prec=200)


def check_evidence(moment: Moment) -> None:
    """Raise AssertionError where a number does not follow from the evidence beside it."""
    told: Mapping[str, Any] = moment.evidence
    inputs = {name: Fraction(text) for name, text in told["inputs"].items()}
    known = inputs | {name: Fraction(text) for name, text in told["thresholds"].items()}
    for name, text in told["formulas"].items():
        known[name] = Fraction(_worked_out(text, known))
    for name in ("usd", "pct", "severity"):
        number = getattr(moment, name)
        assert number == (_rounded(known[name]) if name in told["formulas"] else None), name
    assert 0 <= moment.severity <= 1
    assert moment.usd is None or moment.usd >= 0
    assert 0 <= moment.confidence <= 100
    assert told["signatures"][0] == moment.signature
    _check_prices(moment, inputs)
    _check_units(moment, inputs)
    _check_lots(told, inputs)
    _check_reach(told, inputs)
    _check_idle(told, inputs)
    _check_legs(told, inputs)


def _worked_out(text: str, known: Mapping[str, Fraction]) -> Any:
    functions = {"abs": abs, "min": min, "max": max, "__builtins__": {}}
    return eval(text, functions, dict(known))  # noqa: S307 - our own texts, in a test


def _rounded(number: Fraction) -> Decimal:
    exact = _WIDE.divide(Decimal(number.numerator), Decimal(number.denominator))
    return exact.quantize(Decimal("1e-8"), ROUND_HALF_EVEN, _WIDE)


def _check_prices(moment: Moment, inputs: Mapping[str, Fraction]) -> None:
    told: Any = moment.evidence["prices"]
    amounts: dict[str, Fraction] = defaultdict(Fraction)
    for price in told:
        name = f"{price['of']}_usd"
        if "raw" in price:
            amounts[name] += (
                Fraction(price["raw"]) * Fraction(price["usd"]) / (10 ** price["decimals"])
            )
        elif name in inputs:
            assert inputs[name] == Fraction(price["usd"]), name
    for name, usd in amounts.items():
        assert inputs[name] == usd, name
    if told:
        weakest = min(told, key=lambda price: (price["confidence"], price["source"]))
        assert moment.source == weakest["source"]
    else:
        assert moment.source in {"chain", "stored"}
    assert all(moment.confidence <= price["confidence"] for price in told)


def _check_units(moment: Moment, inputs: Mapping[str, Fraction]) -> None:
    name = "held_units" if "held_units" in inputs else "units"
    if moment.qty_raw is not None and name in inputs:
        decimals: Any = moment.evidence["decimals"]
        assert inputs[name] == Fraction(moment.qty_raw, 10**decimals)


def _check_lots(told: Mapping[str, Any], inputs: Mapping[str, Fraction]) -> None:
    lots = [lot for lot in told.get("lots", []) if "used_cost_usd" in lot]
    rest = told.get("lots_rest")
    if not lots and rest is None:
        return
    units = [Fraction(lot["qty_raw"]) / 10 ** lot["decimals"] for lot in lots]
    left = Fraction(0) if rest is None else Fraction(rest["qty_raw"]) / 10 ** told["decimals"]
    cost = Fraction(0) if rest is None else Fraction(rest["used_cost_usd"])
    assert sum(units) + left == inputs["units"]
    assert sum(Fraction(lot["used_cost_usd"]) for lot in lots) + cost == inputs["cost_usd"]
    for name in ("peak", "trough"):
        if f"{name}_value_usd" in inputs:
            prices = [Fraction(lot[f"{name}_usd"]) for lot in lots]
            value = sum(u * usd for u, usd in zip(units, prices, strict=True))
            value += Fraction(0) if rest is None else Fraction(rest["value_usd"])
            assert value == inputs[f"{name}_value_usd"]
    for lot, each in zip(lots, units, strict=True):
        if "reach" in lot:
            _check_reach(lot["reach"], {"units": each, "peak_usd": Fraction(lot["peak_usd"])})


def _check_reach(told: Mapping[str, Any], inputs: Mapping[str, Fraction]) -> None:
    reach, candles = told.get("reach"), told.get("candles", [])
    if reach is None:
        return
    volumes = [Fraction(c["volume_usd"]) for c in candles if c["volume_usd"] is not None]
    if len(candles) == reach["buckets"]:
        assert sum(volumes) == Fraction(reach["volume_usd"])
    assert all(Fraction(c["high"]) >= inputs["peak_usd"] for c in candles)
    if not reach["is_assumed"] and not reach["is_deep"]:
        borne = Fraction(reach["volume_usd"]) * Fraction(reach["volume_share"])
        assert inputs["units"] * inputs["peak_usd"] <= borne


def _check_idle(told: Mapping[str, Any], inputs: Mapping[str, Fraction]) -> None:
    if "layers" not in told:
        return
    layers, scale = told["layers"], 10 ** told["decimals"]
    seconds = sum(int(each["raw"]) * (each["until"] - each["since"]) for each in layers)
    seconds += int(told.get("layers_rest", {}).get("raw_seconds", 0))
    assert Fraction(seconds, scale) == inputs["unit_seconds"]
    known = [Fraction(each["usd"]) for each in told["samples"] if each["usd"] is not None]
    assert sum(known) == inputs["price_sum_usd"]
    assert len(known) == inputs["samples"]


def _check_legs(told: Mapping[str, Any], inputs: Mapping[str, Fraction]) -> None:
    for name in ("sold", "bought"):
        if f"{name}_units" in inputs:
            leg = told[name]
            assert inputs[f"{name}_units"] == Fraction(int(leg["raw"]), 10 ** leg["decimals"])
        if f"front_{name}_raw" in inputs:
            assert inputs[f"front_{name}_raw"] == int(told["front"][f"{name}_raw"])
    if "lamports" in told:
        [fees] = [price for price in told["prices"] if price["of"] == "fees"]
        assert sum(int(each) for each in told["lamports"].values()) == int(fees["raw"])
