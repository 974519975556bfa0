"""What our own trades imply, and what does not count among them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.prices.candles import Source, Width
from oof.domain.prices.vwap import Swap, swap_candles


def swap(ts, trader, qty, usd, *, buy=True):
    """A trade."""
    return Swap(ts, trader, buy, Decimal(qty), Decimal(usd))


def test_a_minutes_price_is_the_sum_over_the_sum():
    """By volume, not by trade."""
    [candle] = swap_candles(
        [swap(0, "ann", 10, 10), swap(30, "bob", 30, 60), swap(59, "cat", 10, 15)], Width.MINUTE
    )

    assert candle.open == candle.close == Decimal("1.7")
    assert candle.volume_usd == 85
    assert candle.source is Source.SWAPS
    assert candle.confidence == 60


def test_a_wide_bucket_is_that_of_its_minutes():
    """Its highest is no single fill's."""
    swaps = [swap(0, "ann", 10, 10), swap(10, "bob", 10, 14), swap(240, "cat", 10, 13)]
    [candle] = swap_candles(swaps, Width.FIVE_MINUTES)

    assert (candle.open, candle.high, candle.low, candle.close) == (
        Decimal("1.2"),
        Decimal("1.3"),
        Decimal("1.2"),
        Decimal("1.3"),
    )


def test_who_trades_with_himself_moves_nothing():
    """Buys and sells of the same size within a bucket do not count."""
    honest = [swap(0, "ann", 10, 10), swap(5, "bob", 10, 10)]
    washing = [swap(6, "eve", 1_000, 1_900), swap(7, "eve", 1_000, 1_900, buy=False)]

    assert swap_candles([*honest, *washing], Width.MINUTE) == swap_candles(honest, Width.MINUTE)
    assert swap_candles(washing, Width.MINUTE) == ()


def test_one_odd_price_does_not_count_however_large():
    """Each trader around has one voice."""
    honest = [swap(0, "ann", 10, 10), swap(5, "bob", 10, 11), swap(70, "cat", 10, 10)]
    odd = swap(6, "eve", 1_000, 50_000)

    [first, second] = swap_candles([*honest, odd], Width.MINUTE)
    assert first.high == Decimal("1.05")
    assert second.close == 1


def test_dust_is_no_price():
    """Less than a dollar says more about rounding."""
    assert swap_candles([swap(0, "ann", 1, "0.99")], Width.MINUTE) == ()


def test_confidence_grows_with_those_who_traded():
    """One trader's word is one trader's word; depth makes the most of it."""

    def trust(people, usd):
        swaps = [swap(0, f"t{each}", usd, usd) for each in range(people)]
        [candle] = swap_candles(swaps, Width.MINUTE)
        return candle.confidence

    assert [trust(people, 10) for people in (1, 2, 3, 5)] == [30, 50, 60, 60]
    assert trust(5, 2_000) == 70


SWAPS = st.lists(
    st.builds(
        Swap,
        st.integers(0, 900),
        st.sampled_from(["ann", "bob", "cat", "dan"]),
        st.booleans(),
        st.integers(1, 50).map(Decimal),
        st.integers(1, 50).map(Decimal),
    ),
    max_size=25,
)


@given(SWAPS, st.sampled_from([Width.MINUTE, Width.FIVE_MINUTES]))
def test_prices_lie_among_those_paid(swaps, width):
    """Every candle is sound, in its order, and within what somebody paid in its bucket."""
    found = swap_candles(swaps, width)

    assert [c.start for c in found] == sorted({c.start for c in found})
    for candle in found:
        paid = [s.usd / s.qty for s in swaps if candle.start <= s.ts < candle.end]
        slack = Decimal("1e-9")
        assert candle.is_sound
        assert min(paid) - slack <= candle.low <= candle.high <= max(paid) + slack


@given(SWAPS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(swaps, random):
    """Trades of one set, however they came."""
    shuffled = list(swaps)
    random.shuffle(shuffled)
    assert swap_candles(shuffled, Width.HOUR) == swap_candles(swaps, Width.HOUR)
