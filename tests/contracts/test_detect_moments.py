"""Detecting, from marks to stored moments, over the facts in memory and over Postgres."""

from decimal import Decimal
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.app.detect_moments import SOL_WAIT, DetectDeps, DetectSizes, detect_moments
from oof.app.value_positions import value_positions
from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.moments.stored import KindCount
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, Slot
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.moments import DueMoments, MomentMark
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import START, World, clean_pass
from tests.support.moments import busiest, places_of
from tests.support.price_waves import tell_waves

SEED, SIZE = 11, 12
DAY_S = 86_400
AFTER_S = 40 * DAY_S


class Market:
    """A world, and prices beside its facts."""

    def __init__(self, facts: Any, prices: Any) -> None:
        self.world = World(generated_history(SEED, SIZE), facts)
        self.facts = facts
        self.prices = prices
        read = (normalize(each.rich) for each in self.world.history.bodies.values())
        self.bodies = [body for body in read if isinstance(body, NormalizedTransaction)]
        self.times = sorted(body.block_time for body in self.bodies if body.block_time)
        if isinstance(prices, MemoryPriceStore):
            prices.store(self.bodies)

    @property
    def deps(self) -> DetectDeps:
        """What detecting needs."""
        return DetectDeps(facts=self.facts, clock=self.world.clock)

    def tell(self) -> None:
        """Note all trades, and tell the prices of their days and the week after."""
        self.prices.note_trades(sol_usd=150, oldest_day=0)
        mints = {mint for body in self.bodies for mint in (SOL_MINT, *body.decimals)}
        tell_waves(self.prices, mints, self.times[0] - DAY_S, self.times[-1] + 9 * DAY_S)

    def go_to(self, moment: float) -> None:
        """Let time pass until a moment."""
        self.world.clock.pass_(moment - self.world.clock.now().timestamp())

    def rest(self) -> None:
        """Sweep until nobody is woken any more, SOL included, which waits for its look."""
        for _ in range(20):
            self.world.clock.pass_(SOL_WAIT.total_seconds() + 60)
            self.world.sweep()
            if not self.world.wakes.waiting:
                return
            self.world.drain()
        raise AssertionError("there is no end to it")

    def moments(self) -> dict[str, Any]:
        """All stored moments by id, but for the ids of their transactions."""
        found: dict[str, Any] = {}
        for wallet in self.world.history.wallets:
            with self.facts.transaction() as transaction:
                wallet_id = transaction.lock_moments(wallet).wallet_id
                due = [DueMoments(mint, Slot(0)) for mint in self.mints]
                stored = transaction.stored_moments(wallet_id, due)
            found |= {each.id: each.moment for each in stored}
        return found

    @property
    def mints(self) -> list[Any]:
        """Every mint of the history."""
        return sorted({m for body in self.bodies for m in (SOL_MINT, *body.decimals)})

    def mark_all(self) -> None:
        """Have everything looked at again."""
        at = self.world.clock.now()
        for wallet in self.world.history.wallets:
            with self.facts.transaction() as transaction:
                wallet_id = transaction.lock_moments(wallet).wallet_id
                transaction.mark_moments(
                    wallet_id, [MomentMark(mint, Slot(0), at) for mint in self.mints]
                )


@pytest.fixture(params=["memory", "postgres"])
def markets(request):
    """Makes empty stores of each kind."""
    made = []

    def another(kind=request.param):
        if kind == "memory":
            facts = MemoryFactStore()
            return Market(facts, MemoryPriceStore(facts))
        databases = request.getfixturevalue("postgres_databases")
        dsn = databases.create()
        database = Database(lambda: dsn)
        made.append((databases, dsn, database))
        return Market(PostgresFactStore(database), PostgresPriceStore(database))

    yield another
    for databases, dsn, database in made:
        database.close()
        databases.drop(dsn)


@pytest.fixture
def market(markets):
    """A whole history with all prices told, long after its end, at rest."""
    made = markets()
    made.go_to(made.times[-1] + AFTER_S)
    clean_pass(made.world)
    made.tell()
    made.rest()
    return made


def test_both_stores_come_to_the_same_moments(markets, market):
    """To the last piece of evidence; and there are some of many kinds."""
    other = markets("memory")
    other.go_to(other.times[-1] + AFTER_S)
    clean_pass(other.world)
    other.tell()
    other.rest()

    assert market.moments() == other.moments()
    kinds = {moment.kind for moment in market.moments().values()}
    assert {MomentKind.S2E, MomentKind.ROUND_TRIP, MomentKind.WORST_TRADE} <= kinds
    assert len(kinds) >= 5


def test_looking_again_changes_nothing(market):
    """Not even a revision; and what is counted is what is stored."""
    before, views = market.moments(), views_of(market)

    market.mark_all()
    for wallet in market.world.history.wallets:
        report = detect_moments(wallet, deps=market.deps, sizes=DetectSizes(positions=100))
        assert report.positions > 0
        assert report.changed == 0

    assert market.moments() == before
    assert [view.revision for view in views_of(market)] == [view.revision for view in views]
    for wallet in market.world.history.wallets:
        counts: dict[MomentKind, int] = {}
        for moment_id, moment in before.items():
            if moment.id_of(wallet) == moment_id:
                counts[moment.kind] = counts.get(moment.kind, 0) + 1
        told = market.facts.extremes(wallet)
        assert {kind: count.total for kind, count in told.counts.items()} == counts
        assert market.facts.view(wallet).moments == told.totals
        assert all(count != KindCount() for count in told.counts.values())


def views_of(market):
    """Every wallet as committed."""
    return [market.facts.view(wallet) for wallet in market.world.history.wallets]


def test_moments_follow_prices_that_come_late(markets, market):
    """Whenever prices are told, in the end the moments are the same."""
    late = markets()
    late.go_to(late.times[-1] + 10 * DAY_S)
    clean_pass(late.world)
    late.rest()
    assert late.moments() == {}

    late.tell()
    late.go_to(late.times[-1] + AFTER_S)
    late.rest()

    assert final(late.moments()) == final(market.moments())


def final(moments):
    """What no later look changes."""
    return {i: m for i, m in moments.items() if Provisional.WINDOW_OPEN not in m.provisional}


def test_a_window_closes_without_any_new_transaction(markets):
    """What is found early is provisional, and final once its window is over and asked about."""
    market = markets()
    market.go_to(market.times[-1] + DAY_S)
    clean_pass(market.world)
    market.tell()
    market.rest()
    early = {i: m for i, m in market.moments().items() if m.kind is MomentKind.S2E}
    assert any(Provisional.WINDOW_OPEN in m.provisional for m in early.values())

    market.go_to(market.times[-1] + 9 * DAY_S)
    market.rest()

    late = market.moments()
    assert early.keys() <= late.keys()
    for moment in late.values():
        assert moment.kind is not MomentKind.S2E or moment.due_at is None


def test_a_long_list_goes_on_by_turns(market):
    """A turn looks at so many positions, and says whether there are more."""
    market.mark_all()
    wallet = busiest(market.world)

    turns = []
    while True:
        report = detect_moments(wallet, deps=market.deps, sizes=DetectSizes(positions=2))
        turns.append(report.positions)
        if not report.has_more:
            break
    assert turns[:-1] == [2] * (len(turns) - 1)
    assert sum(turns) == len(market.mints)


def test_what_is_taken_back_goes(market):
    """A revoked transaction takes its moments with it; counts follow."""
    wallet = busiest(market.world)
    own = {m.signature for i, m in market.moments().items() if m.id_of(wallet) == i}
    gone = next(place for place in places_of(market.world, wallet) if place.signature in own)
    before = market.facts.extremes(wallet).counts

    with market.facts.transaction() as transaction:
        woken = transaction.revoke([Landing(gone.tx_id, None)], at=market.world.clock.now())
    for each in woken:
        market.world.advance(each)
    market.rest()

    left = [m for i, m in market.moments().items() if m.id_of(wallet) == i]
    assert gone.signature not in {moment.signature for moment in left}
    after = market.facts.extremes(wallet).counts
    assert sum(count.total for count in after.values()) == len(left)
    assert after != before


def test_a_story_ends_with_what_the_chain_says_is_held(market):
    """From wherever it begins; a later beginning is a part of the whole."""
    told = 0
    for wallet in market.world.history.wallets:
        held = {b.mint: b.raw for b in market.facts.view(wallet).balances}
        for mint in market.mints:
            [whole] = parts_from(market, wallet, mint, 0)
            if whole.balances:
                assert whole.balances[-1].held_raw == held.get(mint, 0)
            for point in whole.balances:
                [later] = parts_from(market, wallet, mint, point.stamp.slot)
                assert later.first_slot <= point.stamp.slot
                assert later.balances == from_slot(whole.balances, later.first_slot)
                assert later.trades == from_slot(whole.trades, later.first_slot)
                assert later.exits == from_slot(whole.exits, later.first_slot)
                assert later.fees == from_slot(whole.fees, later.first_slot)
                assert later.records == whole.records
                assert later.episodes == whole.episodes[-len(later.episodes) :]
                told += 1
    assert told > 20


def parts_from(market, wallet, mint, slot):
    """A story looked at from a slot on."""
    with market.facts.transaction() as transaction:
        turn = transaction.lock_moments(wallet)
        due = [DueMoments(mint, Slot(slot))]
        return transaction.story_parts(turn, due, dust_usd=Decimal(10))


def from_slot(rows, slot):
    """The rows from a slot on."""
    return tuple(row for row in rows if row.stamp.slot >= slot)


def test_values_and_moments_are_one_chain(market):
    """Marks of values lead to marks of moments; both end empty."""
    for wallet in market.world.history.wallets:
        assert value_positions(wallet, deps=market.world.advancing.applying).mints == 0
        assert detect_moments(wallet, deps=market.deps).positions == 0
    assert market.facts.wallets_with_due_moments(at=market.world.clock.now(), limit=9) == ()
    assert market.world.clock.now() > START
