"""ROUND_TRIP: doubled while it was held, and all of it gone."""

from decimal import Decimal

import pytest

from oof.domain.moments.model import MomentKind, Provisional
from tests.support.stories import DAY, HOUR, T0, book, candle, episode, found, lot, raw, sell, story

KIND = MomentKind.ROUND_TRIP
AT = T0 + 10 * HOUR
PEAK = AT + DAY
SOLD = AT + 5 * DAY


def sold(price, *, usd=80, lots=None, at=PEAK, volume=1_000_000, **more):
    """A hundred units for a hundred dollars, a price on the way, and sold."""
    taken = [lot(AT, 100, 100)] if lots is None else lots
    return story(book(candle(at, price, volume)), exits=(sell(SOLD, 100, usd, taken),), **more)


def held(*candles, lots=None, **more):
    """A hundred units for a hundred dollars, not sold, and prices."""
    taken = (lot(AT, 100, 100),) if lots is None else tuple(lots)
    return story(book(*candles), open_lots=taken, episodes=(episode(AT),), **more)


def test_what_was_there_and_is_not_any_more():
    """Five hundred dollars at the peak, sold for 80: 420 lost, 84 % of it, (4 - 1) / 8."""
    [moment] = found(sold(5), KIND)

    assert (moment.usd, moment.pct) == (420, Decimal("-0.84"))
    assert moment.severity == Decimal("0.375")
    assert (moment.qty_raw, moment.signature) == (raw(100), "sell468000")
    assert (moment.provisional, moment.due_at) == (frozenset(), None)


@pytest.mark.parametrize(
    ("price", "severities"), [("1.99999999", []), ("2", [0]), ("10", [1]), ("50", [1])]
)
def test_twice_the_entry_is_where_it_begins(price, severities):
    """At ten times the entry it is as severe as can be."""
    assert [m.severity for m in found(sold(price), KIND)] == severities


@pytest.mark.parametrize(("usd", "count"), [("100", 1), ("100.000001", 0)])
def test_the_gain_must_be_gone(usd, count):
    """Sold at no more than it cost."""
    assert len(found(sold(5, usd=usd), KIND)) == count


@pytest.mark.parametrize(("usd", "count"), [("15", 1), ("15.000001", 0)])
def test_twenty_five_dollars_is_the_least(usd, count):
    """Twenty units for 20, worth 40 at the peak."""
    exits = (sell(SOLD, 20, usd, [lot(AT, 20, 20)]),)
    assert len(found(story(book(candle(PEAK, 2)), exits=exits), KIND)) == count


@pytest.mark.parametrize(("at", "count"), [(AT - 60, 0), (AT, 1), (SOLD - 60, 1), (SOLD, 0)])
def test_the_peak_must_have_been_held(at, count):
    """Not before the entry, and not after the exit."""
    assert len(found(sold(5, at=at), KIND)) == count


def test_the_peak_must_bear_the_sale():
    """A quarter of 799 dollars bears no two hundred."""
    assert found(sold(2, volume=799), KIND) == []
    assert len(found(sold(2, volume=800), KIND)) == 1


def test_the_naive_peak_stands_beside_the_reachable_one():
    """At 9 there was next to no trade."""
    prices = book(candle(PEAK, 9, 1), candle(PEAK + 60, 2))
    told = story(prices, exits=(sell(SOLD, 100, 80, [lot(AT, 100, 100)]),))
    [moment] = found(told, KIND)

    assert moment.usd == 120
    assert moment.evidence["naive"]["usd"] == "820.00000000"
    assert moment.evidence["lots"][0]["naive_peak_usd"] == "9"


def test_each_lot_is_judged_by_its_own_entry():
    """One bought at the peak made no round trip."""
    lots = [lot(AT, 50, 50), lot(PEAK + 60, 50, 200)]
    [moment] = found(sold(5, lots=lots), KIND)
    assert (moment.qty_raw, moment.usd) == (raw(50), 210)


def test_what_is_still_held_counts_once_the_price_was_back_at_the_entry():
    """At the first close there: what comes after changes nothing."""
    fell = (candle(PEAK, 5), candle(PEAK + DAY, "0.9"), candle(PEAK + 2 * DAY, "0.1"))
    [moment] = found(held(*fell), KIND)

    assert (moment.usd, moment.pct) == (410, Decimal("-0.82"))
    assert (moment.signature, moment.at, moment.qty_raw) == ("buy36000", AT, raw(100))
    assert moment.provisional == {Provisional.WINDOW_OPEN}
    assert moment.due_at is None


@pytest.mark.parametrize(("price", "count"), [("1.00000001", 0), ("1", 1)])
def test_what_is_still_above_the_entry_is_not_gone(price, count):
    """However much was lost of the peak."""
    assert len(found(held(candle(PEAK, 5), candle(PEAK + DAY, price)), KIND)) == count


def test_a_dip_before_the_peak_does_not_count():
    """Only what came after."""
    assert found(held(candle(AT + HOUR, "0.5"), candle(PEAK, 5)), KIND) == []


def test_open_lots_of_one_transaction_are_one_moment():
    """Two halves of one buy."""
    fell = (candle(PEAK, 5), candle(PEAK + DAY, "0.9"))
    [moment] = found(held(*fell, lots=[lot(AT, 40, 40), lot(AT, 60, 60)]), KIND)
    assert (moment.qty_raw, moment.usd) == (raw(100), 410)


def test_dust_and_what_nobody_knows_the_cost_of_are_ignored():
    """Of what is still held."""
    fell = (candle(PEAK, 5_000), candle(PEAK + DAY, "0.0001"))
    for lots in (
        [lot(AT, 1, "9.99")],
        [lot(AT, 1, None)],
        [lot(AT, 1, 100, signature=None)],
        [lot(AT, 1, 100)._replace(at=None)],
    ):
        assert found(held(*fell, lots=lots), KIND) == []
    assert len(found(held(*fell, lots=[lot(AT, 1, 10)]), KIND)) == 1
    small = (candle(PEAK, 3), candle(PEAK + DAY, "0.51"))
    assert found(held(*small, lots=[lot(AT, 10, 10)]), KIND) == []


def test_without_prices_there_is_no_number():
    """Neither of the peak, nor after it."""
    assert found(held(), KIND) == []
    assert found(held(candle(PEAK, 5)), KIND) == []
