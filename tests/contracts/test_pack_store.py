"""The contract of `PackStore`, held by its memory twin and by Postgres."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.pack_store import PostgresPackStore
from oof.domain.transactions.model import Anomaly
from oof.ports.facts import FactStore, PackedTransaction, PackRecord
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.packs import MemoryPackStore
from oof.ports.packs import Move, PackStore, Superseded
from tests.support.transactions import address, signature, transaction

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
ANN = address("ann")


class Stores(NamedTuple):
    """Facts, and the packs that they point into."""

    facts: FactStore
    packs: PackStore


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each implementation, empty."""
    if request.param == "memory":
        facts = MemoryFactStore()
        yield Stores(facts, MemoryPackStore(facts))
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield Stores(PostgresFactStore(database), PostgresPackStore(database))
    database.close()


def put(stores, key, *names, size=100, at=NOW, odd=()):
    """Store a pack with one transaction a name, ten bytes each."""
    packed = []
    for place, name in enumerate(names):
        anomalies = (Anomaly("odd", "odd"),) if name in odd else ()
        told = transaction(name, payer=ANN)._replace(anomalies=anomalies)
        packed.append(PackedTransaction(told, 10 * place, 10))
    with stores.facts.transaction() as tx:
        tx.insert(PackRecord(key, "none", len(names), size), packed, at=at)


def small(stores, *, below=1_000, before=LATER, limit=10):
    """Return the small packs."""
    return stores.packs.small(below_bytes=below, before=before, limit=limit)


def pointers(stores, *packs):
    """Return (signature, pack, offset, length) of what points into packs."""
    return [(p.signature, p.pack_id, p.offset, p.length) for p in stores.packs.pointers(packs)]


def move_all(stores, packs, key="packs/large", *, at=LATER, whole=True):
    """Move every body of the packs into one pack, from offset 5; return how many moved."""
    found = stores.packs.pointers(packs)
    moves = [Move(p.tx_id, p.pack_id, 5 + 10 * n, 10) for n, p in enumerate(found)]
    emptied = [Superseded(pack.pack_id, whole) for pack in packs]
    record = PackRecord(key, "none", len(moves), 5_000)
    return stores.packs.repoint(record, moves, emptied, stored_at=NOW, at=at)


def test_small_packs_come_oldest_first_and_settled(stores):
    """Large ones and those just stored are left out; as many as asked for are returned."""
    put(stores, "packs/a", "a")
    put(stores, "packs/b", "b", at=NOW + timedelta(hours=1))
    put(stores, "packs/large", "c", size=2_000)

    assert [pack.object_key for pack in small(stores)] == ["packs/a", "packs/b"]
    assert [pack.object_key for pack in small(stores, limit=1)] == ["packs/a"]
    assert [pack.object_key for pack in small(stores, before=NOW + timedelta(minutes=1))] == [
        "packs/a"
    ]


def test_pointers_are_those_of_the_pack_alone(stores):
    """In the order of their places, with what was odd about them."""
    put(stores, "packs/a", "a", "b", odd=("b",))
    put(stores, "packs/other", "c")
    first, other = small(stores)

    found = stores.packs.pointers([first])

    assert [(p.signature, p.offset, p.length, p.is_odd) for p in found] == [
        (signature("a"), 0, 10, False),
        (signature("b"), 10, 10, True),
    ]
    assert len(pointers(stores, first, other)) == 3


def test_a_body_stored_already_points_where_it_was_stored_first(stores):
    """A pack that brought nothing new is pointed to by nothing, and is not merged."""
    put(stores, "packs/a", "a")
    put(stores, "packs/again", "a", "b")
    first, again = small(stores)

    assert pointers(stores, first) == [(signature("a"), first.pack_id, 0, 10)]
    assert pointers(stores, again) == [(signature("b"), again.pack_id, 10, 10)]


def test_repointed_bodies_are_found_in_their_new_pack(stores):
    """What was emptied is superseded, and appears nowhere else."""
    put(stores, "packs/a", "a", "b")
    put(stores, "packs/b", "c")

    moved = move_all(stores, small(stores))

    [large] = small(stores, below=10_000)
    assert moved == 3
    assert large.object_key == "packs/large"
    assert large.stored_at == NOW
    assert {p[0]: p[2:] for p in pointers(stores, large)} == {
        signature("a"): (5, 10),
        signature("b"): (15, 10),
        signature("c"): (25, 10),
    }
    gone = stores.packs.superseded(before=LATER + timedelta(days=1), limit=10)
    assert [pack.object_key for pack in gone] == ["packs/a", "packs/b"]
    assert stores.packs.superseded(before=LATER, limit=10) == ()


def test_a_pointer_that_moved_in_between_keeps_its_place(stores):
    """Of two merges of the same pack the second moves nothing."""
    put(stores, "packs/a", "a")
    packs = small(stores)
    stale = stores.packs.pointers(packs)
    move_all(stores, packs)

    moves = [Move(p.tx_id, p.pack_id, 70, 10) for p in stale]
    record = PackRecord("packs/late", "none", 1, 50)
    moved = stores.packs.repoint(record, moves, (), stored_at=NOW, at=LATER)

    assert moved == 0
    [large] = [p for p in small(stores, below=10_000) if p.object_key == "packs/large"]
    assert pointers(stores, large) == [(signature("a"), large.pack_id, 5, 10)]


def test_a_pack_still_pointed_to_is_not_superseded(stores):
    """Moving half of a pack leaves it in use."""
    put(stores, "packs/a", "a", "b")
    [pack] = small(stores)
    first, _ = stores.packs.pointers([pack])
    record = PackRecord("packs/large", "none", 1, 5_000)

    stores.packs.repoint(
        record,
        [Move(first.tx_id, first.pack_id, 5, 10)],
        [Superseded(pack.pack_id, True)],
        stored_at=NOW,
        at=LATER,
    )

    assert small(stores) == (pack,)
    assert not stores.packs.forget(pack.pack_id)


def test_only_a_whole_superseded_pack_is_forgotten(stores):
    """What holds bytes that nothing points to is kept for ever."""
    put(stores, "packs/a", "a")
    put(stores, "packs/b", "b")
    a, b = small(stores)
    move_all(stores, [a], "packs/of-a", whole=True)
    move_all(stores, [b], "packs/of-b", whole=False)

    assert stores.packs.forget(a.pack_id)
    assert not stores.packs.forget(a.pack_id)
    assert not stores.packs.forget(b.pack_id)
    assert stores.packs.superseded(before=LATER + timedelta(days=1), limit=10) == ()


def test_a_superseded_pack_stored_into_again_is_in_use(stores):
    """The same batch may come again after its transactions were revoked."""
    put(stores, "packs/a", "a")
    [pack] = small(stores)
    move_all(stores, [pack])
    [soft] = stores.facts.soft_due(at=LATER, after=0, limit=10)
    with stores.facts.transaction() as tx:
        tx.revoke([Landing(soft.tx_id, None)], at=LATER)

    put(stores, "packs/a", "a")

    assert pack.object_key in {each.object_key for each in small(stores)}
    assert not stores.packs.forget(pack.pack_id)


def test_checks_come_round(stores):
    """Never checked first, then the longest ago; a fault keeps a pack from being merged."""
    put(stores, "packs/a", "a")
    put(stores, "packs/b", "b")
    a, b = stores.packs.due_checks(before=NOW, limit=10)

    stores.packs.note_check(a.pack_id, "the object is missing", at=NOW)

    assert stores.packs.due_checks(before=NOW, limit=10) == (b,)
    assert stores.packs.due_checks(before=LATER, limit=10) == (b, a)
    assert stores.packs.broken() == 1
    assert small(stores) == (b,)
    stores.packs.note_check(a.pack_id, None, at=LATER)
    assert stores.packs.broken() == 0
    assert small(stores) == (a, b)


def test_warm_packs_are_old_large_and_not_odd(stores):
    """Each is cooled once."""
    put(stores, "packs/old", "a", size=500)
    put(stores, "packs/odd", "b", size=500, odd=("b",))
    put(stores, "packs/tiny", "c", size=10)
    put(stores, "packs/new", "d", size=500, at=LATER)

    def warm():
        return stores.packs.warm(stored_before=LATER, at_least_bytes=100, limit=10)

    [old] = warm()
    assert old.object_key == "packs/old"
    stores.packs.note_cooled(old.pack_id, at=LATER)
    assert warm() == ()


def test_a_spread_reaches_from_the_oldest_to_the_newest(stores):
    """At most as many as asked for, evenly."""
    for number in range(7):
        put(stores, f"packs/{number}", f"s{number}")

    keys = [pack.object_key for pack in stores.packs.spread(limit=3)]

    assert keys == ["packs/0", "packs/3", "packs/6"]
    assert len(stores.packs.spread(limit=50)) == 7
