"""Evidence stands for every number, and who reads it would notice what is wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest

from oof.domain.moments.case import case_of
from oof.domain.moments.config import DEFAULTS
from oof.domain.moments.evidence import Finding, moment_of
from oof.domain.moments.model import MomentKind
from oof.domain.moments.sold_too_early import DETECTOR
from tests.support.recompute import check_evidence
from tests.support.stories import DAY, HOUR, T0, book, candle, found, sell, stamp, story

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
