"""The contract of `BackfillStore`, held by its memory twin and by Postgres."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
import pytest

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.backfill import ListedAddress, PageCoverage
from oof.domain.errors import NotFound
from oof.domain.listing import Listed
from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.domain.wallets import WalletEvent
from oof.ports.backfill import RunRecord
from oof.ports.facts import PackedTransaction, PackRecord, UnreadableRecord
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_view import MemoryFactsView
from tests.support.transactions import address, balance, signature, transaction

ANN, BOB, MINT = address("ann"), address("bob"), Mint(address("mint"))
ACCOUNT, OTHER = address("ann's account"), address("ann's other account")
PACK = PackRecord("packs/aa/aa.pack", "none", 1, 100)
AT = UnixSeconds(1_770_000_000)
LATER = UnixSeconds(AT + 60)
S1, S2, S3 = (signature(f"s{n}") for n in range(3))


class StillClock:
    """Always `AT`."""

    def now(self):
        """Return `AT`."""
        return datetime.fromtimestamp(AT, UTC)


class Stores(NamedTuple):
    """Runs' memory, and the facts it speaks of."""

    backfill: Any
    facts: Any
    query: Any
    """Asks the database itself; None in memory."""

    def put(self, *transactions):
        """Store transactions and queue them for whoever is tracked."""
        at = StillClock().now()
        with self.facts.transaction() as tx:
            tx.insert(PACK, [PackedTransaction(t, 0, 10) for t in transactions], at=at)
            tx.enqueue(transactions, at=at)

    def apply(self, wallet):
        """Fold what is pending."""
        apply_wallet(wallet, deps=ApplyDeps(facts=self.facts, clock=StillClock()))

    def leases(self):
        """How many leases are kept."""
        if self.query is None:
            return self.backfill.leased()
        return self.query("SELECT count(*) FROM leases").fetchone()[0]

    def revision(self, wallet):
        """The wallet's revision."""
        if self.query is None:
            return self.backfill.revision(wallet)
        return self.facts.view(wallet).revision


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each implementation, empty."""
    if request.param == "memory":
        memory = MemoryFactStore()
        yield Stores(MemoryBackfillStore(MemoryFactsView(memory)), memory, None)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        facts = PostgresFactStore(database)
        yield Stores(PostgresBackfillStore(database), facts, connection.execute)
    database.close()


def fact(name, *, accounts=()):
    """A transaction of Ann's that leaves 500 lamports, and `(account, raw)` of a token."""
    balances = [balance(ANN, 5_500, 500)]
    balances += [balance(ANN, 3, raw, mint=MINT, account=a) for a, raw in accounts]
    return transaction(name, payer=ANN, balances=tuple(balances))


def row(account, floor, *, time=None, before=None, ended=False):
    """A listed address."""
    return ListedAddress(account, Slot(floor), time, before, is_ended=ended)


def page(*rows, top=None, tail_checked=False):
    """What a page adds."""
    entry = None if top is None else Listed(S1, Slot(top), UnixSeconds(top * 10), None)
    return PageCoverage(rows, entry, tail_checked=tail_checked)


def test_tracking_starts_warming_up_once(stores):
    """The first track makes the wallet, the second changes nothing, not even its revision."""
    first = stores.backfill.track(ANN, at=AT)
    revision = stores.revision(ANN)
    again = stores.backfill.track(ANN, at=LATER)

    assert first == again
    assert first.state is WalletState.WARMING_UP
    assert (first.top_slot, first.addresses, first.is_complete) == (None, (), False)
    assert stores.revision(ANN) == revision


def test_an_untracked_wallet_is_not_known(stores):
    """Nobody has coverage before being tracked, and nothing else can be done to it."""
    assert stores.backfill.coverage(ANN) is None
    assert stores.backfill.is_folded(ANN)


@pytest.mark.parametrize("method", ["move", "cover"])
def test_changing_an_unknown_wallet_is_not_found(stores, method):
    """What was never tracked cannot change."""
    arguments = {
        "move": (WalletEvent.REFUSED,),
        "cover": (page(),),
    }[method]
    extra = {"stopped_by": None} if method == "cover" else {}
    with pytest.raises((NotFound, KeyError)):
        getattr(stores.backfill, method)(ANN, *arguments, at=AT, **extra)


def test_states_move_by_the_table_and_raise_the_revision(stores):
    """An event that changes the state counts as a change, one that does not, does not."""
    stores.backfill.track(ANN, at=AT)
    before = stores.revision(ANN)

    assert stores.backfill.move(ANN, WalletEvent.FOLDED_PARTLY, at=AT) is WalletState.SEEN_PARTIAL
    assert stores.backfill.move(ANN, WalletEvent.FOLDED_PARTLY, at=AT) is WalletState.SEEN_PARTIAL
    assert stores.backfill.move(ANN, WalletEvent.REFUSED, at=AT) is WalletState.SEEN_PARTIAL

    assert stores.backfill.coverage(ANN).state is WalletState.SEEN_PARTIAL
    assert stores.revision(ANN) == before + 1


def test_untracked_wallets_open_again(stores):
    """An unread wallet that is opened again warms up, its coverage kept."""
    stores.backfill.track(ANN, at=AT)
    stores.backfill.cover(ANN, page(row(ANN, 5)), stopped_by="days", at=AT)
    stores.backfill.move(ANN, WalletEvent.FOLDED_PARTLY, at=AT)
    stores.backfill.move(ANN, WalletEvent.WENT_UNREAD, at=AT)

    known = stores.backfill.track(ANN, at=LATER)

    assert known.state is WalletState.WARMING_UP
    assert known.addresses == (row(ANN, 5),)


def test_failures_keep_the_state_and_the_next_fold_clears_them(stores):
    """An error is shown until something works again."""
    stores.backfill.track(ANN, at=AT)
    error = LastError("upstream_unavailable", AT, LATER)
    stores.backfill.fail(ANN, error)
    assert stores.backfill.coverage(ANN).state is WalletState.WARMING_UP
    if stores.query is not None:
        assert stores.facts.view(ANN).last_error == error

    stores.backfill.move(ANN, WalletEvent.FOLDED_PARTLY, at=LATER)

    if stores.query is not None:
        assert stores.facts.view(ANN).last_error is None


def test_pages_lay_into_the_coverage(stores):
    """Floors sink, ends stay, the top rises, and the span over all addresses is told."""
    stores.backfill.track(ANN, at=AT)
    span = stores.backfill.cover(
        ANN,
        page(row(ANN, 90, time=900, before=S2), row(ACCOUNT, 90, time=900), top=100),
        stopped_by="days",
        at=AT,
    )
    assert (span.addresses, span.oldest_time, span.is_complete) == (2, 900, False)

    span = stores.backfill.cover(
        ANN,
        page(row(ANN, 0, time=500, before=S3, ended=True), row(ACCOUNT, 95, time=950), top=80),
        stopped_by="signatures",
        at=LATER,
    )

    assert (span.oldest_time, span.is_complete) == (900, False)
    known = stores.backfill.coverage(ANN)
    assert known.top_slot == 100
    assert known.newest_time == 1_000
    assert set(known.addresses) == {
        row(ANN, 0, time=500, before=S3, ended=True),
        row(ACCOUNT, 90, time=900),
    }
    span = stores.backfill.cover(
        ANN, page(row(ACCOUNT, 0, time=700, ended=True)), stopped_by="days", at=LATER
    )
    assert (span.oldest_time, span.is_complete) == (500, True)
    if stores.query is not None:
        coverage = stores.facts.view(ANN).coverage
        assert coverage[:5] == (2, True, 500, 1_000, None)


def test_known_accounts_must_be_listed_before_all_is_complete(stores):
    """An account the facts know and no listing ended for keeps the wallet partial."""
    stores.backfill.track(ANN, at=AT)
    stores.put(fact("s0", accounts=[(ACCOUNT, 5), (OTHER, 0)]))

    span = stores.backfill.cover(ANN, page(row(ANN, 0, ended=True)), stopped_by=None, at=AT)

    assert (span.addresses, span.is_complete) == (3, False)
    assert set(stores.backfill.coverage(ANN).accounts) == {ACCOUNT, OTHER}


def test_a_checked_tail_is_dated(stores):
    """Only a page that ends the tail says when the newest end was seen."""
    stores.backfill.track(ANN, at=AT)
    stores.backfill.cover(ANN, page(), stopped_by=None, at=AT)
    assert stores.backfill.coverage(ANN).tail_checked_at is None

    stores.backfill.cover(ANN, page(tail_checked=True), stopped_by=None, at=LATER)

    assert stores.backfill.coverage(ANN).tail_checked_at == LATER


def test_leases_sort_out_what_is_known_mine_and_busy(stores):
    """Stored ones are known, the first run takes the rest, the second finds them busy."""
    stores.put(fact("s0"))

    first = stores.backfill.lease("a", [S1, S2, S3, S2], at=AT, until=LATER)
    second = stores.backfill.lease("b", [S3, S1], at=AT, until=LATER)

    assert first == ((S1,), (S2, S3), ())
    assert second == ((S1,), (), (S3,))


def test_leases_are_prolonged_taken_over_and_given_back(stores):
    """A run keeps its own; another takes over what ended or was given back."""
    stores.backfill.lease("a", [S2, S3], at=AT, until=LATER)
    assert stores.backfill.lease("a", [S2], at=AT, until=UnixSeconds(LATER + 60)).mine == (S2,)

    taken = stores.backfill.lease("b", [S2, S3], at=LATER, until=UnixSeconds(LATER + 60))
    assert (taken.mine, taken.busy) == ((S3,), (S2,))

    stores.backfill.release("a")
    assert stores.backfill.lease("b", [S2], at=LATER, until=UnixSeconds(LATER + 9)).mine == (S2,)


def test_a_stored_signature_needs_no_lease(stores):
    """Once stored, a body is known to the run that fetched it and to the one that waited."""
    stores.backfill.lease("a", [S1], at=AT, until=LATER)
    stores.put(fact("s0"))

    assert stores.backfill.lease("a", [S1], at=AT, until=LATER).known == (S1,)
    assert stores.backfill.lease("b", [S1], at=AT, until=LATER).known == (S1,)


@pytest.mark.parametrize(
    ("source", "is_known"), [("backfill", True), ("fetch", True), ("webhook", False)]
)
def test_complete_bodies_that_were_unreadable_are_not_asked_for_again(stores, source, is_known):
    """What came complete and could not be read would be so again; a notification may differ."""
    record = UnreadableRecord(b"x" * 32, "no_slot", "", source, S1)
    with stores.facts.transaction() as tx:
        tx.record_unreadable([record], at=StillClock().now())

    leases = stores.backfill.lease("a", [S1], at=AT, until=LATER)

    assert leases.known == ((S1,) if is_known else ())


def test_missing_bodies_are_remembered_until_they_are_stored(stores):
    """They keep the wallet from being complete, and are forgotten once they are there."""
    stores.backfill.track(ANN, at=AT)
    stores.backfill.give_up(ANN, [S1, S2], at=AT)
    stores.backfill.give_up(ANN, [S1], at=AT)
    span = stores.backfill.cover(ANN, page(row(ANN, 0, ended=True)), stopped_by=None, at=AT)
    assert not span.is_complete
    assert set(stores.backfill.coverage(ANN).unavailable) == {S1, S2}

    stores.put(fact("s0"), transaction("s1", payer=BOB))

    assert stores.backfill.coverage(ANN).unavailable == ()
    span = stores.backfill.cover(ANN, page(row(ANN, 0, ended=True)), stopped_by=None, at=AT)
    assert span.is_complete


def test_a_wallet_is_folded_when_nothing_is_pending(stores):
    """Stored is not yet applied."""
    stores.backfill.track(ANN, at=AT)
    stores.put(fact("s0"))
    assert not stores.backfill.is_folded(ANN)

    stores.apply(ANN)

    assert stores.backfill.is_folded(ANN)


def settled(stores, wallet, *, checked, floor=0):
    """Track a wallet, cover it down to `floor` and settle it, its tail checked at `checked`."""
    stores.backfill.track(wallet, at=AT)
    newest = page(row(wallet, floor), tail_checked=True)
    stores.backfill.cover(wallet, newest, stopped_by=None, at=checked)
    stores.backfill.move(wallet, WalletEvent.FOLDED_PARTLY, at=AT)


def test_nothing_is_trusted_before_anything_is_covered(stores):
    """While the first page is not laid in, every amount may be outdated."""
    stores.backfill.track(ANN, at=AT)
    stores.put(fact("s0"))
    stores.apply(ANN)

    assert [b.history_partial for b in stores.facts.view(ANN).balances] == [True]


def test_wallets_are_unread_since_they_were_tracked_or_read(stores):
    """A settled wallet counts as read when it was tracked; a read mark moves that on."""
    settled(stores, ANN, checked=AT)
    stores.backfill.track(BOB, at=AT)
    revision = stores.revision(ANN)

    assert stores.backfill.unread(before=UnixSeconds(AT - 1), limit=9) == ()
    assert stores.backfill.unread(before=AT, limit=9) == (ANN,)
    stores.backfill.note_read(ANN, at=LATER)
    assert stores.backfill.unread(before=AT, limit=9) == ()
    assert stores.backfill.unread(before=LATER, limit=9) == (ANN,)
    assert stores.revision(ANN) == revision


def test_a_run_is_recorded_once(stores):
    """The first record of a run stays."""
    stores.backfill.track(ANN, at=AT)
    record = RunRecord("run-1", ANN, "open", "ended", 2, 12, 363, 3)

    stores.backfill.record_run(record, at=AT)
    stores.backfill.record_run(record._replace(calls=0), at=LATER)

    if stores.query is not None:
        rows = stores.query("SELECT run_id, calls, credits, repeats FROM runs").fetchall()
        assert rows == [("run-1", 12, 363, 3)]


def test_leases_nobody_gave_back_are_forgotten(stores):
    """Long after its end a lease is gone from the table, with the record of any run."""
    stores.backfill.track(ANN, at=AT)
    stores.backfill.lease("notified-1", [S1], at=AT, until=LATER)

    stores.backfill.record_run(RunRecord("run-1", ANN, "open", "ended", 1, 0, 0, 0), at=AT)
    assert stores.leases() == 1
    late = UnixSeconds(LATER + 3_600)
    stores.backfill.record_run(RunRecord("run-2", ANN, "tail", "ended", 1, 0, 0, 0), at=late)

    assert stores.leases() == 0


def test_a_blocked_wallet_stays_blocked(stores):
    """A fold that keeps failing hides the state beneath."""
    settled(stores, ANN, checked=AT)
    if stores.query is None:
        stores.backfill.move(ANN, WalletEvent.FOLD_BLOCKED, at=AT)
    else:
        with stores.facts.transaction() as tx:
            tx.block(ANN, "fold_failed", at=StillClock().now())

    assert stores.backfill.coverage(ANN).state is WalletState.BLOCKED
    assert stores.backfill.move(ANN, WalletEvent.FOLDED_FULLY, at=AT) is WalletState.BLOCKED
