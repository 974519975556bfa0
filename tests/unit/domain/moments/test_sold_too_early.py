"""S2E: an exit before a rise that its seller could have had."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.prices.candles import Source, Width
from oof.domain.tokens import USDC_MINT
from tests.support.stories import (
    ALL_DAYS,
    DAY,
    HOUR,
    MINT,
    T0,
    book,
    candle,
    found,
    raw,
    sell,
    story,
)

KIND = MomentKind.S2E
AT = T0 + 10 * HOUR


def peaking_at(price, **more):
    """A hundred units sold for a hundred dollars, then a price a day later."""
    return story(book(candle(AT + DAY, price)), exits=(sell(AT, 100, 100),), **more)


def test_what_was_missed_and_how_severe_it_is():
    """A hundred units at a dollar, then 1.60: 60 dollars, 60 %, 0.6 / 0.75."""
    [moment] = found(peaking_at("1.6"), KIND)

    assert (moment.usd, moment.pct, moment.severity) == (
        Decimal("60.00000000"),
        Decimal("0.60000000"),
        Decimal("0.80000000"),
    )
    assert (moment.qty_raw, moment.at, moment.signature) == (raw(100), AT, "sell36000")
    assert (moment.source, moment.confidence) == ("geckoterminal", 80)
    assert moment.provisional == frozenset()
    assert moment.due_at is None


@pytest.mark.parametrize(
    ("price", "severities"),
    [
        ("1.24999999", []),
        ("1.25", [Decimal("0.33333333")]),
        ("1.74", [Decimal("0.98666667")]),
        ("1.75", [1]),
        ("3", [1]),
    ],
)
def test_a_quarter_more_is_where_it_begins(price, severities):
    """Just below there is none; from three quarters on it is as severe as can be."""
    assert [m.severity for m in found(peaking_at(price), KIND)] == severities


@pytest.mark.parametrize(("price", "count"), [("1.4999", 0), ("1.5", 1)])
def test_twenty_five_dollars_is_where_it_begins(price, count):
    """Fifty units at a dollar: half as much again is 25 dollars."""
    told = story(book(candle(AT + DAY, price)), exits=(sell(AT, 50, 50),))
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(("usd", "count"), [("9.99", 0), ("10", 1)])
def test_dust_is_ignored(usd, count):
    """However much it was worth later."""
    told = story(book(candle(AT + DAY, 100)), exits=(sell(AT, 10, usd),))
    assert len(found(told, KIND)) == count


@pytest.mark.parametrize(
    ("at", "count"),
    [(AT - 60, 0), (AT, 1), (AT + 7 * DAY - 60, 1), (AT + 7 * DAY - 59, 0), (AT + 7 * DAY, 0)],
)
def test_only_prices_of_the_seven_days_after_count(at, count):
    """A bucket counts that lies wholly within them."""
    at = at // 60 * 60 if count else -(-at // 60) * 60
    told = story(book(candle(at, 2)), exits=(sell(AT, 100, 100),))
    assert len(found(told, KIND)) == count


def test_an_open_window_is_provisional_and_says_when_it_ends():
    """Until then a higher peak may come."""
    [moment] = found(peaking_at("1.6", now=AT + 2 * DAY), KIND)

    assert moment.provisional == {Provisional.WINDOW_OPEN}
    assert moment.due_at == AT + 7 * DAY


def test_a_closed_window_whose_days_were_all_asked_is_final():
    """The day in which it ends is over as well."""
    [moment] = found(peaking_at("1.6", now=AT + 8 * DAY), KIND)
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


def test_days_that_were_not_asked_keep_it_open_then_are_a_gap():
    """For two weeks it is looked at again; after that it says what nobody told."""
    missing = (AT + 3 * DAY) // DAY
    prices = book(candle(AT + DAY, "1.6"), asked=ALL_DAYS - {missing})
    exits = (sell(AT, 100, 100),)
    [waiting] = found(story(prices, now=AT + 9 * DAY, exits=exits), KIND)
    [final] = found(story(prices, now=AT + 21 * DAY, exits=exits), KIND)

    assert waiting.provisional == {Provisional.WINDOW_OPEN}
    assert AT + 9 * DAY < waiting.due_at <= AT + 9 * DAY + 6 * HOUR
    assert (final.provisional, final.due_at) == (frozenset(), None)
    assert final.evidence["window"]["days_not_asked"] == [missing * DAY]
    assert final.evidence["window"]["hours_with_prices"] == 1


def test_without_a_price_there_is_no_number():
    """Neither of the exit, nor of the days after; unknown decimals are no price either."""
    unpriced = sell(AT, 100, 100, bought_mint="Nobody", bought_raw=raw(5))
    assert found(story(book(candle(AT + DAY, 2)), exits=(unpriced,)), KIND) == []
    assert found(story(book(), exits=(sell(AT, 100, 100),)), KIND) == []
    far = sell(AT, 100, 100, stamp=sell(AT, 1, 1).stamp._replace(at=None))
    assert found(story(book(candle(AT + DAY, 2)), exits=(far,)), KIND) == []


def test_a_thin_peak_gives_way_to_one_that_bears_the_sale():
    """A quarter of what was traded at 5 or above bears no 500 dollars; at 2 there is enough."""
    prices = book(
        candle(AT + DAY, 5, 1_000), candle(AT + DAY + 60, 3, 50), candle(AT + 2 * DAY, 2, 1_000)
    )
    [moment] = found(story(prices, exits=(sell(AT, 100, 100),)), KIND)

    assert moment.usd == 100
    assert moment.evidence["reach"]["volume_usd"] == "2050"
    assert moment.evidence["reach"]["buckets"] == 3
    assert moment.evidence["naive"]["usd"] == "400.00000000"
    assert moment.evidence["naive"]["price_usd"] == "5"


def test_volume_just_enough_for_the_sale_makes_a_peak_reachable():
    """A hundred units at 5 are 500 dollars: a quarter of 2,000."""
    exits = (sell(AT, 100, 100),)
    enough = story(book(candle(AT + DAY, 5, 2_000)), exits=exits)
    short = story(book(candle(AT + DAY, 5, "1999.99")), exits=exits)

    assert [m.usd for m in found(enough, KIND)] == [400]
    assert found(short, KIND) == []


def test_a_wick_counts_with_the_body_of_its_bucket():
    """More than twice what it opened and closed at is one odd fill."""
    exits = (sell(AT, 100, 100),)
    wick = book(candle(AT + DAY, "1.5", high="3.01"))
    rise = book(candle(AT + DAY, "1.5", high=3))

    assert [m.usd for m in found(story(wick, exits=exits), KIND)] == [50]
    assert [m.usd for m in found(story(rise, exits=exits), KIND)] == [200]


def test_one_traders_word_is_no_peak():
    """Confidence 30 is one trader, 50 are two."""
    exits = (sell(AT, 100, 100),)
    one = book(candle(AT + DAY, 2, source=Source.SWAPS, confidence=30))
    two = book(candle(AT + DAY, 2, source=Source.SWAPS, confidence=50))

    assert found(story(one, exits=exits), KIND) == []
    [moment] = found(story(two, exits=exits), KIND)
    assert (moment.source, moment.confidence) == ("swaps", 50)


def test_a_source_without_volume_bears_a_small_sale_with_little_confidence():
    """Five hundred dollars of it, and what was assumed is said."""
    told = candle(AT + DAY, 5, None, source=Source.JUPITER, confidence=75)
    [small] = found(story(book(told), exits=(sell(AT, 100, 100),)), KIND)
    large = found(story(book(told), exits=(sell(AT, 101, 101),)), KIND)

    assert (small.confidence, small.evidence["reach"]["is_assumed"]) == (40, True)
    assert large == []


def test_a_deep_markets_price_needs_no_volume():
    """Who quotes many venues tells none."""
    told = candle(AT + DAY, 5, None, source=Source.PYTH, confidence=95)
    [moment] = found(story(book(told), exits=(sell(AT, 100_000, 100_000),)), KIND)
    assert (moment.usd, moment.evidence["reach"]["is_assumed"]) == (400_000, False)


def test_volume_told_in_two_widths_is_counted_once():
    """The hour's candle says again what its minutes said."""
    prices = book(candle(AT + DAY, 5, 1_000), candle(AT + DAY, 5, 1_000, width=Width.HOUR, high=5))
    assert found(story(prices, exits=(sell(AT, 100, 100),)), KIND) == []


def test_all_units_count_whether_their_cost_is_known_or_not():
    """An airdrop can be sold too early; so can what no lot is known of."""
    told = sell(AT, 100, 100, unmatched_raw=raw(100))
    [moment] = found(story(book(candle(AT + DAY, 2)), exits=(told,)), KIND)
    assert (moment.qty_raw, moment.usd) == (raw(200), 300)


def test_several_exits_of_one_transaction_are_moments_of_their_own():
    """Told apart by their place."""
    exits = tuple(sell(AT, 100, 100)._replace(place=place) for place in (0, 1))
    moments = found(story(book(candle(AT + DAY, 2)), exits=exits), KIND)

    assert [m.place for m in moments] == [0, 1]
    assert len({m.id_of("wallet") for m in moments}) == 2


def test_what_pays_for_things_is_never_sold_too_early():
    """Spending dollars is no exit."""
    told = story(book(), mint=USDC_MINT, exits=(sell(AT, 100, 100, bought_mint=MINT),))
    assert found(told, KIND) == []


def test_soft_facts_make_soft_moments():
    """Cleared when the transaction is finalized."""
    slot = sell(AT, 1, 1).stamp.slot
    [soft] = found(peaking_at("1.6", soft_from=slot), KIND)
    [firm] = found(peaking_at("1.6", soft_from=slot + 1), KIND)

    assert (soft.provisional, firm.provisional) == ({Provisional.SOFT}, frozenset())
