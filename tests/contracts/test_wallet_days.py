"""The contract of activity, transfers and holdings by day, held by memory and by Postgres."""

from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest

from local.bench.wire import counted
from oof.adapters.postgres.activity_reader import PostgresActivityReader
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.flow_reader import PostgresFlowReader
from oof.app.apply_wallet import ApplyDeps, rebuild_wallet
from oof.domain.snapshot.activity import is_of_days
from oof.domain.snapshot.transfers import Direction
from oof.domain.transactions.model import Kind, Mark
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, Mint
from oof.domain.windows import NO_DAY, DaySpan
from oof.ports.flow_pages import FlowFilter
from oof.ports.memory.activity_days import MemoryActivityReader
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.flow_pages import MemoryFlowReader
from tests.contracts.test_fact_store import NOW, StillClock, apply, put, revoke, track
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.transactions import GENESIS, address, movement, trade, transaction

ANN, BOB, CYD, MINT = address("ann"), address("bob"), address("cyd"), Mint(address("mint"))
DAY_S = 86_400
BEGIN_AND_COMMIT = 2
DAY = GENESIS // DAY_S
ALL = DaySpan(None, DAY + 1_000)


class Stores:
    """A fact store and the readers over it."""

    def __init__(self, facts):
        self.facts = facts
        is_memory = isinstance(facts, MemoryFactStore)
        source = facts if is_memory else facts._database
        self.activity = (MemoryActivityReader if is_memory else PostgresActivityReader)(source)
        self.flows = (MemoryFlowReader if is_memory else PostgresFlowReader)(source)

    def counters(self, span=ALL):
        """Sums of Ann's days."""
        found = self.activity.totals(ANN, span)
        assert found is not None
        return dict(found.counters)

    def page(self, span=ALL, wanted=FlowFilter.ALL, *, after=None, limit=50):
        """A page of whom Ann dealt with."""
        return self.flows.page(ANN, span, wanted, after=after, limit=limit)


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store, empty, with its readers."""
    if request.param == "memory":
        yield Stores(MemoryFactStore())
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield Stores(PostgresFactStore(database))
    database.close()


def sent(name, raw, other=BOB, *, day=0, slot=None, mint=SOL_MINT, mark=None, time=GENESIS):
    """A transaction in which Ann gets (or sends, below 0) so much."""
    moved = (
        movement(ANN, raw, to=other, mint=mint)._replace(mark=mark),
        movement(other, -raw, to=ANN, mint=mint),
    )
    at = None if time is None else time + day * DAY_S
    return transaction(name, payer=ANN, slot=slot or 1_000 + day, time=at, movements=moved)


def told(records):
    """Whom, when and how much, in short."""
    return [
        (
            each.counterparty,
            each.last_day and each.last_day - DAY,
            [(m.mint, m.in_raw, m.out_raw) for m in each.mints],
        )
        for each in records
    ]


def test_a_day_counts_what_was_done_on_it(stores):
    """Transactions, failures, trades by venue and terminal, fees by kind and how often, flows."""
    track(stores.facts, ANN)
    tip = movement(ANN, -700, kind=Kind.TIP)
    traded = trade(ANN)._replace(terminal="axiom")
    put(
        stores.facts,
        transaction("a", payer=ANN, movements=(tip,), trades=(traded, trade(BOB, "orca"))),
        transaction("b", payer=ANN, slot=1_001, time=GENESIS + DAY_S, failed=True),
        sent("c", 30, day=1, slot=1_002),
        transaction("d", payer=BOB, slot=1_003),
    )
    apply(stores.facts, ANN)

    assert stores.counters(DaySpan(DAY, DAY)) == {
        "tx": 1,
        "trades": 1,
        "venue:pump_fun": 1,
        "terminal:axiom": 1,
        "fee:network_fee": 5_000,
        "paid:network_fee": 1,
        "fee:tip": 700,
        "paid:tip": 1,
    }
    assert stores.counters(DaySpan(DAY + 1, DAY + 1)) == {
        "tx": 2,
        "failed": 1,
        "fee:network_fee": 10_000,
        "paid:network_fee": 2,
        "flow:in": 1,
        "flow:sol_in": 30,
    }
    assert stores.activity.totals(BOB, ALL) is None


def test_who_was_dealt_with_last_is_first(stores):
    """With sums over the days asked for; who is not known is one, spam and dust are apart."""
    track(stores.facts, ANN)
    put(
        stores.facts,
        sent("a", 50, BOB),
        sent("b", -20, BOB, day=2),
        sent("c", 7, CYD, day=1, mint=MINT),
        sent("d", 9, None, day=3),
        sent("e", 1, CYD, day=4, mark=Mark.DUST),
    )
    apply(stores.facts, ANN)

    page = stores.page()
    assert told(page.records) == [
        (None, 3, [(SOL_MINT, 9, 0)]),
        (BOB, 2, [(SOL_MINT, 50, 20)]),
        (CYD, 1, [(MINT, 7, 0)]),
    ]
    assert (page.totals["flow:sol_in"], page.totals["flow:sol_out"]) == (59, 20)
    assert page.totals["flow:marked"] == 1
    bob = page.records[1]
    assert (bob.first_day - DAY, bob.in_transfers, bob.out_transfers) == (0, 1, 1)
    assert bob.mints_count == 1
    first_days = stores.page(DaySpan(DAY, DAY + 1))
    assert told(first_days.records) == [
        (CYD, 1, [(MINT, 7, 0)]),
        (BOB, 0, [(SOL_MINT, 50, 0)]),
    ]
    assert told(stores.page(wanted=FlowFilter.OUT).records) == [(BOB, 2, [(SOL_MINT, 0, 20)])]
    assert told(stores.page(wanted=FlowFilter.MARKED).records) == [(CYD, 4, [(SOL_MINT, 1, 0)])]
    assert stores.flows.page(BOB, ALL, FlowFilter.ALL, after=None, limit=1) is None


def test_what_has_no_time_is_in_all_days_together_alone(stores):
    """Under no day; once its time is learnt it moves there."""
    track(stores.facts, ANN)
    put(stores.facts, sent("a", 5, time=None))
    apply(stores.facts, ANN)
    assert told(stores.page().records) == [(BOB, None, [(SOL_MINT, 5, 0)])]
    assert stores.counters(DaySpan(NO_DAY, NO_DAY))["tx"] == 1
    assert stores.page(DaySpan(0, DAY)).records == ()

    put(stores.facts, sent("a", 5))
    apply(stores.facts, ANN)

    assert told(stores.page().records) == [(BOB, 0, [(SOL_MINT, 5, 0)])]
    assert stores.counters(DaySpan(NO_DAY, NO_DAY)) == {}
    assert stores.counters(DaySpan(DAY, DAY))["flow:in"] == 1


def test_what_is_taken_back_leaves_nothing(stores):
    """A revoked transaction's part goes, and with it rows of which nothing is left."""
    track(stores.facts, ANN)
    put(stores.facts, sent("a", 5), sent("b", 6, CYD, day=1))
    apply(stores.facts, ANN)
    revoke(stores.facts, "b")
    apply(stores.facts, ANN)

    assert told(stores.page().records) == [(BOB, 0, [(SOL_MINT, 5, 0)])]
    assert stores.counters(DaySpan(DAY + 1, DAY + 1)) == {}


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_of_flows_join_to_the_whole(stores, limit):
    """None twice, none left out, however many were dealt with on one day."""
    track(stores.facts, ANN)
    names = "abcdefg"
    made = [sent(n, 5 + i, address(n), day=i // 3, slot=1_000 + i) for i, n in enumerate(names)]
    again = [sent("z", 1, address("a"), day=5, slot=2_000)]
    put(stores.facts, *made, *again)
    apply(stores.facts, ANN)

    found, after = [], None
    while True:
        page = stores.page(after=after, limit=limit)
        found += page.records
        after = page.next_key
        if after is None:
            break

    assert found == list(stores.page().records)
    assert {each.counterparty for each in found} == {address(name) for name in names}
    assert found[0].counterparty == address("a")


def test_flows_are_the_sums_of_the_transfers(stores):
    """Of every wallet of a history, by counterparty, mint and direction; folding anew is alike."""
    world = World(generated_history(11, 9), stores.facts)
    clean_pass(world)

    for wallet in world.history.wallets:
        wanted: Counter[Any] = Counter()
        for body in bodies(world):
            if wallet in body.participants:
                for m in body.movements:
                    if m.owner == wallet and m.kind is Kind.TRANSFER and m.mark is None:
                        wanted[m.counterparty, m.mint, m.delta_raw > 0] += abs(m.delta_raw)
        before = sums_of(stores, wallet)
        assert before == dict(wanted)
        rebuild_wallet(wallet, deps=ApplyDeps(facts=stores.facts, clock=StillClock()))
        assert sums_of(stores, wallet) == before
        counters = stores.activity.totals(wallet, ALL).counters
        whole = {n: v for n, v in stores.facts.view(wallet).counters.items() if v}
        whole.pop("mentions", None)
        assert {n: v for n, v in counters.items() if not is_of_days(n)} == whole


def bodies(world):
    """Every transaction of a history, normalized."""
    return [normalize(each.rich) for each in world.history.bodies.values()]


def sums_of(stores, wallet):
    """What went each way by counterparty and mint."""
    found: dict[Any, int] = defaultdict(int)
    span = DaySpan(None, 40_000)
    for each in stores.flows.page(wallet, span, FlowFilter.ALL, after=None, limit=500).records:
        for m in each.mints:
            found[each.counterparty, m.mint, True] += m.in_raw
            found[each.counterparty, m.mint, False] += m.out_raw
    return {key: raw for key, raw in found.items() if raw}


def test_a_wallet_is_folded_anew_where_that_is_due(stores):
    """More is kept than was before: the sweep finds it, one turn folds it, and it is done."""
    track(stores.facts, ANN)
    put(stores.facts, sent("a", 5))
    apply(stores.facts, ANN)
    before = stores.counters()
    lose_days(stores.facts)
    assert stores.counters() == {}
    assert stores.facts.forgotten(before=NOW.replace(year=2030), limit=5) == (ANN,)

    apply(stores.facts, ANN)

    assert stores.counters() == before
    assert told(stores.page().records) == [(BOB, 0, [(SOL_MINT, 5, 0)])]
    assert stores.facts.forgotten(before=NOW.replace(year=2030), limit=5) == ()


def lose_days(facts):
    """Leave things as a migration finds them that knows nothing of days yet."""
    if isinstance(facts, MemoryFactStore):
        facts.tables.activity, facts.tables.flows = {}, {}
        row = facts.tables.tracked[ANN]
        facts.tables.tracked[ANN] = replace(row, fold_due_at=NOW)
        return
    with facts._database.transaction() as cursor:
        cursor.execute("DELETE FROM wallet_activity_days")
        cursor.execute("DELETE FROM wallet_flow_days")
        cursor.execute("UPDATE tracked_wallets SET fold_due_at = %s", (NOW,))


def test_a_page_of_flows_is_three_round_trips(postgres_dsn):
    """However many counterparties there are; begin and commit go with others."""
    database = Database(lambda: postgres_dsn)
    facts = PostgresFactStore(database)
    track(facts, ANN)
    put(facts, *(sent(str(n), 5, address(str(n)), slot=2_000 + n) for n in range(40)))
    apply(facts, ANN)
    database.close()
    counts = []
    with counted(postgres_dsn) as (dsn, relay):
        database = Database(lambda: dsn)
        reader = PostgresFlowReader(database)
        for limit in (2, 2, 40):
            before = relay.traffic
            reader.page(ANN, ALL, FlowFilter.ALL, after=None, limit=limit)
            counts.append(relay.traffic.since(before).statements)
        database.close()

    assert counts[1:] == [BEGIN_AND_COMMIT + 3] * 2


def test_directions_are_three():
    """They are stored as numbers that must not change."""
    assert [(d.name, d.value) for d in Direction] == [("IN", 1), ("OUT", 2), ("MARKED", 3)]
