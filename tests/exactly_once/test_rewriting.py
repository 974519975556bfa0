"""Stored history worked over again ends as a clean build: replays, and a better normalizer."""

import random
import threading
from contextlib import contextmanager
from functools import cache

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore, PostgresFactTransaction
from oof.app.renormalize import RenormalizeDeps, renormalize
from oof.app.replay_wallet import ReplayDeps, replay_wallet
from oof.domain.errors import TransientError
from oof.domain.packs import NO_DICTIONARY
from oof.domain.transactions.model import NORMALIZER_VERSION, Kind
from oof.domain.transactions.normalize import normalize
from oof.domain.units import Slot
from oof.ports.memory.facts import MemoryFactStore, MemoryFactTransaction
from tests.exactly_once.histories import History, generated_history
from tests.exactly_once.world import Crash, Delivery, World, clean_pass
from tests.support.canonical import digest, memory_facts, postgres_facts

SEEDS = (5, 11)
SIZE = 6


def worsened(packed):
    """Read a transaction as an older normalizer might: fees untold, a venue missed, a leg lost."""
    t = packed.transaction
    movements = tuple(
        m._replace(kind=Kind.TRANSFER) if m.kind in {Kind.TIP, Kind.PRIORITY_FEE} else m
        for m in t.movements[1:] or t.movements
    )
    trades = tuple(trade._replace(venue="unknown") for trade in t.trades)
    worse = t._replace(movements=movements, trades=trades, balances=t.balances[:-1])
    return packed._replace(transaction=worse, version=0)


class _Worse(MemoryFactTransaction):
    def insert(self, pack, transactions, **when):
        """Insert as an older version would."""
        return super().insert(pack, [worsened(packed) for packed in transactions], **when)


class WorseStore(MemoryFactStore):
    """Facts as an older version wrote them."""

    transaction_type = _Worse


class _WorsePostgres(PostgresFactTransaction):
    def insert(self, pack, transactions, **when):
        """Insert as an older version would."""
        return super().insert(pack, [worsened(packed) for packed in transactions], **when)


class WorsePostgresStore(PostgresFactStore):
    """Facts as an older version wrote them."""

    @contextmanager
    def transaction(self):
        """Begin a transaction of the older version."""
        with self._database.transaction() as cursor:
            yield _WorsePostgres(cursor)


class _OmitsQueue(_Worse):
    def rewrite(self, rewrites, *, version, at):
        """Rewrite, and tell no ledger."""
        pending = dict(self._tables.pending)
        report = super().rewrite(rewrites, version=version, at=at)
        self._tables.pending = pending
        return report._replace(woken=())


class OmitsQueue(MemoryFactStore):
    """A planted bug: folds keep what the older version read."""

    transaction_type = _OmitsQueue


@cache
def history_of(seed: int) -> History:
    """Return a generated history."""
    return generated_history(seed, SIZE)


@cache
def reference(seed: int) -> str:
    """Return the digest of a clean build with today's normalizer."""
    world = World(history_of(seed), MemoryFactStore())
    clean_pass(world)
    return state_of(world)


def state_of(world: World) -> str:
    """Return the digest of a world on memory."""
    return digest(memory_facts(world.inner), world.latest())


def rewriting(world: World) -> RenormalizeDeps:
    """Return what reading a world's bodies anew needs."""
    return RenormalizeDeps(
        facts=world.facts,
        blobs=world.objects,
        waker=world.wakes,
        clock=world.clock,
        new_id=world.new_id,
        dictionary_named=lambda name: NO_DICTIONARY,
        normalize=normalize,
        version=NORMALIZER_VERSION,
    )


def rewrite_all(world: World):
    """Read everything anew, again from the beginning; return how far it is."""
    return renormalize(rewriting(world), has_time=lambda: True, is_again=True)


def replaying(world: World) -> ReplayDeps:
    """Return what replaying needs."""
    applying = world.advancing.applying
    return ReplayDeps(applying=applying, waker=world.wakes, new_id=world.new_id)


def rest(world: World) -> None:
    """Deliver what waits."""
    world.drain()
    world.sweep()
    world.drain()
    world.fold_rest()
    world.sweep()


@pytest.mark.parametrize("seed", SEEDS)
def test_bodies_read_anew_are_as_a_clean_build(seed):
    """Facts, ledgers and summaries of an older normalizer become those of today's."""
    world = World(history_of(seed), WorseStore())
    clean_pass(world)
    before = state_of(world)

    report = rewrite_all(world)
    rest(world)

    assert before != reference(seed)
    assert state_of(world) == reference(seed)
    assert report.is_ended
    assert (report.seen, report.failed) == (len(world.history.signatures), 0)
    assert 0 < report.rewritten <= report.seen


@pytest.mark.parametrize("fuse", range(12))
def test_cut_off_anywhere_it_goes_on_from_there(fuse):
    """A crash at any write, the work and the applies taken up again: the same digest."""
    world = World(history_of(SEEDS[0]), WorseStore())
    clean_pass(world)
    world.fuse.left = fuse
    for act in (lambda: rewrite_all(world), world.drain, lambda: rewrite_all(world)):
        try:
            act()
        except Crash:
            world.fuse.left = None
    world.fuse.left = None
    rest(world)

    assert state_of(world) == reference(SEEDS[0])


def test_what_reads_alike_is_not_written_again():
    """Where the newer version reads the same, versions rise and no ledger grows."""
    world = World(history_of(SEEDS[0]), MemoryFactStore())
    clean_pass(world)
    tables = world.inner.tables
    for tx_id, row in tables.transactions.items():
        tables.transactions[tx_id] = row._replace(version=0)
    ledgers = dict(tables.ledgers)

    report = rewrite_all(world)
    rest(world)

    assert (report.rewritten, world.inner.tables.ledgers) == (0, ledgers)
    assert state_of(world) == reference(SEEDS[0])


def test_a_body_that_is_gone_keeps_its_facts_and_is_counted():
    """What cannot be read is left as it is, and said."""
    world = World(history_of(SEEDS[0]), WorseStore())
    clean_pass(world)
    key = next(name for name in sorted(world.objects.objects) if name.startswith("packs/"))
    del world.objects.objects[key]

    report = rewrite_all(world)

    assert report.failed == 1
    assert report.is_ended
    assert len(world.inner.stale_bodies(NORMALIZER_VERSION, after=0, limit=9)) == 1


def test_a_planted_bug_is_caught():
    """The suite can fail: facts that are rewritten without telling the ledgers show."""
    world = World(history_of(SEEDS[0]), OmitsQueue())
    clean_pass(world)

    rewrite_all(world)
    rest(world)

    assert state_of(world) != reference(SEEDS[0])


def test_a_replay_mends_what_a_fold_broke():
    """Counters, hours and holdings gone wrong, and a pending row lost: as a clean build again."""
    world = World(history_of(SEEDS[0]), MemoryFactStore())
    clean_pass(world)
    wallet = world.history.wallets[0]
    world.store(Delivery("webhook", world.history.signatures[:1], rich=True))
    tables = world.inner.tables
    tables.pending.clear()
    wallet_id = tables.tracked[wallet].wallet_id
    tables.counters = {key: value + 7 for key, value in tables.counters.items()}
    tables.holdings = {k: v for k, v in tables.holdings.items() if k[0] != wallet_id}
    for each in world.history.wallets:
        replay_wallet(each, from_slot=Slot(0), deps=replaying(world))
    rest(world)

    assert state_of(world) == reference(SEEDS[0])


def test_a_replay_puts_the_ledger_right_from_its_slot_on():
    """A transaction that never reached the ledger does, where the replay starts early enough."""
    world = World(history_of(SEEDS[0]), MemoryFactStore())
    world.track(*world.history.wallets)
    for signature in world.history.signatures:
        world.store(Delivery("webhook", (signature,), rich=True))
    world.inner.tables.pending.clear()
    wallet = world.history.wallets[0]
    newest = max(world.history.bodies[s].rich["slot"] for s in world.history.listings[wallet])
    late = replay_wallet(wallet, from_slot=Slot(newest + 1), deps=replaying(world))
    whole = replay_wallet(wallet, from_slot=Slot(0), deps=replaying(world))
    again = replay_wallet(wallet, from_slot=Slot(0), deps=replaying(world))

    assert late == (0, 0, 0)
    assert whole.appended == whole.queued == whole.folded > 0
    assert (again.appended, again.folded) == (0, whole.folded)


@pytest.mark.parametrize("schedule", range(5))
def test_concurrent_stores_applies_and_rewrites_end_as_a_clean_build(schedule, postgres_dsn):
    """While bodies are read anew others are stored and applied: nothing is torn."""
    seed = SEEDS[schedule % len(SEEDS)]
    rng = random.Random(schedule)
    databases = [Database(lambda: postgres_dsn) for _ in range(4)]
    first = World(history_of(seed), WorsePostgresStore(databases[0]))
    worlds = [first, *(World(first.history, WorsePostgresStore(d), first) for d in databases[1:])]
    deliveries = [
        Delivery("webhook", (s,), rich=r) for s in first.history.signatures for r in (True, False)
    ]
    rng.shuffle(deliveries)
    halves = deliveries[::2], deliveries[1::2]
    first.track(*first.history.wallets)
    stored = threading.Barrier(2)

    def store(world: World, part) -> None:
        for delivery in part:
            patiently(lambda delivery=delivery: world.store(delivery))
        stored.wait()

    def work(world: World, act) -> None:
        while stored.n_waiting < 2 and not stopped.is_set():
            patiently(act)

    stopped = threading.Event()
    threads = [
        threading.Thread(target=store, args=(worlds[0], halves[0])),
        threading.Thread(target=store, args=(worlds[1], halves[1])),
    ]
    advancing = worlds[2]
    helpers = [
        threading.Thread(target=work, args=(worlds[3], lambda: rewrite_all(worlds[3]))),
        threading.Thread(
            target=work,
            args=(advancing, lambda: advance_all(advancing)),
        ),
    ]
    for thread in (*threads, *helpers):
        thread.start()
    for thread in threads:
        thread.join()
    stopped.set()
    for thread in helpers:
        thread.join()
    first.settle()
    rewrite_all(first)
    rest(first)
    for database in databases:
        database.close()

    assert digest(postgres_facts(postgres_dsn), first.latest()) == reference(seed)


def advance_all(world: World) -> None:
    """Apply every wallet."""
    for wallet in world.history.wallets:
        world.advance(wallet)


def test_on_postgres_too_bodies_and_wallets_end_as_a_clean_build(postgres_dsn):
    """The same work on the real tables, and a replay after somebody broke the folds."""
    database = Database(lambda: postgres_dsn)
    world = World(history_of(SEEDS[0]), WorsePostgresStore(database))
    clean_pass(world)
    before = digest(postgres_facts(postgres_dsn), world.latest())
    report = rewrite_all(world)
    rest(world)
    after = digest(postgres_facts(postgres_dsn), world.latest())
    with database.transaction() as cursor:
        cursor.execute("UPDATE wallet_counters SET value = value + 7")
        cursor.execute("DELETE FROM holdings")
    for wallet in world.history.wallets:
        replay_wallet(wallet, from_slot=Slot(0), deps=replaying(world))
    rest(world)
    replayed = digest(postgres_facts(postgres_dsn), world.latest())
    database.close()

    assert before != reference(SEEDS[0])
    assert (report.is_ended, report.failed) == (True, 0)
    assert after == reference(SEEDS[0])
    assert replayed == reference(SEEDS[0])


def patiently(act) -> None:
    """Try until it is done."""
    while True:
        try:
            act()
        except TransientError:
            continue
        return
