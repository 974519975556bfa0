"""Keeping packs: merged, checked, cooled and written with a better dictionary, on fakes."""

from datetime import UTC, datetime, timedelta
from itertools import count

import orjson
import pytest

from oof.app import merge_packs as merging
from oof.app.check_packs import check_packs
from oof.app.cool_packs import COLD_AFTER, cool_packs
from oof.app.merge_packs import KeepDeps, MergeReport, merge_packs
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.app.train_dictionary import (
    CURRENT_KEY,
    LEAST_BODIES,
    current_id,
    read_dictionary,
    train_on_stored,
)
from oof.domain.errors import NotFound
from oof.domain.packs import NO_DICTIONARY, PackDictionary, decode_frame, train_dictionary
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.packs import MemoryPackStore
from oof.ports.memory.queues import MemoryFetchRequester, MemoryWalletWaker
from tests.exactly_once.histories import generated_history

START = datetime(2026, 1, 1, tzinfo=UTC)


class MovedClock:
    """Stands still until moved."""

    def __init__(self):
        self.at = START

    def now(self):
        """Return where the clock was moved to."""
        return self.at


class World:
    """A store of facts and packs, and dictionaries by name."""

    def __init__(self, history):
        self.bodies = {s: told.rich for s, told in history.bodies.items()}
        self.facts, self.blobs, self.clock = MemoryFactStore(), MemoryBlobs(), MovedClock()
        self.packs = MemoryPackStore(self.facts)
        self.dictionaries = {"none": NO_DICTIONARY}
        self.current = NO_DICTIONARY
        self.turns = 10_000
        self._ids = count()

    def has_time(self):
        """Whether there are turns left."""
        self.turns -= 1
        return self.turns >= 0

    def named(self, name):
        """Return a dictionary by its id."""
        if name not in self.dictionaries:
            raise NotFound(name)
        return self.dictionaries[name]

    @property
    def deps(self):
        """What keeping works with."""
        return KeepDeps(
            packs=self.packs,
            blobs=self.blobs,
            clock=self.clock,
            dictionary=self.current,
            dictionary_named=self.named,
            has_time=self.has_time,
        )

    def store(self, *signatures, dictionary=None):
        """Store bodies as one batch, hence one pack."""
        deps = StoreDeps(
            facts=self.facts,
            blobs=self.blobs,
            waker=MemoryWalletWaker(),
            fetches=MemoryFetchRequester(),
            clock=self.clock,
            new_id=lambda: f"id-{next(self._ids)}",
            dictionary=dictionary or self.current,
        )
        bodies = [self.bodies[signature] for signature in signatures]
        store_transactions(orjson.dumps(bodies), source="webhook", deps=deps)

    def store_each(self, signatures, **kept):
        """Store each body as a batch of its own."""
        for signature in signatures:
            self.store(signature, **kept)

    def adopt(self, dictionary):
        """Write with a dictionary from now on."""
        self.dictionaries[dictionary.dictionary_id] = dictionary
        self.current = dictionary

    def row(self, signature):
        """Return the row of a stored transaction."""
        row = self.facts.tables.find(signature)
        assert row is not None
        return row

    def read(self, signature):
        """Read a body by the pointer that its transaction has."""
        row = self.row(signature)
        record = self.facts.tables.packs[row.object_key].record
        frame = self.blobs.get_range(row.object_key, offset=row.offset, length=row.length)
        return decode_frame(frame, self.named(record.dictionary_id))

    def assert_readable(self, signatures):
        """Every body is what was stored."""
        for signature in signatures:
            assert self.read(signature) == self.bodies[signature]

    def pass_days(self, days):
        """Let days go by."""
        self.clock.at += timedelta(days=days)


@pytest.fixture(scope="module")
def history():
    """A generated history."""
    return generated_history(8, 20)


@pytest.fixture
def world(history):
    """An empty store, and bodies to bring."""
    return World(history)


def test_small_packs_become_one_and_every_body_stays_readable(world):
    """What was emptied is deleted a day later, and not before."""
    signatures = list(world.bodies)[:20]
    world.store_each(signatures)
    world.pass_days(1)

    report = merge_packs(world.deps)

    assert (report.merged, report.bodies, report.deleted) == (20, 20, 0)
    assert report.written == 1
    world.assert_readable(signatures)
    assert len(world.blobs.objects) == 21
    world.pass_days(2)
    assert merge_packs(world.deps).deleted == 20
    assert len(world.blobs.objects) == 1
    world.assert_readable(signatures)


def test_what_is_fresh_or_few_waits(world):
    """A pack of this hour may still be stored into; a few are not worth writing again."""
    signatures = list(world.bodies)
    world.store_each(signatures[: merging.WORTHWHILE - 1])
    world.pass_days(1)
    world.store(signatures[-1])

    assert merge_packs(world.deps) == MergeReport(0, 0, 0, 0)


def test_bodies_of_an_older_dictionary_are_written_with_the_current_one(world):
    """Merging is when a better dictionary reaches old bodies."""
    signatures = list(world.bodies)[:20]
    world.store_each(signatures[:10])
    world.adopt(train_dictionary(list(world.bodies.values()), max_bytes=8_192))
    world.store_each(signatures[10:])
    world.pass_days(1)

    merge_packs(world.deps)

    used = {row.object_key for row in world.facts.tables.transactions.values()}
    records = [world.facts.tables.packs[key].record for key in used]
    assert {record.dictionary_id for record in records} == {world.current.dictionary_id}
    world.assert_readable(signatures)


def test_a_damaged_pack_is_left_as_it_is(world):
    """Its pointers stay, for the check to report."""
    signatures = list(world.bodies)[:20]
    world.store_each(signatures)
    damaged = world.facts.tables.find(signatures[3]).object_key
    world.blobs.objects[damaged] += b"x"
    world.pass_days(1)

    assert merge_packs(world.deps).merged == 19

    assert world.facts.tables.find(signatures[3]).object_key == damaged
    world.assert_readable(s for s in signatures if s != signatures[3])


def test_a_pack_with_bytes_that_nothing_points_to_is_never_deleted(world):
    """Bodies that another store was first with lie beside those that are used."""
    first, *others = list(world.bodies)[:20]
    late = MemoryFactStore()
    world.store_each(others)
    world.facts, before = late, world.facts
    world.store(first, others[0])
    [(key, row)] = late.tables.packs.items()
    offset = world.row(first).offset
    world.facts = before
    world.store(first)
    tables = world.facts.tables
    tables.packs[key] = row
    stored = tables.find(first)
    tables.transactions[stored.tx_id] = stored._replace(object_key=key, offset=offset)
    world.pass_days(1)
    merge_packs(world.deps)
    world.pass_days(2)

    merge_packs(world.deps)

    assert tables.find(first).object_key != key
    assert key in world.blobs.objects
    world.assert_readable([first, *others])


def test_merging_ends_when_time_is_up(world):
    """What was not reached is merged the next time."""
    world.store_each(list(world.bodies)[:20])
    world.pass_days(1)
    world.turns = 1

    assert merge_packs(world.deps).merged == 0
    world.turns = 100
    assert merge_packs(world.deps).merged == 20


def test_a_sound_store_has_no_fault(world):
    """Each pack is checked once a week."""
    world.store(*list(world.bodies)[:10])
    world.store(*list(world.bodies)[10:20])

    report = check_packs(world.deps)

    assert (report.packs, report.bodies, report.broken, report.faults) == (2, 20, 0, ())
    assert check_packs(world.deps).packs == 0
    world.pass_days(8)
    assert check_packs(world.deps).packs == 2


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("delete", "the object is missing"),
        ("change", "the object is not what its key is the checksum of"),
        ("forget", "its dictionary is missing"),
        ("rename", "the object names another dictionary"),
        ("shift", "no body at the place of"),
        ("swap", "another body at the place of"),
    ],
)
def test_each_kind_of_damage_is_named(world, harm, said):
    """The report says which object, and what is wrong with it."""
    world.adopt(PackDictionary("empty", b""))
    first, second = list(world.bodies)[:2]
    world.store(first, second)
    tables = world.facts.tables
    a, b = tables.find(first), tables.find(second)
    record = tables.packs[a.object_key].record
    harms = {
        "delete": lambda: world.blobs.delete(a.object_key),
        "change": lambda: world.blobs.put(a.object_key, b"OOFPACK1"),
        "forget": lambda: world.dictionaries.pop("empty"),
        "rename": lambda: tables.packs.update(
            {
                a.object_key: tables.packs[a.object_key]._replace(
                    record=record._replace(dictionary_id="none")
                )
            }
        ),
        "shift": lambda: tables.transactions.update(
            {a.tx_id: a._replace(offset=a.offset + 1, length=a.length - 1)}
        ),
        "swap": lambda: tables.transactions.update(
            {
                a.tx_id: a._replace(offset=b.offset, length=b.length),
                b.tx_id: b._replace(offset=a.offset, length=a.length),
            }
        ),
    }
    harms[harm]()

    report = check_packs(world.deps)

    assert report.broken == 1
    [fault] = report.faults
    assert fault.startswith(a.object_key)
    assert said in fault


def test_old_large_packs_are_cooled_once(world, monkeypatch):
    """What is read from them is the same."""
    monkeypatch.setattr("oof.app.cool_packs.LEAST_BYTES", 1)
    plain = list(world.bodies)[:10]
    world.store(*plain)
    [key] = world.blobs.objects

    assert cool_packs(world.deps) == 0
    world.clock.at += COLD_AFTER + timedelta(days=1)

    assert cool_packs(world.deps) == 1
    assert world.blobs.cooled == {key}
    assert cool_packs(world.deps) == 0
    world.assert_readable(plain)


def test_a_clearly_better_dictionary_is_adopted(world, monkeypatch):
    """It lies beside the others, and is named as the current one; old packs stay readable."""
    monkeypatch.setattr("oof.app.train_dictionary.LEAST_BODIES", 30)
    monkeypatch.setattr("oof.app.train_dictionary.MAX_BYTES", 8_192)
    signatures = list(world.bodies)
    world.store(*signatures)

    report = train_on_stored(world.deps)

    assert report.bodies == len(signatures)
    assert report.bytes_trained < report.bytes_now
    assert current_id(world.blobs) == report.adopted
    trained = read_dictionary(str(report.adopted), world.blobs)
    world.adopt(trained)
    world.assert_readable(signatures)
    assert train_on_stored(world.deps).adopted is None


def test_too_few_bodies_train_nothing(world):
    """The dictionary that was shipped stays."""
    world.store(*list(world.bodies)[:5])

    report = train_on_stored(world.deps)

    assert (report.bodies, report.adopted) == (5, None)
    assert report.bodies < LEAST_BODIES
    assert CURRENT_KEY not in world.blobs.objects
    assert current_id(world.blobs) is None
