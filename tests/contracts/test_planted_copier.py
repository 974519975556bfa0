"""A copier planted on the generated chain is told from who trades beside it, on both stores."""

import random
from dataclasses import dataclass
from typing import Any

import pytest

from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from local.upstream.webhooks import raw_item
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.vector_reader import PostgresNeighbourStore, PostgresVectorReader
from oof.app.advance_wallet import AdvanceDeps, advance_wallet
from oof.app.apply_wallet import ApplyDeps
from oof.app.compare_wallets import CompareDeps, compare_wallets
from oof.app.find_neighbours import NeighbourDeps, NeighbourSizes, find_neighbours
from oof.app.project_wallet import ProjectDeps
from oof.domain.similarity.compare import compare
from oof.domain.similarity.model import LEAST_LIKENESS
from oof.domain.similarity.nearest import nearest
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import Address, Slot, UnixSeconds
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.queues import MemoryWalletWaker
from oof.ports.memory.snapshots import MemorySummaryStore
from oof.ports.memory.vectors import MemoryNeighbourStore, MemoryVectorReader
from tests.support.serving import SetClock
from tests.support.transactions import address

COPIER = address("copier")
LATER_S, LATER_SLOTS = 3, 7


@dataclass(frozen=True)
class Told:
    """Who there is, and all that they did, in no order."""

    leader: Address
    stranger: Address
    bodies: tuple[NormalizedTransaction, ...]


@pytest.fixture(scope="module")
def told() -> Told:
    """Two wallets of the chain, and one that does most of what the first does, seconds later."""
    specs = [WalletSpec(name=name, transactions=70, days=30) for name in ("leader", "stranger")]
    chain = GeneratedChain(seed=5, wallets=tuple(specs))
    chain.catch_up()
    leader, stranger = (Address(chain.world.wallet(spec.name)) for spec in specs)
    chance = random.Random(5)
    bodies: dict[str, NormalizedTransaction] = {}
    for wallet in (leader, stranger):
        for record in chain.history(wallet):
            body = normalize(raw_item(record.load("json"), record.tx_index))
            assert isinstance(body, NormalizedTransaction)
            bodies[body.signature] = body
            if wallet == leader and chance.random() < 0.8:
                shadow = shadow_of(body, leader)
                bodies[shadow.signature] = shadow
    found = list(bodies.values())
    chance.shuffle(found)
    return Told(leader, stranger, tuple(found))


def shadow_of(body: NormalizedTransaction, wallet: Address) -> NormalizedTransaction:
    """The same by the copier, a little later."""

    def who(name: Any) -> Any:
        return COPIER if name == wallet else name

    signature: Any = encode_base58(bytes(random.Random(body.signature).randbytes(64)))
    return body._replace(
        signature=signature,
        slot=Slot((body.slot or 0) + LATER_SLOTS),
        block_time=UnixSeconds((body.block_time or 0) + LATER_S),
        fee_payer=who(body.fee_payer),
        signers=tuple(map(who, body.signers)),
        movements=tuple(
            m._replace(owner=who(m.owner), counterparty=who(m.counterparty)) for m in body.movements
        ),
        trades=tuple(t._replace(trader=who(t.trader)) for t in body.trades),
        balances=tuple(
            b._replace(owner=who(b.owner), account=who(b.account)) for b in body.balances
        ),
    )


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store, empty, with its reader and its neighbours."""
    if request.param == "memory":
        facts = MemoryFactStore()
        yield facts, MemoryVectorReader(facts), MemoryNeighbourStore(facts)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield (
        PostgresFactStore(database),
        PostgresVectorReader(database),
        PostgresNeighbourStore(database),
    )
    database.close()


def live(facts: Any, told: Told) -> None:
    """Store everything and do whatever each wallet's worker does."""
    clock = SetClock()
    wallets = (told.leader, told.stranger, COPIER)
    with facts.transaction() as store:
        for wallet in wallets:
            store.track(wallet, WalletState.SEEN_FULL, at=clock.now())
        rows = [PackedTransaction(body, 0, 1) for body in told.bodies]
        store.insert(PackRecord("packs/x", "none", len(rows), 1), rows, at=clock.now())
        store.enqueue(told.bodies, at=clock.now())
    deps = AdvanceDeps(
        applying=ApplyDeps(facts=facts, clock=clock),
        projecting=ProjectDeps(facts=facts, summaries=MemorySummaryStore(), clock=clock),
        waker=MemoryWalletWaker(),
        new_id=lambda: "once",
    )
    for wallet in wallets:
        while advance_wallet(wallet, receives=1, deps=deps).has_more:
            pass


def test_who_copies_is_told_from_who_trades_beside(stores, told):
    """By its portrait's own transaction; the signatures lead to both purchases."""
    facts, reader, neighbours = stores
    live(facts, told)
    wallets = [told.stranger, COPIER, told.leader]
    found = compare_wallets(CompareDeps(vectors=reader, compare=compare), wallets)

    assert [each.reason for each in found.asked] == [None, None, None]
    places = {wallet: place for place, wallet in enumerate(found.members)}
    scores: Any = found.comparison.scores
    copied = scores[places[told.leader]][places[COPIER]]
    beside = scores[places[told.leader]][places[told.stranger]]
    assert copied.overall > LEAST_LIKENESS > beside.overall
    assert copied.cotrading > 3 * beside.cotrading
    (cluster,) = found.comparison.clusters
    assert {found.members[place] for place in cluster.members} == {told.leader, COPIER}

    pair = next(p for p in found.comparison.pairs if {p.first, p.second} == set(cluster.members))
    assert pair.leader == places[told.leader]
    shown = {body.signature: body for body in told.bodies}
    for each in pair.entering.closest:
        for purchase in (each.first, each.second):
            body = shown[found.names.signatures[purchase.tx_number]]
            assert body.slot == purchase.slot
            assert body.block_time == purchase.at
            bought = {trade.bought_mint for trade in body.trades}
            assert found.names.mints[each.mint_number].mint in bought

    deps = NeighbourDeps(
        store=neighbours, nearest=nearest, clock=SetClock(), sizes=NeighbourSizes()
    )
    assert find_neighbours(deps).compared == 3
    view: Any = reader.neighbours(COPIER)
    assert view.neighbourhood.neighbours[0].wallet == told.leader
