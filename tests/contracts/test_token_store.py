"""The contract of `TokenStore`, held by its memory twin and by Postgres beside stored facts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.flow_reader import PostgresFlowReader
from oof.adapters.postgres.history_reader import PostgresHistoryReader
from oof.adapters.postgres.holding_reader import PostgresHoldingDaysReader
from oof.adapters.postgres.position_reader import PostgresPositionReader
from oof.adapters.postgres.token_store import PostgresTokenStore
from oof.domain.tokens_facts import Said, TokenAnomaly, TokenSource, told_token
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, Mint, Slot
from oof.domain.windows import DaySpan
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.flow_pages import FlowFilter
from oof.ports.history import TransactionFilter
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.flow_pages import MemoryFlowReader
from oof.ports.memory.holding_days import MemoryHoldingDaysReader
from oof.ports.memory.position_pages import MemoryPositionReader
from oof.ports.memory.tokens import MemoryTokenStore
from oof.ports.position_pages import PositionFilter, PositionStatus
from oof.ports.tokens import KeptTokens
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import START, World, clean_pass
from tests.support.pricing import COIN, dealt
from tests.support.transactions import address

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
START_S: Any = int(START.timestamp())
NEVER_MET = Mint(address("never met"))


class Stored:
    """Facts, and what tokens are called beside them."""

    def __init__(self, facts: Any, tokens: Any, database: Database | None = None) -> None:
        self.facts, self.tokens, self.database = facts, tokens, database
        self._packs = 0

    def positions(self) -> Any:
        """Who reads positions off the same store."""
        if self.database is None:
            return MemoryPositionReader(self.facts)
        return PostgresPositionReader(self.database)

    def flows(self) -> Any:
        """Who reads transfers off it."""
        if self.database is None:
            return MemoryFlowReader(self.facts)
        return PostgresFlowReader(self.database)

    def holding_days(self) -> Any:
        """Who reads what was held off it."""
        if self.database is None:
            return MemoryHoldingDaysReader(self.facts)
        return PostgresHoldingDaysReader(self.database)

    def store(self, *transactions: Any) -> None:
        """Store, as the store path does."""
        self._packs += 1
        pack = PackRecord(f"packs/{self._packs}.pack", "none", 1, 100, Slot(2**31 - 1))
        with self.facts.transaction() as writes:
            writes.insert(pack, [PackedTransaction(each, 0, 10) for each in transactions], at=AT)


@pytest.fixture(params=["memory", "postgres"])
def stored(request):
    """Each implementation, empty."""
    if request.param == "memory":
        facts = MemoryFactStore()
        yield Stored(facts, MemoryTokenStore(facts))
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield Stored(PostgresFactStore(database), PostgresTokenStore(database), database)
    database.close()


def traded(name, coin=COIN):
    """A trade of SOL for a coin of six decimals."""
    made = dealt(name, time=1_700_000_000)
    [trade] = made.trades
    bought = trade._replace(bought_mint=coin)
    return made._replace(trades=(bought,), decimals={SOL_MINT: 9, coin: 6})


def told(mint=COIN, source=TokenSource.JUPITER, **said):
    """What somebody told of a mint."""
    whole = {"symbol": "CAT", "name": "Cat", "decimals": 6, **said}
    return told_token(mint, source, Said(**whole))


def test_a_mint_nobody_met_is_unknown(stored):
    """It has no facts, is not due, and settling it changes nothing."""
    assert stored.tokens.facts(NEVER_MET) is None
    assert stored.tokens.due(at=AT, limit=10) == ()
    assert stored.tokens.settle({NEVER_MET: told(NEVER_MET)}, at=AT) == KeptTokens()
    assert stored.tokens.facts(NEVER_MET) is None


def test_a_new_mint_is_due_at_once_and_has_nothing_but_its_decimals(stored):
    """Until somebody was asked: decimals are the chain's."""
    stored.store(traded("a"))
    assert set(stored.tokens.due(at=AT, limit=10)) == {SOL_MINT, COIN}
    facts = stored.tokens.facts(COIN)
    assert (facts.decimals, facts.symbol, facts.source, facts.asked_at) == (6, None, None, None)


def test_newer_mints_come_first_and_a_page_is_bounded(stored):
    """Who was met last is asked about first."""
    stored.store(traded("a"))
    newest = Mint(address("newest"))
    stored.store(traded("b", newest))
    assert stored.tokens.due(at=AT, limit=1) == (newest,)
    assert len(stored.tokens.due(at=AT, limit=9)) == 3


def test_what_was_told_is_kept_as_told(stored):
    """With who told it and when; asked again six hours later, and not before."""
    stored.store(traded("a"))
    answer = told(logo="https://logos.example/cat.png", is_verified=True)
    kept = stored.tokens.settle({COIN: answer, SOL_MINT: None}, at=AT)
    assert kept == KeptTokens(told=1, missed=1, renamed=1)

    facts = stored.tokens.facts(COIN)
    assert (facts.symbol, facts.name, facts.decimals) == ("CAT", "Cat", 6)
    assert (facts.logo, facts.is_verified) == ("https://logos.example/cat.png", True)
    assert (facts.source, facts.as_of, facts.asked_at) == (TokenSource.JUPITER, AT, AT)
    assert facts.anomalies == ()

    assert stored.tokens.due(at=AT + timedelta(minutes=14), limit=9) == ()
    soon, later = AT + timedelta(minutes=15), AT + timedelta(hours=6)
    assert stored.tokens.due(at=soon, limit=9) == (SOL_MINT,)
    assert stored.tokens.due(at=later, limit=9) == (SOL_MINT, COIN)


def test_settling_twice_changes_nothing(stored):
    """A step that runs again, even later than a newer answer, leaves everything as it is."""
    stored.store(traded("a"))
    stored.tokens.settle({COIN: told()}, at=AT)
    before = stored.tokens.facts(COIN), stored.tokens.due(at=AT + timedelta(days=9), limit=9)
    assert stored.tokens.settle({COIN: told()}, at=AT) == KeptTokens()
    assert stored.tokens.settle({COIN: None}, at=AT - timedelta(hours=1)) == KeptTokens()
    after = stored.tokens.facts(COIN), stored.tokens.due(at=AT + timedelta(days=9), limit=9)
    assert after == before


def test_oddities_are_noted_and_not_shown(stored):
    """The chain's decimals stay, and nobody bears a known symbol."""
    stored.store(traded("a"))
    stored.tokens.settle({COIN: told(symbol="usdc", decimals=9)}, at=AT)
    facts = stored.tokens.facts(COIN)
    assert (facts.symbol, facts.decimals) == (None, 6)
    assert set(facts.anomalies) == {TokenAnomaly.DECIMALS_DIFFER, TokenAnomaly.POSES_AS_KNOWN}


def test_a_token_everybody_knows_is_never_renamed(stored):
    """It is shown by our own list, whatever is told of it: nobody has to be projected anew."""
    stored.store(traded("a"))
    assert stored.tokens.settle({SOL_MINT: told(SOL_MINT, symbol="GOLD")}, at=AT).renamed == 0


def test_texts_of_any_script_survive(stored):
    """What was cleaned is kept to the character, the longest included."""
    stored.store(traded("a"))
    answer = told(symbol="猫" * 40, name='🐈O\'Neil\\{a,b}"%s"' * 20, decimals=None)
    stored.tokens.settle({COIN: answer}, at=AT)
    facts = stored.tokens.facts(COIN)
    assert (facts.symbol, facts.name) == (answer.symbol, answer.name)
    assert (len(facts.symbol), len(facts.name)) == (32, 128)


def test_nobody_knowing_takes_nothing_away(stored):
    """What was told before stays, and is asked for again."""
    stored.store(traded("a"))
    stored.tokens.settle({COIN: told()}, at=AT)
    later = AT + timedelta(hours=6)
    assert stored.tokens.settle({COIN: None}, at=later) == KeptTokens(missed=1)
    facts = stored.tokens.facts(COIN)
    assert (facts.symbol, facts.as_of, facts.asked_at) == ("CAT", AT, later)


def test_holders_of_a_renamed_mint_are_projected_anew(stored):
    """Those who hold or held it, once, and nobody else; the same name moves nobody."""
    world = World(generated_history(11, 9), stored.facts)
    clean_pass(world)
    wallet = world.history.wallets[0]
    mints = [m for m in stored.tokens.due(at=AT, limit=100) if m != SOL_MINT]
    before = stored.facts.view(wallet).revision
    held = held_mints(world, wallet)
    mine = next(mint for mint in mints if mint in held)

    stored.tokens.settle({mine: told(mine)}, at=AT)
    assert stored.facts.view(wallet).revision == before + 1
    stored.tokens.settle({mine: told(mine, name="Other")}, at=AT + timedelta(hours=6))
    assert stored.facts.view(wallet).revision == before + 1
    strange = [mint for mint in mints if mint not in held]
    stored.tokens.settle({mint: told(mint) for mint in strange}, at=AT)
    assert stored.facts.view(wallet).revision == before + 1


def held_mints(world, wallet):
    """Mints of which a wallet ever had a balance."""
    bodies: list[Any] = [normalize(each.rich) for each in world.history.bodies.values()]
    return {b.mint for body in bodies for b in body.balances if b.owner == wallet}


def test_a_symbol_shows_wherever_its_mint_does(stored):
    """In the summary's view, and beside every amount that pages read."""
    world = World(generated_history(11, 9), stored.facts)
    clean_pass(world)
    wallet = world.history.wallets[0]
    before = stored.facts.view(wallet)
    assert before.symbols == {}
    mints = held_mints(world, wallet)
    names = {mint: f"T{at}" for at, mint in enumerate(sorted(mints))}
    answers = {mint: told(mint, symbol=name) for mint, name in names.items()}
    stored.tokens.settle(answers, at=AT)

    shown = stored.facts.view(wallet)
    assert shown.revision == before.revision + 1
    assert shown.symbols == {each.mint: names[each.mint] for each in shown.balances}
    everything = PositionFilter(status=PositionStatus.ALL, with_quotes=True)
    page = stored.positions().page(wallet, everything, at=START_S, after=None, limit=200)
    assert page.records
    assert all(record.symbol == names[record.mint] for record in page.records)
    ever = DaySpan(None, 30_000)
    held_on = stored.holding_days().page(wallet, ever)
    assert held_on.spans
    assert all(each.symbol == names[each.mint] for each in held_on.spans)
    flows = stored.flows().page(wallet, ever, FlowFilter.ALL, after=None, limit=200)
    sent = [each for record in flows.records for each in record.mints]
    assert sent
    assert all(each.symbol == names[each.mint] for each in sent)
    if stored.database is None:
        return
    history = PostgresHistoryReader(stored.database)
    held: Any = history.holdings(wallet, after=None, limit=200, with_empty=True)
    assert {each.mint: each.symbol for each in held.records} == names
    moved: Any = history.transactions(wallet, TransactionFilter(), after=None, limit=200)
    movements = [each for record in moved.records for each in record.movements]
    trades = [each for record in moved.records for each in record.trades]
    assert movements
    assert trades
    assert all(each.symbol == names[each.mint] for each in movements)
    assert all(each.sold_symbol == names[each.sold_mint] for each in trades)
    assert all(each.bought_symbol == names[each.bought_mint] for each in trades)
