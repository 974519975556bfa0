"""What was held on some days, and its worth, against a naive reckoning."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.positions.held_values import HeldSpan, held_on_days, value_of
from oof.domain.prices.candles import Source, Width
from oof.domain.prices.series import Priced
from oof.domain.units import Mint, UnixSeconds

MINTS = [Mint(name) for name in "abcdef"]
DAYS = range(10, 16)


def price_of(usd):
    """A price of so much."""
    return Priced(Decimal(usd), UnixSeconds(0), Width.HOUR, Source.SWAPS, 50)


@st.composite
def spans(draw):
    """Stretches of some mints; of one mint none overlap."""
    made = []
    for mint in draw(st.permutations(MINTS)):
        first = 8
        while (first := first + draw(st.integers(0, 4))) < DAYS.stop:
            last = first + draw(st.integers(0, 3))
            decimals = draw(st.sampled_from([None, 0, 6]))
            made.append(HeldSpan(mint, decimals, draw(st.integers(1, 10**9)), first, last))
            first = last + 1
    return made


closes = st.dictionaries(
    st.tuples(st.sampled_from(MINTS), st.sampled_from(DAYS)),
    st.sampled_from(["0.00000123", "1", "150.5"]).map(price_of),
    max_size=20,
)


@given(spans(), closes, st.integers(0, 7))
def test_each_day_is_as_reckoned_one_by_one(held, prices, top):
    """Counted, valued and ordered, whatever has a price on which day."""
    for found in held_on_days(DAYS, held, prices, top=top):
        alive = sorted(span for span in held if span.first <= found.day <= span.last)
        values = {
            span.mint: value_of(span.raw, span.decimals, prices[span.mint, found.day])
            for span in alive
            if (span.mint, found.day) in prices and span.decimals is not None
        }
        dearest = sorted(values, key=lambda mint: (-values[mint], mint))
        rest = [span.mint for span in alive if span.mint not in values]
        assert found.mints == len(alive)
        assert found.unpriced == len(rest)
        assert found.value_usd == sum(values.values())
        assert [each.mint for each in found.top] == [*dearest, *rest][:top]
        assert [each.value_usd for each in found.top] == [
            values.get(each.mint) for each in found.top
        ]


@given(st.integers(0, 2**80), st.integers(0, 18), st.decimals(0, 10**6, places=12))
def test_a_value_is_rounded_once_half_to_even(raw, decimals, usd):
    """To eight decimals, of the exact product."""
    exact = Fraction(raw, 10**decimals) * Fraction(usd)

    assert Fraction(value_of(raw, decimals, price_of(usd))) == Fraction(round(exact * 10**8), 10**8)
