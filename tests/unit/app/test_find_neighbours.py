"""A run over all vectors: bounded, in pages, and the newest first."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from oof.app.find_neighbours import NeighbourDeps, NeighbourSizes, find_neighbours
from oof.domain.similarity.nearest import nearest
from oof.domain.snapshot.model import WalletState
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.vectors import MemoryNeighbourStore, MemoryVectorReader
from tests.support.serving import SetClock
from tests.support.transactions import address
from tests.support.vectors import Bought, vector

AT = datetime(2025, 6, 1, tzinfo=UTC)
WALLETS = [address(f"wallet {number}") for number in range(7)]


def filled():
    """Facts of some wallets, each with a vector, the last one the newest."""
    facts = MemoryFactStore()
    with facts.transaction() as store:
        for number, wallet in enumerate(WALLETS):
            chance = random.Random(number // 2)
            bought = [Bought(chance.randrange(99), chance.randrange(10**6)) for _ in range(30)]
            store.track(wallet, WalletState.SEEN_FULL, at=AT)
            held: Any = store.lock(wallet)
            since = AT + timedelta(minutes=number)
            store.save_vector(held.wallet_id, vector(bought), purchases=30, at=since)
    return facts


def run(facts, clock=None, **sizes):
    """Look once."""
    return find_neighbours(
        NeighbourDeps(
            store=MemoryNeighbourStore(facts),
            nearest=nearest,
            clock=clock or SetClock(),
            sizes=NeighbourSizes(**sizes),
        )
    )


def found(facts):
    """Each wallet's nearest, and how alike they are."""
    reader = MemoryVectorReader(facts)
    views: Any = {wallet: reader.neighbours(wallet) for wallet in WALLETS}
    return {
        wallet: view.neighbourhood.neighbours
        for wallet, view in views.items()
        if view.neighbourhood
    }


def test_pages_do_not_matter():
    """Whatever is read and written at once, the same is found."""
    one, other = filled(), filled()

    assert run(one) == run(other, page=2) == (7, False, 0)
    assert found(one) == found(other)
    assert found(one)[WALLETS[0]][0].wallet == WALLETS[1]


def test_a_run_is_bounded_to_the_newest():
    """Who was not compared loses its neighbours."""
    facts, clock = filled(), SetClock()
    run(facts, clock)
    clock.advance(hours=1)

    assert run(facts, clock, most=4, page=3) == (4, True, 3)
    assert set(found(facts)) == set(WALLETS[3:])


def test_without_vectors_nothing_is_found():
    """And nothing fails."""
    assert run(MemoryFactStore()) == (0, False, 0)
