"""The contract of stored moments, held by the facts in memory and by Postgres."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.domain.moments.model import Moment, MomentKind, Provisional
from oof.domain.moments.stored import (
    NO_EXTREMES,
    KindCount,
    StoredMoment,
    plan_moments,
    wallet_moments,
)
from oof.domain.units import SOL_MINT, Mint, Slot
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.moments import DueMoments, MomentMark
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass

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
    return max(world.history.wallets, key=lambda each: len(world.history.listings[each]))


@pytest.fixture
def mints(world, wallet):
    """Two of its mints."""
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        events = transaction.history(wallet_id, after=None, limit=500)
    found = dict.fromkeys(
        mint for e in events for x in e.transaction.exchanges for mint in (x[0], x[2])
    )
    return [mint for mint in found if mint != SOL_MINT][:2]


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
    assert world.inner.wallets_with_due_moments(at=AT, limit=9) == ()
    with world.inner.transaction() as transaction:
        assert transaction.lock_moments(SOL_MINT) is None


def moment(stamp, mint, **changes: Any) -> Moment:
    """A moment of a transaction of the history, with changes."""
    signature, slot = stamp
    values: dict[str, Any] = {
        "kind": MomentKind.S2E,
        "mint": mint,
        "signature": signature,
        "slot": slot,
        "tx_index": None,
        "place": 0,
        "at": 1_700_000_000 + slot,
        "qty_raw": 2**70,
        "usd": Decimal("25.5"),
        "pct": Decimal("-0.25"),
        "severity": Decimal("0.33333333"),
        "source": "pyth",
        "confidence": 95,
        "provisional": frozenset(),
        "due_at": None,
        "version": 1,
        "evidence": {"lots": [{"qty_raw": str(2**80), "price": None}], "is_reachable": True},
    }
    return Moment(**{**values, **changes})


def stamps_of(world, wallet):
    """Signature, slot and id of each of a wallet's transactions, in chain order."""
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        events = transaction.history(wallet_id, after=None, limit=500)
    return [((e.transaction.signature, e.slot), e.tx_id) for e in events]


def keep(world, wallet, moments, *, mint, from_slot=0):
    """Have the moments of one position from a slot on be these; return the plan."""
    tx_ids = {stamp[0]: tx_id for stamp, tx_id in stamps_of(world, wallet)}
    found = wallet_moments(wallet, moments, tx_ids)
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        stored = transaction.stored_moments(wallet_id, [due(mint, from_slot)])
        plan = plan_moments(stored, found, from_slot=from_slot)
        if not plan.is_empty:
            transaction.write_moments(wallet_id, plan, at=AT)
    return plan


def stored(world, wallet, *mints) -> list[StoredMoment]:
    """All moments of some positions, by id."""
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        return list(transaction.stored_moments(wallet_id, [due(m, 0) for m in mints]))


def test_what_is_written_is_what_is_read(world, wallet, mints):
    """Every field, to the last decimal; the same again changes nothing, not even the revision."""
    first, second, *_ = [stamp for stamp, _ in stamps_of(world, wallet)]
    open_ = frozenset({Provisional.WINDOW_OPEN})
    told = [
        moment(first, mints[0]),
        moment(first, mints[0], kind=MomentKind.BHD, usd=None, pct=None, qty_raw=None),
        moment(second, mints[0], place=3, tx_index=7, provisional=open_, due_at=1_800_000_000),
    ]

    assert len(keep(world, wallet, told, mint=mints[0]).put) == 3
    revision = world.inner.view(wallet).revision
    again = keep(world, wallet, told, mint=mints[0])

    assert again.is_empty
    assert world.inner.view(wallet).revision == revision
    found = stored(world, wallet, *mints)
    assert sorted((each.moment for each in found), key=lambda m: m.order) == sorted(
        told, key=lambda m: m.order
    )
    assert [each.id for each in found] == sorted(m.id_of(wallet) for m in told)


def test_a_look_replaces_what_it_looked_at_and_nothing_else(world, wallet, mints):
    """From its slot on, of its position; the one best trade wherever it is."""
    stamps = [stamp for stamp, _ in stamps_of(world, wallet)]
    early, late = stamps[0], stamps[-1]
    one, other = mints
    best = moment(early, one, kind=MomentKind.BEST_TRADE)
    kept = [moment(early, one), moment(late, one), best]
    keep(world, wallet, kept, mint=one)
    keep(world, wallet, [moment(late, other)], mint=other)
    before = world.inner.view(wallet).revision

    dearer = moment(late, one, usd=Decimal(99), kind=MomentKind.BEST_TRADE)
    plan = keep(world, wallet, [dearer], mint=one, from_slot=late[1])

    assert sorted(e.moment.kind for e in plan.gone) == ["BEST_TRADE", "S2E"]
    left = [each.moment for each in stored(world, wallet, one, other)]
    assert sorted(left, key=lambda m: (m.mint, m.order)) == sorted(
        [kept[0], dearer, moment(late, other)], key=lambda m: (m.mint, m.order)
    )
    assert world.inner.view(wallet).revision == before + 1


def test_extremes_are_counted_and_ranked(world, wallet, mints):
    """Counts follow every change; the dearest of a kind, ties by severity, slot and id."""
    stamps = [stamp for stamp, _ in stamps_of(world, wallet)]
    one, other = mints
    open_ = frozenset({Provisional.WINDOW_OPEN})
    cheap = moment(stamps[0], one, usd=Decimal(5), provisional=open_, due_at=1)
    dear = moment(stamps[1], one, usd=Decimal(50))
    unknown = moment(stamps[2], one, usd=None, severity=Decimal(1))
    keep(world, wallet, [cheap, dear, unknown], mint=one)
    tie = [moment(s, other, usd=Decimal(50), place=p) for s in stamps[1:3] for p in (0, 1)]
    worse = moment(stamps[3], other, kind=MomentKind.RUG, usd=Decimal(70))
    keep(world, wallet, [*tie, worse], mint=other)

    told = world.inner.extremes(wallet)
    assert told.counts == {MomentKind.S2E: KindCount(7, 1), MomentKind.RUG: KindCount(1, 0)}
    assert [e.kind for e in told.dearest] == [MomentKind.RUG, MomentKind.S2E]
    rivals = [dear, *(m for m in tie if m.slot == dear.slot)]
    assert told.dearest[1].id == min(m.id_of(wallet) for m in rivals)
    assert told.top == told.dearest[:3]

    keep(world, wallet, [], mint=other)
    assert world.inner.extremes(wallet).counts == {MomentKind.S2E: KindCount(3, 1)}
    assert world.inner.extremes(wallet).dearest[0].id == dear.id_of(wallet)
    keep(world, wallet, [], mint=one)
    assert world.inner.extremes(wallet) == NO_EXTREMES
    assert world.inner.extremes(Mint(SOL_MINT)) == NO_EXTREMES
