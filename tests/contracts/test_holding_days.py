"""The contract of holdings by day, held by the facts in memory and by Postgres."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from local.bench.wire import counted
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.holding_reader import PostgresHoldingDaysReader
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.app.advance_positions import FoldSizes, advance_positions
from oof.app.apply_wallet import ApplyDeps
from oof.app.read_holding_days import read_holding_days
from oof.domain.prices.candles import Source, Width, flat
from oof.domain.transactions.model import Kind
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.domain.windows import DaySpan
from oof.ports.holding_days import HoldingDaysReader
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.holding_days import MemoryHoldingDaysReader
from oof.ports.memory.prices import MemoryPriceStore
from tests.contracts.test_fact_store import StillClock, apply, put, revoke, track
from tests.exactly_once.histories import generated_history, recorded_history
from tests.exactly_once.world import World, clean_pass
from tests.support.transactions import GENESIS, address, movement, transaction

ANN, CAT, DOG = address("ann"), Mint(address("cat")), Mint(address("dog"))
DAY_S = 86_400
DAY = GENESIS // DAY_S
SMALL = FoldSizes(page=2, pages=9, checkpoint_every=2, checkpoints=3, refold_at_once=100)
BEGIN_AND_COMMIT = 2


class Stores:
    """A fact store, a price store and the reader over both."""

    def __init__(self, facts):
        self.facts = facts
        self.prices: Any
        self.reader: HoldingDaysReader
        if isinstance(facts, MemoryFactStore):
            self.prices = MemoryPriceStore(facts)
            self.reader = MemoryHoldingDaysReader(facts)
        else:
            self.prices = PostgresPriceStore(facts._database)
            self.reader = PostgresHoldingDaysReader(facts._database)

    def fold(self):
        """Apply and fold what is there."""
        apply(self.facts, ANN)
        deps = ApplyDeps(facts=self.facts, clock=StillClock())
        while advance_positions(ANN, deps=deps, sizes=SMALL).has_more:
            pass

    def held(self, first, last):
        """Of each day from the first to the last: what was held, SOL aside."""
        found = read_holding_days(
            self.reader, ANN, DaySpan(DAY + first, DAY + last), before=None, limit=31, top=50
        )
        return {
            each.day - DAY: {h.mint: h.raw for h in each.top if h.mint != SOL_MINT}
            for each in found.days
        }


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store, empty, with its reader."""
    if request.param == "memory":
        yield Stores(MemoryFactStore())
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield Stores(PostgresFactStore(database))
    database.close()


def got(name, raw, *, mint=CAT, day=0, second=0, time=True):
    """A transaction in which Ann gets (or loses, below 0) so much."""
    at = GENESIS // DAY_S * DAY_S + day * DAY_S + second
    made = transaction(
        name,
        payer=ANN,
        slot=1_000 + day * 100 + second,
        time=at if time else None,
        movements=(movement(ANN, raw, mint=mint, kind=Kind.INCOME),),
    )
    return made._replace(decimals={SOL_MINT: 9, CAT: 6, DOG: 2})


def test_a_quantity_stands_until_it_changes(stores):
    """At the end of each day, whatever happened within it; days before the oldest are none."""
    track(stores.facts, ANN)
    put(
        stores.facts,
        got("a", 50),
        got("b", 20, second=1),
        got("c", 7, mint=DOG, day=1),
        got("d", -70, day=3),
    )
    stores.fold()

    assert stores.held(-2, 5) == {
        5: {DOG: 7},
        4: {DOG: 7},
        3: {DOG: 7},
        2: {CAT: 70, DOG: 7},
        1: {CAT: 70, DOG: 7},
        0: {CAT: 70},
    }
    assert list(stores.held(-2, 5)) == [5, 4, 3, 2, 1, 0]


ORDERS = ["abcdef", "fedcba", "cfbead", "dabfec"]


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_of_arrival_comes_to_the_same(stores, order):
    """Each folded at once: checkpoints, rewinds into the middle of a day, and one taken back."""
    track(stores.facts, ANN)
    made = {
        "a": got("a", 50),
        "b": got("b", 20, second=10),
        "c": got("c", -5, second=20),
        "d": got("d", 7, day=1),
        "e": got("e", 30, day=1, second=10),
        "f": got("f", -100, day=4),
    }
    for name in order:
        put(stores.facts, made[name])
        stores.fold()
    assert stores.held(0, 4) == {
        4: {CAT: 2},
        3: {CAT: 102},
        2: {CAT: 102},
        1: {CAT: 102},
        0: {CAT: 65},
    }

    revoke(stores.facts, "e")
    revoke(stores.facts, "b")
    stores.fold()
    assert stores.held(0, 4) == {4: {}, 3: {CAT: 52}, 2: {CAT: 52}, 1: {CAT: 52}, 0: {CAT: 45}}


def test_what_has_no_time_is_told_beside(stores):
    """It is in no day until its time is learnt."""
    track(stores.facts, ANN)
    put(stores.facts, got("a", 50), got("b", 20, day=1, time=False), got("c", 1, mint=DOG, day=2))
    stores.fold()
    found = stores.reader.page(ANN, DaySpan(DAY, DAY + 2))
    assert found.undated == 1
    assert stores.held(0, 2) == {2: {CAT: 50, DOG: 1}, 1: {CAT: 50}, 0: {CAT: 50}}

    put(stores.facts, got("b", 20, day=1))
    stores.fold()

    assert stores.reader.page(ANN, DaySpan(DAY, DAY + 2)).undated == 0
    assert stores.held(0, 2) == {2: {CAT: 70, DOG: 1}, 1: {CAT: 70}, 0: {CAT: 50}}


def test_worth_is_told_at_the_close_of_the_day(stores):
    """The last bucket that began within it; another day's price is none."""
    track(stores.facts, ANN)
    made = got("a", 5_000_000), got("b", 300, mint=DOG)
    put(stores.facts, *made)
    if isinstance(stores.prices, MemoryPriceStore):
        stores.prices.store(made)
    stores.fold()
    start = DAY * DAY_S
    tell(
        stores.prices,
        CAT,
        [(start + 3_600, "2"), (start + 23 * 3_600, "3.5"), (start + DAY_S, "9")],
    )

    found = read_holding_days(
        stores.reader, ANN, DaySpan(DAY, DAY + 2), before=None, limit=2, top=1
    )

    assert [each.day - DAY for each in found.days] == [2, 1]
    assert [(each.value_usd, each.unpriced) for each in found.days] == [
        (Decimal(0), 2),
        (Decimal(45), 1),
    ]
    assert found.next_day == DAY + 1
    rest = read_holding_days(
        stores.reader, ANN, DaySpan(DAY, DAY + 2), before=found.next_day, limit=2, top=1
    )
    [first] = rest.days
    assert (first.day, first.value_usd, first.mints, first.unpriced) == (DAY, Decimal("17.5"), 2, 1)
    [dearest] = first.top
    assert (dearest.mint, dearest.raw) == (CAT, 5_000_000)
    assert dearest.price is not None
    assert dearest.price[:2] == (Decimal("3.5"), start + 23 * 3_600)
    assert rest.next_day is None


def tell(prices, mint, closes):
    """Store hourly prices."""
    candles = [
        flat(UnixSeconds(at), Width.HOUR, Decimal(usd), Source.SWAPS, 50) for at, usd in closes
    ]
    prices.keep({mint: candles})


def test_the_last_day_is_what_is_held_now(stores):
    """Of every wallet of a history, by whatever its accounts hold by now."""
    world = World(generated_history(11, 9), stores.facts)
    clean_pass(world)

    for wallet in world.history.wallets:
        assert last_day(stores, wallet) == held_now(stores.facts, wallet)


def test_recorded_history_ends_with_what_is_held_now(chain_dir):
    """But for what transactions did that were not recorded: what they left shows in the next."""
    history = recorded_history(chain_dir, "8rvAsDKe")
    facts = MemoryFactStore()
    clean_pass(World(history, facts))
    [wallet] = history.wallets

    held = Counter(last_day(Stores(facts), wallet))
    unseen = unseen_changes(history, wallet)
    assert sum(unseen.values()) == 40_785_602
    assert held + unseen == held_now(facts, wallet)


def bodies(history):
    """Every transaction of a history, normalized."""
    return [normalize(each.rich) for each in history.bodies.values()]


def unseen_changes(history, wallet):
    """By mint: how far apart what one transaction left and the next one found are."""
    left: dict[Any, int] = {}
    unseen: Counter[Mint] = Counter()
    for body in sorted(bodies(history), key=lambda body: body.slot):
        for each in body.balances:
            if each.owner == wallet:
                account = each.account, each.mint
                unseen[each.mint] += each.pre_raw - left.get(account, each.pre_raw)
                left[account] = each.post_raw
    return unseen


def last_day(stores, wallet):
    """What is held at the end of the newest day, by mint."""
    found = stores.reader.page(wallet, DaySpan(40_000, 40_000))
    return {span.mint: span.raw for span in found.spans}


def held_now(facts, wallet):
    """The newest balances by mint."""
    return {balance.mint: balance.raw for balance in facts.view(wallet).balances}


def test_a_page_of_days_is_three_round_trips(postgres_dsn):
    """However many days and tokens there are."""
    database = Database(lambda: postgres_dsn)
    stores = Stores(PostgresFactStore(database))
    track(stores.facts, ANN)
    put(stores.facts, got("a", 50), *(got(str(n), 5, mint=DOG, day=n) for n in range(9)))
    stores.fold()
    database.close()
    counts = []
    with counted(postgres_dsn) as (dsn, relay):
        database = Database(lambda: dsn)
        reader = PostgresHoldingDaysReader(database)
        for days in (1, 1, 30):
            before = relay.traffic
            reader.page(ANN, DaySpan(DAY, DAY + days))
            counts.append(relay.traffic.since(before).statements)
        database.close()

    assert counts[1:] == [BEGIN_AND_COMMIT + 3] * 2
