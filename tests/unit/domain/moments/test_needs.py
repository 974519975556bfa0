"""What is loaded for a story, and when it is looked at again."""

from dataclasses import replace

import pytest

from oof.domain.moments.config import MomentConfig, Yield
from oof.domain.moments.model import StoryFees
from oof.domain.moments.needs import next_look, spans_of
from oof.domain.moments.registry import detect
from oof.domain.prices.book import PriceBook, Span
from oof.domain.tokens import USDC_MINT
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Lamports, Mint, UnixSeconds
from tests.support.stories import (
    ALL_DAYS,
    DAY,
    HOUR,
    MINT,
    T0,
    book,
    buy,
    candle,
    episode,
    holds,
    lot,
    raw,
    sell,
    story,
)

AT = T0 + 10 * HOUR
NOW = T0 + 40 * DAY


def span(mint, start, end):
    """A stretch of a mint's prices."""
    return Span(mint, UnixSeconds(start), UnixSeconds(end))


def seen(told, config=None):
    """When it is looked at again."""
    return next_look(told, config or MomentConfig())


def test_an_exit_needs_its_minute_and_the_week_after():
    """And the time since its lots came in, and what they were paid with then."""
    told = story(PriceBook(), exits=(sell(AT + 3 * DAY, 100, 100, [lot(AT, 100, 100)]),), now=NOW)
    assert set(spans_of(told)) == {
        span(MINT, AT, AT + 10 * DAY),
        span(USDC_MINT, AT, AT + 60),
        span(USDC_MINT, AT + 3 * DAY, AT + 3 * DAY + 60),
    }


def test_a_buy_needs_its_minute_and_the_week_after():
    """Of both mints, and SOL where fees were paid."""
    paid = StoryFees(buy(AT, 1, 1).stamp, {Kind.TIP: Lamports(1)}, 1)
    told = story(PriceBook(), trades=(buy(AT, 100, 100),), fees=(paid,), now=NOW)
    assert set(spans_of(told)) == {
        span(MINT, AT, AT + 7 * DAY),
        span(USDC_MINT, AT, AT + 60),
        span(SOL_MINT, AT, AT + 60),
    }


def test_what_is_held_needs_all_since_it_came_in():
    """Open lots, and the episode with the days that a collapse must last."""
    told = story(PriceBook(), open_lots=(lot(AT, 1, None),), episodes=(episode(AT - DAY),), now=NOW)
    assert spans_of(told) == (span(MINT, AT - DAY, NOW + 3 * DAY),)
    ended = story(PriceBook(), episodes=(episode(AT, AT + DAY),), now=NOW)
    assert spans_of(ended) == (span(MINT, AT, AT + 4 * DAY),)


def test_what_may_lie_idle_needs_all_since_its_first_balance():
    """With a day around it, for the nearest price."""
    told = story(PriceBook(), mint=SOL_MINT, balances=(holds(AT, 1),), now=NOW)
    assert spans_of(told) == (span(SOL_MINT, AT - DAY, NOW + DAY),)
    assert spans_of(story(PriceBook(), balances=(holds(AT, 1),), now=NOW)) == ()


def test_quotes_need_the_minutes_of_their_trades_alone():
    """Nobody follows the price of dollars."""
    trade = buy(AT, 100, 100, sold_mint=SOL_MINT, bought_mint=USDC_MINT)
    told = story(PriceBook(), mint=USDC_MINT, trades=(trade,), now=NOW)
    assert set(spans_of(told)) == {span(SOL_MINT, AT, AT + 60), span(USDC_MINT, AT, AT + 60)}


def test_what_has_no_time_needs_nothing():
    """And is no reason to look again."""
    trade = buy(AT, 1, 1)
    trade = trade._replace(stamp=trade.stamp._replace(at=None))
    exit_ = sell(AT, 1, 1)._replace(stamp=trade.stamp)
    told = story(
        book(), trades=(trade,), exits=(exit_,), episodes=(episode(AT)._replace(opened_at=None),)
    )
    assert spans_of(told) == ()
    assert seen(told) is None


@pytest.mark.parametrize("mint", [MINT, USDC_MINT, SOL_MINT])
def test_nothing_is_looked_up_beyond_what_was_asked_for(mint):
    """A book cut down to the spans tells the same moments."""
    candles = [candle(AT + step * 4 * HOUR, 1 + step % 7) for step in range(-9, 99)]
    parts = {
        "mint": mint,
        "now": AT + 12 * DAY,
        "trades": (buy(AT, 100, 100),),
        "exits": (sell(AT + DAY, 100, 50, [lot(AT, 100, 100)]),),
        "balances": (holds(AT, 100), holds(AT + 9 * DAY, 0)),
        "episodes": (episode(AT, AT + DAY),),
    }
    told = story(book(*candles, sol=candles), **parts)
    spans = spans_of(told)
    kept = {
        each: [c for c in candles if any(_reaches(c, s) for s in spans if s.mint == each)]
        for each in (MINT, SOL_MINT)
    }
    cut = replace(told, prices=book(*kept[MINT], sol=kept[SOL_MINT]))
    assert detect(cut) == detect(told)


def _reaches(told, span):
    return told.start < span.end and told.end > span.start


def test_an_open_window_is_looked_at_every_six_hours_and_at_its_end():
    """At times that all share."""
    exits = (sell(AT, 100, 100),)
    assert seen(story(book(), exits=exits, now=AT + DAY)) == T0 + DAY + 12 * HOUR
    assert seen(story(book(), exits=exits, now=AT + 7 * DAY - 1)) == AT + 7 * DAY
    assert seen(story(book(), exits=exits, now=AT + 8 * DAY)) is None


def test_missing_days_are_waited_for_two_weeks():
    """After that they are a gap."""
    prices = book(asked=ALL_DAYS - {T0 // DAY + 3})
    exits = (sell(AT, 100, 100),)
    assert seen(story(prices, exits=exits, now=AT + 21 * DAY - 1)) == T0 + 21 * DAY + 12 * HOUR
    assert seen(story(prices, exits=exits, now=AT + 21 * DAY)) is None


def test_what_is_held_is_looked_at_each_day_for_a_month():
    """After its last trade."""
    parts = {"trades": (buy(AT, 100, 100),), "episodes": (episode(AT),)}
    assert seen(story(book(), now=AT + 20 * DAY, **parts)) == T0 + 21 * DAY
    assert seen(story(book(), now=AT + 30 * DAY, **parts)) is None


def test_what_lies_idle_is_looked_at_each_day():
    """Of tokens with a configured yield, while there is any."""
    config = MomentConfig(yields=(Yield(MINT, MomentConfig().yields[0].apr, raw(0), "test"),))
    lying = story(book(), balances=(holds(AT, 5),), now=AT + 300 * DAY)
    gone = story(book(), balances=(holds(AT, 5), holds(AT + DAY, 0)), now=AT + 300 * DAY)

    assert seen(lying, config) == T0 + 301 * DAY
    assert seen(gone, config) is None
    assert seen(lying) is None


def test_what_pays_for_things_is_looked_at_for_what_lies_idle_alone():
    """Its trades open no windows."""
    told = story(book(), mint=SOL_MINT, trades=(buy(AT, 1, 1),), now=AT + DAY)
    assert seen(told) is None
    assert seen(replace(told, balances=(holds(AT, 5),))) == T0 + 2 * DAY


def test_what_was_found_says_itself_when_it_is_due():
    """A collapse, three days after."""
    prices = book(candle(AT + DAY, 1), candle(AT + DAY + HOUR, "0.01"))
    told = story(prices, episodes=(episode(AT),), balances=(holds(AT, 100),), now=AT + 2 * DAY)
    [moment] = detect(told)

    assert next_look(told) is None
    assert next_look(told, found=[moment]) == AT + DAY + HOUR + 60 + 3 * DAY
    assert Mint(moment.mint) == MINT
