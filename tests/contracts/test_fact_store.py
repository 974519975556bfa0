"""The contract of `FactStore`, held by its memory twin and by Postgres."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.errors import NotFound
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.base58 import decode_base58, encode_base58
from oof.domain.transactions.model import Anomaly, Kind
from oof.domain.units import SOL_MINT, Mint, Signature
from oof.ports.facts import PackedTransaction, PackRecord, UnreadableRecord
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from tests.support.transactions import (
    GENESIS,
    address,
    balance,
    movement,
    signature,
    trade,
    transaction,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN, BOB, MINT = address("ann"), address("bob"), Mint(address("mint"))
PACK = PackRecord("packs/aa/aa.pack", "none", 1, 100)


class StillClock:
    """Always `NOW`."""

    def now(self):
        """Return `NOW`."""
        return NOW


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    """Each implementation, empty."""
    if request.param == "memory":
        yield MemoryFactStore()
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFactStore(database)
    database.close()


def put(store, *transactions, queue=True):
    """Store transactions and queue them; return the wallets to wake."""
    with store.transaction() as tx:
        tx.insert(PACK, [PackedTransaction(t, 0, 10) for t in transactions], at=NOW)
        return tx.enqueue(transactions, at=NOW) if queue else ()


def track(store, *wallets, state=WalletState.SEEN_FULL):
    """Track wallets."""
    with store.transaction() as tx:
        for wallet in wallets:
            tx.track(wallet, state, at=NOW)


def revoke(store, name):
    """Revoke a transaction that is soft; return the wallets to wake."""
    due = store.soft_due(at=NOW, after=0, limit=500)
    (soft,) = [each for each in due if each.signature == signature(name)]
    with store.transaction() as tx:
        return tx.revoke([Landing(soft.tx_id, None)], at=NOW)


def apply(store, wallet, limit=500):
    """Apply one batch."""
    return apply_wallet(wallet, deps=ApplyDeps(facts=store, clock=StillClock()), limit=limit)


def test_what_is_stored_is_found_by_its_whole_signature(store):
    """Only signatures that were inserted are stored."""
    put(store, transaction("a", payer=ANN))

    assert store.stored([signature("a"), signature("b")]) == {signature("a")}


def test_storing_twice_is_storing_once(store):
    """A repeated insert adds no fact, and the wallet counts the transaction once."""
    track(store, ANN)
    for _ in range(3):
        put(store, transaction("a", payer=ANN))
    apply(store, ANN)
    put(store, transaction("a", payer=ANN))

    assert apply(store, ANN).appended == 0
    assert store.view(ANN).counters["tx"] == 1


def test_a_failed_transaction_leaves_nothing(store):
    """An exception in the block undoes facts, pending and tracking alike."""

    def crash():
        with store.transaction() as tx:
            tx.track(ANN, WalletState.SEEN_FULL, at=NOW)
            tx.insert(PACK, [PackedTransaction(transaction("a", payer=ANN), 0, 1)], at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()

    assert store.stored([signature("a")]) == frozenset()
    assert store.view(ANN) is None


def test_another_signature_with_the_same_beginning_is_refused(store):
    """Sixteen equal bytes do not make two signatures one; the second cannot be stored."""
    first = transaction("a", payer=ANN)
    twin_bytes = decode_base58(first.signature)[:63] + b"\x00"
    twin = first._replace(signature=Signature(encode_base58(twin_bytes)))
    put(store, first)

    with store.transaction() as tx:
        inserted = tx.insert(PACK, [PackedTransaction(twin, 0, 1)], at=NOW)

    assert inserted == ((twin.signature,), {})
    assert store.stored([twin.signature]) == frozenset()


def test_only_tracked_participants_are_queued(store):
    """Wallets that are unknown, untracked or refused are not woken."""
    track(store, ANN)
    track(store, BOB, state=WalletState.REFUSED)
    both = (movement(ANN, -10, to=BOB), movement(BOB, 10, to=ANN))

    assert put(store, transaction("a", payer=ANN, movements=both)) == (ANN,)


def test_a_stored_signature_is_queued_again(store):
    """A wallet tracked after a transaction was stored gets it by its next delivery."""
    put(store, transaction("a", payer=ANN))
    track(store, ANN)

    assert put(store, transaction("a", payer=ANN)) == (ANN,)
    assert apply(store, ANN).appended == 1


def test_a_fold_counts_fees_venues_failures_and_hours(store):
    """The counters are sums over the wallet's own part of each transaction."""
    track(store, ANN)
    tip = (movement(ANN, -700, kind=Kind.TIP), movement(BOB, 700, kind=Kind.TIP))
    put(
        store,
        transaction("a", payer=ANN, movements=tip, trades=(trade(ANN), trade(BOB, "orca"))),
        transaction("b", payer=ANN, failed=True, slot=1_001, time=GENESIS + 3_600),
    )
    apply(store, ANN)

    view = store.view(ANN)
    assert {name: n for name, n in view.counters.items() if n} == {
        "tx": 2,
        "failed": 1,
        "trades": 1,
        "venue:pump_fun": 1,
        "fee:network_fee": 10_000,
        "fee:tip": 700,
    }
    assert sorted(view.hours.values()) == [1, 1]
    assert view.span == (1_001, GENESIS, GENESIS + 3_600)
    assert view.applied_seq == 2


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_the_newest_post_balance_stands_whatever_the_order(store, order):
    """A balance is what the newest transaction left, however late an older one arrives."""
    track(store, ANN)
    held = {
        "a": transaction("a", payer=ANN, slot=10, balances=(balance(ANN, 9, 8),)),
        "b": transaction("b", payer=ANN, slot=11, balances=(balance(ANN, 8, 2**80),)),
    }
    for name in order:
        put(store, held[name])
        apply(store, ANN)

    (only,) = store.view(ANN).balances
    assert (only.mint, only.raw, only.decimals, only.slot) == (SOL_MINT, 2**80, 9, 11)


def test_accounts_of_a_mint_add_up_and_empty_mints_do_not_show(store):
    """Two accounts of one mint are one balance; a closed account leaves none."""
    track(store, ANN)
    accounts = (
        balance(ANN, 0, 30, mint=MINT, account=address("one")),
        balance(ANN, 0, 12, mint=MINT, account=address("two")),
        balance(ANN, 7, 0, mint=Mint(address("gone")), account=address("three")),
    )
    put(store, transaction("a", payer=ANN, balances=accounts))
    apply(store, ANN)

    view = store.view(ANN)
    assert [(held.mint, held.raw) for held in view.balances] == [(MINT, 42)]
    assert view.balances_count == 1


def test_a_link_brings_what_was_stored_before_and_says_what_is_missing(store):
    """A listing's stored signatures are queued, participants and mentions; others are missing."""
    put(store, transaction("a", payer=ANN), transaction("m", payer=BOB))
    track(store, ANN)
    listed = [signature("a"), signature("x"), signature("m")]

    with store.transaction() as tx:
        outcome = tx.link(ANN, listed, at=NOW)
    apply(store, ANN)
    with store.transaction() as tx:
        again = tx.link(ANN, listed, at=NOW)

    assert (outcome.missing, outcome.queued) == ((signature("x"),), 2)
    assert (again.missing, again.queued) == ((signature("x"),), 0)
    counters = store.view(ANN).counters
    assert (counters["tx"], counters["mentions"]) == (1, 1)


def test_linking_an_untracked_wallet_is_refused(store):
    """There is no ledger to link into."""
    with pytest.raises(NotFound), store.transaction() as tx:
        tx.link(ANN, [signature("a")], at=NOW)


def test_batches_are_bounded_and_the_ledger_has_no_gap(store):
    """Five pending rows in batches of two take three turns and end at seq five."""
    track(store, ANN)
    put(store, *(transaction(str(n), payer=ANN, slot=n) for n in range(1, 6)))

    reports = [apply(store, ANN, limit=2) for _ in range(3)]

    assert [(report.appended, report.has_more) for report in reports] == [
        (2, True),
        (2, True),
        (1, False),
    ]
    assert store.view(ANN).applied_seq == 5


def test_a_fact_learnt_later_revises_the_fold(store):
    """A time that only a second body tells moves the wallet's hours, and nothing else."""
    track(store, ANN)
    bare = transaction("a", payer=ANN, index=None, time=None)
    put(store, bare)
    apply(store, ANN)
    untimed = store.view(ANN)
    with store.transaction() as tx:
        tx.fill([transaction("a", payer=ANN, index=4)])
        tx.enqueue([bare], at=NOW)

    assert apply(store, ANN).appended == 1
    view = store.view(ANN)
    assert (untimed.hours, sum(view.hours.values())) == ({}, 1)
    assert view.counters == untimed.counters
    assert view.span.oldest_time == GENESIS


def test_a_revoke_takes_away_exactly_what_was_added(store):
    """After a reorg the state is that of a wallet which never saw the transaction."""
    track(store, ANN)
    kept = transaction("a", payer=ANN, slot=10, balances=(balance(ANN, 9, 8),))
    gone = transaction(
        "b",
        payer=ANN,
        slot=11,
        time=GENESIS + 9_000,
        balances=(balance(ANN, 8, 1), balance(ANN, 0, 5, mint=MINT, account=address("acc"))),
        trades=(trade(ANN),),
    )
    put(store, kept)
    apply(store, ANN)
    before = store.view(ANN)
    put(store, gone)
    apply(store, ANN)

    woken = revoke(store, "b")
    apply(store, ANN)

    after = store.view(ANN)
    assert woken == (ANN,)
    assert {n: v for n, v in after.counters.items() if v} == {
        n: v for n, v in before.counters.items() if v
    }
    assert (after.hours, after.span, after.balances) == (before.hours, before.span, before.balances)
    assert after.applied_seq == 3
    assert store.stored([gone.signature]) == frozenset()


def test_a_relanded_transaction_counts_in_its_new_slot(store):
    """A revoked signature stored again is a new transaction with its new facts."""
    track(store, ANN)
    put(store, transaction("a", payer=ANN, slot=10, balances=(balance(ANN, 9, 8),)))
    apply(store, ANN)
    revoke(store, "a")
    put(store, transaction("a", payer=ANN, slot=12, balances=(balance(ANN, 7, 6),)))
    apply(store, ANN)

    view = store.view(ANN)
    assert (view.counters["tx"], view.span.newest_slot, view.balances[0].raw) == (1, 12, 6)


def test_a_blocked_wallet_is_left_alone_until_freed(store):
    """Its pending rows stay; freed, they are applied."""
    track(store, ANN)
    put(store, transaction("a", payer=ANN))
    with store.transaction() as tx:
        tx.block(ANN, "fold_failed", at=NOW)

    blocked = apply(store, ANN)
    view = store.view(ANN)
    forgotten = store.forgotten(before=NOW + timedelta(hours=1), limit=10)
    with store.transaction() as tx:
        tx.block(ANN, None, at=NOW)

    assert (blocked.taken, view.blocked_code, forgotten) == (0, "fold_failed", ())
    assert view.last_error == ("fold_failed", int(NOW.timestamp()), None)
    assert apply(store, ANN).appended == 1
    assert store.view(ANN).last_error is None


def test_the_revision_rises_with_every_change_and_only_then(store):
    """Tracking into the same state and applying nothing leave the revision alone."""
    track(store, ANN, state=WalletState.WARMING_UP)
    put(store, transaction("a", payer=ANN))
    revisions = [store.view(ANN).revision]
    for change in (
        lambda: apply(store, ANN),
        lambda: apply(store, ANN),
        lambda: track(store, ANN),
        lambda: track(store, ANN),
    ):
        change()
        revisions.append(store.view(ANN).revision)

    assert revisions == [1, 2, 2, 3, 3]


def test_forgotten_and_lagging_wallets_are_found(store):
    """What is pending or unprojected for long is found by age, what is not yet is not."""
    track(store, ANN, BOB)
    put(store, transaction("a", payer=ANN))
    later = NOW + timedelta(seconds=1)

    assert store.forgotten(before=NOW, limit=10) == ()
    assert store.forgotten(before=later, limit=10) == (ANN,)
    assert set(store.lagging(before=later, limit=10)) == {ANN, BOB}
    store.mark_projected(ANN, 1)
    assert store.lagging(before=later, limit=10) == (BOB,)
    apply(store, ANN)
    assert set(store.lagging(before=later, limit=10)) == {ANN, BOB}
    assert store.forgotten(before=later, limit=10) == ()


def test_tracked_wallets_are_paged_in_a_stable_order(store):
    """Pages of one together list every wallet once."""
    track(store, ANN, BOB)

    (first,) = store.tracked(after=None, limit=1)
    (second,) = store.tracked(after=first, limit=1)

    assert {first, second} == {ANN, BOB}
    assert store.tracked(after=second, limit=1) == ()


def test_odd_bodies_and_anomalies_are_kept(store):
    """Unreadable bodies are recorded once per code; a NUL in their words does no harm."""
    record = UnreadableRecord(b"\x01" * 32, "no_meta", "odd \0 text", "webhook", None)
    odd = transaction("a", payer=ANN)._replace(anomalies=(Anomaly("x", "with \0"),))
    with store.transaction() as tx:
        tx.record_unreadable([record], at=NOW)
        tx.record_unreadable([record, record._replace(code="other")], at=NOW)
    put(store, odd)

    assert store.stored([odd.signature]) == {odd.signature}


def test_an_unresolved_order_shows_until_it_is_known(store):
    """Two transactions of one slot without order: a chain of balances settles it, a circle not."""
    track(store, ANN)
    circle = (
        transaction("a", payer=ANN, index=None, balances=(balance(ANN, 5, 9),)),
        transaction("b", payer=ANN, index=None, balances=(balance(ANN, 9, 5),)),
    )
    put(store, *circle)
    apply(store, ANN)
    unresolved = store.view(ANN)
    with store.transaction() as tx:
        told = [circle[0]._replace(tx_index=7), circle[1]._replace(tx_index=3)]
        tx.fill(told)
        tx.enqueue(told, at=NOW)
    apply(store, ANN)

    resolved = store.view(ANN)
    assert unresolved.has_unresolved_order
    assert unresolved.balances[0].order_unresolved
    assert (resolved.balances[0].raw, resolved.has_unresolved_order) == (9, False)


def renormalize(store, name):
    """Pretend that a better normalizer rewrote a transaction's facts."""
    if isinstance(store, MemoryFactStore):
        with store.transaction() as tx:
            row: Any = tx._tables.find(signature(name))
            tx._tables.transactions[row.tx_id] = row._replace(version=row.version + 1)
    else:
        with store._database.transaction() as cursor:
            cursor.execute(
                "UPDATE transactions SET normalizer_version = normalizer_version + 1 "
                "WHERE signature = %s",
                (decode_base58(signature(name)),),
            )


def test_rewritten_facts_fold_the_wallet_anew(store):
    """A revise replaces what the old facts had added, by folding the whole live set again."""
    track(store, ANN)
    made = [
        transaction(str(n), payer=ANN, slot=n, time=GENESIS + n, balances=(balance(ANN, n, n + 1),))
        for n in range(1, 5)
    ]
    put(store, *made)
    apply(store, ANN)
    before = store.view(ANN)
    renormalize(store, "2")
    put(store, made[1])

    report = apply(store, ANN)

    after = store.view(ANN)
    assert (report.appended, after.applied_seq) == (1, 5)
    assert (after.counters, after.hours) == (before.counters, before.hours)
    assert (after.balances, after.span) == (before.balances, before.span)


def test_a_rebuild_leaves_what_was_learnt_since_to_its_revise(store):
    """A time that is stored but not yet applied is counted once, rebuilt or not in between."""
    track(store, ANN)
    bare = transaction("a", payer=ANN, index=None, time=None)
    put(store, bare, transaction("b", payer=ANN, slot=1_001, time=GENESIS + 9_000))
    apply(store, ANN)
    with store.transaction() as tx:
        tx.fill([transaction("a", payer=ANN, index=4)])
    renormalize(store, "b")
    put(store, transaction("b", payer=ANN, slot=1_001))
    apply(store, ANN)
    put(store, bare)
    apply(store, ANN)

    assert sorted(n for n in store.view(ANN).hours.values() if n) == [1, 1]


class CountedDatabase(Database):
    """Counts statements."""

    count = 0

    @contextmanager
    def transaction(self) -> Any:
        """Begin, with a cursor whose statements are counted."""
        with super().transaction() as cursor:
            yield CountedCursor(self, cursor)


class CountedCursor:
    """Passes everything on, and counts what is executed."""

    def __init__(self, database, cursor):
        self._database, self._cursor = database, cursor

    def execute(self, *arguments):
        """Execute one statement."""
        self._database.count += 1
        return self._cursor.execute(*arguments)

    def __getattr__(self, name):
        return getattr(self._cursor, name)


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(postgres_dsn):
    """Storing and queueing a hundred transactions takes as many round trips as storing two."""
    counts = []
    for size in (2, 100):
        database = CountedDatabase(lambda: postgres_dsn)
        made = [
            transaction(
                f"{size}-{n}",
                payer=address(str(n)),
                movements=(movement(BOB, 5),),
                balances=(balance(BOB, 0, 5),),
                trades=(trade(BOB),),
            )
            for n in range(size)
        ]
        put(PostgresFactStore(database), *made)
        counts.append(database.count)
        database.close()

    assert counts == [10, 10]
