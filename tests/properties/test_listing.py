"""Merging listings: nothing lost, nothing twice, no slot split, nothing pulled in vain."""

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.listing import DAY_S, Listed, Pulled, Source, most_in_a_day, take

PAGE = 3
LISTINGS = st.lists(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 60)), max_size=14), min_size=1, max_size=5
)


def listed(name, slot, time):
    """One row."""
    return Listed(name, slot, time, None)


def source_of(address, *, is_wallet=False, **bounds):
    """One listing."""
    return Source(address=address, is_wallet=is_wallet, **bounds)


def rows_of(pairs):
    """A listing: newest first, each signature once; time follows the slot."""
    rows = {f"s{slot}-{n}": listed(f"s{slot}-{n}", slot, slot * 10) for slot, n in pairs}
    return sorted(rows.values(), key=lambda row: (-row.slot, row.signature))


class Provider:
    """Answers pages of listings by `before`, and counts."""

    def __init__(self, listings):
        """`listings` by address."""
        self.listings = listings
        self.pulls = 0

    def pull(self, source):
        """One page."""
        self.pulls += 1
        rows = self.listings[source.address]
        names = [row.signature for row in rows]
        start = 0 if source.before is None else names.index(source.before) + 1
        page = rows[start : start + PAGE]
        return Pulled(page, None, is_last=len(page) < PAGE)


def drained(provider, sources, *, limit, floor_time=None):
    """Take page after page until nothing is left, or the floor is met."""
    pages = []
    while True:
        taken = take(sources, provider.pull, limit=limit, floor_time=floor_time)
        pages.append(taken)
        if taken.is_exhausted or taken.is_at_floor_time:
            return pages


@given(LISTINGS, st.integers(1, 10))
def test_pages_hold_every_entry_once_newest_first(listings, limit):
    """All pages together are the sorted union, and each holds whole slots."""
    by_address = {f"a{n}": rows_of(pairs) for n, pairs in enumerate(listings)}
    provider = Provider(by_address)
    sources = [source_of(a) for a in by_address]

    pages = drained(provider, sources, limit=limit)

    entries = [entry for page in pages for entry in page.entries]
    assert {e.signature for e in entries} == {
        r.signature for rows in by_address.values() for r in rows
    }
    assert len(entries) == len({e.signature for e in entries})
    assert [e.slot for e in entries] == sorted((e.slot for e in entries), reverse=True)
    for page in pages[:-1]:
        assert len(page.entries) >= limit
        after = pages[pages.index(page) + 1].entries
        assert not after or after[0].slot < page.entries[-1].slot


@given(LISTINGS, st.integers(1, 10), st.integers(0, 31))
def test_a_floor_in_time_ends_the_taking_exactly(listings, limit, floor_slot):
    """Nothing older than the floor is taken, nothing newer is left."""
    by_address = {f"a{n}": rows_of(pairs) for n, pairs in enumerate(listings)}
    sources = [source_of(a) for a in by_address]

    pages = drained(Provider(by_address), sources, limit=limit, floor_time=floor_slot * 10)

    taken = {e.signature for page in pages for e in page.entries}
    union = {r.signature: r for rows in by_address.values() for r in rows}
    assert taken == {s for s, row in union.items() if row.slot >= floor_slot}


@given(LISTINGS, st.integers(0, 31), st.integers(0, 31))
def test_bounds_keep_what_others_cover_out(listings, until, below):
    """A source gives exactly its rows in `until` ≤ slot < `below`."""
    by_address = {f"a{n}": rows_of(pairs) for n, pairs in enumerate(listings)}
    sources = [source_of(a, until_slot=until, below_slot=below) for a in by_address]

    pages = drained(Provider(by_address), sources, limit=5)

    taken = {e.signature for page in pages for e in page.entries}
    union = {r.signature: r for rows in by_address.values() for r in rows}
    assert taken == {s for s, row in union.items() if until <= row.slot < below}


def test_only_what_may_hold_the_newest_entry_is_pulled():
    """A small page of a long listing costs one call, and a bounded source none."""
    long = rows_of([(slot, 0) for slot in range(1, 200)])
    provider = Provider({"wallet": long, "account": long})
    sources = [
        source_of("wallet", is_wallet=True),
        source_of("account", below_slot=5),
    ]

    taken = take(sources, provider.pull, limit=2, floor_time=None)

    assert [e.slot for e in taken.entries] == [199, 198]
    assert provider.pulls == 1


def test_repeated_rows_of_a_page_count_once():
    """A provider that repeats rows, or shuffles a page, changes nothing."""
    rows = rows_of([(9, 0), (8, 0), (8, 1)])
    source = source_of("a")
    source.feed(Pulled([rows[1], rows[0], rows[0], rows[2]], None, is_last=True))

    taken = take([source], Provider({}).pull, limit=10, floor_time=None)

    assert [e.slot for e in taken.entries] == [9, 8, 8]


@given(st.lists(st.integers(0, 4 * DAY_S), max_size=40))
def test_the_busiest_day_is_found_wherever_it_begins(times):
    """The count is that of the best window of 24 hours starting at any entry."""
    entries = [listed(f"s{n}", 1, time) for n, time in enumerate(times)]

    expected = max((sum(t <= u < t + DAY_S for u in times) for t in times), default=0)

    assert most_in_a_day(entries) == expected
