"""Looking up in a series gives what reading all of it gives."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.prices.candles import Candle, Source, Width, flat
from oof.domain.prices.series import Series
from oof.domain.units import UnixSeconds

SPAN = 3 * 3_600


def series_of(told):
    """The series of candles."""
    return Series(told)


def one_price(width, usd, source, confidence):
    """A candle of one price, at the beginning."""
    return flat(UnixSeconds(0), width, usd, source, confidence)


@st.composite
def candles(draw):
    """Candles of all widths within three hours, many gaps, equal prices now and then."""
    found = []
    for width in Width:
        places = st.integers(0, SPAN // width - 1)
        for place in draw(st.sets(places, max_size=12)):
            low = Decimal(draw(st.integers(1, 4)))
            high = low + draw(st.integers(0, 4))
            found.append(Candle(place * width, width, low, high, low, high, None, Source.PYTH, 95))
    return draw(st.permutations(found))


@given(candles(), st.integers(-100, SPAN + 100))
def test_the_price_at_a_minute_is_that_of_the_narrowest_bucket(told, moment):
    """Or none, in a gap."""
    covering = [c for c in told if c.start <= moment < c.end]
    found = series_of(told).at_minute(moment)

    if not covering:
        assert found is None
    else:
        expected = min(covering, key=lambda c: c.width)
        assert (found.usd, found.start, found.width) == (
            expected.close,
            expected.start,
            expected.width,
        )
        assert (found.source, found.confidence) == (expected.source, expected.confidence)


@given(candles(), st.integers(-100, SPAN + 100), st.integers(-100, SPAN + 100))
def test_extremes_are_those_of_the_buckets_wholly_inside(told, start, end):
    """The highest and the lowest, the earliest of equals; none where no bucket is inside."""
    inside = [c for c in told if start <= c.start and c.end <= end]
    series = series_of(told)
    highest, lowest = series.max_in(start, end), series.min_in(start, end)

    if not inside:
        assert highest is None
        assert lowest is None
    else:
        top, bottom = max(c.high for c in inside), min(c.low for c in inside)
        assert (highest.usd, highest.start) == (
            top,
            min(c.start for c in inside if c.high == top),
        )
        assert (lowest.usd, lowest.start) == (
            bottom,
            min(c.start for c in inside if c.low == bottom),
        )


def test_the_more_confident_of_two_counts():
    """Whichever came first; of equals the later."""
    sure = one_price(Width.MINUTE, Decimal(5), Source.PYTH, 95)
    unsure = one_price(Width.MINUTE, Decimal(7), Source.SWAPS, 30)
    again = one_price(Width.MINUTE, Decimal(6), Source.PYTH, 95)
    assert series_of([sure, unsure]).at_minute(0).usd == 5
    assert series_of([unsure, sure]).at_minute(0).usd == 5
    assert series_of([sure, again]).at_minute(0).usd == 6


def test_an_empty_series_knows_nothing():
    """No price is never 0."""
    series = series_of([])
    assert series.at_minute(0) is None
    assert series.max_in(0, SPAN) is None


@given(candles(), st.integers(-100, SPAN + 100), st.integers(-100, SPAN + 100))
def test_walking_a_span_meets_every_bucket_wholly_inside_in_order(told, start, end):
    """By start, from the highest down and from the lowest up; ties by start."""
    inside = sorted(c for c in told if start <= c.start and c.end <= end)
    series = series_of(told)

    assert list(series.within(start, end)) == inside
    falling = [(-c.high, c.start) for c in series.from_highest(start, end)]
    assert falling == sorted((-c.high, c.start) for c in inside)
    rising = [(c.low, c.start) for c in series.from_lowest(start, end)]
    assert rising == sorted((c.low, c.start) for c in inside)


@given(candles(), st.integers(-100, SPAN + 100), st.integers(0, SPAN))
def test_the_newest_price_is_that_of_the_bucket_that_began_last(told, start, length):
    """The narrowest of several; none where none began."""
    span = UnixSeconds(start), UnixSeconds(start + length)
    began = [each for each in told if span[0] <= each.start < span[1]]
    newest = max(began, key=lambda each: (each.start, -each.width), default=None)

    found = series_of(told).latest_in(*span)
    assert (found is None) == (newest is None)
    if found is not None and newest is not None:
        assert (found.start, found.width, found.usd) == (newest.start, newest.width, newest.close)
