"""The contract of vectors and neighbours, held by the facts in memory and by Postgres."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.bench.wire import counted
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.adapters.postgres.vector_reader import PostgresNeighbourStore, PostgresVectorReader
from oof.app.embed_wallet import embed_wallet
from oof.domain.prices.candles import Source, Width, flat
from oof.domain.similarity.features import noon_of, sample_key, year_of
from oof.domain.similarity.model import Neighbour, Scores, ShareUnit
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import QUOTES
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, UnixSeconds
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.memory.vectors import MemoryNeighbourStore, MemoryVectorReader
from oof.ports.vectors import FoundNeighbours
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import Delivery, World, clean_pass
from tests.support.transactions import address
from tests.support.vectors import Bought, vector

SEED, SIZE = 11, 22
AT = datetime(2026, 1, 1, tzinfo=UTC)
BEGIN_AND_COMMIT = 2
STATEMENTS_OF_EMBEDDING = 4
STRANGER = address("stranger")


class Stores:
    """A world, what keeps its prices, and what reads its vectors."""

    def __init__(self, facts, prices, reader, neighbours):
        self.facts, self.prices, self.reader, self.neighbours = facts, prices, reader, neighbours
        self.world = World(generated_history(SEED, SIZE), facts)
        self.wallets = self.world.history.wallets
        if isinstance(prices, MemoryPriceStore):
            bodies: Any = [normalize(b.rich) for b in self.world.history.bodies.values()]
            prices.store(bodies)

    def embed(self, at=AT):
        """Work every vector out."""
        for wallet in self.wallets:
            with self.facts.transaction() as transaction:
                embed_wallet(transaction, transaction.lock(wallet).wallet_id, None, at=at)

    def told(self):
        """Every vector, with names in the place of the store's own numbers."""
        return {wallet: self._named(self.reader.vectors([wallet])[wallet].vector)
                for wallet in self.wallets}  # fmt: skip

    def _named(self, found) -> Any:
        if found is None:
            return None
        numbers = sorted({*found.share_mints, *found.first_mints})
        names = self.reader.names(numbers, sorted(found.first_txs))
        shares = zip(found.share_mints, found.shares, strict=True)
        names_of = ("first_mints", "first_keys", "first_slots", "first_ats", "first_txs")
        firsts = zip(*(getattr(found, name) for name in names_of), strict=True)
        return {
            "counts": (found.purchases, found.priced, found.mints, found.unit, found.rest),
            "shares": [(names.mints[number].mint, share) for number, share in shares],
            "firsts": [(names.mints[m].mint, *f, names.signatures[tx]) for m, *f, tx in firsts],
            "hours": list(found.hours),
            "days": (found.first_day, found.days),
        }


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store, empty."""
    if request.param == "memory":
        facts = MemoryFactStore()
        readers: Any = MemoryVectorReader(facts), MemoryNeighbourStore(facts)
        yield Stores(facts, MemoryPriceStore(facts), *readers)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    readers = PostgresVectorReader(database), PostgresNeighbourStore(database)
    yield Stores(PostgresFactStore(database), PostgresPriceStore(database), *readers)
    database.close()


def test_a_history_in_parts_has_the_vectors_of_the_whole(stores):
    """However it came in, and on either store, as one clean pass in memory ends."""
    world = stores.world
    world.track(*world.history.wallets)
    for wallet in world.history.wallets:
        listed = world.history.listings[wallet]
        for part in (listed[:9], listed[15:], listed[9:15]):
            world.store(Delivery("backfill", part, rich=True))
            world.drain()
            world.fold_rest()
            stores.embed()
    clean_pass(world)
    stores.embed()
    memory = MemoryFactStore()
    whole = Stores(memory, None, MemoryVectorReader(memory), None)
    clean_pass(whole.world)
    whole.embed()

    found = whole.told()
    assert any(found.values())
    assert stores.told() == found


def test_a_vector_tells_what_was_bought(stores):
    """First purchases are those of the entries; dollars and SOL are no tokens."""
    clean_pass(stores.world)
    stores.embed()
    for wallet, found in stores.told().items():
        if found is None:
            continue
        with stores.facts.transaction() as transaction:
            bought = transaction.year_purchases(
                transaction.lock(wallet).wallet_id, since=UnixSeconds(0), sol_usd={}
            )
        firsts = {each.mint: (each.first_slot, each.first_at) for each in bought}
        assert {mint: tuple(told[1:3]) for mint, *told in found["firsts"]} == firsts
        assert not firsts.keys() & set(QUOTES)
        assert [told[1] for told in found["firsts"]] == sorted(map(sample_key, firsts))
        assert found["counts"][0] == sum(each.purchases for each in bought)
        assert sum(found["hours"]) == len(stores.world.history.listings[wallet])


def test_what_changed_is_written_and_nothing_else(stores):
    """Told again, a vector keeps its time; once SOL has a price, shares are in dollars."""
    clean_pass(stores.world)
    stores.embed()
    before = stores.reader.vectors(stores.wallets)
    stores.embed(at=AT + timedelta(hours=1))
    assert stores.reader.vectors(stores.wallets) == before

    noons = {noon_of(year_of(each.vector.newest_at)[-1]) for each in before.values() if each.vector}
    told = [flat(noon, Width.MINUTE, Decimal(150), Source.PYTH, 95) for noon in sorted(noons)]
    stores.prices.keep({SOL_MINT: told})
    stores.embed(at=AT + timedelta(hours=2))
    after = stores.reader.vectors(stores.wallets)
    for wallet, had in before.items():
        if had.vector is not None:
            assert had.vector.unit is ShareUnit.SOL
            assert after[wallet].vector.unit is ShareUnit.USD
            assert after[wallet].computed_at == AT.timestamp() + 7_200


def test_what_is_taken_back_leaves_the_vector(stores):
    """With the wallet's next portrait, by itself; looked at afresh, nothing else is found."""
    clean_pass(stores.world)
    before: Any = stores.reader.vectors(stores.wallets)
    wallet = max(stores.wallets, key=lambda each: before[each].purchases)
    gone = before[wallet].vector.first_txs[0]
    with stores.facts.transaction() as transaction:
        woken = transaction.revoke([Landing(gone, None)], at=stores.world.clock.now())
    for each in woken:
        stores.world.advance(each)
    for _ in range(2):
        stores.world.fold_rest()

    after = stores.reader.vectors([wallet])[wallet]
    assert after.purchases < before[wallet].purchases
    assert after.vector is None or gone not in after.vector.first_txs
    shown = stores.told()
    stores.embed()
    assert stores.told() == shown


def test_only_tracked_wallets_have_vectors(stores):
    """A stranger is absent; one that nobody looked at yet has no count."""
    stores.world.track(stores.wallets[0])

    found = stores.reader.vectors([stores.wallets[0], STRANGER])

    assert list(found) == [stores.wallets[0]]
    assert found[stores.wallets[0]].purchases is None
    assert stores.reader.neighbours(STRANGER) is None


def keep(stores, bought, at=AT):
    """Track a wallet for each vector, and keep these; return what the store calls them."""
    wallet_ids = []
    for number, each in enumerate(bought):
        with stores.facts.transaction() as transaction:
            transaction.track(address(f"wallet {number}"), WalletState.SEEN_FULL, at=at)
            wallet_id = transaction.lock(address(f"wallet {number}")).wallet_id
            made = each and vector(each)
            since = at + timedelta(minutes=number)
            transaction.save_vector(wallet_id, made, purchases=len(each or ()), at=since)
        wallet_ids.append(wallet_id)
    return wallet_ids


BOUGHT = [[Bought(token, token * seed) for token in range(10)] for seed in range(1, 6)]


def test_pages_of_vectors_join_to_all(stores):
    """The latest first, none twice, without those that are none."""
    wallet_ids = keep(stores, [*BOUGHT, None])
    whole = stores.neighbours.page(after=None, limit=10)
    found: list[Any] = []
    while page := stores.neighbours.page(after=found[-1].key if found else None, limit=2):
        found += page

    assert tuple(found) == whole
    assert [each.key.wallet_id for each in found] == wallet_ids[-2::-1]
    assert found[-1].vector == vector(BOUGHT[0])


def test_neighbours_are_kept_and_replaced(stores):
    """A run writes those it found, and what it did not renew goes."""
    one, two, three, *_ = keep(stores, BOUGHT)
    scores = Scores(0.5, None, 0.25, 0.125, 1.0)
    near = (Neighbour(three, scores), Neighbour(two, replace_overall(scores, 0.1)))
    stores.neighbours.keep([FoundNeighbours(one, ())], compared=1, at=AT)
    stores.neighbours.keep([FoundNeighbours(two, near[:1])], compared=1, at=AT)
    stores.neighbours.keep([FoundNeighbours(one, near)], compared=4, at=AT + timedelta(hours=1))

    assert stores.neighbours.drop(before=AT + timedelta(minutes=30)) == 1
    found = stores.reader.neighbours(address("wallet 0"))
    assert found.has_vector
    assert found.neighbourhood.compared == 4
    assert [(each.wallet, each.scores) for each in found.neighbourhood.neighbours] == [
        (address("wallet 2"), scores),
        (address("wallet 1"), replace_overall(scores, 0.1)),
    ]
    assert stores.reader.neighbours(address("wallet 1")).neighbourhood is None


def replace_overall(scores, overall):
    """Scores with another whole."""
    return scores._replace(overall=overall)


def test_each_question_is_one_query(postgres_dsn):
    """As many statements for a large history as for none."""
    with counted(postgres_dsn) as (dsn, relay):
        database = Database(lambda: dsn)
        facts = PostgresFactStore(database)
        reader = PostgresVectorReader(database)
        stores = Stores(facts, None, reader, None)
        clean_pass(stores.world)

        def statements(work):
            before = relay.traffic
            work()
            return relay.traffic.since(before).statements - BEGIN_AND_COMMIT

        stores.embed()
        told: Any = reader.vectors(stores.wallets)
        wallet = max(stores.wallets, key=lambda each: told[each].purchases)
        made = told[wallet].vector
        assert statements(lambda: reader.vectors(stores.wallets)) == 1
        assert statements(lambda: reader.names(made.first_mints, made.first_txs)) == 1
        assert statements(lambda: reader.neighbours(wallet)) == 1
        with facts.transaction() as transaction:
            held: Any = transaction.lock(wallet)
            before = relay.traffic
            embed_wallet(transaction, held.wallet_id, None, at=AT)
            assert relay.traffic.since(before).statements == STATEMENTS_OF_EMBEDDING
        database.close()


def test_what_another_version_left_is_not_read(postgres_dsn):
    """It is worked out anew with the wallet's next portrait."""
    database = Database(lambda: postgres_dsn)
    reader, kept = PostgresVectorReader(database), PostgresNeighbourStore(database)
    stores = Stores(PostgresFactStore(database), None, reader, kept)
    keep(stores, BOUGHT[:1])
    with database.transaction() as cursor:
        cursor.execute("UPDATE wallet_vectors SET version = 0")

    assert reader.vectors([address("wallet 0")])[address("wallet 0")].purchases is None
    assert kept.page(after=None, limit=5) == ()
    database.close()
