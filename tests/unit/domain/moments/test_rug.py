"""RUG: a sudden collapse that lasted, held through."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.prices.candles import Source, Width
from tests.support.stories import (
    DAY,
    HOUR,
    T0,
    book,
    candle,
    episode,
    found,
    holds,
    raw,
    story,
)

KIND = MomentKind.RUG
AT = T0 + 10 * HOUR
FALL = AT + 2 * DAY


def held(*candles, units=1_000, **more):
    """A thousand units held from the beginning on, and prices."""
    parts = {"episodes": (episode(AT),), "balances": (holds(AT, units, "in"),), **more}
    return story(book(*candles), **parts)


def falling_to(price, **more):
    """From a dollar, within an hour."""
    return held(candle(AT, 1), candle(FALL - HOUR, 1), candle(FALL, price), **more)


def test_the_worst_outcome_and_how_severe_it_is():
    """A thousand units at a dollar, then 4 cents, then 2: 980 dollars, (0.98 - 0.8) / 0.2."""
    told = held(
        candle(AT, 1),
        candle(FALL - HOUR, 1),
        candle(FALL, "0.04"),
        candle(FALL + DAY, "0.02"),
        candle(FALL + 2 * DAY, "0.19"),
    )
    [moment] = found(told, KIND)

    assert (moment.usd, moment.pct) == (980, Decimal("-0.98"))
    assert moment.severity == Decimal("0.9")
    assert (moment.qty_raw, moment.signature) == (raw(1_000), "in")
    assert (moment.provisional, moment.due_at) == (frozenset(), None)
    assert [price["of"] for price in moment.evidence["prices"]] == ["before", "onset", "after"]


@pytest.mark.parametrize(("price", "count"), [("0.10000001", 0), ("0.1", 1), ("0.001", 1)])
def test_a_tenth_of_the_highest_is_where_it_begins(price, count):
    """Of the highest price since it was held."""
    assert len(found(falling_to(price), KIND)) == count


@pytest.mark.parametrize(("high", "count"), [(2, 1), ("2.00000001", 0)])
def test_it_must_have_stood_at_half_of_the_highest_just_before(high, count):
    """It stood at a dollar an hour before, and was at `high` once."""
    told = held(
        candle(AT, high), candle(FALL - HOUR, 1), candle(FALL, "0.1"), candle(FALL + 60, "0.1")
    )
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(("gap", "count"), [(DAY, 1), (DAY + 60, 0)])
def test_a_collapse_is_sudden(gap, count):
    """What fades for longer than a day, or nobody priced on the way, is no rug."""
    told = held(candle(FALL - gap - 60, 1), candle(FALL, "0.05"))
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(
    ("price", "at", "count"),
    [
        ("0.2", FALL + 3 * DAY, 0),
        ("0.19999999", FALL + 3 * DAY, 1),
        ("0.9", FALL + 3 * DAY + 60, 1),
    ],
)
def test_a_collapse_lasts_three_days(price, at, count):
    """Without a price of a fifth of the highest."""
    told = held(
        candle(FALL - HOUR, 1), candle(FALL, "0.05"), candle(at, price), now=FALL + 20 * DAY
    )
    assert len(found(told, KIND)) == count


def test_it_is_told_at_once_and_taken_back_if_the_price_recovers():
    """Provisionally, until the three days are over."""
    early = falling_to("0.05", now=FALL + DAY)
    [moment] = found(early, KIND)
    assert moment.provisional == {Provisional.WINDOW_OPEN}
    assert moment.due_at == FALL + 60 + 3 * DAY

    told = held(
        candle(FALL - HOUR, 1), candle(FALL, "0.05"), candle(FALL + DAY, "0.5"), now=FALL + 2 * DAY
    )
    assert found(told, KIND) == []


def test_who_sold_before_or_bought_after_held_nothing_through_it():
    """What counts is held before the fall and after it."""
    sold = (holds(AT, 1_000, "in"), holds(FALL - 60, 0, "out"))
    assert found(falling_to("0.05", balances=sold), KIND) == []
    bought = (holds(FALL + 30, 1_000, "in"),)
    assert found(falling_to("0.05", balances=bought), KIND) == []


def test_only_what_was_left_after_the_fall_counts():
    """Of a thousand 600 were sold within the very minute."""
    points = (holds(AT, 1_000, "in"), holds(FALL + 30, 400, "some"))
    [moment] = found(falling_to("0.05", balances=points), KIND)
    assert (moment.qty_raw, moment.usd) == (raw(400), 380)


def test_a_collapse_within_one_bucket_counts():
    """It opened at a dollar and closed on the ground."""
    told = held(candle(FALL, 1, width=Width.HOUR, low="0.02", close="0.02"))
    [moment] = found(told, KIND)
    assert (moment.usd, moment.pct) == (980, Decimal("-0.98"))


def test_a_wick_is_no_collapse_and_no_height():
    """A low that came back at once, and a high that nobody else paid."""
    low = held(candle(FALL - HOUR, 1), candle(FALL, 1, low="0.01"))
    high = held(candle(AT, 1, high=50), candle(FALL - HOUR, 1), candle(FALL, "0.2"))
    assert found(low, KIND) == []
    assert found(high, KIND) == []


def test_one_traders_word_is_no_collapse():
    """Confidence 30."""
    fall = candle(FALL, "0.01", source=Source.SWAPS, confidence=30)
    assert found(held(candle(FALL - HOUR, 1), fall), KIND) == []


@pytest.mark.parametrize(("units", "count"), [("9.999999", 0), ("10", 1)])
def test_dust_is_ignored(units, count):
    """Less than ten dollars at the price before."""
    assert len(found(falling_to("0.05", units=units), KIND)) == count


def test_prices_before_and_after_the_episode_do_not_matter():
    """Nothing was held then."""
    told = falling_to("0.05", episodes=(episode(AT, FALL - HOUR), episode(FALL + HOUR, number=2)))
    assert found(told, KIND) == []


def test_each_episode_may_have_its_own():
    """The first collapse of each."""
    later = FALL + 8 * DAY
    told = held(
        candle(FALL - HOUR, 1),
        candle(FALL, "0.05"),
        candle(later, "0.5"),
        candle(later + HOUR, "0.01"),
        episodes=(episode(AT, FALL + DAY), episode(later - DAY, number=2)),
        balances=(
            holds(AT, 1_000, "in"),
            holds(FALL + DAY, 0, "out"),
            holds(later - DAY, 100, "again"),
        ),
    )
    assert [m.signature for m in found(told, KIND)] == ["in", "again"]


def test_without_balances_or_prices_nothing_is_told():
    """Nobody knows what was held, or that it fell."""
    assert found(falling_to("0.05", balances=()), KIND) == []
    assert found(held(candle(FALL, "0.05")), KIND) == []
    assert found(held(), KIND) == []
    assert found(falling_to("0.05", episodes=(episode(AT)._replace(opened_at=None),)), KIND) == []
