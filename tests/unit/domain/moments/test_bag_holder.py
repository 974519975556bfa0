"""BHD: a fall in the days after a buy, of what was still held."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.prices.candles import Source
from oof.domain.tokens import USDC_MINT
from tests.support.stories import (
    DAY,
    HOUR,
    MINT,
    OTHER,
    T0,
    book,
    buy,
    candle,
    episode,
    found,
    lot,
    raw,
    sell,
    story,
)

KIND = MomentKind.BHD
AT = T0 + 10 * HOUR


def falling_to(price, *, at=AT + DAY, **more):
    """A hundred units bought for a hundred dollars, then a price."""
    return story(book(candle(at, price)), trades=(buy(AT, 100, 100),), **more)


def test_what_was_lost_on_paper_and_how_severe_it_is():
    """A hundred units at a dollar, then 0.40: 60 dollars, -60 %, (0.6 - 0.3) / 0.5."""
    [moment] = found(falling_to("0.4"), KIND)

    assert (moment.usd, moment.pct) == (60, Decimal("-0.6"))
    assert moment.severity == Decimal("0.6")
    assert (moment.qty_raw, moment.signature, moment.at) == (raw(100), "buy36000", AT)
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("price", "severities"),
    [("0.70000001", []), ("0.7", [0]), ("0.2", [1]), ("0.01", [1])],
)
def test_thirty_percent_down_is_where_it_begins(price, severities):
    """At -80 % it is as severe as can be."""
    assert [m.severity for m in found(falling_to(price), KIND)] == severities


@pytest.mark.parametrize(("usd", "count"), [("9.999999", 0), ("10", 1)])
def test_dust_is_ignored(usd, count):
    """A lot of less than ten dollars."""
    told = story(book(candle(AT + DAY, "0.0001")), trades=(buy(AT, 100, usd),))
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(("at", "count"), [(AT, 1), (AT + 7 * DAY - 60, 1), (AT + 7 * DAY, 0)])
def test_only_prices_of_the_seven_days_after_count(at, count):
    """From the buy on."""
    assert len(found(falling_to("0.4", at=at), KIND)) == count


def test_an_open_window_is_provisional_and_says_when_it_ends():
    """It may still fall deeper."""
    [moment] = found(falling_to("0.4", now=AT + 2 * DAY), KIND)
    assert (moment.provisional, moment.due_at) == ({Provisional.WINDOW_OPEN}, AT + 7 * DAY)


def test_what_was_sold_before_the_trough_was_not_held():
    """Of a hundred units sixty were sold at a profit: forty lost 60 cents each."""
    exits = (sell(AT + HOUR, 60, 90, [lot(AT, 60, 60)]),)
    [moment] = found(falling_to("0.4", exits=exits), KIND)

    assert (moment.qty_raw, moment.usd, moment.pct) == (raw(40), 24, Decimal("-0.6"))
    assert moment.evidence["sold_before_raw"] == str(raw(60))
    assert moment.evidence["signatures"] == ["buy36000", "sell39600"]


def test_who_sold_everything_before_it_holds_no_bag():
    """The window ends with the lot."""
    exits = (sell(AT + HOUR, 100, 150, [lot(AT, 100, 100)]),)
    assert found(falling_to("0.4", exits=exits), KIND) == []


def test_who_sells_later_held_through_it():
    """And the window is over when the last unit is gone: nothing more can come."""
    exits = (sell(AT + 2 * DAY, 100, 150, [lot(AT, 100, 100)]),)
    [moment] = found(falling_to("0.4", exits=exits, now=AT + 3 * DAY), KIND)

    assert moment.usd == 60
    assert moment.evidence["window"]["to"] == AT + 2 * DAY


def test_an_episode_that_ended_without_a_sale_ends_the_window():
    """All was sent away."""
    ended = (episode(AT, AT + HOUR),)
    assert found(falling_to("0.4", episodes=ended), KIND) == []
    assert len(found(falling_to("0.4", episodes=(episode(AT),)), KIND)) == 1


def test_what_one_transaction_bought_is_one_lot():
    """Two trades of one transaction: 150 units for 150 dollars."""
    trades = (buy(AT, 100, 120), buy(AT, 50, 30, leg=1))
    [moment] = found(story(book(candle(AT + DAY, "0.4")), trades=trades), KIND)

    assert (moment.qty_raw, moment.usd) == (raw(150), 90)
    assert len(moment.evidence["prices"]) == 3


def test_a_wick_counts_with_the_body_of_its_bucket():
    """Less than half of what it opened and closed at is one odd fill."""
    trades = (buy(AT, 100, 100),)
    wick = story(book(candle(AT + DAY, "0.6", low="0.2999")), trades=trades)
    fall = story(book(candle(AT + DAY, "0.6", low="0.3")), trades=trades)

    assert [m.usd for m in found(wick, KIND)] == [40]
    assert [m.usd for m in found(fall, KIND)] == [70]
    assert found(wick, KIND)[0].evidence["naive"]["price_usd"] == "0.2999"


def test_one_traders_word_is_no_trough():
    """Confidence 30."""
    told = book(candle(AT + DAY, "0.4", source=Source.SWAPS, confidence=30))
    assert found(story(told, trades=(buy(AT, 100, 100),)), KIND) == []


def test_without_a_price_there_is_no_number():
    """Neither of the buy nor after it."""
    assert found(story(book(), trades=(buy(AT, 100, 100),)), KIND) == []
    barter = buy(AT, 100, 100, sold_mint=OTHER)
    assert found(story(book(candle(AT + DAY, "0.1")), trades=(barter,)), KIND) == []
    both = (buy(AT, 100, 100), buy(AT, 100, 100, sold_mint=OTHER, leg=1))
    assert found(story(book(candle(AT + DAY, "0.1")), trades=both), KIND) == []


def test_arbitrage_and_quotes_are_no_bags():
    """What went round in one transaction, and dollars."""
    told = story(book(candle(AT + DAY, "0.4")), trades=(buy(AT, 100, 100, arbitrage=True),))
    assert found(told, KIND) == []
    dollars = buy(AT, 100, 100, sold_mint=MINT, bought_mint=USDC_MINT)
    assert found(story(book(), mint=USDC_MINT, trades=(dollars,)), KIND) == []


def test_a_partial_history_and_an_unresolved_order_are_said():
    """Which lots were sold depends on what came before."""
    trade = buy(AT, 100, 100)
    trade = trade._replace(stamp=trade.stamp._replace(tx_index=None))
    other = sell(AT, 5, 5)
    told = story(
        book(candle(AT + DAY, "0.4")), trades=(trade,), exits=(other,), is_history_partial=True
    )
    [moment] = found(told, KIND)

    assert moment.provisional == {
        Provisional.HISTORY_PARTIAL,
        Provisional.ORDER_UNRESOLVED,
    }
