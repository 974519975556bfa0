"""Lots: which ones an exit takes, and that no unit of them is lost."""

from fractions import Fraction

import pytest

from oof.domain.positions.lots import Entry, LotBook, Method, Moment, Origin
from oof.domain.positions.worth import Ratio, Worth
from oof.domain.units import RawAmount

SOL, USDC = "sol", "usdc"


def entry(slot, qty, cost, usd=None, mint=SOL):
    """Return what came in in a slot."""
    worth = Worth(None if usd is None else Ratio(usd, 1), None)
    return Entry(Moment(slot, 0), qty, {mint: cost}, worth)


def book(method, *entries):
    """Return a book of (qty, cost, usd) entries in SOL, one a slot."""
    filled = LotBook(method)
    for slot, (qty, cost, usd) in enumerate(entries, 1):
        filled.enter(entry(slot, qty, cost, usd))
    return filled


def taken(book, qty):
    """Return (slot, qty) of what an exit takes."""
    return [(part.entry.opened.slot, part.qty_raw) for part in book.exit(qty).slices]


def dollars(taken):
    """Return what the one slice taken cost."""
    [part] = taken.slices
    return None if part.worth.usd is None else Fraction(*part.worth.usd)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Method.FIFO, [(1, 10), (2, 5)]),
        (Method.LIFO, [(3, 10), (2, 5)]),
        (Method.HIFO, [(2, 10), (3, 5)]),
    ],
)
def test_each_method_takes_lots_in_its_order(method, expected):
    """First in, last in, or the dearest first."""
    assert taken(book(method, (10, 100, 1), (10, 300, 3), (10, 200, 2)), 15) == expected


def test_a_partial_exit_leaves_the_rest_of_the_cost():
    """Each takes the floor of its part, and the last what is left."""
    lots = book(Method.FIFO, (3, 10, None))

    costs = [lots.exit(1).cost_raw[SOL] for _ in range(3)]

    assert costs == [3, 3, 4]
    assert lots.lots == []


def test_units_beyond_all_lots_are_unmatched():
    """They are counted, and take nothing."""
    result = book(Method.FIFO, (10, 100, None)).exit(25)

    assert (result.matched_raw, result.unmatched_raw) == (10, 15)
    assert result.cost_raw == {SOL: 100}


def test_an_exit_from_nothing_is_all_unmatched():
    """There is nothing to fall back on either."""
    result = book(Method.HIFO).exit(RawAmount(5))

    assert (result.slices, result.unmatched_raw, result.method_fallback) == ((), 5, None)


def test_average_cost_is_one_pooled_lot():
    """Entries add up, and every exit takes its part of all of them."""
    lots = book(Method.AVERAGE, (10, 100, 1), (30, 500, 7))

    first, second = lots.exit(10), lots.exit(30)

    assert first.cost_raw == {SOL: 150}
    assert dollars(first) == 2
    assert second.cost_raw == {SOL: 450}
    assert dollars(second) == 6


def test_a_pool_is_unpriced_while_any_of_it_is():
    """It is priced again once it was emptied."""
    lots = book(Method.AVERAGE, (10, 100, 1), (10, 100, None))

    assert dollars(lots.exit(20)) is None
    lots.enter(entry(9, 10, 5, usd=4))
    assert dollars(lots.exit(10)) == 4


def test_hifo_ranks_by_cost_where_prices_lack():
    """Within one cost mint, a unit's cost is compared without dividing."""
    lots = book(Method.HIFO, (3, 10, None), (1, 4, 9), (7, 23, None))

    result = lots.exit(2)

    assert result.method_fallback is None
    assert [part.entry.opened.slot for part in result.slices] == [2, 1]


def test_hifo_ties_are_broken_oldest_first():
    """The same cost a unit is the same rank, whatever was taken already."""
    lots = book(Method.HIFO, (3, 10, None), (6, 20, None))
    lots.exit(1)

    assert taken(lots, 3) == [(1, 2), (2, 1)]


def test_hifo_says_when_it_could_not_rank():
    """Unpriced lots that cost different mints are taken oldest first."""
    lots = book(Method.HIFO, (10, 100, None))
    lots.enter(entry(2, 10, 900, mint=USDC))

    result = lots.exit(RawAmount(12))

    assert result.method_fallback is Method.FIFO
    assert [part.entry.opened.slot for part in result.slices] == [1, 2]


def test_an_entry_of_nothing_opens_no_lot():
    """Nothing came in, so nothing is open."""
    lots = LotBook()

    lots.enter(entry(1, 0, 5))

    assert lots.lots == []
    assert lots.qty_raw == 0


def gift(slot, qty):
    """Return what came in without a cost anybody knows."""
    return Entry(Moment(slot, 0), qty, {}, origin=Origin.TRANSFER)


@pytest.mark.parametrize("usd", [2, None])
def test_hifo_takes_what_nobody_knows_the_cost_of_last(usd):
    """It spoils no ranking of the others, by dollars or by what they cost."""
    lots = LotBook(Method.HIFO)
    lots.enter(gift(1, 5))
    lots.enter(entry(2, 5, 10, usd))
    lots.enter(entry(3, 5, 20, None if usd is None else 4))

    exit_ = lots.exit(RawAmount(12))

    assert [(part.entry.opened.slot, part.qty_raw) for part in exit_.slices] == [
        (3, 5),
        (2, 5),
        (1, 2),
    ]
    assert exit_.method_fallback is None


def test_what_nobody_knows_the_cost_of_is_a_pool_of_its_own():
    """A gift makes no average unknown; the pool opened first is taken first."""
    lots = book(Method.AVERAGE, (10, 10, 10))
    lots.enter(gift(2, 5))
    lots.enter(entry(3, 10, 30, 30))
    lots.enter(gift(4, 5))

    known = lots.exit(RawAmount(10))
    rest = lots.exit(RawAmount(15))

    assert dollars(known) == 20
    assert [(part.entry.origin, part.qty_raw) for part in rest.slices] == [
        (Origin.TRADE, 10),
        (Origin.TRANSFER, 5),
    ]
    assert lots.qty_raw == 5
