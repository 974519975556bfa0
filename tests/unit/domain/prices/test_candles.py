"""Candles: their widths by age, and how they are put together."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.prices.candles import (
    DAY_S,
    KEPT_DAYS,
    Candle,
    Source,
    Width,
    coarsen,
    compact,
    flat,
    price_of,
    width_at,
)
from oof.domain.units import UnixSeconds

NOW = 1_780_000_000
AGES = st.integers(0, 740 * DAY_S)


def minute(start, *, low=1, high=2, source=Source.PYTH, confidence=95, volume=1):
    """A sound candle of a minute."""
    low, high = Decimal(low), Decimal(max(low, high))
    return Candle(start, Width.MINUTE, low, high, low, high, Decimal(volume), source, confidence)


@st.composite
def minutes(draw, spans=(0, 6, 179, 181, 729)):
    """Minutes of few hours, some at the ages where widths change, no two alike."""
    days = draw(st.lists(st.sampled_from(spans), min_size=1, max_size=3))
    starts = {
        (NOW - day * DAY_S - draw(st.integers(0, 2 * DAY_S))) // 60 * 60
        for day in days
        for _ in range(draw(st.integers(1, 12)))
    }
    prices = st.integers(1, 50)
    kinds = st.sampled_from([(Source.PYTH, 95), (Source.SWAPS, 30), (Source.SWAPS, 60)])
    return [
        minute(start, low=draw(prices), high=draw(prices), source=source, confidence=confidence)
        for start in sorted(starts)
        for source, confidence in [draw(kinds)]
    ]


def test_widths_follow_age():
    """A minute up to 7 days, five up to 180, an hour up to 730, then nothing."""
    for days, width in (
        (0, Width.MINUTE),
        (6.9, Width.MINUTE),
        (7.1, Width.FIVE_MINUTES),
        (179.9, Width.FIVE_MINUTES),
        (180.1, Width.HOUR),
        (729.9, Width.HOUR),
        (730.1, None),
    ):
        assert width_at(round(NOW - days * DAY_S), NOW) is width


@given(AGES)
def test_a_bucket_changes_as_a_whole(age):
    """All minutes of a bucket that is coarse already are as coarse."""
    width = width_at(NOW - age, NOW)
    if width is not None:
        start = width.bucket(NOW - age)
        inside = {width_at(start + past, NOW) for past in range(0, width, 60)}
        assert inside == {width}


@given(minutes(), st.sampled_from([Width.FIVE_MINUTES, Width.HOUR]))
def test_a_coarse_candle_says_what_its_parts_say(candles, width):
    """Against a plain reference: first, highest, lowest, last, sum, the least believed."""
    found = coarsen(candles, width)

    starts = sorted({candle.start // width * width for candle in candles})
    assert [candle.start for candle in found] == starts
    for candle in found:
        parts = [part for part in candles if candle.start <= part.start < candle.start + width]
        assert candle.open == parts[0].open
        assert candle.close == parts[-1].close
        assert candle.high == max(part.high for part in parts)
        assert candle.low == min(part.low for part in parts)
        assert candle.volume_usd == sum(part.volume_usd for part in parts)
        assert candle.confidence == min(part.confidence for part in parts)
        assert candle.is_sound


@given(minutes(), st.integers(0, 400 * DAY_S))
def test_compacting_early_changes_nothing_in_the_end(candles, earlier):
    """Compacted on the way or only at the end, as often as one likes: the same candles."""
    at_once = compact(candles, NOW)
    assert compact(compact(candles, NOW - earlier), NOW) == at_once
    assert compact(at_once, NOW) == at_once


@given(minutes())
def test_nothing_is_kept_beyond_its_age(candles):
    """Every candle is as wide as its age asks, and gaps stay gaps."""
    for candle in compact(candles, NOW):
        assert candle.width is width_at(candle.start, NOW)
        assert any(candle.start <= part.start < candle.end for part in candles)
        assert candle.end > NOW - KEPT_DAYS[Width.HOUR] * DAY_S


def test_one_unknown_volume_makes_the_sum_unknown():
    """A sum that lacks a part is no sum."""
    silent = minute(60)._replace(volume_usd=None)
    [candle] = coarsen([minute(0), silent], Width.HOUR)
    assert candle.volume_usd is None


def test_what_is_no_price_is_not_sound():
    """Zero, negative, endless, and a low above the close."""
    good = flat(UnixSeconds(0), Width.MINUTE, Decimal("0.5"), Source.PYTH, 95)
    assert good.is_sound
    for bad in ("0", "-1", "NaN", "Infinity"):
        assert not flat(UnixSeconds(0), Width.MINUTE, Decimal(bad), Source.PYTH, 95).is_sound
    assert not good._replace(low=Decimal("0.6")).is_sound
    assert not good._replace(high=Decimal("0.4")).is_sound


def test_a_price_keeps_twelve_digits():
    """Whatever the magnitude."""
    assert price_of(Decimal("0.00000123456789012345")) == Decimal("0.00000123456789012")
    assert price_of(Decimal("147.4789340738336")) == Decimal("147.478934074")


def test_a_stage_may_keep_hours_for_longer():
    """What is older than two years has an hour's width where candles are kept for four."""
    old = NOW - 1_200 * DAY_S

    assert width_at(old, NOW) is None
    assert width_at(old, NOW, kept_days=1_500) is Width.HOUR
    assert width_at(NOW - 1_501 * DAY_S, NOW, kept_days=1_500) is None
