"""IDLE_YIELD: what lay untouched, from when it came until it left."""

from decimal import Decimal

import pytest

from oof.domain.moments.config import MomentConfig, Yield
from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.prices.candles import Source, Width
from oof.domain.units import RawAmount
from tests.support.stories import DAY, HOUR, MINT, T0, book, candle, found, holds, raw, story

KIND = MomentKind.IDLE_YIELD
TENTH = MomentConfig(yields=(Yield(MINT, Decimal("0.365"), raw(0), "a test"),))
"""A thousandth a day."""
AT = T0 + 10 * HOUR


def hourly(price=1, *, days=30, gaps=()):
    """Prices of each hour from the first day on, but for some days."""
    return [
        candle(at, price, width=Width.HOUR)
        for at in range(T0, T0 + days * DAY, HOUR)
        if (at - T0) // DAY not in gaps
    ]


def lying(units, *, days=10, **more):
    """So many units at a dollar, for so many days."""
    points = (holds(AT, units, "in"), holds(AT + days * DAY, 0, "out"))
    return story(book(*hourly()), balances=points, **more)


def test_what_a_balance_could_have_earned():
    """Ten thousand dollars for ten days at a thousandth a day: a hundred dollars, 1 %."""
    [moment] = found(lying(10_000), KIND, config=TENTH)

    assert (moment.usd, moment.pct, moment.severity) == (100, Decimal("0.01"), Decimal("0.4"))
    assert (moment.qty_raw, moment.signature, moment.at) == (raw(10_000), "in", AT)
    assert moment.evidence["apr_source"] == "a test"
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("units", "severities"),
    [("2499.999999", []), ("2500", [Decimal("0.1")]), ("25000", [1]), ("50000", [1])],
)
def test_twenty_five_dollars_is_where_it_begins(units, severities):
    """At ten times as much it is as severe as can be."""
    assert [m.severity for m in found(lying(units), KIND, config=TENTH)] == severities


@pytest.mark.parametrize(("seconds", "count"), [(7 * DAY - 1, 0), (7 * DAY, 1)])
def test_what_moves_within_a_week_is_in_use(seconds, count):
    """Whatever it could have earned."""
    points = (holds(AT, 1_000_000, "in"), holds(AT + seconds, 0, "out"))
    told = story(book(*hourly()), balances=points)
    assert len(found(told, KIND, config=TENTH)) == count


def test_tokens_without_a_configured_yield_lie_idle_for_nothing():
    """There is nothing they could have earned."""
    assert found(lying(10_000), KIND) == []


def test_what_still_lies_counts_until_the_last_midnight():
    """It is looked at again the next day; within a day nothing changes."""
    points = (holds(AT, 10_000, "in"),)
    now = AT + 10 * DAY
    [moment] = found(story(book(*hourly()), balances=points, now=now), KIND, config=TENTH)
    [later] = found(story(book(*hourly()), balances=points, now=now + HOUR), KIND, config=TENTH)

    [layer] = moment.evidence["layers"]
    assert (layer["since"], layer["until"], layer["is_open"]) == (AT, T0 + 10 * DAY, True)
    assert moment.provisional == {Provisional.WINDOW_OPEN}
    assert moment.due_at == T0 + 11 * DAY
    assert moment == later


def test_what_came_last_leaves_first():
    """Of 30,000 the newer 10,000 left after ten days, the older 20,000 after twenty."""
    points = (
        holds(AT, 20_000, "old"),
        holds(AT, 30_000, "new")._replace(stamp=holds(AT, 0, "new").stamp._replace(tx_index=1)),
        holds(AT + 10 * DAY, 20_000, "some"),
        holds(AT + 20 * DAY, 0, "all"),
    )
    told = story(book(*hourly()), balances=points)
    old, new = found(told, KIND, config=TENTH)

    assert (old.signature, old.usd) == ("old", 400)
    assert (new.signature, new.usd) == ("new", 100)


def test_what_left_together_is_one_pile_named_for_the_oldest():
    """Twenty arrivals of which none would have been worth a word."""
    points = [holds(AT + day * DAY, 200 * (day + 1), f"in{day}") for day in range(10)]
    points.append(holds(AT + 20 * DAY, 0, "out"))
    told = story(book(*hourly()), balances=tuple(points))
    [moment] = found(told, KIND, config=TENTH)

    days = sum(range(11, 21))
    assert (moment.signature, moment.usd) == ("in0", Decimal(200 * days) / 1000)
    assert len(moment.evidence["layers"]) == 10


def test_a_small_payment_does_not_end_the_rest():
    """A thousand of ten thousand left after eight days: both are the same pile."""
    points = (
        holds(AT, 10_000, "in"),
        holds(AT + 8 * DAY, 9_000, "some"),
        holds(AT + 10 * DAY, 0, "all"),
    )
    [moment] = found(story(book(*hourly()), balances=points), KIND, config=TENTH)
    assert (moment.signature, moment.usd) == ("in", 8 + 90)


def test_a_reserve_is_never_idle():
    """Units that are needed for fees."""
    config = MomentConfig(yields=(Yield(MINT, Decimal("0.365"), raw(4_000), "a test"),))
    [moment] = found(lying(10_000), KIND, config=config)
    assert moment.usd == 60


def test_the_mean_of_weekly_prices_values_it():
    """At 1, then 3 after a week, and 3 in the end."""
    prices = book(*[candle(c.start, 1 if c.start < T0 + 7 * DAY else 3) for c in hourly()])
    points = (holds(T0, 10_000, "in"), holds(T0 + 10 * DAY, 0, "out"))
    [moment] = found(story(prices, balances=points), KIND, config=TENTH)

    assert [s["usd"] for s in moment.evidence["samples"]] == ["1", "3", "3"]
    assert moment.usd.quantize(Decimal("0.01")) == Decimal("233.33")


def test_missing_prices_lower_the_confidence_and_the_ends_must_be_known():
    """Of three weekly prices two: two thirds of the confidence a hundred percent would be."""
    points = (holds(AT, 10_000, "in"), holds(AT + 10 * DAY, 0, "out"))
    middle = story(book(*hourly(gaps=(7, 8))), balances=points)
    [moment] = found(middle, KIND, config=TENTH)
    assert moment.confidence == 66
    assert moment.evidence["samples"][1] == {"at": AT + 7 * DAY, "usd": None}

    for gaps in ((0, 1), (9, 10)):
        told = story(book(*hourly(gaps=gaps)), balances=points)
        assert found(told, KIND, config=TENTH) == []


def test_staked_sol_has_a_configured_yield_by_default():
    """Five percent a year, with where it comes from."""
    sol = [
        candle(at, 100, None, width=Width.HOUR, source=Source.PYTH, confidence=95)
        for at in range(T0, T0 + 30 * DAY, HOUR)
    ]
    mint = MomentConfig().yields[0].mint
    points = (
        holds(AT, 0, "in")._replace(held_raw=RawAmount(200_100_000_000)),
        holds(AT + 10 * DAY, 0, "out"),
    )
    [moment] = found(story(book(sol=sol), mint=mint, balances=points), KIND)

    assert moment.usd == Decimal("27.39726027")
    assert "solana.com/staking" in moment.evidence["apr_source"]
