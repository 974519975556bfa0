"""The contract of finality and order in `FactStore`, held by its memory twin and by Postgres."""

from datetime import UTC, datetime, timedelta

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Mint
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from tests.support.transactions import address, balance, movement, signature, transaction

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ANN, BOB = address("ann"), address("bob")


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


def put(store, *transactions, finalized_slot=None, key="packs/aa/aa.pack"):
    """Store transactions and queue them."""
    pack = PackRecord(key, "none", 1, 100, finalized_slot)
    with store.transaction() as tx:
        inserted = tx.insert(pack, [PackedTransaction(t, 0, 10) for t in transactions], at=NOW)
        tx.enqueue(transactions, at=NOW)
    return inserted


def track(store, *wallets):
    """Track wallets."""
    with store.transaction() as tx:
        for wallet in wallets:
            tx.track(wallet, WalletState.SEEN_FULL, at=NOW)


def apply(store, wallet):
    """Apply one batch."""
    return apply_wallet(wallet, deps=ApplyDeps(facts=store, clock=StillClock()))


def due(store, at=NOW):
    """Return what is due, by signature."""
    return {each.signature: each for each in store.soft_due(at=at, after=0, limit=100)}


def test_what_was_read_below_a_finalized_slot_was_never_soft(store):
    """Only what is above the slot that the provider had finalized is asked about."""
    rows = [transaction(name, payer=ANN, slot=slot) for name, slot in (("a", 10), ("b", 11))]
    put(store, *rows, finalized_slot=10)

    assert set(due(store)) == {signature("b")}
    assert store.witness() == signature("a")


def test_a_question_waits_for_its_time(store):
    """A soft transaction is due at `ask_at`, and after an answer at the time given then."""
    with store.transaction() as tx:
        packed = [PackedTransaction(transaction("a", payer=ANN), 0, 10)]
        tx.insert(PackRecord("k", "none", 1, 9), packed, at=NOW, ask_at=LATER)
    early, found = due(store), due(store, at=LATER)
    with store.transaction() as tx:
        tx.postpone({found[signature("a")].tx_id: 1}, due_at=LATER + timedelta(seconds=1))

    assert early == {}
    assert due(store, at=LATER) == {}
    assert due(store, at=LATER + timedelta(seconds=1))[signature("a")].absent == 1


def test_soft_shows_until_the_provider_has_spoken(store):
    """A wallet and its balance are soft, then final with a raised revision; others stay as is."""
    track(store, ANN, BOB)
    put(store, transaction("a", payer=ANN, balances=(balance(ANN, 9, 8),)))
    apply(store, ANN)
    soft = store.view(ANN)
    with store.transaction() as tx:
        tx.finalize([due(store)[signature("a")].tx_id])
    with store.transaction() as tx:
        changed = tx.clear_soft(at=LATER, limit=10)
    with store.transaction() as tx:
        again = tx.clear_soft(at=LATER, limit=10)

    final = store.view(ANN)
    assert (soft.is_soft, soft.balances[0].soft) == (True, True)
    assert (final.is_soft, final.balances[0].soft) == (False, False)
    assert (changed, again, final.revision) == ((ANN,), (), soft.revision + 1)
    assert due(store) == {}


def test_a_wallet_is_soft_as_long_as_anything_it_counts_is(store):
    """Of two soft transactions one becomes final: only its own balance is."""
    track(store, ANN)
    mint = Mint(address("mint"))
    held = (balance(ANN, 0, 5, mint=mint, account=address("acc")),)
    put(store, transaction("a", payer=ANN, balances=(balance(ANN, 9, 8),)))
    apply(store, ANN)
    put(store, transaction("b", payer=ANN, slot=1_001, balances=held))
    apply(store, ANN)
    with store.transaction() as tx:
        tx.finalize([due(store)[signature("b")].tx_id])
    with store.transaction() as tx:
        tx.clear_soft(at=LATER, limit=10)

    view = store.view(ANN)
    assert view.is_soft
    assert {b.mint: b.soft for b in view.balances}[mint] is False
    assert sorted(b.soft for b in view.balances) == [False, True]


def test_a_body_of_another_slot_queues_and_teaches_nothing(store):
    """A second landing of a stored signature neither fills nor wakes; it is reported as known."""
    track(store, ANN, BOB)
    put(store, transaction("a", payer=ANN, slot=10, index=None))
    other = transaction("a", payer=ANN, slot=12, index=7, movements=(movement(BOB, 5),))

    inserted = put(store, other, key="packs/bb/bb.pack")
    with store.transaction() as tx:
        known = tx.fill([other])

    assert inserted == ((), {signature("a"): 10})
    assert known == {signature("a"): 10}
    assert apply(store, BOB).taken == 0
    (entry,) = _entries(store, ANN)
    assert (entry.slot, entry.tx_index) == (10, None)


def _entries(store, wallet):
    """Take what is pending of a wallet."""
    with store.transaction() as tx:
        return tx.take_pending(tx.lock(wallet).wallet_id, limit=10)


def test_what_was_heard_of_again_is_not_revoked_by_an_older_answer(store):
    """A contest spares the transaction from what was asked before, and has it asked at once."""
    put(store, transaction("a", payer=ANN))
    before = due(store)[signature("a")]
    with store.transaction() as tx:
        tx.postpone({before.tx_id: 1}, due_at=LATER)
    with store.transaction() as tx:
        held = tx.contest([signature("a"), signature("x")], at=NOW)
    with store.transaction() as tx:
        tx.revoke([Landing(before.tx_id, before.heard)], at=NOW)

    after = due(store)[signature("a")]
    assert held == {signature("a")}
    assert store.stored([signature("a")]) == {signature("a")}
    assert (after.absent, after.heard) == (0, before.heard + 1)


def test_what_became_final_is_not_revoked_as_absent(store):
    """An absence counts only while the transaction is soft."""
    put(store, transaction("a", payer=ANN))
    soft = due(store)[signature("a")]
    with store.transaction() as tx:
        tx.finalize([soft.tx_id])
    with store.transaction() as tx:
        tx.revoke([Landing(soft.tx_id, soft.heard)], at=NOW)

    assert store.stored([signature("a")]) == {signature("a")}


def test_a_stale_answer_leaves_the_new_landing_alone(store):
    """Revoking what was revoked before does not touch the same signature in its new slot."""
    track(store, ANN)
    put(store, transaction("a", payer=ANN, slot=10))
    old = due(store)[signature("a")]
    for _ in range(2):
        with store.transaction() as tx:
            tx.revoke([Landing(old.tx_id, old.heard)], at=NOW)
        put(store, transaction("a", payer=ANN, slot=12), key="packs/bb/bb.pack")
    apply(store, ANN)

    assert store.view(ANN).counters["tx"] == 1
    assert due(store)[signature("a")].slot == 12


def shared(store):
    """Two transactions of one slot whose balances do not tell their order, applied and final."""
    track(store, ANN)
    circle = (
        transaction("a", payer=ANN, index=None, balances=(balance(ANN, 5, 9),)),
        transaction("b", payer=ANN, index=None, balances=(balance(ANN, 9, 5),)),
    )
    put(store, *circle, finalized_slot=1_000)
    put(store, transaction("c", payer=ANN, slot=999, index=None), finalized_slot=1_000)
    apply(store, ANN)
    return circle


def test_a_shared_slot_is_asked_for_until_it_is_told(store):
    """Told the places, the fold is revised; a slot of one transaction is never asked for."""
    shared(store)
    (slot,) = store.unordered_due(at=NOW, limit=10)
    ids = {name: tx_id for tx_id, name in slot.transactions}
    with store.transaction() as tx:
        woken = tx.place({ids[signature("a")]: 7, ids[signature("b")]: 3}, at=NOW)
    unresolved = store.view(ANN).has_unresolved_order
    apply(store, ANN)

    view = store.view(ANN)
    assert (slot.slot, slot.tries, woken) == (1_000, 0, (ANN,))
    assert unresolved
    assert (view.balances[0].raw, view.has_unresolved_order) == (9, False)
    assert store.unordered_due(at=NOW, limit=10) == ()


def test_a_body_that_tells_its_place_is_an_answer_too(store):
    """Filled by the store path, a slot is not asked for any more."""
    first, second = shared(store)
    with store.transaction() as tx:
        tx.fill([first._replace(tx_index=1), second._replace(tx_index=2)])

    assert store.unordered_due(at=NOW, limit=10) == ()


def test_a_slot_is_ordered_once_it_is_final(store):
    """What may still be dropped has no order worth paying for."""
    track(store, ANN)
    rows = [transaction(name, payer=ANN, index=None) for name in ("a", "b")]
    put(store, *rows)
    apply(store, ANN)
    before = store.unordered_due(at=NOW, limit=10)
    with store.transaction() as tx:
        tx.finalize([each.tx_id for each in due(store).values()])

    assert before == ()
    assert len(store.unordered_due(at=NOW, limit=10)) == 1


def test_an_order_that_cannot_be_learnt_is_final_by_signature(store):
    """After the last try the balance is provisional no more, and says that it was guessed."""
    shared(store)
    with store.transaction() as tx:
        early = tx.retry_slots({1_000: 2}, due_at=LATER, at=NOW)
    waiting = store.unordered_due(at=NOW, limit=10), store.unordered_due(at=LATER, limit=10)
    before = store.view(ANN)
    with store.transaction() as tx:
        changed = tx.retry_slots({1_000: 3}, due_at=None, at=NOW)

    after = store.view(ANN)
    assert early == ()
    assert (waiting[0], waiting[1][0].tries) == ((), 2)
    assert (before.balances[0].order_unresolved, before.balances[0].order_unknown) == (True, False)
    assert (after.balances[0].order_unresolved, after.balances[0].order_unknown) == (False, True)
    assert (changed, after.revision) == ((ANN,), before.revision + 1)
    assert (after.has_unresolved_order, store.unordered_due(at=LATER, limit=10)) == (False, ())


def test_a_revoked_transaction_is_neither_soft_nor_unordered(store):
    """Nothing is asked about what is gone."""
    track(store, ANN)
    put(store, *(transaction(name, payer=ANN, index=None) for name in ("a", "b")))
    apply(store, ANN)
    rows = due(store)
    with store.transaction() as tx:
        woken = tx.revoke([Landing(each.tx_id, each.heard) for each in rows.values()], at=NOW)

    assert woken == (ANN,)
    assert due(store) == {}
    assert store.unordered_due(at=NOW, limit=10) == ()


def test_a_new_landing_is_owed_to_whom_a_listing_gave_the_dropped_one(store):
    """A wallet that only a listing names counts the mention in the new slot, and once."""
    track(store, BOB)
    put(store, transaction("a", payer=ANN, slot=10))
    with store.transaction() as tx:
        tx.link(BOB, [signature("a")], at=NOW)
    apply(store, BOB)
    with store.transaction() as tx:
        tx.revoke([Landing(due(store)[signature("a")].tx_id, None)], at=NOW)
    apply(store, BOB)
    dropped = store.view(BOB).counters["mentions"]
    put(store, transaction("a", payer=ANN, slot=12), key="packs/bb/bb.pack")
    apply(store, BOB)

    view = store.view(BOB)
    assert (dropped, view.counters["mentions"], view.span.newest_slot) == (0, 1, 12)
