"""DIAMOND_HANDS: halved while it was held, and sold at a profit."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.prices.candles import Source
from tests.support.stories import DAY, HOUR, T0, book, candle, found, lot, raw, sell, story

KIND = MomentKind.DIAMOND_HANDS
AT = T0 + 10 * HOUR
SOLD = AT + 5 * DAY


def holding(price, *, usd=150, lots=None, at=AT + DAY, **more):
    """A hundred units for a hundred dollars, through a price, and sold."""
    taken = [lot(AT, 100, 100)] if lots is None else lots
    return story(book(candle(at, price)), exits=(sell(SOLD, 100, usd, taken),), **more)


def test_what_they_made():
    """Down to 30 cents, sold for 150: 50 dollars, half of the cost, (0.7 - 0.5) / 0.4."""
    [moment] = found(holding("0.3"), KIND)

    assert (moment.usd, moment.pct, moment.severity) == (50, Decimal("0.5"), Decimal("0.5"))
    assert (moment.qty_raw, moment.signature) == (raw(100), "sell468000")
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("price", "severities"), [("0.50000001", []), ("0.5", [0]), ("0.1", [1]), ("0.001", [1])]
)
def test_half_of_the_cost_is_where_it_begins(price, severities):
    """At a tenth of it it is as severe as can be."""
    assert [m.severity for m in found(holding(price), KIND)] == severities


@pytest.mark.parametrize(("usd", "count"), [("124.999999", 0), ("125", 1)])
def test_it_takes_a_gain_of_a_quarter(usd, count):
    """Of what the units cost."""
    assert len(found(holding("0.3", usd=usd), KIND)) == count


@pytest.mark.parametrize(("usd", "count"), [("64.999999", 0), ("65", 1)])
def test_it_takes_a_gain_of_twenty_five_dollars(usd, count):
    """On a cost of forty."""
    told = holding("0.1", usd=usd, lots=[lot(AT, 100, 40)])
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(("at", "count"), [(AT - 60, 0), (AT, 1), (SOLD - 60, 1), (SOLD, 0)])
def test_the_price_must_have_fallen_while_it_was_held(at, count):
    """Not before, and not after."""
    assert len(found(holding("0.3", at=at), KIND)) == count


def test_only_lots_that_were_halved_count():
    """Fifty units were bought after the fall; they are no merit."""
    lots = [lot(AT, 50, 50), lot(AT + 2 * DAY, 50, 10)]
    [moment] = found(holding("0.3", usd=200, lots=lots), KIND)
    assert (moment.qty_raw, moment.usd, moment.pct) == (raw(50), 50, 1)


def test_one_traders_word_and_wicks_are_no_drawdown():
    """A low that nobody else saw."""
    exits = (sell(SOLD, 100, 150, [lot(AT, 100, 100)]),)
    word = candle(AT + DAY, "0.3", source=Source.SWAPS, confidence=30)
    wick = candle(AT + DAY, "0.9", low="0.3")
    for told in (word, wick):
        assert found(story(book(told), exits=exits), KIND) == []


def test_a_partial_history_is_said():
    """The lot may be another one."""
    [moment] = found(holding("0.3", is_history_partial=True), KIND)
    assert moment.provisional == {Provisional.HISTORY_PARTIAL}


def test_without_prices_of_the_holding_there_is_no_number():
    """Nor without what was received."""
    assert found(story(book(), exits=(sell(SOLD, 100, 150, [lot(AT, 100, 100)]),)), KIND) == []
    barter = sell(SOLD, 100, 150, [lot(AT, 100, 100)], bought_mint="Nobody")
    assert found(story(book(candle(AT + DAY, "0.3")), exits=(barter,)), KIND) == []
