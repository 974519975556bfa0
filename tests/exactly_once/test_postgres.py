"""Exactly once, on a real Postgres: concurrent stores and applies, and killed connections."""

import random
import threading
import time
from collections.abc import Collection
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore, PostgresFactTransaction
from oof.app.advance_positions import advance_positions
from oof.app.apply_wallet import apply_wallet
from oof.domain.errors import NotFound, TransientError
from oof.domain.transactions.base58 import decode_base58
from oof.domain.units import Signature
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from tests.exactly_once.histories import History, generated_history, recorded_history
from tests.exactly_once.world import Answers, Delivery, World, clean_pass
from tests.support.canonical import canonical, differences, memory_facts, postgres_facts

SCHEDULES = 50
SIZE = 4
SEEDS = (5, 11, 23)
STORES, APPLIES, SETTLERS = 2, 2, 2
PATIENCE_S = 20
SOON = timedelta(minutes=5)


class PlantedStore(PostgresFactStore):
    """A planted bug: signatures that were stored before are not queued again."""

    @contextmanager
    def transaction(self):
        """Begin a transaction that forgets them."""
        with self._database.transaction() as cursor:
            yield _OmitsStored(cursor)


class _OmitsStored(PostgresFactTransaction):
    _new: frozenset[str] = frozenset()

    def insert(self, pack, transactions, **when):
        """Insert, and remember what is new."""
        signatures = [packed.transaction.signature for packed in transactions]
        known = {row[0] for row in self._cursor.execute("SELECT signature FROM transactions")}
        inserted = super().insert(pack, transactions, **when)
        self._new = frozenset(s for s in signatures if not known & {decode_base58(s)})
        return inserted

    def enqueue(self, transactions, *, at):
        """Queue what this transaction inserted, and nothing else."""
        return super().enqueue([t for t in transactions if t.signature in self._new], at=at)


@cache
def history_of(seed: int) -> History:
    """Return a generated history."""
    return generated_history(seed, SIZE)


@cache
def reference(seed: int) -> dict[str, Any]:
    """Return the state after one clean pass in order over what landed, on memory."""
    history = history_of(seed)
    return clean_state(history.without(lost_of(history)))


def lost_of(history: History) -> frozenset[Signature]:
    """Return signatures that are told but never land."""
    return frozenset(history.signatures[1:4:2])


def clean_state(history: History) -> dict[str, Any]:
    """Return the state after one clean pass in order, on memory."""
    world = World(history, MemoryFactStore())
    clean_pass(world)
    return canonical(memory_facts(world.inner), world.latest())


class Storm:
    """Workers on connections of their own, and somebody who cuts connections."""

    def __init__(
        self, dsn: str, history: History, rng: random.Random, lost: Collection[Signature] = ()
    ) -> None:
        self.dsn, self.history, self.rng, self.lost = dsn, history, rng, lost
        self.databases: list[Database] = []
        self.quiet = threading.Event()
        self.faults: list[Exception] = []
        self.killed = 0
        self.shared: World = self.world(None)
        self._turn = threading.Lock()
        self.working = 0

    def world(self, shared) -> World:
        """Return a world on a connection of its own."""
        database = Database(lambda: self.dsn)
        self.databases.append(database)
        return World(self.history, PostgresFactStore(database), shared, self.lost)

    def run(self) -> World:
        """Let the storm pass; return the world, at rest."""
        self._fill_queue()
        threads = [
            *(self._thread(self._store) for _ in range(STORES)),
            *(self._thread(self._advance) for _ in range(APPLIES)),
            *(self._thread(self._settle) for _ in range(SETTLERS)),
            self._thread(self._track, self.history.wallets),
            self._thread(self._track, self.history.wallets[::-1]),
            self._thread(self._kill),
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + PATIENCE_S
        while (self.shared.queue or self.working) and time.monotonic() < deadline:
            time.sleep(0.005)
        self.quiet.set()
        for thread in threads:
            thread.join(PATIENCE_S)
        if self.faults:
            raise self.faults[0]
        self.shared.settle()
        return self.shared

    def close(self) -> None:
        """Close every connection."""
        for database in self.databases:
            database.close()

    def _fill_queue(self) -> None:
        signatures = list(self.history.signatures)
        for signature in self.rng.sample(signatures, len(signatures) // 2) if self.lost else ():
            self.shared.queue.append(Delivery("webhook", (signature,), rich=True, fork=True))
        for source, rich in (("webhook", True), ("backfill", False), ("tail", False)):
            self.rng.shuffle(signatures)
            for start in range(0, len(signatures), 4):
                part = tuple(signatures[start : start + 4])
                self.shared.queue.append(Delivery(source, part, rich))
        batches = list(self.shared.queue)
        self.rng.shuffle(batches)
        self.shared.queue.clear()
        self.shared.queue.extend(batches)

    def _thread(self, work, *arguments) -> threading.Thread:
        def guarded() -> None:
            try:
                work(*arguments)
            except Exception as fault:  # noqa: BLE001  # a thread's fault is the test's
                self.faults.append(fault)

        return threading.Thread(target=guarded, daemon=True)

    @contextmanager
    def _work(self):
        with self._turn:
            self.working += 1
        try:
            yield
        finally:
            with self._turn:
                self.working -= 1

    def _store(self) -> None:
        world = self.world(self.shared)
        while not self.quiet.is_set():
            with self._work():
                with self._turn:
                    delivery = world.queue.popleft() if world.queue else None
                if delivery is not None:
                    self._try(world.store, delivery, world.queue)
            time.sleep(0.002)

    def _try(self, act, message, again) -> None:
        try:
            act(message)
        except TransientError:
            again.append(message)

    def _advance(self) -> None:
        world = self.world(self.shared)
        waiting = world.wakes.waiting
        while not self.quiet.is_set():
            with self._turn:
                wallet = waiting.popleft() if waiting else None
            if wallet is not None:
                self._try(world.advance, wallet, waiting)
            time.sleep(0.002)

    def _settle(self) -> None:
        world = self.world(self.shared)
        rng = random.Random(self.rng.random())
        while not self.quiet.is_set():
            with suppress(TransientError, NotFound):
                world.settle_round(rng.choice([*Answers]))
                world.settle_again(rng.choice(world.ticks or ["none"]))
            time.sleep(0.01)

    def _track(self, wallets) -> None:
        world = self.world(self.shared)
        time.sleep(self.rng.random() * 0.1)
        with self._work():
            self._patiently(lambda: world.track(*wallets))
            for wallet in wallets:
                self._patiently(lambda wallet=wallet: world.take_listing(wallet))

    def _patiently(self, act) -> None:
        while True:
            try:
                act()
            except TransientError:
                continue
            return

    def _kill(self) -> None:
        victims = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            ORDER BY random() LIMIT 1
        """
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while not self.quiet.is_set():
                time.sleep(self.rng.random() * 0.1)
                self.killed += connection.execute(victims).rowcount


@pytest.mark.parametrize("schedule", range(SCHEDULES))
def test_concurrent_stores_and_applies_end_as_one_clean_pass(schedule, postgres_dsn):
    """Two of each that store, apply, settle and track, amid reorgs, their connections cut."""
    seed = SEEDS[schedule % len(SEEDS)]
    history = history_of(seed)
    storm = Storm(postgres_dsn, history, random.Random(schedule), lost_of(history))

    world = storm.run()
    storm.close()

    found = canonical(postgres_facts(postgres_dsn), world.latest())
    assert differences(found, reference(seed)) == []


@pytest.mark.chain
def test_a_recorded_history_survives_a_storm(chain_dir, postgres_dsn):
    """A real wallet's history, delivered thrice at once over connections that are cut."""
    history = recorded_history(chain_dir, "8rvAsDKe")
    storm = Storm(postgres_dsn, history, random.Random(1))

    world = storm.run()
    storm.close()

    found = canonical(postgres_facts(postgres_dsn), world.latest())
    assert differences(found, clean_state(history)) == []
    assert storm.killed > 0


def tracked_while_open(dsn: str, store_type: type[PostgresFactStore]) -> list[str]:
    """Track and list a wallet between a store's last statement and its commit."""
    history = history_of(SEEDS[0])
    wallet = history.wallets[0]
    listed = history.listings[wallet]
    opening, tracking = (Database(lambda: dsn) for _ in range(2))
    first = World(history, store_type(opening))
    second = World(history, store_type(tracking), first)
    # The wallet is known from an older transaction: a new one's id would make tracking wait.
    first.store(Delivery("webhook", listed[-1:], rich=True))
    stores = first.storing.facts.transaction

    @contextmanager
    def held_open():
        with stores() as transaction:
            yield transaction
            second.track(wallet)
            assert second.take_listing(wallet) == len(listed) - 1

    first.facts.transaction = held_open
    first.store(Delivery("webhook", listed[:-1], rich=True))
    del first.facts.transaction
    first.drain()
    applied = postgres_facts(dsn)["ledgers"][wallet]
    opening.close()
    tracking.close()
    return sorted(signature for signature, _ in applied)


def test_a_wallet_tracked_while_a_store_is_open_misses_nothing(postgres_dsn):
    """The listing finds nothing stored yet; delivered again, every signature reaches the ledger."""
    history = history_of(SEEDS[0])
    wallet = history.wallets[0]

    applied = tracked_while_open(postgres_dsn, PostgresFactStore)

    assert set(applied) >= participating(history, wallet)


def test_a_planted_bug_is_caught_on_postgres(postgres_dsn):
    """The suite can fail: a store that does not queue what was stored before loses the wallet."""
    history = history_of(SEEDS[0])
    wallet = history.wallets[0]

    applied = tracked_while_open(postgres_dsn, PlantedStore)

    assert not set(applied) >= participating(history, wallet)


def participating(history: History, wallet) -> set[str]:
    """Return the signatures that the wallet takes part in, by a clean pass on memory."""
    world = World(history, MemoryFactStore())
    clean_pass(world)
    rows = memory_facts(world.inner)["participants"]
    return {signature for signature, found in rows.items() if any(r[1] == wallet for r in found)}


def test_stores_of_the_same_new_addresses_wait_without_a_circle(postgres_dsn):
    """Two stores that meet the same new wallets in opposite orders both commit at once."""
    history = history_of(SEEDS[1])
    signatures = history.signatures
    storm = Storm(postgres_dsn, history, random.Random(7))
    worlds = [storm.world(storm.shared) for _ in range(4)]
    orders = [signatures, signatures[::-1], signatures, signatures[::-1]]
    barrier = threading.Barrier(len(worlds))
    conflicts = []

    def store(world: World, order) -> None:
        barrier.wait()
        try:
            world.store(Delivery("webhook", order, rich=True))
        except TransientError as fault:
            conflicts.append(fault)

    threads = [
        threading.Thread(target=store, args=pair) for pair in zip(worlds, orders, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    storm.close()

    assert conflicts == []
    assert len(postgres_facts(postgres_dsn)["transactions"]) == len(signatures)


def test_an_apply_does_not_overtake_a_revocation_under_way(postgres_dsn):
    """A row pending from before is left until the revocation behind it is committed."""
    history = history_of(SEEDS[0])
    wallet, signature = history.wallets[0], history.listings[history.wallets[0]][0]
    databases = [Database(lambda: postgres_dsn) for _ in range(2)]
    revoking, applying = (World(history, PostgresFactStore(each)) for each in databases)
    revoking.track(wallet)
    delivery = Delivery("webhook", (signature,), rich=True)
    revoking.store(delivery)
    applying.advance(wallet)
    revoking.store(delivery)
    (soft,) = revoking.inner.soft_due(at=revoking.clock.now() + SOON, after=0, limit=10)
    with revoking.inner.transaction() as transaction:
        transaction.revoke([Landing(soft.tx_id, None)], at=revoking.clock.now())
        applying.advance(wallet)
    applying.advance(wallet)
    for database in databases:
        database.close()

    assert postgres_facts(postgres_dsn)["ledgers"][wallet] == []


def test_a_fold_that_waited_for_another_starts_where_that_one_ended(postgres_dsn):
    """Of two turns of one wallet the second, asked before the first commits, folds nothing."""
    history = history_of(SEEDS[0])
    wallet = history.wallets[0]
    databases = [Database(lambda: postgres_dsn) for _ in range(2)]
    first, second = (World(history, PostgresFactStore(each)) for each in databases)
    first.track(wallet)
    first.store(Delivery("webhook", history.signatures, rich=True))
    apply_wallet(wallet, deps=first.advancing.applying)
    folded = []
    waiting = threading.Thread(target=lambda: folded.append(turn(second, wallet)))
    transactions = first.facts.transaction

    @contextmanager
    def outlasted():
        with transactions() as transaction:
            yield transaction
            waiting.start()
            wait_for_a_lock(postgres_dsn)

    first.facts.transaction = outlasted
    assert turn(first, wallet) > 0
    waiting.join()
    for database in databases:
        database.close()

    assert folded == [0]


def turn(world: World, wallet) -> int:
    """Fold a wallet's whole history in one turn; return how many transactions that were."""
    return advance_positions(wallet, deps=world.advancing.applying).folded


def wait_for_a_lock(dsn: str) -> None:
    """Return once somebody waits for a lock."""
    waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(dsn, autocommit=True) as connection:
        while connection.execute(waits).fetchone() is None:
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.005)
