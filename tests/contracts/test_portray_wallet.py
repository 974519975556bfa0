"""Portraying, from marks to stored portraits, over the facts in memory and over Postgres."""

from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.portrait_reader import PostgresPortraitReader
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.app.portray_wallet import PortrayDeps, PortraySizes, portray_wallet
from oof.domain.behaviour.codec import encode_behaviour
from oof.domain.behaviour.model import Reason
from oof.domain.classification.config import VERSION
from oof.domain.classification.registry import RULES
from oof.domain.tokens import QUOTES
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import Address
from oof.domain.windows import Window, today_of, window_days
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.portrait_pages import MemoryPortraitReader
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.portraits import AT_ONCE, MOST_WAIT_S, PortraitReader, portrait_wait
from tests.contracts.test_detect_moments import AFTER_S, Market
from tests.exactly_once.histories import recorded_history
from tests.exactly_once.world import START, World, clean_pass

STRANGER = Address("9BXJ5gCiZpf1UdnFsU3GVyuUNsQJpVVu7z1hH1TH1Y1T")
DAY_S = 86_400
RECORDED = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")


@pytest.fixture(scope="module")
def stores(postgres_databases):
    """Makes a market of a kind at rest, all prices told, and the reader of its portraits."""
    with ExitStack() as stack:
        yield partial(rested, postgres_databases, stack)


def rested(databases, stack, kind):
    """Let a market come to rest a while after its history."""
    reader: PortraitReader
    if kind == "memory":
        facts = MemoryFactStore()
        market = Market(facts, MemoryPriceStore(facts))
        reader = MemoryPortraitReader(facts, market.world.clock)
    else:
        dsn = databases.create()
        database = Database(lambda: dsn)
        stack.callback(databases.drop, dsn)
        stack.callback(database.close)
        market = Market(PostgresFactStore(database), PostgresPriceStore(database))
        reader = PostgresPortraitReader(database)
    market.go_to(market.times[-1] + AFTER_S)
    clean_pass(market.world)
    market.tell()
    market.rest()
    return market, reader


@pytest.fixture(scope="module", params=["memory", "postgres"])
def at_rest(request, stores):
    """One market of each kind."""
    return stores(request.param)


@pytest.fixture
def portrayed(at_rest):
    """The market of a kind, portrayed just now, and the reader of its portraits."""
    market, _ = at_rest
    deps = PortrayDeps(facts=market.facts, clock=market.world.clock)
    for wallet in market.world.history.wallets:
        with market.facts.transaction() as transaction:
            transaction.block(wallet, None, at=market.world.clock.now())
        mark(market, wallet)
        portray_wallet(wallet, deps=deps)
    return at_rest


def told(made, window=Window.ALL):
    """All that portraits of a market say, but for when they were made."""
    market, reader = made
    return {
        wallet: reader.portrait(wallet, window).stored.portrait
        for wallet in market.world.history.wallets
    }


def test_both_stores_come_to_the_same_portraits(stores, portrayed):
    """To the last digit, in every window; and there is something to tell."""
    other = stores("memory")
    other[0].go_to(portrayed[0].world.clock.now().timestamp())
    for wallet in other[0].world.history.wallets:
        mark(other[0], wallet)
        portray_wallet(wallet, deps=PortrayDeps(facts=other[0].facts, clock=other[0].world.clock))

    for window in Window:
        assert told(portrayed, window) == told(other, window)
    samples = [each.behaviour.sample for each in told(portrayed).values()]
    assert max(sample.exits for sample in samples) >= 5
    assert max(sample.trades for sample in samples) >= 10


def test_a_portrait_counts_what_is_stored(portrayed):
    """Its trades are those of the wallet's live history, its exits and entries those of tokens."""
    market, _ = portrayed
    for wallet, portrait in told(portrayed).items():
        trades = [t for body in market.bodies for t in body.trades if t.trader == wallet]
        sample = portrait.behaviour.sample

        assert sample.trades == len(trades)
        assert sample.entries == sum(t.bought_mint not in QUOTES for t in trades)
        assert sum(portrait.behaviour.rhythm.by_hour) == len(trades) - sample.undated_trades
        assert [v.name for v in portrait.verdicts] == [rule.name for rule in RULES]


def test_pages_do_not_matter(portrayed):
    """Read a row at a time, a portrait is the same."""
    market, _ = portrayed
    before = told(portrayed)

    deps = PortrayDeps(facts=market.facts, clock=market.world.clock)
    for wallet in market.world.history.wallets:
        mark(market, wallet)
        assert portray_wallet(wallet, deps=deps, sizes=PortraySizes(page=1, mints=1))

    assert told(portrayed) == before


def test_what_is_beyond_the_newest_is_left_out_and_told(portrayed):
    """Of a history that is too long the newest trades count, and the portrait says so."""
    market, _ = portrayed
    wallet = max(told(portrayed), key=lambda w: told(portrayed)[w].behaviour.sample.trades)
    deps = PortrayDeps(facts=market.facts, clock=market.world.clock)

    mark(market, wallet)
    assert portray_wallet(wallet, deps=deps, sizes=PortraySizes(page=2, most=3))

    sample = told(portrayed)[wallet].behaviour.sample
    assert (sample.trades, sample.is_capped) == (3, True)
    assert encode_behaviour(told(portrayed)[wallet].behaviour)["sample"]["is_capped"] is True


def test_windows_are_of_whole_days_up_to_today(portrayed):
    """Each window's portrait says which days it covers; none is of tomorrow."""
    market, reader = portrayed
    today = today_of(market.world.clock.now())
    wallet = market.world.history.wallets[0]

    for window in Window:
        detail = reader.portrait(wallet, window)
        assert detail.stored.portrait.span == window_days(window, today)
        assert detail.stored.version == VERSION
        assert detail.stored.as_of_slot is not None
    assert reader.portrait(wallet, Window.DAY).stored.portrait.behaviour.sample.trades == 0


def test_a_new_day_is_portrayed_by_itself(portrayed):
    """Windows move on without any new transaction."""
    market, reader = portrayed
    wallet = market.world.history.wallets[0]
    before = reader.portrait(wallet, Window.MONTH).stored.portrait.span

    assert wallet not in due(market)
    market.world.clock.pass_(DAY_S + 4 * 3_600)
    assert wallet in due(market)
    market.world.sweep()
    market.world.drain()

    after = reader.portrait(wallet, Window.MONTH).stored.portrait.span
    assert after.last == before.last + 1
    assert wallet not in due(market)


def test_a_mark_is_worked_once_its_time_has_come(portrayed):
    """Not before; of two marks the earlier counts; and it is cleared by the portrait alone."""
    market, reader = portrayed
    wallet, now = market.world.history.wallets[0], market.world.clock.now()
    deps = PortrayDeps(facts=market.facts, clock=market.world.clock)
    assert portray_wallet(wallet, deps=deps) is False

    with market.facts.transaction() as transaction:
        wallet_id = transaction.lock(wallet).wallet_id
        transaction.mark_portrait_again(wallet_id, at=now + timedelta(seconds=600))
        transaction.mark_portrait_again(wallet_id, at=now + timedelta(seconds=900))
    assert portray_wallet(wallet, deps=deps) is False
    market.world.clock.pass_(600)

    assert portray_wallet(wallet, deps=deps) is True
    assert portray_wallet(wallet, deps=deps) is False
    assert reader.portrait(wallet, Window.ALL).is_looking is False


def test_a_turn_that_fails_leaves_everything_as_it_was(portrayed):
    """The mark stays, and so do the portraits before."""
    market, _ = portrayed
    wallet, before = market.world.history.wallets[0], told(portrayed)
    mark(market, wallet)
    unwritable: Any = Unwritable(market.facts)
    deps = PortrayDeps(facts=unwritable, clock=market.world.clock)

    with pytest.raises(ZeroDivisionError):
        portray_wallet(wallet, deps=deps)

    assert wallet in due(market)
    assert told(portrayed) == before


def test_blocked_and_unknown_wallets_are_left_alone(portrayed):
    """A blocked one keeps its mark for when it is free, and is not found by the sweep."""
    market, reader = portrayed
    wallet = market.world.history.wallets[0]
    deps = PortrayDeps(facts=market.facts, clock=market.world.clock)
    mark(market, wallet)
    with market.facts.transaction() as transaction:
        transaction.block(wallet, "fold_failed", at=market.world.clock.now())

    assert portray_wallet(wallet, deps=deps) is False
    assert wallet not in due(market)
    assert portray_wallet(STRANGER, deps=deps) is False
    assert reader.portrait(STRANGER, Window.ALL) is None


def test_long_histories_wait():
    """At once up to 500 transactions, then a second for every 50, ten minutes at most."""
    assert portrait_wait(AT_ONCE) == timedelta()
    assert portrait_wait(1_000) == timedelta(seconds=20)
    assert portrait_wait(10**6) == timedelta(seconds=MOST_WAIT_S)


def test_both_stores_wait_as_long(portrayed):
    """The statement that marks works out the very wait of `portrait_wait`."""
    market, _ = portrayed
    wallet, now = market.world.history.wallets[0], market.world.clock.now()
    for events in (0, 500, 501, 12_345, 10**6):
        when = now + portrait_wait(events)
        with market.facts.transaction() as transaction:
            wallet_id = count_events(transaction, wallet, events)
            transaction.mark_portrait(wallet_id, at=now)

            early = transaction.take_portrait(wallet_id, at=when - timedelta(seconds=1))
            assert early is False
            assert transaction.take_portrait(wallet_id, at=when) is True


@pytest.fixture(params=["memory", "postgres"])
def recorded(request, chain_dir):
    """A recorded wallet a day after its last transaction, through all stages, and its reader."""
    if request.param == "memory":
        facts = MemoryFactStore()
        yield through_all_stages(facts, chain_dir, partial(MemoryPortraitReader, facts))
        return
    dsn = request.getfixturevalue("postgres_dsn")
    with closing(Database(lambda: dsn)) as database:
        reader = PostgresPortraitReader(database)
        yield through_all_stages(PostgresFactStore(database), chain_dir, lambda _clock: reader)


def through_all_stages(facts, chain_dir, reader_by):
    """Store and work all that was recorded of the wallet."""
    world = World(recorded_history(chain_dir, RECORDED), facts)
    newest = max(bodies.rich["blockTime"] for bodies in world.history.bodies.values())
    world.clock.pass_(newest + DAY_S - world.clock.now().timestamp())
    clean_pass(world)
    world.sweep()
    world.drain()
    return world, reader_by(world.clock)


def test_a_recorded_wallet_is_portrayed_as_it_traded(recorded):
    """Its hours and gaps are those of its blocks, its terminal is the one its signer used."""
    world, reader = recorded
    read = (normalize(each.rich) for each in world.history.bodies.values())
    traded = sorted(
        body.block_time
        for body in read
        if isinstance(body, NormalizedTransaction) and body.block_time is not None
        if any(trade.trader == RECORDED for trade in body.trades)
    )
    gaps = sorted(later - earlier for earlier, later in pairwise(traded))

    told = reader.portrait(RECORDED, Window.ALL).stored.portrait.behaviour

    assert told.sample.trades == told.sample.transactions == len(traded) == 33
    assert told.sample.exits + told.sample.entries == 33
    assert told.rhythm.by_hour == tuple(
        sum(at // 3_600 % 24 == hour for at in traded) for hour in range(24)
    )
    assert told.pace.gap.median == gaps[len(gaps) // 2 - 1] == 8
    assert told.sessions.count == 1
    assert [(each.name, each.trades) for each in told.mix.terminals] == [("axiom", 33)]
    assert told.costs.tip_share == 1
    assert told.results.missing is Reason.NO_PRICE


class Unwritable:
    """Facts whose portraits cannot be written."""

    def __init__(self, facts):
        self._facts = facts

    @contextmanager
    def transaction(self):
        """Begin; what writes portraits raises."""
        with self._facts.transaction() as transaction:
            transaction.write_portraits = self._refuse
            yield transaction

    @staticmethod
    def _refuse(*_args, **_named):
        raise ZeroDivisionError


def count_events(transaction, wallet, events):
    """Let a wallet have so many transactions folded; return its id."""
    head = transaction.lock_positions(wallet)
    folded = head.folded._replace(events=events)
    transaction.save_folded(
        head.wallet_id, folded, stale_from=None, checkpoints=head.checkpoints, at=START
    )
    return head.wallet_id


def mark(market, wallet):
    """Have a wallet portrayed at once."""
    with market.facts.transaction() as transaction:
        wallet_id = transaction.lock(wallet).wallet_id
        transaction.mark_portrait_again(wallet_id, at=market.world.clock.now())


def due(market):
    """Return the wallets that a sweep would find."""
    return market.facts.wallets_with_due_portraits(at=market.world.clock.now(), limit=100)
