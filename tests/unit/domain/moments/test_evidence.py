"""Evidence stands for every number, and who reads it would notice what is wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest

from oof.domain.moments.case import case_of
from oof.domain.moments.config import DEFAULTS, Yield
from oof.domain.moments.evidence import Finding, moment_of
from oof.domain.moments.model import MomentKind
from oof.domain.moments.sold_too_early import DETECTOR
from oof.domain.prices.candles import Width
from tests.support.recompute import check_evidence
from tests.support.stories import (
    DAY,
    HOUR,
    MINT,
    T0,
    book,
    candle,
    found,
    holds,
    lot,
    raw,
    sell,
    stamp,
    story,
)

AT = T0 + 10 * HOUR


def early(*, peaks=1):
    """A moment of S2E, its peak of so many buckets."""
    candles = [candle(AT + DAY + n * 60, 2, 800 // peaks) for n in range(peaks)]
    told = story(book(*candles), exits=(sell(AT, 100, 100),))
    [moment] = found(told, MomentKind.S2E)
    return moment


@pytest.mark.parametrize("name", ["usd", "pct", "severity"])
def test_a_number_that_does_not_follow_is_noticed(name):
    """By whoever works it out again."""
    moment = early()
    check_evidence(moment)
    wrong = replace(moment, **{name: getattr(moment, name) + Decimal("0.00000001")})
    with pytest.raises(AssertionError):
        check_evidence(wrong)


@pytest.mark.parametrize("name", ["units", "received_usd", "peak_usd"])
def test_an_input_that_is_not_what_it_stands_on_is_noticed(name):
    """Units on the chain, prices on their candles."""
    moment = early()
    inputs = {**moment.evidence["inputs"], name: "7"}
    evidence = {**moment.evidence, "inputs": inputs}
    with pytest.raises(AssertionError):
        check_evidence(replace(moment, evidence=evidence))


def test_only_so_many_candles_are_listed():
    """And all are counted."""
    evidence = early(peaks=40).evidence
    assert len(evidence["candles"]) == 24
    assert evidence["reach"]["buckets"] == 40


@pytest.mark.parametrize(
    ("kind", "price", "usd"),
    [
        (MomentKind.PAPER_HANDS, 3, 200),
        (MomentKind.ROUND_TRIP, 3, 200),
        (MomentKind.DIAMOND_HANDS, "0.2", 900),
    ],
)
def test_of_many_lots_the_rest_is_told_as_sums(kind, price, usd):
    """Three hundred units of a hundred and fifty lots."""
    lots = [lot(AT + n * 60, 2, 2) for n in range(150)]
    sold = AT + 4 * HOUR
    near = candle(sold - 60, price), candle(sold + DAY, price)
    [moment] = found(story(book(*near), exits=(sell(sold, 300, usd, lots),)), kind)

    assert len(moment.evidence["lots"]) == 100
    rest = moment.evidence["lots_rest"]
    assert (rest["lots"], rest["qty_raw"], rest["used_cost_usd"]) == (50, str(raw(100)), "100")
    assert ("value_usd" in rest) == (kind is not MomentKind.PAPER_HANDS)


def test_of_many_layers_the_lighter_are_told_as_a_sum():
    """A hundred and twenty arrivals that left together."""
    config = replace(DEFAULTS, yields=(Yield(MINT, Decimal("0.365"), raw(0), "a test"),))
    points = [holds(AT + n * HOUR, 1_000 * (n + 1)) for n in range(120)]
    points.append(holds(AT + 15 * DAY, 0, "out"))
    hours = [candle(T0 + n * HOUR, 1, width=Width.HOUR) for n in range(24 * 20)]
    told = story(book(*hours), balances=tuple(points))
    [moment] = found(told, MomentKind.IDLE_YIELD, config=config)

    assert len(moment.evidence["layers"]) == 100
    assert moment.evidence["layers"][0]["since"] == AT
    assert moment.evidence["layers_rest"]["layers"] == 20


def test_everything_a_moment_had_to_reach_is_named():
    """With its value."""
    evidence = early().evidence
    assert evidence["thresholds"] == {
        "early_pct": "0.25",
        "early_usd": "25",
        "early_full_pct": "0.75",
        "dust_usd": "10",
    }
    assert set(evidence) >= {"formulas", "inputs", "signatures", "prices", "window", "naive"}


def test_a_moment_has_a_time():
    """What happened at no known time is never told."""
    finding = Finding(
        stamp=stamp(AT)._replace(at=None),
        qty_raw=None,
        formulas={"severity": "one"},
        inputs={"one": 1},
        thresholds=(),
    )
    with pytest.raises(ValueError, match="time"):
        moment_of(DETECTOR, case_of(story(book()), DEFAULTS), finding)
