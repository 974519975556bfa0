"""BAD_ROUTE: worse than anything the market did in that minute."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind
from oof.domain.prices.candles import Source, Width
from oof.domain.tokens import USDC_MINT
from oof.domain.units import SOL_MINT, RawAmount
from tests.support.stories import (
    DAY,
    HOUR,
    MINT,
    OTHER,
    T0,
    book,
    buy,
    candle,
    found,
    raw,
    story,
)

KIND = MomentKind.BAD_ROUTE
AT = T0 + 10 * HOUR


def buying(units, price=1, *, usd=100, **more):
    """So many units for a hundred dollars, at a price."""
    return story(book(candle(AT, price)), trades=(buy(AT, units, usd, **more),))


def test_what_was_lost_and_how_severe_it_is():
    """Ninety-five dollars' worth for a hundred: 5 dollars, 5 %, half of ten."""
    [moment] = found(buying(95), KIND)

    assert (moment.usd, moment.pct, moment.severity) == (5, Decimal("0.05"), Decimal("0.5"))
    assert (moment.qty_raw, moment.signature, moment.place) == (raw(95), "buy36000", 0)
    assert moment.evidence["naive"]["usd"] == "5.00000000"
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("units", "severities"),
    [("101", []), ("99.000001", []), ("99", [Decimal("0.1")]), ("90", [1]), ("50", [1])],
)
def test_one_percent_worse_is_where_it_begins(units, severities):
    """From a tenth on it is as severe as can be."""
    assert [m.severity for m in found(buying(units), KIND)] == severities


def test_more_than_half_worse_is_a_wrong_price():
    """No route loses so much; what is twice off is no price."""
    assert found(buying("49.999999"), KIND) == []


def test_prices_within_the_bucket_are_no_bad_route():
    """The market went up to 1.05: at worst the trade was a fair one at that second."""
    prices = book(candle(AT, 1, high="1.06", close="1.05"))
    fair = story(prices, trades=(buy(AT, 95, 100),))
    worse = story(prices, trades=(buy(AT, 90, 100),))

    assert found(fair, KIND) == []
    [moment] = found(worse, KIND)
    assert (moment.usd, moment.pct) == (Decimal("4.6"), Decimal("0.046"))
    assert moment.evidence["naive"]["usd"] == "5.50000000"


def test_a_sale_is_measured_the_same_way():
    """A hundred units worth a hundred dollars at least, for ninety."""
    trade = buy(AT, 100, 90, sold_mint=MINT, bought_mint=USDC_MINT)
    trade = trade._replace(sold_raw=raw(100), bought_raw=raw(90))
    [moment] = found(story(book(candle(AT, 1)), trades=(trade,)), KIND)

    assert (moment.usd, moment.qty_raw) == (10, raw(100))


def test_an_hour_says_only_how_bad_it_was_at_least():
    """Its range is wide, so little is certain; what is, is told."""
    prices = book(candle(AT, 1, width=Width.HOUR, high="1.1", low="0.9"))
    assert found(story(prices, trades=(buy(AT, 95, 100),)), KIND) == []
    [moment] = found(story(prices, trades=(buy(AT, 80, 100),)), KIND)
    assert moment.usd == 12


def test_one_traders_word_is_no_market():
    """It may be this very trade."""
    prices = book(candle(AT, 1, source=Source.SWAPS, confidence=30))
    assert found(story(prices, trades=(buy(AT, 90, 100),)), KIND) == []


@pytest.mark.parametrize(("usd", "count"), [("9.99", 0), ("10", 1)])
def test_dust_is_ignored(usd, count):
    """Trades of less than ten dollars."""
    assert len(found(buying(Decimal(usd) * Decimal("0.9"), usd=usd), KIND)) == count


@pytest.mark.parametrize("more", [{"is_maker": True}, {"arbitrage": True}])
def test_who_waits_for_his_price_or_goes_round_takes_no_route(more):
    """Makers and arbitrage."""
    assert found(buying(90, **more), KIND) == []


def test_without_a_price_of_both_sides_there_is_no_number():
    """Of that minute."""
    assert found(story(book(candle(AT + 60, 1)), trades=(buy(AT, 90, 100),)), KIND) == []
    barter = buy(AT, 90, 100, sold_mint=OTHER)
    assert found(story(book(candle(AT, 1)), trades=(barter,)), KIND) == []


def test_a_trade_of_two_tokens_is_told_once():
    """In the story of what was bought."""
    barter = buy(AT, 90, 100, sold_mint=OTHER)
    prices = book(candle(AT, 1), other=[candle(AT, 1)])

    assert len(found(story(prices, trades=(barter,)), KIND)) == 1
    assert found(story(prices, mint=OTHER, trades=(barter,)), KIND) == []


def test_sol_for_dollars_is_told_in_the_story_of_sol():
    """A SOL at 100 dollars for 90."""
    trade = buy(AT, 1, 1)._replace(
        sold_mint=SOL_MINT, sold_raw=RawAmount(10**9), bought_mint=USDC_MINT, bought_raw=raw(90)
    )
    prices = book(sol=[candle(AT, 100, None, source=Source.PYTH, confidence=95)])

    [moment] = found(story(prices, mint=SOL_MINT, trades=(trade,)), KIND)
    assert (moment.usd, moment.confidence) == (10, 95)
    assert found(story(prices, mint=USDC_MINT, trades=(trade,)), KIND) == []


def test_each_leg_of_a_transaction_is_judged_alone():
    """Told apart by its place."""
    trades = (buy(AT, 90, 100), buy(AT, 80, 100, leg=3), buy(AT + DAY, 80, 100))
    moments = found(story(book(candle(AT, 1)), trades=trades), KIND)
    assert [(m.place, m.usd) for m in moments] == [(0, 10), (3, 20)]
