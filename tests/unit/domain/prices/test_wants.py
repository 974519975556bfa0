"""What is asked, in which pages and order."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.prices.candles import DAY_S, Width, width_at
from oof.domain.prices.wants import PAGE, DueDay, quote_of, wants_of
from oof.domain.units import Mint

TODAY: Any = 20_600
NOW = TODAY * DAY_S + 40_000


def day_of(mint, day, notional):
    """A day that is due."""
    return DueDay(mint, day, notional)


def test_the_dearest_is_asked_first():
    """Whatever its age."""
    wants = wants_of([day_of("a", TODAY - 300, 5), day_of("b", TODAY - 2, 9)], NOW)
    assert [want.mint for want in wants] == ["b", "b", "a"]


def test_days_that_follow_each_other_are_one_read():
    """As many as a page holds of their width."""
    days = [day_of("a", TODAY - 300 - past, 1) for past in range(50)]
    wants = wants_of(days, NOW)
    assert {want.width for want in wants} == {Width.HOUR}
    assert [len(want.days) for want in wants] == [41, 9]


def test_today_ends_now():
    """Nobody is asked for what has not happened."""
    wants = wants_of([day_of("a", TODAY, 1)], NOW)
    assert [(want.start, want.end) for want in wants] == [(TODAY * DAY_S, NOW)]


def test_what_is_too_old_is_not_asked():
    """Beyond two years there is no price."""
    assert wants_of([day_of("a", TODAY - 800, 1)], NOW) == ()


def test_the_price_now_is_that_of_this_minute():
    """One bucket."""
    want = quote_of(Mint("a"), NOW)
    assert want.is_now
    assert want.start <= NOW < want.end


@given(
    st.sets(
        st.tuples(st.sampled_from("ab"), st.integers(TODAY - 740, TODAY)), min_size=1, max_size=40
    )
)
def test_every_day_is_asked_once_and_whole(places):
    """Pages cover each day's seconds up to now exactly once, each in one read, at its width."""
    wants = wants_of([DueDay(mint, day, day) for mint, day in places], NOW)

    for mint, day in places:
        mine = sorted(w for w in wants if w.mint == mint and day in w.days)
        if width_at((day + 1) * DAY_S - 1, NOW) is None:
            assert mine == []
            continue
        spans = [(max(w.start, day * DAY_S), min(w.end, (day + 1) * DAY_S)) for w in mine]
        assert spans[0][0] == day * DAY_S
        assert spans[-1][1] == min((day + 1) * DAY_S, NOW)
        assert all(one[1] == two[0] for one, two in pairwise(spans))
    for want in wants:
        assert (want.end - want.start) / want.width <= PAGE
