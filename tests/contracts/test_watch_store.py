"""The contract of `WatchStore`, held by its memory twin and by Postgres."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
import pytest

from oof.adapters.postgres.backfill_store import PostgresBackfillStore
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.watch_store import PostgresWatchStore
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.domain.backfill import PageCoverage
from oof.domain.governor import Activity, Watch
from oof.domain.snapshot.model import WatchedBy
from oof.domain.transactions.model import Mark
from oof.domain.units import Mint, UnixSeconds
from oof.domain.wallets import WalletEvent
from oof.domain.webhooks import Put
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_view import MemoryFactsView
from oof.ports.memory.watching import MemoryWatchStore
from oof.ports.watching import EMPTIED_SLOTS, Confirmed, WatchCounts
from tests.support.transactions import address, balance, movement, transaction

ANN, BOB, MINT = address("ann"), address("bob"), Mint(address("mint"))
AT = UnixSeconds(1_770_000_000)
LATER = UnixSeconds(AT + 60)
HOURLY = Watch(3_600, AT)
PUT = Put(0, "hook", "digest", "auth", 2, AT)


class StillClock:
    """Always `AT`."""

    def now(self):
        """Return `AT`."""
        return datetime.fromtimestamp(AT, UTC)


class Stores(NamedTuple):
    """How wallets are watched, runs' memory, and the facts."""

    watch: Any
    backfill: Any
    facts: Any
    query: Any
    """Asks the database itself; None in memory."""

    def follow(self, *wallets):
        """Open wallets and fold their first chunk."""
        for wallet in wallets:
            self.backfill.track(wallet, at=AT)
            self.backfill.move(wallet, WalletEvent.FOLDED_FULLY, at=AT)

    def put(self, *transactions):
        """Store transactions and fold them for Ann."""
        at = StillClock().now()
        with self.facts.transaction() as tx:
            packed = [PackedTransaction(t, 0, 10) for t in transactions]
            tx.insert(PackRecord("packs/aa/aa.pack", "none", len(packed), 100), packed, at=at)
            tx.enqueue(transactions, at=at)
        apply_wallet(ANN, deps=ApplyDeps(facts=self.facts, clock=StillClock()))

    def one(self, wallet=ANN, now=AT):
        """The wallet as watched."""
        found = {w.wallet: w for w in self.watch.watched(now=now, after=None, limit=100)}
        return found.get(wallet)

    def name(self, *wallets, at=AT):
        """Have wallets named on shard 0."""
        self.watch.assign(dict.fromkeys(wallets, 0), at=AT)
        return self.watch.confirm(confirmed(PUT), at=at)

    def list_tail(self, wallet, *, began_at, at):
        """End a listing of the newest end."""
        page = PageCoverage((), None, True, began_at)
        self.backfill.cover(wallet, page, stopped_by=None, at=at)

    def revision(self, wallet):
        """The wallet's revision."""
        if self.query is None:
            return self.backfill.revision(wallet)
        return self.facts.view(wallet).revision


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each implementation, empty."""
    if request.param == "memory":
        facts = MemoryFactStore()
        backfill = MemoryBackfillStore(MemoryFactsView(facts))
        yield Stores(MemoryWatchStore(backfill, facts), backfill, facts, None)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield Stores(
            PostgresWatchStore(database),
            PostgresBackfillStore(database),
            PostgresFactStore(database),
            connection.execute,
        )
    database.close()


def confirmed(*puts, broken=(), removed=(), looked_at=None, is_rotating=False):
    """What is at the provider."""
    return Confirmed(
        puts=puts,
        broken=frozenset(broken),
        removed=frozenset(removed),
        looked_at=looked_at,
        auth_digest="auth",
        is_rotating=is_rotating,
    )


def test_nothing_is_known_of_the_provider_at_first(stores):
    """No webhook, never looked, no header value."""
    assert stores.watch.registry() == ((), None, None, False)


def test_followed_wallets_alone_are_watched(stores):
    """One still warming up may yet be refused: no webhook names it."""
    stores.backfill.track(BOB, at=AT)
    stores.follow(ANN)

    assert [w.wallet for w in stores.watch.watched(now=AT, after=None, limit=9)] == [ANN]
    assert stores.one() == (ANN, True, Watch(None, None), None, False, Activity(0, 0))


def test_watched_wallets_come_in_pages(stores):
    """One page after the other, each wallet once."""
    stores.follow(ANN, BOB)

    [first] = stores.watch.watched(now=AT, after=None, limit=1)
    [second] = stores.watch.watched(now=AT, after=first.wallet, limit=1)

    assert {first.wallet, second.wallet} == {ANN, BOB}
    assert stores.watch.watched(now=AT, after=second.wallet, limit=1) == ()


def test_activity_is_read_off_the_hours(stores):
    """The busier of two hours, and the sum of a day; what is older does not count."""
    now = UnixSeconds(AT - AT % 3_600 + 600)
    ages = {"a": 0, "b": 700, "c": 700, "d": 10_000, "e": 23 * 3_600, "f": 26 * 3_600}
    stores.follow(ANN)
    stores.put(
        *(
            transaction(name, payer=ANN, time=now - age, balances=(balance(ANN, 9, 5),))
            for name, age in ages.items()
        )
    )

    assert stores.one(now=now).activity == Activity(last_hour=2, last_day=5)


def test_open_token_accounts_are_watched_with_their_wallet(stores):
    """One that holds something, or was emptied lately; of two mints an account had it is one."""
    held, emptied, closed = address("held"), address("emptied"), address("closed")
    other = Mint(address("other mint"))
    now = EMPTIED_SLOTS + 5_000

    def at(name, slot, *balances):
        own = balance(ANN, 9, 5)
        return transaction(name, payer=ANN, slot=slot, balances=(own, *balances))

    stores.follow(ANN)
    stores.put(
        at("a", 4_000, balance(ANN, 7, 0, mint=MINT, account=closed)),
        at("b", 4_500, balance(ANN, 0, 7, mint=MINT, account=held)),
        at("c", 5_000, balance(ANN, 7, 0, mint=MINT, account=emptied)),
        at("d", now, balance(ANN, 0, 7, mint=other, account=held)),
    )
    stores.watch.assign({ANN: 0}, at=AT)

    first, *rest = stores.watch.addresses([ANN])[ANN]

    assert (first, set(rest)) == (ANN, {held, emptied})
    assert {w: set(a) for w, a in stores.watch.members(0).items()} == {ANN: {ANN, held, emptied}}


def test_accounts_that_only_ever_got_spam_are_not_watched(stores):
    """Whoever touches one on purpose makes it worth watching, also where spam came after."""
    spam, used = address("spam"), address("used")
    other = Mint(address("other mint"))

    def got(name, slot, mint, account, mark):
        moved = movement(ANN, 5, mint=mint)._replace(mark=mark)
        held = balance(ANN, 0, 5, mint=mint, account=account)
        return transaction(name, payer=ANN, slot=slot, movements=(moved,), balances=(held,))

    stores.follow(ANN)
    stores.put(
        got("a", 10, MINT, spam, Mark.SPAM),
        got("b", 11, MINT, spam, Mark.DUST),
        got("c", 12, other, used, None),
        got("d", 13, other, used, Mark.SPAM),
    )

    assert stores.watch.addresses([ANN]) == {ANN: (ANN, used)}


def test_who_was_longest_on_a_shard_comes_first(stores):
    """So that who came last leaves where it overflows."""
    stores.follow(ANN, BOB)
    stores.watch.assign({BOB: 0}, at=AT)
    stores.watch.assign({ANN: 0}, at=LATER)

    assert list(stores.watch.members(0)) == [BOB, ANN]
    assert stores.watch.members(1) == {}


def test_a_wallet_is_named_once_its_list_was_put(stores):
    """The provider reports it from then on; told once, and shown."""
    stores.follow(ANN, BOB)
    before = stores.revision(ANN)

    assert stores.name(ANN) == (ANN,)
    assert stores.watch.confirm(confirmed(PUT), at=LATER) == ()

    assert stores.one().is_named
    assert not stores.one(BOB).is_named
    assert stores.revision(ANN) == before + 1
    assert stores.watch.registry() == ((PUT,), None, "auth", False)


def test_a_listing_that_began_before_does_not_make_a_wallet_live(stores):
    """It may have missed what came before the webhook named the wallet."""
    stores.follow(ANN)
    stores.name(ANN, at=LATER)

    stores.list_tail(ANN, began_at=AT, at=UnixSeconds(LATER + 60))
    assert stores.watch.unlisted(limit=9) == (ANN,)
    assert stores.backfill.coverage(ANN).awaits_listing
    stores.list_tail(ANN, began_at=None, at=UnixSeconds(LATER + 60))
    assert stores.watch.unlisted(limit=9) == (ANN,)

    stores.list_tail(ANN, began_at=LATER, at=UnixSeconds(LATER + 60))
    assert stores.watch.unlisted(limit=9) == ()
    assert not stores.backfill.coverage(ANN).awaits_listing
    assert stores.watch.counts() == WatchCounts(named=1, live=1, polled=0, followed=1)


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
def test_how_a_wallet_is_watched_is_shown_with_its_coverage(stores):
    """Polled, reported, and live since the listing that closed the gap."""
    shown = []

    def look():
        coverage = stores.facts.view(ANN).coverage
        shown.append((coverage.watch, coverage.live_since))

    stores.follow(ANN)
    look()
    stores.name(ANN)
    look()
    stores.list_tail(ANN, began_at=AT, at=LATER)
    look()
    stores.watch.govern({ANN: HOURLY}, at=LATER)
    look()

    assert shown == [
        (WatchedBy.POLLING, None),
        (WatchedBy.WEBHOOK, None),
        (WatchedBy.WEBHOOK, LATER),
        (WatchedBy.POLLING, None),
    ]


def test_an_unnamed_wallet_is_never_live(stores):
    """However often it is listed."""
    stores.follow(ANN)

    stores.list_tail(ANN, began_at=AT, at=LATER)

    assert stores.watch.counts() == WatchCounts(named=0, live=0, polled=0, followed=1)
    assert not stores.backfill.coverage(ANN).awaits_listing


def test_wallets_of_a_broken_webhook_have_to_be_listed_again(stores):
    """Mended, it names them anew; what it lost meanwhile a listing has to bring."""
    stores.follow(ANN)
    stores.name(ANN)
    stores.list_tail(ANN, began_at=AT, at=AT)

    assert stores.watch.confirm(confirmed(PUT, broken=[0], looked_at=AT), at=LATER) == (ANN,)

    assert stores.watch.unlisted(limit=9) == (ANN,)
    assert stores.watch.registry().looked_at == AT


def test_wallets_of_a_lost_webhook_are_not_named(stores):
    """Until it is put again; that it was looked for stays known."""
    stores.follow(ANN)
    stores.name(ANN)
    stores.watch.confirm(confirmed(looked_at=AT, is_rotating=True), at=AT)

    assert stores.watch.confirm(confirmed(removed=[0]), at=LATER) == ()

    assert not stores.one().is_named
    assert stores.watch.registry() == ((), AT, "auth", False)


def test_a_list_that_is_put_already_names_whoever_came_back(stores):
    """Nothing has to be put for that."""
    stores.follow(ANN)
    stores.name(ANN)
    stores.watch.assign({ANN: 0}, at=LATER)
    assert not stores.one().is_named

    assert stores.watch.name([0], at=LATER) == (ANN,)
    assert stores.watch.name([0, 1], at=LATER) == ()
    assert stores.watch.name([], at=LATER) == ()


def test_a_wallet_that_leaves_is_on_no_shard(stores):
    """Given none, it is named nowhere, and no longer watched unless followed."""
    stores.follow(ANN)
    stores.name(ANN)
    stores.backfill.move(ANN, WalletEvent.WENT_UNREAD, at=LATER)
    gone = stores.one()
    assert (gone.is_followed, gone.shard, gone.is_named) == (False, 0, False)

    stores.watch.assign({ANN: None}, at=LATER)

    assert stores.one() is None


def test_a_polled_wallet_leaves_its_shard_and_is_due_at_once(stores):
    """It is on no webhook from then on."""
    stores.follow(ANN)
    stores.name(ANN)
    before = stores.revision(ANN)

    stores.watch.govern({ANN: HOURLY}, at=LATER)

    row = stores.one()
    assert (row.watch, row.shard, row.is_named) == (HOURLY, None, False)
    assert stores.watch.due_polls(at=LATER, limit=9) == (ANN,)
    assert stores.revision(ANN) == before + 1
    assert stores.watch.counts() == WatchCounts(named=0, live=0, polled=1, followed=1)


def test_a_listing_makes_the_next_one_due_an_interval_later(stores):
    """Any listing does, whatever asked for it."""
    stores.follow(ANN)
    stores.watch.govern({ANN: HOURLY}, at=AT)

    stores.list_tail(ANN, began_at=AT, at=LATER)

    assert stores.watch.due_polls(at=UnixSeconds(LATER + 3_599), limit=9) == ()
    assert stores.watch.due_polls(at=UnixSeconds(LATER + 3_600), limit=9) == (ANN,)


def test_another_interval_is_no_turn(stores):
    """What is due stays due, and nothing shown changes."""
    stores.follow(ANN)
    stores.watch.govern({ANN: HOURLY}, at=AT)
    before = stores.revision(ANN)

    stores.watch.govern({ANN: Watch(600, AT)}, at=LATER)

    assert stores.watch.due_polls(at=AT, limit=9) == (ANN,)
    assert stores.revision(ANN) == before


def test_a_wallet_that_comes_back_is_polled_no_more(stores):
    """Its webhook is chosen anew."""
    stores.follow(ANN)
    stores.watch.govern({ANN: HOURLY}, at=AT)

    stores.watch.govern({ANN: Watch(None, LATER)}, at=LATER)

    assert stores.one().watch == Watch(None, LATER)
    assert stores.watch.due_polls(at=UnixSeconds(LATER + 9_999), limit=9) == ()


def test_nothing_to_govern_or_assign_changes_nothing(stores):
    """An empty tick is no statement."""
    stores.follow(ANN)
    before = stores.revision(ANN)

    stores.watch.govern({}, at=AT)
    stores.watch.assign({}, at=AT)

    assert stores.revision(ANN) == before
