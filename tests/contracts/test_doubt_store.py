"""The contract of what webhooks said, held by the memory twin and by Postgres."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.doubt_store import PostgresDoubtStore
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.tail_store import PostgresTailStore
from oof.domain.backfill import ListedAddress, PageCoverage
from oof.domain.doubt import Doubt, Outcome
from oof.domain.listing import Listed
from oof.domain.transactions.model import NORMALIZER_VERSION
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.ports.doubts import Examined, Said
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.finality import Landing
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.doubts import MemoryDoubtStore
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_view import MemoryFactsView
from oof.ports.memory.tails import MemoryTailStore
from tests.support.transactions import address, balance, signature, transaction

ANN, BOB, MINT = address("ann"), address("bob"), Mint(address("mint"))
ACCOUNT = address("ann's account")
PACK, OTHER = (PackRecord(f"packs/aa/{name}.pack", "none", 1, 100) for name in "ab")
AT = datetime.fromtimestamp(1_770_000_000, UTC)
AT_S = UnixSeconds(1_770_000_000)
LONG_AGO = AT - timedelta(days=9)


class Stores(NamedTuple):
    """Doubts, the facts they are of, and how far wallets are listed."""

    doubts: Any
    facts: Any
    backfill: Any
    tails: Any

    def say(self, *transactions, doubt=None, at=AT, pack=PACK):
        """Store bodies that a webhook delivered."""
        said = [Said(t.signature, f"digest {t.slot}".encode(), doubt) for t in transactions]
        with self.facts.transaction() as tx:
            tx.insert(pack, [PackedTransaction(t, 0, 10) for t in transactions], at=at)
            tx.note_said(pack.object_key, said, at=at)

    def put(self, *transactions):
        """Store bodies that the node told."""
        with self.facts.transaction() as tx:
            tx.insert(OTHER, [PackedTransaction(t, 0, 10) for t in transactions], at=AT)

    def cover(self, wallet, *, floor, top):
        """Track a wallet, and list it down to `floor` from `top`."""
        self.backfill.track(wallet, at=AT_S)
        entry = Listed(signature("top"), Slot(top), None, None)
        row = ListedAddress(wallet, Slot(floor), None, None, is_ended=False)
        added = PageCoverage((row,), entry, tail_checked=True)
        self.backfill.cover(wallet, added, stopped_by=None, at=AT_S)

    def examine(self, *, expired_before=LONG_AGO, limit=99):
        """Compare neighbours."""
        return self.doubts.examine(at=AT, expired_before=expired_before, limit=limit)

    def claim(self, *, at=AT, again_before=LONG_AGO, tries=2, limit=99):
        """Claim what is to be asked for."""
        return self.doubts.claim_doubts(at=at, again_before=again_before, tries=tries, limit=limit)

    def settle(self, outcomes):
        """Note what came of asking."""
        with self.facts.transaction() as tx:
            return tx.settle_doubts(outcomes, at=AT)

    def revoke(self, tx_id):
        """Drop a transaction."""
        with self.facts.transaction() as tx:
            tx.revoke([Landing(tx_id, None)], at=AT)


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each implementation, empty."""
    if request.param == "memory":
        facts = MemoryFactStore()
        backfill = MemoryBackfillStore(MemoryFactsView(facts))
        yield Stores(MemoryDoubtStore(facts, backfill), facts, backfill, MemoryTailStore(backfill))
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield Stores(
        PostgresDoubtStore(database),
        PostgresFactStore(database),
        PostgresBackfillStore(database),
        PostgresTailStore(database),
    )
    database.close()


def moved(name, slot, pre, post, *, owner=ANN, account=None):
    """A transaction that moves the lamports of `owner`, or a token account of theirs."""
    if account is None:
        return transaction(name, payer=owner, slot=slot, balances=(balance(owner, pre, post),))
    held = balance(owner, pre, post, mint=MINT, account=account)
    return transaction(name, payer=owner, slot=slot, balances=(held,))


def test_what_a_webhook_said_is_kept_where_it_became_the_facts(stores):
    """Not where another pack's body was first; the facts are told with it."""
    one, two = moved("s0", 5, 9, 8), moved("s1", 6, 8, 7)
    stores.put(two)
    stores.say(one, two)
    stores.say(one, doubt=Doubt.SAMPLED)

    [doubted] = stores.doubts.doubted([one.signature, two.signature, signature("none")])

    assert doubted[1:] == (
        one.signature,
        b"digest 5",
        NORMALIZER_VERSION,
        one.block_time,
        one.tx_index,
    )
    assert stores.claim() == ()


def test_a_doubt_is_settled_once(stores):
    """Whoever comes second is told that there was nothing to settle."""
    one = moved("s0", 5, 9, 8)
    stores.say(one, doubt=Doubt.SAMPLED)
    [doubted] = stores.doubts.doubted([one.signature])

    assert stores.settle({}) == frozenset()
    assert stores.settle({doubted.tx_id: Outcome.SAME, 99: Outcome.SAME}) == {doubted.tx_id}
    assert stores.settle({doubted.tx_id: Outcome.FALSE}) == frozenset()
    assert stores.doubts.doubted([one.signature]) == ()
    assert stores.claim() == ()


def test_what_is_doubted_is_asked_for_until_it_is_settled_or_given_up(stores):
    """Once, and again when its time has come, so many times; then it counts as absent."""
    one, two = moved("s0", 5, 9, 8), moved("s1", 6, 8, 7)
    later, last = AT + timedelta(minutes=10), AT + timedelta(minutes=20)
    stores.say(one, doubt=Doubt.LAMPORTS)
    stores.say(two, doubt=Doubt.LAMPORTS)

    assert stores.claim(limit=1) == (one.signature,)
    assert stores.claim() == (two.signature,)
    assert stores.claim() == ()
    assert stores.doubts.give_up_doubts(at=later, again_before=AT, tries=2) == 0
    assert stores.claim(at=later, again_before=AT) == (one.signature, two.signature)
    assert stores.doubts.give_up_doubts(at=later, again_before=AT, tries=2) == 0
    assert stores.claim(at=last, again_before=later) == ()
    assert stores.doubts.give_up_doubts(at=last, again_before=later, tries=2) == 2
    assert stores.doubts.doubted([one.signature]) == ()


def test_a_dropped_transaction_is_doubted_no_more(stores):
    """What finality revoked needs no answer."""
    one = moved("s0", 5, 9, 8)
    stores.say(one, doubt=Doubt.LAMPORTS)
    [doubted] = stores.doubts.doubted([one.signature])
    stores.revoke(doubted.tx_id)

    assert stores.claim() == ()
    assert stores.doubts.doubted([one.signature]) == ()
    assert stores.doubts.give_up_doubts(at=AT, again_before=LONG_AGO, tries=2) == 1


@pytest.mark.parametrize("account", [None, ACCOUNT])
def test_a_break_between_neighbours_puts_both_in_doubt(stores, account):
    """A webhook's bodies on either side of it; what the node told is beyond doubt."""
    stores.cover(ANN, floor=1, top=20)
    stores.put(moved("s0", 4, 10, 9, account=account))
    fine, wrong = (moved(f"s{n}", 4 + n, 10 - n, 9 - n, account=account) for n in (1, 2))
    wrong = moved("s2", 6, 8, 3, account=account)
    stores.say(fine, wrong)
    stores.put(moved("s3", 7, 7, 6, account=account))
    assert stores.examine() == Examined(2, 0)

    after = moved("s4", 8, 5, 4, account=account)
    stores.say(after)

    assert stores.examine() == Examined(1, 1)
    assert stores.claim() == (after.signature,)


def test_the_body_before_a_break_is_doubted_too(stores):
    """Which of the two is false, only the node can say."""
    stores.cover(ANN, floor=1, top=20)
    stores.say(moved("s0", 4, 10, 9))
    assert stores.examine() == Examined(1, 0)
    stores.say(moved("s1", 5, 8, 7))

    assert stores.examine() == Examined(1, 2)
    assert len(stores.claim()) == 2
    assert stores.examine() == Examined(0, 0)


def test_the_order_within_a_slot_breaks_nothing(stores):
    """A body goes on from any of its own slot, or of the nearest one before."""
    stores.cover(ANN, floor=1, top=20)
    stores.say(
        moved("s0", 4, 10, 9), moved("s1", 5, 8, 7), moved("s2", 5, 9, 8), moved("s3", 6, 7, 6)
    )

    assert stores.examine() == Examined(4, 0)


def test_only_the_covered_span_is_compared(stores):
    """Below it a neighbour may be missing; above, the body waits until it is listed past."""
    stores.cover(ANN, floor=5, top=7)
    stores.put(moved("s0", 4, 10, 9))
    stores.say(moved("s1", 5, 3, 2), moved("s2", 8, 9, 8))

    assert stores.examine() == Examined(1, 0)
    assert stores.examine(expired_before=AT + timedelta(seconds=1)) == Examined(1, 0)


def test_bodies_of_nobody_we_follow_are_examined_at_once(stores):
    """There is nothing to compare them with; a page holds no more than asked for."""
    stores.say(moved("s0", 5, 9, 8, owner=BOB), moved("s1", 6, 1, 2, owner=BOB))

    assert stores.examine(limit=1) == Examined(1, 0)
    assert stores.examine() == Examined(1, 0)


def test_what_was_checked_is_forgotten_and_what_was_false_is_kept(stores):
    """So is what is still to be examined or settled."""
    names = ("checked", "false", "open", "unexamined")
    bodies = {name: moved(name, 5 + n, 9, 8, owner=BOB) for n, name in enumerate(names)}
    stores.say(bodies["checked"])
    stores.say(bodies["false"], bodies["open"], doubt=Doubt.SAMPLED)
    stores.examine()
    stores.say(bodies["unexamined"])
    [false] = stores.doubts.doubted([bodies["false"].signature])
    stores.settle({false.tx_id: Outcome.FALSE})

    assert stores.doubts.forget_doubts(before=AT) == 0
    assert stores.doubts.forget_doubts(before=AT + timedelta(seconds=1)) == 1
    left = stores.doubts.doubted([body.signature for body in bodies.values()])
    assert {d.signature for d in left} == {bodies["open"].signature, bodies["unexamined"].signature}


def test_a_delivery_is_noted_to_half_a_minute(stores):
    """So that concurrent stores do not wait for each other's note."""
    assert stores.tails.last_heard() is None
    for seconds, heard in ((0, 0), (29, 0), (31, 31), (5, 31)):
        with stores.facts.transaction() as tx:
            tx.note_heard("webhook", at=AT + timedelta(seconds=seconds))
            tx.note_heard("backfill", at=AT + timedelta(days=1))

        assert stores.tails.last_heard() == AT_S + heard
