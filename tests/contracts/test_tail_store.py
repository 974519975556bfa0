"""The contract of `TailStore`, held by its memory twin and by Postgres."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.tail_store import PostgresTailStore
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.backfill import ListedAddress, PageCoverage
from oof.domain.evidence import Reason
from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import SOL_MINT, Mint, Slot, UnixSeconds
from oof.domain.wallets import WalletEvent
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_view import MemoryFactsView
from oof.ports.memory.tails import MemoryTailStore
from oof.ports.tails import Confirmation, Evidence, TailLag
from tests.support.transactions import address, balance, signature, transaction

ANN, BOB, CID, MINT = address("ann"), address("bob"), address("cid"), Mint(address("mint"))
ACCOUNT, OTHER = address("ann's account"), address("ann's other account")
PACK = PackRecord("packs/aa/aa.pack", "none", 1, 100)
AT = UnixSeconds(1_770_000_000)
LATER = UnixSeconds(AT + 60)
NEVER = UnixSeconds(0)


class StillClock:
    """Always `AT`."""

    def now(self):
        """Return `AT`."""
        return datetime.fromtimestamp(AT, UTC)


class Stores(NamedTuple):
    """Tail repair's memory, runs' memory, and the facts they speak of."""

    tails: Any
    backfill: Any
    facts: Any

    def put(self, *transactions):
        """Store transactions and queue them for whoever is tracked."""
        at = StillClock().now()
        with self.facts.transaction() as tx:
            tx.insert(PACK, [PackedTransaction(t, 0, 10) for t in transactions], at=at)
            tx.enqueue(transactions, at=at)

    def apply(self, wallet):
        """Fold what is pending."""
        apply_wallet(wallet, deps=ApplyDeps(facts=self.facts, clock=StillClock()))

    def settle(self, *wallets, checked=AT, floor=0):
        """Track wallets, cover them down to `floor` and settle them, their tails listed."""
        for wallet in wallets:
            self.backfill.track(wallet, at=AT)
            self.cover(wallet, row(wallet, floor), at=checked)
            self.backfill.move(wallet, WalletEvent.FOLDED_PARTLY, at=AT)

    def cover(self, wallet, *rows, at):
        """List the newest end."""
        added = PageCoverage(rows, None, tail_checked=True)
        self.backfill.cover(wallet, added, stopped_by=None, at=at)

    def due(self, *, checked=LATER, after=None, limit=10):
        """Ask for due tails."""
        return self.tails.due(checked_before=UnixSeconds(checked), after=after, limit=limit)

    def claim(self, tick, *, at=AT, at_once=9, given_up_before=NEVER, deferred=()):
        """Claim a turn."""
        return self.tails.claim(
            tick,
            at=UnixSeconds(at),
            at_once=at_once,
            given_up_before=UnixSeconds(given_up_before),
            deferred=deferred,
        )

    def confirm(self, *confirmed, at, read_since=AT + 9_999, shown_before=NEVER):
        """Confirm wallets; shown only the first time."""
        self.tails.confirm(
            [Confirmation(wallet, has_tokens) for wallet, has_tokens in confirmed],
            at=UnixSeconds(at),
            read_since=UnixSeconds(read_since),
            shown_before=UnixSeconds(shown_before),
        )

    def revision(self, wallet):
        """The wallet's revision."""
        if isinstance(self.backfill, MemoryBackfillStore):
            return self.backfill.revision(wallet)
        return self.facts.view(wallet).revision


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each implementation, empty."""
    if request.param == "memory":
        memory = MemoryFactStore()
        backfill = MemoryBackfillStore(MemoryFactsView(memory))
        yield Stores(MemoryTailStore(backfill), backfill, memory)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield Stores(
        PostgresTailStore(database), PostgresBackfillStore(database), PostgresFactStore(database)
    )
    database.close()


def row(account, floor, *, ended=False):
    """A listed address."""
    return ListedAddress(account, Slot(floor), None, None, is_ended=ended)


def fact(name, *, accounts=()):
    """A transaction of Ann's that leaves 500 lamports, and `(account, raw)` of a token."""
    balances = [balance(ANN, 5_500, 500)]
    balances += [balance(ANN, 3, raw, mint=MINT, account=a) for a, raw in accounts]
    return transaction(name, payer=ANN, balances=tuple(balances))


def test_due_tails_carry_the_last_lamports(stores):
    """Not while something is pending; token accounts are asked for apart, closed ones left out."""
    stores.settle(ANN)
    stores.put(fact("s0", accounts=[(ACCOUNT, 7), (OTHER, 0)]))
    assert stores.due() == ()
    stores.apply(ANN)

    [tail] = stores.due()

    assert (tail.wallet, tail.lamports) == (ANN, (ANN, 500, ()))
    assert (tail.checked_at, tail.listed_at, tail.tokens_checked_at) == (AT, AT, AT)
    assert (tail.has_missing, tail.is_live) == (False, False)
    assert stores.tails.token_balances([ANN, BOB]) == {ANN: ((ACCOUNT, 7, ()),), BOB: ()}


def test_balances_below_the_covered_span_are_not_trusted(stores):
    """An old transaction that another wallet's history brought in tells no newest balance.

    It is compared with nothing, and shown as what may be outdated; not so where the account's own
    listing reached its end.
    """
    stores.settle(ANN, floor=40)
    old = transaction(
        "s1", payer=ANN, slot=30, balances=(balance(ANN, 9, 7, mint=MINT, account=ACCOUNT),)
    )
    stores.put(fact("s0"), old)
    stores.apply(ANN)
    shown = {b.mint: b.history_partial for b in stores.facts.view(ANN).balances}

    assert stores.tails.token_balances([ANN]) == {ANN: ()}
    assert shown == {SOL_MINT: False, MINT: True}

    stores.cover(ANN, row(ACCOUNT, 0, ended=True), at=AT)
    assert stores.tails.token_balances([ANN]) == {ANN: ((ACCOUNT, 7, ()),)}
    assert not any(b.history_partial for b in stores.facts.view(ANN).balances)


def test_a_wallet_that_never_held_anything_holds_no_lamports(stores):
    """It is looked at too; not so one whose only balance is not trusted, or not known."""
    stores.settle(ANN, CID)
    stores.settle(BOB, floor=101)
    stores.put(transaction("s1", payer=BOB, slot=100, balances=(balance(BOB, 9, 7),)))
    stores.put(
        transaction("s2", payer=CID, balances=(balance(CID, 0, 7, mint=MINT, account=ACCOUNT),))
    )
    stores.apply(BOB)
    stores.apply(CID)

    found = {tail.wallet: tail.lamports for tail in stores.due()}

    assert found == {ANN: (ANN, 0, ()), BOB: None, CID: None}


def test_a_guessed_balance_carries_what_else_it_may_be(stores):
    """Transactions of one slot without order: each of their balances may be the last."""
    stores.settle(ANN)
    stores.put(
        *(
            transaction(name, payer=ANN, index=None, balances=(balance(ANN, before, after),))
            for name, before, after in (("s0", 5, 9), ("s1", 9, 5))
        )
    )
    stores.apply(ANN)

    [tail] = stores.due()

    assert sorted({tail.lamports.raw, *tail.lamports.rivals}) == [5, 9]
    assert len(tail.lamports.rivals) == 1


def test_evidence_is_answered_by_a_later_listing(stores):
    """One that ended when it was due, not one before; the same evidence keeps its first time.

    Lamports and token accounts are looked at at their own times, so each has its own evidence.
    """
    stores.settle(ANN)
    revision = stores.revision(ANN)
    assert stores.due()[0].answered == Evidence()

    stores.tails.note_evidence({ANN: Evidence("e1")}, due_at=UnixSeconds(AT + 30))
    stores.tails.note_evidence({}, due_at=LATER)
    assert stores.due()[0].answered == Evidence()
    assert stores.revision(ANN) == revision

    stores.cover(ANN, at=UnixSeconds(AT + 30))
    stores.tails.note_evidence({ANN: Evidence("e1", "t1")}, due_at=LATER)
    assert stores.due()[0].answered == Evidence("e1")

    stores.cover(ANN, at=LATER)
    assert stores.due()[0].answered == Evidence("e1", "t1")
    stores.tails.note_evidence({ANN: Evidence("e2")}, due_at=UnixSeconds(LATER + 30))
    assert stores.due(checked=LATER + 9)[0].answered == Evidence(None, "t1")


def test_a_confirmed_tail_is_not_due(stores):
    """A look at lamports alone leaves the token accounts' time as it was."""
    stores.settle(ANN)
    assert stores.due(checked=AT - 1) == ()

    stores.confirm((ANN, False), at=LATER)
    assert stores.due(checked=AT) == ()
    assert stores.backfill.coverage(ANN).tail_checked_at == LATER
    assert stores.due(checked=LATER)[0].tokens_checked_at == AT

    stores.confirm((ANN, True), at=LATER)
    assert stores.due(checked=LATER)[0].tokens_checked_at == LATER


def test_a_look_is_shown_to_readers_each_time_and_else_seldom(stores):
    """Only what is shown raises the revision: nobody reads most wallets most of the time."""
    stores.settle(ANN)
    first = stores.revision(ANN)

    stores.confirm((ANN, False), at=AT)
    shown = stores.revision(ANN)
    stores.confirm((ANN, False), at=LATER, shown_before=AT - 1)
    assert (shown, stores.revision(ANN)) == (first + 1, first + 1)

    stores.confirm((ANN, False), at=LATER, shown_before=AT)
    assert stores.revision(ANN) == first + 2

    stores.tails.note_reads({ANN: LATER})
    stores.tails.note_reads({ANN: AT, BOB: AT})
    stores.confirm((ANN, False), at=LATER, read_since=LATER)
    assert stores.revision(ANN) == first + 3


def test_a_wallet_with_missing_bodies_says_so(stores):
    """What the provider did not have is asked for again, though nothing moved."""
    stores.settle(ANN)
    stores.backfill.give_up(ANN, [signature("s0")], at=AT)

    assert stores.due()[0].has_missing


def test_due_tails_come_in_pages(stores):
    """Each settled wallet is on one page, in a stable order."""
    stores.settle(ANN, BOB)
    stores.backfill.track(address("warming"), at=AT)

    [first] = stores.due(limit=1)
    [second] = stores.due(after=first.wallet, limit=1)

    assert {first.wallet, second.wallet} == {ANN, BOB}
    assert stores.due(after=second.wallet) == ()


def test_turns_go_by_urgency_then_by_who_was_read_last(stores):
    """As many as may run at once; the same tick gets its own again, another one the room left."""
    stores.settle(ANN, BOB, CID)
    stores.tails.note_reads({BOB: LATER})
    stores.tails.want({ANN: Reason.AUDIT, BOB: Reason.AUDIT, CID: Reason.OUTAGE}, at=LATER)

    assert stores.claim("t1", at=LATER, at_once=2) == ((CID, BOB), 2, 1)
    assert stores.claim("t1", at=LATER, at_once=2) == ((CID, BOB), 2, 1)
    assert stores.claim("t2", at=LATER, at_once=2) == ((), 2, 1)

    stores.tails.want({ANN: Reason.MOVED, BOB: Reason.MOVED}, at=LATER)
    stores.tails.want({ANN: Reason.AUDIT}, at=LATER)
    assert stores.claim("t3", at=LATER, at_once=3) == ((ANN,), 3, 0)


def test_what_is_deferred_waits_on(stores):
    """Whatever room there is; it is counted as waiting."""
    stores.settle(ANN, BOB)
    stores.tails.want({ANN: Reason.AUDIT, BOB: Reason.OUTAGE}, at=LATER)

    assert stores.claim("t1", at=LATER, deferred=(Reason.AUDIT,)) == ((BOB,), 1, 1)
    assert stores.claim("t2", at=LATER) == ((ANN,), 2, 0)


def test_who_was_listed_waits_no_more(stores):
    """Listed since it was started, or since it was wanted; a listing before counts for nothing."""
    stores.settle(ANN, BOB, CID)
    stores.tails.want({ANN: Reason.AUDIT}, at=AT)
    stores.claim("t1", at=AT + 90)
    stores.tails.want({BOB: Reason.AUDIT, CID: Reason.AUDIT}, at=LATER)
    stores.cover(ANN, at=LATER)
    stores.cover(BOB, at=LATER)

    stores.tails.forget_listed()

    assert stores.claim("t2", at=AT + 91) == ((CID,), 2, 0)
    stores.cover(ANN, at=AT + 90)
    stores.tails.forget_listed()
    assert stores.claim("t3", at=AT + 91) == ((), 1, 0)


def test_who_is_followed_no_more_waits_no_more(stores):
    """An untracked wallet is not listed for its audit."""
    stores.settle(ANN)
    stores.tails.want({ANN: Reason.AUDIT}, at=LATER)
    stores.backfill.move(ANN, WalletEvent.WENT_UNREAD, at=LATER)

    stores.tails.forget_listed()

    assert stores.claim("t1", at=LATER) == ((), 0, 0)


def test_a_listing_that_failed_or_never_ended_is_claimed_anew(stores):
    """After its retry is due, or after it was given up."""
    stores.settle(ANN, BOB)
    stores.tails.want({ANN: Reason.AUDIT, BOB: Reason.MOVED}, at=AT)
    stores.claim("t1", at=LATER)
    stores.backfill.fail(ANN, LastError("x", LATER, UnixSeconds(LATER + 30)))

    assert stores.claim("t2", at=LATER + 29) == ((), 2, 0)
    assert stores.claim("t3", at=LATER + 30) == ((ANN,), 2, 0)
    assert stores.claim("t4", at=LATER + 90, given_up_before=LATER) == ((BOB,), 2, 0)


def test_the_longest_unconfirmed_tail_is_the_lag(stores):
    """Over settled wallets alone; without any there is none."""
    assert stores.tails.lag() == TailLag(0, None)
    stores.settle(ANN, BOB)
    stores.backfill.track(CID, at=NEVER)
    stores.confirm((ANN, False), at=LATER)

    assert stores.tails.lag() == TailLag(2, AT)


def test_outages_begin_once_and_end(stores):
    """One at a time is under way; a reported one is noted whole, twice as once."""
    assert (stores.tails.outage_began_at(), stores.tails.outage_ended_at()) == (None, None)
    assert stores.tails.begin_outage(began_at=AT)
    assert not stores.tails.begin_outage(began_at=LATER)
    assert (stores.tails.outage_began_at(), stores.tails.outage_ended_at()) == (AT, None)

    stores.tails.end_outage(began_at=None, ended_at=LATER, reported=False)
    assert (stores.tails.outage_began_at(), stores.tails.outage_ended_at()) == (None, LATER)

    for _ in range(2):
        stores.tails.end_outage(began_at=NEVER, ended_at=AT, reported=True)
    assert stores.tails.outage_ended_at() == LATER
    assert not stores.tails.begin_outage(began_at=AT)


def test_nothing_was_heard_before_the_first_delivery(stores):
    """Silence says nothing where no webhook ever delivered."""
    assert stores.tails.last_heard() is None


def test_a_wallet_tells_how_late_its_newest_transaction_was(stores):
    """From its block to its being applied; an older one changes nothing, nor does one without."""
    with stores.facts.transaction() as tx:
        tx.track(ANN, WalletState.SEEN_PARTIAL, at=StillClock().now())
    for name, slot, time, lag in (
        ("s0", 5, AT - 40, 40),
        ("s1", 4, AT - 90, 40),
        ("s2", 6, None, 40),
        ("s3", 7, AT - 7, 7),
        ("s4", 8, AT + 9, 0),
    ):
        stores.put(transaction(name, payer=ANN, slot=slot, time=time))
        report = apply_wallet(ANN, deps=ApplyDeps(facts=stores.facts, clock=StillClock()))

        assert stores.facts.view(ANN).applied_lag_s == lag
        assert report.lag_s == (lag if name in {"s0", "s3", "s4"} else None)


def test_history_is_not_late(stores):
    """What a wallet's first chunk brings is no measure of how late the tail is."""
    stores.backfill.track(ANN, at=AT)
    stores.put(transaction("s0", payer=ANN, time=AT - 90_000))

    report = apply_wallet(ANN, deps=ApplyDeps(facts=stores.facts, clock=StillClock()))

    assert (report.appended, report.lag_s) == (1, None)
    assert stores.facts.view(ANN).applied_lag_s == 90_000
