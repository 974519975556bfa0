"""PAPER_HANDS: bought, sold at a loss within a day, and then it rose."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from tests.support.stories import DAY, HOUR, T0, book, candle, found, lot, raw, sell, story

KIND = MomentKind.PAPER_HANDS
AT = T0 + 10 * HOUR
SOLD = AT + 5 * HOUR


def giving_up(price, *, usd=80, sold=SOLD, lots=None, peak_at=None, **more):
    """A hundred units, bought for a hundred dollars, sold for less, and a price after that."""
    taken = [lot(AT, 100, 100)] if lots is None else lots
    prices = book(candle(sold + DAY if peak_at is None else peak_at, price))
    return story(prices, exits=(sell(sold, 100, usd, taken),), **more)


def test_what_they_would_have_brought():
    """Sold for 80, worth 150 a day later: 70 dollars more, half above what they cost."""
    [moment] = found(giving_up("1.5"), KIND)

    assert (moment.usd, moment.pct, moment.severity) == (70, Decimal("0.5"), Decimal("0.5"))
    assert (moment.qty_raw, moment.signature) == (raw(100), "sell54000")
    assert moment.evidence["signatures"] == ["sell54000", "buy36000"]
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("price", "severities"),
    [("1.24999999", []), ("1.25", [Decimal("0.25")]), ("2", [1]), ("9", [1])],
)
def test_a_quarter_above_the_entry_is_where_it_begins(price, severities):
    """At twice the entry it is as severe as can be."""
    assert [m.severity for m in found(giving_up(price), KIND)] == severities


@pytest.mark.parametrize(("usd", "count"), [("90.000001", 0), ("90", 1)])
def test_it_takes_a_loss_of_a_tenth(usd, count):
    """Who sells at about what he paid gives up nothing."""
    assert len(found(giving_up(2, usd=usd), KIND)) == count


@pytest.mark.parametrize(("held", "count"), [(DAY, 1), (DAY + 1, 0)])
def test_it_takes_a_sale_within_a_day(held, count):
    """Of buying."""
    told = giving_up(2, sold=AT + held, peak_at=AT + 3 * DAY // 60 * 60)
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(("price", "count"), [("1.7499", 0), ("1.75", 1)])
def test_twenty_five_dollars_is_the_least(price, count):
    """Twenty units for 20 dollars, sold for ten, worth 35 or not."""
    exits = (sell(SOLD, 20, 10, [lot(AT, 20, 20)]),)
    told = story(book(candle(SOLD + DAY, price)), exits=exits)
    assert len(found(told, KIND)) == count


def test_only_units_bought_within_the_day_count():
    """Half of what was sold is old, a tenth was given: forty units for 40 dollars."""
    lots = [lot(AT - 9 * DAY, 50, 500), lot(AT, 40, 40), lot(AT, 10, None)]
    [moment] = found(giving_up(3, lots=lots), KIND)

    assert (moment.qty_raw, moment.usd, moment.pct) == (raw(40), 120 - 32, 2)
    assert len(moment.evidence["lots"]) == 1


def test_the_peak_must_bear_the_sale():
    """A quarter of 799 dollars bears no two hundred."""
    exits = (sell(SOLD, 100, 80, [lot(AT, 100, 100)]),)
    thin = story(book(candle(SOLD + DAY, 2, 799)), exits=exits)
    wide = story(book(candle(SOLD + DAY, 2, 800)), exits=exits)
    assert (len(found(thin, KIND)), len(found(wide, KIND))) == (0, 1)


def test_an_open_window_and_a_partial_history_are_said():
    """The peak may come higher; the lot may be another one."""
    [moment] = found(giving_up(2, now=SOLD + 2 * DAY, is_history_partial=True), KIND)
    assert moment.provisional == {Provisional.WINDOW_OPEN, Provisional.HISTORY_PARTIAL}
    assert moment.due_at == SOLD + 7 * DAY


def test_a_cost_that_is_not_stored_is_what_was_given_at_its_minute():
    """A hundred dollar coins at a dollar."""
    [moment] = found(giving_up("1.5", lots=[lot(AT, 100, 100, cost_usd=None)]), KIND)
    assert moment.usd == 70


def test_without_a_cost_or_a_price_there_is_no_number():
    """Nobody knows whether it was a loss."""
    unknown = lot(AT, 100, 100, cost_usd=None, cost_raw={})
    assert found(giving_up(2, lots=[unknown]), KIND) == []
    unpriced = lot(AT, 100, 100, cost_usd=None, cost_raw={"Nobody": raw(1)})
    assert found(giving_up(2, lots=[unpriced]), KIND) == []
    assert found(story(book(), exits=(sell(SOLD, 100, 80, [lot(AT, 100, 100)]),)), KIND) == []
