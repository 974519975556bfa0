"""The contract of values in dollars, held by the facts in memory and by Postgres."""

import contextlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.position_reader import PostgresPositionReader
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.app.value_positions import ValueReport, ValueSizes, value_positions
from oof.domain.positions.headline import Quote, headline
from oof.domain.positions.money import sum_usd
from oof.domain.prices.candles import DAY_S, Source, Width, flat
from oof.domain.tokens import DOLLARS
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import MemoryPositionReader
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.position_pages import PositionFilter
from oof.ports.prices import Settled
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import START, Delivery, World, clean_pass
from tests.support.valued import reset_values, values_of

SEED, SIZE = 11, 12
SMALL = ValueSizes(mints=2, page=2)
NOW: Any = int(START.timestamp())
LATER = START + timedelta(days=400)


class Market:
    """A world, and the prices beside its facts."""

    def __init__(self, facts, prices):
        self.world = World(generated_history(SEED, SIZE), facts)
        self.facts = facts
        self.prices = prices
        read = (normalize(each.rich) for each in self.world.history.bodies.values())
        self.bodies = [body for body in read if isinstance(body, NormalizedTransaction)]
        if isinstance(prices, MemoryPriceStore):
            prices.store(self.bodies)

    def note(self):
        """Note which days are wanted."""
        self.prices.note_trades(sol_usd=100, oldest_day=0)

    def tell(self, mint=SOL_MINT, times=None):
        """Tell a price of every minute that something happened in."""
        times = {body.block_time for body in self.bodies} if times is None else times
        minutes = sorted({time // 60 * 60 for time in times})
        self.prices.keep(
            {mint: [flat(at, Width.MINUTE, usd(at), Source.PYTH, 95) for at in minutes]}
        )

    def settle(self):
        """Be done with every day."""
        days = {
            Settled(due.mint, due.day, (due.day + 1) * DAY_S, 1)
            for due in self.prices.due_days(at=LATER, limit=10_000)
        }
        self.prices.settle(sorted(days), [], at=START, again_at=LATER)

    def value(self, sizes=None):
        """Value whatever is marked."""
        sizes = {} if sizes is None else {"sizes": sizes}
        for wallet in self.world.history.wallets:
            while value_positions(wallet, deps=self.world.advancing.applying, **sizes).has_more:
                pass

    def values(self):
        """Everything that valuing stores."""
        return values_of(self.facts)

    def due(self):
        """What is marked, by wallet; the marks stay."""
        found = {}
        for wallet in self.world.history.wallets:
            with contextlib.suppress(_LookedAt), self.facts.transaction() as transaction:
                wallet_id = transaction.lock(wallet).wallet_id
                found[wallet] = transaction.take_due(wallet_id, limit=1_000)
                look_no_more()
        return {wallet: due for wallet, due in found.items() if due}


class _LookedAt(Exception):
    """Ends a transaction of which nothing is to stay."""


def look_no_more():
    """End it."""
    raise _LookedAt


def usd(moment: int) -> Decimal:
    """A price of SOL that is another one each minute."""
    return Decimal(100) + Decimal(moment // 60 % 97) / 8


@pytest.fixture(params=["memory", "postgres"])
def markets(request):
    """Makes empty stores of each kind."""
    made, dropped = [], []

    def another():
        if request.param == "memory":
            facts = MemoryFactStore()
            return Market(facts, MemoryPriceStore(facts))
        databases = request.getfixturevalue("postgres_databases")
        dsn = databases.create()
        database = Database(lambda: dsn)
        made.append(database)
        dropped.append(dsn)
        return Market(PostgresFactStore(database), PostgresPriceStore(database))

    yield another
    for database, dsn in zip(made, dropped, strict=True):
        database.close()
        request.getfixturevalue("postgres_databases").drop(dsn)


@pytest.fixture
def market(markets):
    """Each store, empty."""
    return markets()


@pytest.fixture
def priced(market):
    """All of a history, valued at prices of SOL."""
    clean_pass(market.world)
    market.note()
    market.tell()
    market.settle()
    market.value()
    return market


def sums(rows, name):
    """The exact sum of a column, without what is missing."""
    return sum((row[name] for row in rows if row[name] is not None), Decimal(0))


def test_days_add_up_to_exits_and_positions_to_days(priced):
    """Of each position, in dollars and in lamports, to the last decimal; wins and losses too."""
    found = priced.values()
    assert any(row["pnl_usd"] for row in found["exits"])
    for position in found["positions"]:
        key = position["wallet"], position["mint"]
        exits = [row for row in found["exits"] if (row["wallet"], row["mint"]) == key]
        days = [row for row in found["days"] if (row["wallet"], row["mint"]) == key]
        figures = position["usd"].realized
        assert sums(days, "realized_usd") == sums(exits, "pnl_usd") == figures.realized_usd
        assert sum(row["exits"] for row in days) == len(exits) == figures.exits
        assert sum(row["wins"] for row in days) == sum((r["pnl_usd"] or 0) > 0 for r in exits)
        assert sum(row["losses"] for row in days) == sum((r["pnl_usd"] or 0) < 0 for r in exits)
        assert sum(row["buys"] for row in days) == figures.buys
    assert sum(len(row["lots"]) for row in found["exits"])


def test_valuing_again_changes_nothing(priced):
    """From any slot on, in pages of any size: whole days are summed anew, and come to the same."""
    before = priced.values()
    slots = sorted({row["slot"] for row in before["exits"]})
    for slot in (0, *slots[:: max(1, len(slots) // 6)], slots[-1] + 1):
        reset_values(priced.facts, slot)
        priced.value(SMALL)
        assert priced.values() == before


def test_a_history_in_parts_is_worth_what_the_whole_is(priced, markets):
    """However it came in: newest first, in pages, valued in between, and prices last of all."""
    other = markets()
    world = other.world
    world.track(*world.history.wallets)
    for wallet in world.history.wallets:
        listed = world.history.listings[wallet]
        for part in (listed[:4], listed[4:9], listed[9:]):
            world.store(Delivery("backfill", part, rich=True))
            world.drain()
            world.fold_rest()
            other.value()
    clean_pass(world)
    other.value()
    assert not any(row["pnl_usd"] for row in other.values()["exits"])

    other.note()
    other.tell()
    other.settle()
    other.value()
    assert other.values() == priced.values()


def test_what_waits_for_a_price_is_marked_when_it_comes(market):
    """And nothing else is; what nobody told is told to be missing once its day is settled."""
    clean_pass(market.world)
    market.note()
    market.value()
    assert market.due() == {}
    exits = market.values()["exits"]
    assert exits
    assert all(row["pnl_usd"] is None for row in exits)
    waiting = {row["mint"] for row in exits if "pending" in row["missing"]}

    market.tell()
    assert {mint for due in market.due().values() for mint in due} >= waiting
    market.value()
    assert market.due() == {}
    told = market.values()["exits"]
    assert any(row["pnl_usd"] for row in told)

    market.tell()
    assert market.due() == {}
    market.settle()
    assert market.due()
    market.value()
    assert market.due() == {}
    settled = market.values()
    assert not any("pending" in row["missing"] for row in settled["exits"])
    market.note()
    assert market.due() == {}
    assert not settled["waits"]


def test_a_price_of_another_day_marks_nothing(market):
    """Nor one of a mint that nobody waits for."""
    clean_pass(market.world)
    market.note()
    market.value()
    market.tell(times=[NOW - 3_000 * DAY_S])
    market.tell(mint=DOLLARS[1])
    assert market.due() == {}


def test_open_lots_are_valued_when_their_price_comes(market):
    """What they cost is known then."""
    clean_pass(market.world)
    market.note()
    market.value()
    pending = {
        (row["wallet"], row["mint"]): row["usd"].open.pending_raw
        for row in market.values()["positions"]
        if row["usd"].open.pending_raw
    }
    assert pending
    assert any(row["is_missing"] for row in market.values()["waits"])

    market.tell()
    market.value()
    for row in market.values()["positions"]:
        held = row["usd"].open
        if pending.get((row["wallet"], row["mint"])) == held.priced_raw and held.priced_raw:
            assert held.cost_usd > 0
            break
    else:
        raise AssertionError("no open lot got a price")


def test_a_marked_wallet_is_found_until_it_is_valued(market):
    """By the sweeper, whether a fold or a price marked it; a blocked one is left alone."""
    clean_pass(market.world)
    market.note()
    market.value()
    now = market.world.clock.now()
    assert market.facts.unvalued_wallets(before=now, limit=9) == ()
    market.tell()

    found = market.facts.unvalued_wallets(before=now, limit=9)
    assert set(found) == market.due().keys()
    assert market.facts.unvalued_wallets(before=now, limit=1) == found[:1]
    with market.facts.transaction() as transaction:
        transaction.block(found[0], "poison", at=now)
    assert market.facts.unvalued_wallets(before=now, limit=9) == found[1:]
    deps = market.world.advancing.applying
    assert value_positions(found[0], deps=deps) == ValueReport(0, has_more=False)


def test_a_turn_that_fails_leaves_everything_as_it_was(priced):
    """Marks, days and values: nothing of it happened."""
    reset_values(priced.facts, 0)
    before, due = priced.values(), priced.due()
    [wallet, *_] = due
    with contextlib.suppress(_LookedAt), priced.facts.transaction() as transaction:
        wallet_id = transaction.lock(wallet).wallet_id
        marked = transaction.take_due(wallet_id, limit=1)
        transaction.open_days(wallet_id, marked)
        look_no_more()
    assert priced.values() == before
    assert priced.due() == due


def reader_of(market):
    """The reader of pages over a market's store."""
    if isinstance(market.facts, MemoryFactStore):
        return MemoryPositionReader(market.facts)
    return PostgresPositionReader(market.facts._database)


def test_what_is_held_is_told_at_the_newest_price(priced):
    """Of the last hour, on the list as in the headline; what has none is in no value."""
    wallet = max(priced.world.history.wallets, key=lambda w: len(priced.world.history.listings[w]))
    reader, at = reader_of(priced), NOW + 90
    before = reader.page(wallet, PositionFilter(), at=at, after=None, limit=200).records
    assert all(record.quote is None for record in before)
    held = [record for record in before if record.figures["held_raw"]]
    quoted, *others = [record for record in held if record.usd.open.priced_raw]
    for start, told in ((NOW - 7_200, 9), (NOW, 3), (NOW + 3_600, 7)):
        candle = flat(start // 60 * 60, Width.MINUTE, Decimal(told), Source.JUPITER, 75)
        priced.prices.keep({quoted.mint: [candle]})

    after = reader.page(wallet, PositionFilter(), at=at, after=None, limit=200).records
    [record] = [record for record in after if record.quote is not None]
    assert record.mint == quoted.mint
    assert record.quote == Quote(Decimal(3), NOW // 60 * 60 + 60, Source.JUPITER, 75)
    whole = Decimal(record.figures["held_raw"]).scaleb(-record.decimals)
    assert record.held.value_usd == (3 * whole).quantize(Decimal("1e-8"))
    assert reader.detail(wallet, quoted.mint, at=at, after=None, limit=9).record == record

    pnl = headline(priced.facts.worth(wallet, at=at))
    assert (pnl.value_usd, pnl.unrealized_usd) == (
        record.held.value_usd,
        record.held.unrealized_usd,
    )
    assert (pnl.unquoted, pnl.prices_as_of) == (len(held) - 1, record.quote.as_of)
    assert pnl.realized_usd == sum(r.usd.realized.realized_usd for r in before)
    assert (pnl.unvalued, pnl.wins) == (0, sum(r.usd.realized.wins for r in before))
    assert headline(priced.facts.worth(wallet, at=at + 3_600)).value_usd != pnl.value_usd
    assert headline(priced.facts.worth(wallet, at=at + 9_000)) == pnl._replace(
        value_usd=Decimal(0), unrealized_usd=Decimal(0), unquoted=len(held), prices_as_of=None
    )
    assert others


def test_an_explanation_tells_what_each_part_was_valued_at(priced):
    """Each exit as it is stored, each open lot at its own minute."""
    reader, lots, exits = reader_of(priced), 0, 0
    for wallet in priced.world.history.wallets:
        for record in reader.page(wallet, PositionFilter(), at=NOW, after=None, limit=99).records:
            whole = reader.detail(wallet, record.mint, at=NOW, after=None, limit=200)
            told = [exit_.usd.pnl for exit_ in whole.exits if exit_.usd.pnl is not None]
            assert sum_usd(told) == record.usd.realized.realized_usd
            exits += len(told)
            costs = [cost.usd for cost, fees in whole.lots_usd if None not in (cost.usd, fees.usd)]
            if record.figures["lots"] == len(costs):
                assert sum_usd(costs) == record.usd.open.cost_usd
                lots += len(costs)
    assert exits
    assert lots
