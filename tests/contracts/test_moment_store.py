"""The contract of stored moments, held by the facts in memory and by Postgres."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.moment_reader import PostgresMomentReader
from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.moments.stored import (
    NO_EXTREMES,
    KindCount,
    StoredMoment,
)
from oof.domain.snapshot.model import WalletState
from oof.domain.units import SOL_MINT, Mint, Slot, UnixSeconds
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.moment_pages import MemoryMomentReader
from oof.ports.moment_pages import MomentFilter
from oof.ports.moments import DueMoments, MomentMark
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.moments import a_moment, busiest, keep_moments, mints_of, places_of

SEED, SIZE = 11, 12
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
def world(request):
    """A world whose wallets are folded, on each store; nothing is marked."""
    database = None
    facts: Any = MemoryFactStore()
    if request.param == "postgres":
        dsn = request.getfixturevalue("postgres_dsn")
        database = Database(lambda: dsn)
        facts = PostgresFactStore(database)
    made = World(generated_history(SEED, SIZE), facts)
    clean_pass(made)
    for wallet in made.history.wallets:
        with facts.transaction() as transaction:
            wallet_id = transaction.lock_moments(wallet).wallet_id
            transaction.take_due_moments(wallet_id, at=datetime(2100, 1, 1, tzinfo=UTC), limit=999)
    yield made
    if database is not None:
        database.close()


@pytest.fixture
def wallet(world):
    """The wallet with the longest history."""
    return busiest(world)


@pytest.fixture
def mints(world, wallet):
    """Two of its mints."""
    return mints_of(world, wallet)[:2]


def mark(mint: Mint, slot: int, at: datetime) -> MomentMark:
    """A mark."""
    return MomentMark(mint, Slot(slot), at)


def due(mint: Mint, slot: int) -> DueMoments:
    """A mark that was taken."""
    return DueMoments(mint, Slot(slot))


def wallet_id_of(world, wallet) -> int:
    """The wallet's id."""
    with world.inner.transaction() as transaction:
        return int(transaction.lock_moments(wallet).wallet_id)


def test_of_two_marks_the_lower_slot_and_the_earlier_time_count(world, wallet, mints):
    """A mark is taken once its time has come, and only once."""
    wallet_id = wallet_id_of(world, wallet)
    one, other = mints
    later = AT + timedelta(hours=1)
    with world.inner.transaction() as transaction:
        transaction.mark_moments(wallet_id, [mark(one, 70, later), mark(other, 9, later)])
    with world.inner.transaction() as transaction:
        transaction.mark_moments(wallet_id, [mark(one, 90, AT)])
        transaction.mark_moments(wallet_id, [])
    assert world.inner.wallets_with_due_moments(at=AT - timedelta(seconds=1), limit=9) == ()
    assert world.inner.wallets_with_due_moments(at=AT, limit=9) == (wallet,)

    with world.inner.transaction() as transaction:
        assert transaction.take_due_moments(wallet_id, at=AT, limit=9) == (due(one, 70),)
        assert transaction.take_due_moments(wallet_id, at=AT, limit=9) == ()
        assert transaction.take_due_moments(wallet_id, at=later, limit=9) == (due(other, 9),)


def test_a_turn_takes_no_more_than_its_limit(world, wallet, mints):
    """The longest due first; the rest stays."""
    wallet_id = wallet_id_of(world, wallet)
    marks = [mark(mints[0], 5, AT), mark(mints[1], 5, AT - timedelta(minutes=1))]
    with world.inner.transaction() as transaction:
        transaction.mark_moments(wallet_id, marks)
    taken = []
    for _ in range(3):
        with world.inner.transaction() as transaction:
            taken.append(transaction.take_due_moments(wallet_id, at=AT, limit=1))

    assert taken == [(due(mints[1], 5),), (due(mints[0], 5),), ()]


def test_a_lost_turn_leaves_its_marks(world, wallet, mints):
    """What was taken before a crash is there again."""
    wallet_id = wallet_id_of(world, wallet)
    with world.inner.transaction() as transaction:
        transaction.mark_moments(wallet_id, [mark(mints[0], 5, AT)])

    with suppress(RuntimeError), world.inner.transaction() as transaction:
        assert transaction.take_due_moments(wallet_id, at=AT, limit=9)
        raise RuntimeError

    assert world.inner.wallets_with_due_moments(at=AT, limit=9) == (wallet,)


def test_a_blocked_wallet_is_left_alone(world, wallet, mints):
    """Neither found nor locked, until it is free again."""
    wallet_id = wallet_id_of(world, wallet)
    with world.inner.transaction() as transaction:
        transaction.mark_moments(wallet_id, [mark(mints[0], 5, AT)])
        transaction.block(wallet, "poison", at=AT)

    with world.inner.transaction() as transaction:
        assert transaction.lock_moments(wallet) is None
        assert transaction.lock_moments(SOL_MINT) is None
    assert world.inner.wallets_with_due_moments(at=AT, limit=9) == ()


def test_an_untracked_wallet_waits_until_it_is_tracked_again(world, wallet, mints):
    """Nobody reads it, so nobody looks; its marks stay."""
    wallet_id = wallet_id_of(world, wallet)
    with world.inner.transaction() as transaction:
        transaction.mark_moments(wallet_id, [mark(mints[0], 5, AT)])
        transaction.track(wallet, WalletState.UNTRACKED, at=AT)
    assert world.inner.wallets_with_due_moments(at=AT, limit=9) == ()

    with world.inner.transaction() as transaction:
        transaction.track(wallet, WalletState.SEEN_FULL, at=AT)
    assert world.inner.wallets_with_due_moments(at=AT, limit=9) == (wallet,)


def stored(world, wallet, *mints) -> list[StoredMoment]:
    """All moments of some positions, by id."""
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        return list(transaction.stored_moments(wallet_id, [due(m, 0) for m in mints]))


def test_what_is_written_is_what_is_read(world, wallet, mints):
    """Every field, to the last decimal; the same again changes nothing, not even the revision."""
    first, second, *_ = places_of(world, wallet)
    open_ = frozenset({Provisional.WINDOW_OPEN})
    told = [
        a_moment(first, mints[0]),
        a_moment(first, mints[0], kind=MomentKind.BHD, usd=None, pct=None, qty_raw=None),
        a_moment(second, mints[0], place=3, tx_index=7, provisional=open_, due_at=1_800_000_000),
    ]

    assert len(keep_moments(world, wallet, told, mint=mints[0], at=AT).put) == 3
    revision = world.inner.view(wallet).revision
    again = keep_moments(world, wallet, told, mint=mints[0], at=AT)

    assert again.is_empty
    assert world.inner.view(wallet).revision == revision
    found = stored(world, wallet, *mints)
    assert sorted((each.moment for each in found), key=lambda m: m.order) == sorted(
        told, key=lambda m: m.order
    )
    assert [each.id for each in found] == sorted(m.id_of(wallet) for m in told)


def test_a_look_replaces_what_it_looked_at_and_nothing_else(world, wallet, mints):
    """From its slot on, of its position; the one best trade wherever it is."""
    stamps = places_of(world, wallet)
    early, late = stamps[0], stamps[-1]
    one, other = mints
    best = a_moment(early, one, kind=MomentKind.BEST_TRADE)
    kept = [a_moment(early, one), a_moment(late, one), best]
    keep_moments(world, wallet, kept, mint=one, at=AT)
    keep_moments(world, wallet, [a_moment(late, other)], mint=other, at=AT)
    before = world.inner.view(wallet).revision

    dearer = a_moment(late, one, usd=Decimal(99), kind=MomentKind.BEST_TRADE)
    plan = keep_moments(world, wallet, [dearer], mint=one, at=AT, from_slot=late.slot)

    assert sorted(e.moment.kind for e in plan.gone) == ["BEST_TRADE", "S2E"]
    left = [each.moment for each in stored(world, wallet, one, other)]
    assert sorted(left, key=lambda m: (m.mint, m.order)) == sorted(
        [kept[0], dearer, a_moment(late, other)], key=lambda m: (m.mint, m.order)
    )
    assert world.inner.view(wallet).revision == before + 1


def test_extremes_are_counted_and_ranked(world, wallet, mints):
    """Counts follow every change; the dearest of a kind, ties by severity, slot and id."""
    stamps = places_of(world, wallet)
    one, other = mints
    open_ = frozenset({Provisional.WINDOW_OPEN})
    cheap = a_moment(stamps[0], one, usd=Decimal(5), provisional=open_, due_at=1)
    dear = a_moment(stamps[1], one, usd=Decimal(50))
    unknown = a_moment(stamps[2], one, usd=None, severity=Decimal(1))
    keep_moments(world, wallet, [cheap, dear, unknown], mint=one, at=AT)
    tie = [a_moment(s, other, usd=Decimal(50), place=p) for s in stamps[1:3] for p in (0, 1)]
    worse = a_moment(stamps[3], other, kind=MomentKind.RUG, usd=Decimal(70))
    keep_moments(world, wallet, [*tie, worse], mint=other, at=AT)

    told = world.inner.extremes(wallet)
    assert told.counts == {MomentKind.S2E: KindCount(7, 1), MomentKind.RUG: KindCount(1, 0)}
    assert [e.kind for e in told.dearest] == [MomentKind.RUG, MomentKind.S2E]
    rivals = [dear, *(m for m in tie if m.slot == dear.slot)]
    assert told.dearest[1].id == min(m.id_of(wallet) for m in rivals)
    totals = world.inner.view(wallet).moments
    assert totals == told.totals
    assert (totals.counts, totals.open_count) == ({MomentKind.S2E: 7, MomentKind.RUG: 1}, 1)
    assert [each.id for each in totals.top] == [each.id for each in told.dearest]

    keep_moments(world, wallet, [], mint=other, at=AT)
    assert world.inner.extremes(wallet).counts == {MomentKind.S2E: KindCount(3, 1)}
    assert world.inner.extremes(wallet).dearest[0].id == dear.id_of(wallet)
    keep_moments(world, wallet, [], mint=one, at=AT)
    assert world.inner.extremes(wallet) == NO_EXTREMES
    assert world.inner.extremes(Mint(SOL_MINT)) == NO_EXTREMES


def reader_of(world):
    """The reader over the world's store."""
    facts = world.inner
    if isinstance(facts, MemoryFactStore):
        return MemoryMomentReader(facts, world.clock)
    return PostgresMomentReader(facts._database)


def all_pages(reader, wallet, wanted, limit):
    """Every record, page by page."""
    found, after = [], None
    while True:
        page = reader.page(wallet, wanted, after=after, limit=limit)
        found += page.records
        after = page.next_key
        if after is None:
            return found


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (MomentFilter(), 8),
        (MomentFilter(kinds=frozenset({MomentKind.S2E})), 4),
        (MomentFilter(min_usd=Decimal("25.5")), 6),
        (MomentFilter(since=UnixSeconds(3_000_000_000)), 2),
        (MomentFilter(frozenset({MomentKind.RUG}), UnixSeconds(1), Decimal(1)), 2),
    ],
)
def test_pages_join_to_the_whole(world, wallet, mints, wanted, count):
    """Newest first, ties by id; by kind, time and money."""
    places = places_of(world, wallet)
    one, other = mints
    told = [a_moment(place, one) for place in places[:4]]
    ties = [
        a_moment(place, other, kind=MomentKind.RUG, at=3_000_000_000, place=n, usd=usd)
        for n, (place, usd) in enumerate(zip(places[4:6], (Decimal(70), Decimal(80)), strict=True))
    ]
    cheap = [a_moment(place, other, kind=MomentKind.BHD, usd=None) for place in places[6:8]]
    keep_moments(world, wallet, told, mint=one, at=AT)
    keep_moments(world, wallet, [*ties, *cheap], mint=other, at=AT)
    reader = reader_of(world)

    whole = reader.page(wallet, wanted, after=None, limit=200)
    assert len(whole.records) == count
    assert whole.next_key is None
    keys = [(r.moment.at, r.id) for r in whole.records]
    assert keys == sorted(keys, reverse=True)
    for limit in (1, 3):
        assert all_pages(reader, wallet, wanted, limit) == list(whole.records)
    assert {r.wallet for r in whole.records} == {wallet}
    assert whole.head.wallet.revision == world.inner.view(wallet).revision


def test_one_moment_is_found_by_its_id(world, wallet, mints):
    """With its wallet and its mint's decimals; doubts only as long as they hold."""
    place = places_of(world, wallet)[0]
    doubts = frozenset(Provisional)
    told = a_moment(place, mints[0], provisional=doubts, due_at=5)
    keep_moments(world, wallet, [told], mint=mints[0], at=AT)
    reader = reader_of(world)

    found = reader.one(told.id_of(wallet))

    assert found.record.wallet == wallet
    assert found.record.decimals is not None
    assert found.record.moment.provisional == doubts - {Provisional.SOFT}
    assert found.record.moment.evidence == told.evidence
    assert reader.one("0" * 32) is None


def test_extremes_are_read_with_their_moments(world, wallet, mints):
    """In the same order; and what is to be looked at is told."""
    places = places_of(world, wallet)
    rug = a_moment(places[0], mints[0], kind=MomentKind.RUG)
    early = a_moment(places[1], mints[0], usd=Decimal(90))
    keep_moments(world, wallet, [rug, early], mint=mints[0], at=AT)
    reader = reader_of(world)

    found = reader.extremes(wallet)

    assert [r.id for r in found.records] == [early.id_of(wallet), rug.id_of(wallet)]
    assert found.extremes == world.inner.extremes(wallet)
    assert not found.head.is_looking
    with world.inner.transaction() as transaction:
        past = datetime(2020, 1, 1, tzinfo=UTC)
        transaction.mark_moments(wallet_id_of(world, wallet), [mark(mints[0], 1, past)])
    assert reader.extremes(wallet).head.is_looking


def test_a_wallet_that_was_never_tracked_has_no_head(world):
    """None, and not an empty page."""
    reader = reader_of(world)
    assert reader.extremes(SOL_MINT) is None
    assert reader.page(SOL_MINT, MomentFilter(), after=None, limit=1) is None
