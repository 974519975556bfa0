"""The use cases of the store path, on fakes."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest

from oof.app.advance_wallet import BATCHES, GIVE_UP_RECEIVES, AdvanceDeps, advance_wallet
from oof.app.apply_wallet import BATCH, ApplyDeps, unblock_wallet
from oof.app.project_wallet import ProjectDeps
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.app.sweep_pending import SweepDeps, reproject_all, sweep_pending
from oof.domain.errors import StoreUnavailable
from oof.domain.packs import NO_DICTIONARY, decode_frame, pack_bodies
from oof.domain.snapshot.model import Provisional, WalletState
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.facts import MemoryFactStore, MemoryFactTransaction
from oof.ports.memory.queues import MemoryFetchRequester, MemoryWalletWaker
from oof.ports.memory.snapshots import MemorySummaryStore
from tests.exactly_once.histories import generated_history
from tests.support.transactions import address, signature, transaction

START = datetime(2026, 1, 1, tzinfo=UTC)
ANN = address("ann")


class MovedClock:
    """Stands still until moved."""

    def __init__(self):
        self.at = START

    def now(self):
        """Return where the clock was moved to."""
        return self.at


class Bench:
    """All deps over one memory store."""

    def __init__(self, facts: Any = None) -> None:
        self.facts: Any = facts or MemoryFactStore()
        self.blobs, self.waker = MemoryBlobs(), MemoryWalletWaker()
        self.fetches = MemoryFetchRequester()
        self.summaries: Any = MemorySummaryStore()
        self.clock = MovedClock()
        self.gate: Any = None
        ids = count()
        shared: Any = {"facts": self.facts, "clock": self.clock}
        ringing: Any = {"waker": self.waker, "new_id": lambda: f"id-{next(ids)}"}
        self.storing = StoreDeps(
            **shared, **ringing, blobs=self.blobs, fetches=self.fetches, dictionary=NO_DICTIONARY
        )
        self.applying = ApplyDeps(**shared)
        projecting = ProjectDeps(**shared, summaries=self.summaries)
        self.advancing = AdvanceDeps(**ringing, applying=self.applying, projecting=projecting)
        self.sweeping = SweepDeps(**shared, **ringing, summaries=self.summaries, pending_age_s=30)

    def store(self, *bodies, source="webhook"):
        """Store bodies as one batch."""
        return store_transactions(orjson.dumps(bodies), source=source, deps=self.storing)

    def track(self, wallet):
        """Track a wallet."""
        with self.facts.transaction() as tx:
            tx.track(wallet, WalletState.SEEN_FULL, at=self.clock.now())

    def queue(self, wallet, number):
        """Store and queue so many transactions of a wallet, without bodies."""
        made = [transaction(str(n), payer=wallet, slot=n + 1) for n in range(number)]
        with self.facts.transaction() as tx:
            packed = [PackedTransaction(t, 0, 1) for t in made]
            tx.insert(PackRecord("p", "none", number, 1), packed, at=self.clock.now())
            tx.enqueue(made, at=self.clock.now())

    def advance(self, wallet, receives=1):
        """Do what a wake-up asks for."""
        return advance_wallet(wallet, receives=receives, deps=self.advancing)


@pytest.fixture
def bench():
    """An empty world."""
    return Bench()


@pytest.fixture(scope="module")
def history():
    """A generated history."""
    return generated_history(5, 4)


def rich_bodies(history):
    """Return every body of a history, as webhooks tell them."""
    return [bodies.rich for bodies in history.bodies.values()]


def test_a_batch_is_one_object_from_which_each_body_comes_back(bench, history):
    """One pack a batch; a stored pointer reads the very body that was delivered."""
    bodies = rich_bodies(history)

    report = bench.store(*bodies)

    ((key, body),) = bench.blobs.objects.items()
    record = bench.facts.tables.packs[key].record
    pack = pack_bodies([(s, told.rich) for s, told in history.bodies.items()], NO_DICTIONARY)
    last = pack.frames[-1]
    frame = bench.blobs.get_range(key, offset=last.offset, length=last.length)
    assert report.stored == len(bodies) == record.frames
    assert (record.bytes, record.object_key) == (len(body), pack.object_key)
    assert decode_frame(frame, NO_DICTIONARY) == bodies[-1]


def test_a_repeated_batch_writes_no_object_and_wakes_again(bench, history):
    """What is stored is not packed twice, but its wallets are woken under a fresh id."""
    bench.track(history.wallets[0])
    first = bench.store(*rich_bodies(history))
    again = bench.store(*rich_bodies(history))

    assert (again.stored, again.known, again.woken) == (0, first.stored, first.woken)
    assert len(bench.blobs.objects) == 1
    assert len({wake.batch for wake in bench.waker.sent}) == 2


def test_a_signature_twice_in_a_batch_is_stored_once(bench, history):
    """The richer telling of a signature completes the poorer one, whichever came first."""
    told = next(iter(history.bodies.values()))

    report = bench.store(told.poor, told.rich)

    (row,) = bench.facts.tables.transactions.values()
    assert (report.stored, report.known) == (1, 1)
    assert row.transaction.block_time == told.rich["blockTime"]


def test_an_enhanced_entry_is_a_notification(bench, history):
    """Its signature is asked for unless it is stored, and becomes no fact."""
    known, unknown = signature("known"), signature("unknown")
    bench.queue(ANN, 1)
    stored = signature("0")
    entries = [
        {"signature": each, "type": "SWAP", "accountData": [], "nativeTransfers": []}
        for each in (known, unknown, stored, known)
    ]

    report = bench.store(*entries)

    assert report.requested == 2
    assert [request.signatures for request in bench.fetches.sent] == [(known, unknown)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[{", "bad_json"),
        (b'[{"blockTime": 5, "meta": {}, "slot": 1}]', None),
        (b"[null]", "null_result"),
        (b"[3]", "not_a_transaction"),
    ],
)
def test_what_cannot_be_read_is_recorded_and_never_raised(bench, content, code):
    """The batch is acknowledged; the reason is kept once however often it comes."""
    for _ in range(2):
        report = store_transactions(content, source="webhook", deps=bench.storing)

    (key,) = bench.facts.tables.unreadable
    assert report.unreadable == 1
    assert code is None or key[1] == code


def test_one_bad_body_does_not_keep_the_others_from_being_stored(bench, history):
    """A raw entry without its transaction is skipped; its neighbours become facts."""
    good = rich_bodies(history)[0]
    bad = {name: value for name, value in good.items() if name != "transaction"}

    report = bench.store(bad, good)

    assert (report.stored, report.unreadable) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value", "code"), [("slot", None, "no_slot"), ("slot", 2**40, "out_of_range")]
)
def test_a_transaction_without_a_place_is_recorded(bench, history, field, value, code):
    """A history has no place for it; its signature is kept with the reason."""
    good = rich_bodies(history)[0]

    bench.store(good | {field: value})

    ((record, _),) = bench.facts.tables.unreadable.values()
    assert record.code == code
    assert record.signature == good["transaction"]["signatures"][0]


def test_a_wake_up_applies_projects_and_ends(bench):
    """What is pending is applied, and the summary tells of it."""
    bench.track(ANN)
    bench.queue(ANN, 3)

    report = bench.advance(ANN)

    summary = bench.summaries.get(ANN)
    assert (report.appended, report.has_more) == (3, False)
    assert (summary.tx_count, summary.as_of_seq, summary.as_of_slot) == (3, 3, 3)
    assert summary.provisional == {Provisional.HISTORY_PARTIAL, Provisional.SOFT}
    assert bench.waker.sent == []


def test_a_long_backlog_wakes_the_wallet_again(bench):
    """A wake-up does a bounded part, and asks for another turn."""
    bench.track(ANN)
    bench.queue(ANN, BATCHES * BATCH + 1)

    first = bench.advance(ANN)
    (wake,) = bench.waker.sent
    second = bench.advance(ANN)

    assert (first.appended, first.has_more, wake.wallet) == (BATCHES * BATCH, True, ANN)
    assert (second.appended, second.has_more) == (1, False)


class BrokenFold(MemoryFactStore):
    """A store from which no pending row can be read."""

    fault: Exception = ArithmeticError("a fold that fails")

    class Transaction(MemoryFactTransaction):
        """Fails where the fold begins."""

        def take_pending(self, wallet_id, *, limit):
            """Raise the fault."""
            raise BrokenFold.fault

    transaction_type = Transaction


def test_a_fold_that_keeps_failing_blocks_its_wallet():
    """Raised until the last try, then recorded: the summary says BLOCKED with its code."""
    bench = Bench(BrokenFold())
    bench.track(ANN)
    with pytest.raises(ArithmeticError):
        bench.advance(ANN, receives=GIVE_UP_RECEIVES - 1)

    report = bench.advance(ANN, receives=GIVE_UP_RECEIVES)

    summary = bench.summaries.get(ANN)
    assert report.blocked_code == "fold_failed"
    assert (summary.state, summary.last_error.code) == (WalletState.BLOCKED, "fold_failed")
    unblock_wallet(ANN, deps=bench.applying)
    assert bench.facts.view(ANN).blocked_code is None


def test_an_absent_store_never_blocks_a_wallet(monkeypatch):
    """A transient fault is raised however often it was met."""
    monkeypatch.setattr(BrokenFold, "fault", StoreUnavailable("away"))
    bench = Bench(BrokenFold())
    bench.track(ANN)

    with pytest.raises(StoreUnavailable):
        bench.advance(ANN, receives=100)

    assert bench.facts.view(ANN).blocked_code is None


def test_a_sweep_finds_what_was_forgotten(bench):
    """Only rows and projections older than thirty seconds are taken up."""
    bench.track(ANN)
    bench.queue(ANN, 1)
    bench.clock.at = START + timedelta(seconds=30)
    early = sweep_pending(deps=bench.sweeping)
    bench.clock.at = START + timedelta(seconds=31)

    late = sweep_pending(deps=bench.sweeping)

    assert early == (0, 0)
    assert late == (1, 1)
    assert bench.waker.sent[0].wallet == ANN
    assert bench.summaries.get(ANN).tx_count == 0


def test_everything_is_projected_again_after_a_loss(bench):
    """With the hot table gone, each wallet ever tracked gets its item and a wake-up."""
    bench.track(ANN)
    bench.queue(ANN, 1)
    bench.advance(ANN)
    lost = Bench(bench.facts)

    report = reproject_all(deps=lost.sweeping)

    assert report == (1, 1)
    assert lost.summaries.get(ANN).tx_count == 1
    assert [wake.wallet for wake in lost.waker.sent] == [ANN]
