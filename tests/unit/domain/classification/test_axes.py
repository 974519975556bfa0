"""Axes: each value, at its very line, and none below the least sample."""

from decimal import Decimal

import pytest

from oof.domain.behaviour.model import Reason
from oof.domain.classification.axes import AXES
from tests.support.behaviour import BONK, DAY_S, NOON, entry, episode, exit_, trade
from tests.unit.domain.classification.test_badges import verdicts


def exits(**told):
    """Ten exits that are all alike."""
    return {"exits": [exit_(number, **told) for number in range(10)]}


def results(profit, loss="0"):
    """Nine exits at one result and one at another, all at a cost of 100."""
    lost = exit_(9, pnl_usd=Decimal(loss))
    return {"exits": [*(exit_(n, pnl_usd=Decimal(profit)) for n in range(9)), lost]}


def entries(usd):
    """Ten entries of one day that come to so many dollars."""
    return {"entries": [entry(number, usd=Decimal(usd) / 10) for number in range(10)]}


def episodes(*sold):
    """Episodes, each with exits of so many units."""
    ends = [episode(n, 10 * n, 10 * n + 9) for n in range(len(sold))]
    return {
        "episodes": ends,
        "exits": [
            exit_(10 * n + place, sold_raw=raw)
            for n, units in enumerate(sold)
            for place, raw in enumerate(units)
        ],
    }


def daily(count, days):
    """So many trades on the first and the last of some days."""
    first = NOON - (days - 1) * DAY_S
    return {"trades": [trade(n, first if n % 2 else NOON) for n in range(count)]}


CASES = [
    ("trader_style", "scalper", exits(hold_s=3_599)),
    ("trader_style", "day", exits(hold_s=3_600)),
    ("trader_style", "swing", exits(hold_s=DAY_S)),
    ("trader_style", "position", exits(hold_s=30 * DAY_S)),
    ("size", "shrimp", entries("999.9")),
    ("size", "fish", entries(1_000)),
    ("size", "shark", entries(10_000)),
    ("size", "whale", entries(100_000)),
    ("performance", "ruinous", results(-60)),
    ("performance", "losing", results(-20)),
    ("performance", "break_even", results(0, "10")),
    ("performance", "profitable", results(20)),
    ("performance", "strong", results(80, "-50")),
    ("performance", "profitable", {"exits": [
        *(exit_(n, pnl_usd=Decimal(200)) for n in range(6)),
        *(exit_(n, pnl_usd=Decimal(-101)) for n in range(6, 12)),
    ]}),
    ("exit_style", "all_at_once", episodes((9,), (9,), (9,), (5, 4), (5, 4))),
    ("exit_style", "ladder", episodes((3, 3, 3), (3, 3, 3), (9,), (5, 4), (5, 4))),
    ("exit_style", "mixed", episodes((3, 3, 3), (9,), (9,), (5, 4), (5, 4))),
    ("activity", "occasional", daily(20, 41)),
    ("activity", "regular", daily(20, 40)),
    ("activity", "busy", daily(20, 4)),
    ("activity", "hyperactive", daily(100, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "records"), CASES)
def test_each_value_begins_at_its_line(name, value, records):
    """What lies on a line belongs to the value above it."""
    told = verdicts(**records)[name]

    assert (told.value, told.missing) == (value, None)
    assert 0 < told.confidence < 1


def test_every_value_is_tried():
    """Of every axis."""
    tried = {(name, value) for name, value, _ in CASES}

    assert tried == {(rule.name, value) for rule in AXES for value in rule.values}


@pytest.mark.parametrize("name", [rule.name for rule in AXES])
def test_nothing_is_said_of_nothing(name):
    """Nor of what lies below the least sample of the axis, though its metric is known."""
    told = verdicts()[name]
    assert (told.value, told.confidence, told.missing) == (None, None, Reason.TOO_FEW)

    nearly = verdicts(
        exits=[exit_(number) for number in range(9)],
        entries=[entry(number) for number in range(9)],
        trades=[trade(number, NOON) for number in range(19)],
        episodes=[episode(n, 10 * n, 10 * n + 9, mint=BONK) for n in range(4)],
    )[name]
    assert (nearly.value, nearly.missing) == (None, Reason.TOO_FEW)


def test_what_has_no_price_is_neither_profit_nor_loss():
    """Its reason is the price, however many exits there are."""
    assert verdicts(**exits(pnl_usd=None))["performance"].missing is Reason.NO_PRICE
    assert verdicts(**exits(hold_s=None))["trader_style"].missing is Reason.NO_TIME
