"""A book answers for each mint what its series does, and values amounts exactly."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.prices.book import DayState, MintPrices, PriceBook, Span, merged
from oof.domain.prices.candles import DAY_S, Source, Width, flat
from oof.domain.units import SOL_MINT, Mint, UnixSeconds

COIN = Mint("coin")
OTHER = Mint("other")
START = UnixSeconds(20_000 * DAY_S)
NOBODY: frozenset[int] = frozenset()


def told(mint: Any, *usd: str, decimals: int | None = 6, asked: Any = (), pending: Any = ()) -> Any:
    """One price a minute from the start on."""
    candles = [
        flat(UnixSeconds(START + 60 * at), Width.MINUTE, Decimal(each), Source.PYTH, 95)
        for at, each in enumerate(usd)
    ]
    return MintPrices(mint, decimals, candles, frozenset(asked), frozenset(pending))


def test_each_mint_has_prices_of_its_own():
    """Nothing is known of one that nobody put in."""
    book = PriceBook([told(COIN, "2", "5", "1"), told(OTHER, "9")])
    end = UnixSeconds(START + 180)

    highest, lowest = book.max_in(COIN, START, end), book.min_in(COIN, START, end)
    assert highest is not None
    assert lowest is not None
    assert (highest.usd, lowest.usd) == (Decimal(5), Decimal(1))
    assert book.at_minute(OTHER, UnixSeconds(START + 60)) is None
    never = Mint("never")
    assert book.at_minute(never, START) is book.max_in(never, START, end) is None
    assert book.min_in(never, START, end) is None


def test_amounts_are_valued_exactly():
    """However long; not without decimals, except SOL's, which everybody knows."""
    book = PriceBook([told(COIN, "0.000123456789"), told(SOL_MINT, "150", decimals=None)])
    raw: Any = 2**64 - 1
    valued = book.value(COIN, raw, START)
    assert valued is not None
    assert Fraction(valued.usd) == Fraction(raw * 123456789, 10**6 * 10**12)
    assert valued.priced.source is Source.PYTH

    sol = book.value(SOL_MINT, -raw, START)
    assert sol is not None
    assert Fraction(sol.usd) == Fraction(-raw * 150, 10**9)
    assert PriceBook([told(OTHER, "1", decimals=None)]).value(OTHER, raw, START) is None
    assert book.value(COIN, raw, UnixSeconds(START + 60)) is None


def test_days_are_pending_asked_or_never_asked():
    """A span is asked when all its days are."""
    book = PriceBook([told(COIN, asked=[20_000, 20_001], pending=[20_002])])
    days = [book.day_state(COIN, UnixSeconds(START + at * DAY_S)) for at in range(4)]
    assert days == [DayState.ASKED, DayState.ASKED, DayState.PENDING, DayState.UNNOTED]

    two_days = UnixSeconds(START + 2 * DAY_S)
    assert book.is_asked(COIN, START, two_days)
    assert not book.is_asked(COIN, START, UnixSeconds(two_days + 1))
    assert not book.is_asked(OTHER, START, two_days)


def spans() -> st.SearchStrategy[list[Span]]:
    """Some spans of two mints, empty ones among them."""
    one = st.builds(
        lambda mint, start, length: Span(mint, UnixSeconds(start), UnixSeconds(start + length)),
        st.sampled_from([COIN, OTHER]),
        st.integers(0, 50),
        st.integers(0, 10),
    )
    return st.lists(one, max_size=12)


@given(spans())
def test_merged_spans_cover_the_same_and_never_touch(wanted):
    """Each moment of each mint once."""
    covered = [(mint, at) for mint, start, end in merged(wanted) for at in range(start, end)]
    assert covered == sorted({(m, at) for m, start, end in wanted for at in range(start, end)})
    for one, other in zip(merged(wanted), merged(wanted)[1:], strict=False):
        assert one.mint != other.mint or one.end < other.start
