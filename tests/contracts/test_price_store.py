"""The contract of `PriceStore`, held by its memory twin and by Postgres over stored facts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.domain.prices.book import DayState, Span
from oof.domain.prices.candles import DAY_S, Source, Width, compact, flat
from oof.domain.prices.wants import DueDay
from oof.domain.transactions.model import Role
from oof.domain.units import SOL_MINT, Mint, Slot
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.prices import QuotedSwap, Settled
from tests.support.pricing import COIN, LAMPORTS, MICROS, USDC, dealt
from tests.support.transactions import address

TODAY: Any = 20_600
NOW = TODAY * DAY_S + 40_000
AT = datetime.fromtimestamp(NOW, UTC)
LATER = AT + timedelta(minutes=15)
OLDEST = TODAY - 729
NEVER_MET = Mint(address("never met"))


class PostgresFacts:
    """The fact tables, and the prices beside them."""

    def __init__(self, database):
        self._facts = PostgresFactStore(database)
        self._packs = 0
        self.prices = PostgresPriceStore(database)

    def store(self, *transactions):
        """Store, as the store path does."""
        self._packs += 1
        pack = PackRecord(f"packs/{self._packs}.pack", "none", 1, 100, Slot(2**31 - 1))
        packed = [PackedTransaction(each, 0, 10) for each in transactions]
        with self._facts.transaction() as writes:
            writes.insert(pack, packed, at=AT)


class MemoryFacts:
    """The memory twin."""

    def __init__(self):
        self.prices = MemoryPriceStore()

    def store(self, *transactions):
        """Store."""
        self.prices.store(transactions)


@pytest.fixture(params=["memory", "postgres"])
def facts(request):
    """Each implementation, empty."""
    if request.param == "memory":
        yield MemoryFacts()
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFacts(database)
    database.close()


def note(facts, sol_usd=100):
    """Note what was stored."""
    return facts.prices.note_trades(sol_usd=sol_usd, oldest_day=OLDEST)


def due(facts, at=AT):
    """What is to be asked."""
    return facts.prices.due_days(at=at, limit=100)


def price(start, usd, width=Width.MINUTE, source=Source.PYTH, confidence=95):
    """A candle of one price."""
    return flat(start, width, Decimal(usd), source, confidence)


def test_a_trade_makes_its_day_and_the_seven_after_wanted(facts):
    """Of both mints and of SOL; days to come are due when they begin."""
    facts.store(dealt("a", time=NOW - 2 * DAY_S, quote=USDC, paid=50 * MICROS))
    assert note(facts) == 1

    worth = LAMPORTS // 2
    days = range(TODAY - 2, TODAY + 1)
    expected = {DueDay(mint, day, worth) for mint in (COIN, USDC, SOL_MINT) for day in days}
    assert set(due(facts)) == expected
    everything = due(facts, at=AT + timedelta(days=30))
    assert len(everything) == 3 * 8


def test_the_dearest_days_come_first(facts):
    """By their largest trade, in lamports' worth."""
    facts.store(
        dealt("small", time=NOW - 30 * DAY_S, paid=LAMPORTS),
        dealt("large", time=NOW - 60 * DAY_S, quote=USDC, paid=900 * MICROS),
    )
    note(facts)

    first = facts.prices.due_days(at=AT, limit=24)
    assert {each.notional for each in first} == {9 * LAMPORTS}
    assert facts.prices.due_quotes(quoted_before=AT, limit=9)[0] in {COIN, SOL_MINT, USDC}


def test_trades_are_noted_once(facts):
    """Noting again changes nothing, and a trade without a time is none."""
    facts.store(dealt("a", time=NOW), dealt("b", time=None, slot=5))
    note(facts)
    before = due(facts)
    note(facts)
    assert due(facts) == before


def test_days_too_old_for_any_price_are_not_asked(facts):
    """A trade of four years ago stays without a price."""
    facts.store(dealt("a", time=NOW - 1_500 * DAY_S))
    note(facts)
    assert due(facts) == ()
    assert not facts.prices.is_pending(COIN, at=AT)


def test_the_more_confident_candle_stays(facts):
    """Else the later; unknown mints are not kept, and keeping twice changes nothing."""
    facts.store(dealt("a", time=NOW))
    sure, unsure = price(NOW // 60 * 60, "1.5"), price(NOW // 60 * 60, 9, source=Source.SWAPS)
    unsure = unsure._replace(confidence=30, volume_usd=Decimal("12.5"))
    keep = facts.prices.keep

    assert keep({COIN: [unsure], NEVER_MET: [sure]}) == 1
    assert facts.prices.candles(COIN, since=0, until=NOW + 60) == (unsure,)
    assert keep({COIN: [sure]}) == 1
    assert keep({COIN: [sure]}) == 0
    assert keep({COIN: [unsure]}) == 0
    assert facts.prices.candles(COIN, since=0, until=NOW + 60) == (sure,)
    assert facts.prices.candles(NEVER_MET, since=0, until=NOW + 60) == ()
    assert keep({}) == 0


def test_a_page_has_no_wider_candles(facts):
    """By start, from the one asked for on."""
    facts.store(dealt("a", time=NOW))
    hour = NOW // 3_600 * 3_600
    candles = [price(hour + 60 * at, at + 1) for at in range(5)]
    wide, earlier = (price(each, 7, width=Width.HOUR) for each in (hour, hour - 9 * 3_600))
    facts.prices.keep({COIN: [*candles[::-1], wide, earlier]})

    def page(width, since, buckets=100):
        return facts.prices.page(COIN, width=width, since=since, buckets=buckets)

    assert page(Width.MINUTE, hour) == tuple(candles)
    assert page(Width.HOUR, 0) == (earlier, candles[0], wide, *candles[1:])
    assert page(Width.MINUTE, hour + 61, buckets=2) == tuple(candles[2:4])
    assert page(Width.HOUR, 0, buckets=1) == (earlier,)
    assert page(Width.HOUR, 0, buckets=2) == page(Width.HOUR, 0)
    assert page(Width.HOUR, hour + 3_600) == ()


def test_a_book_holds_what_can_be_looked_up_in_its_spans(facts):
    """Wider buckets that began before a span too, decimals, and which days were asked about."""
    facts.store(dealt("a", time=NOW - 2 * DAY_S))
    note(facts)
    hour = NOW // 3_600 * 3_600
    minutes = [price(hour + 60 * at, at + 1) for at in range(30)]
    wide = [price(hour - 3_600, 70, width=Width.HOUR), price(hour, 80, width=Width.HOUR)]
    facts.prices.keep({COIN: [*minutes, *wide], SOL_MINT: [price(hour, 150)]})
    facts.prices.settle([Settled(COIN, TODAY - 1, TODAY * DAY_S, 1)], [], at=AT, again_at=LATER)
    spans = [
        Span(COIN, hour + 600, hour + 601),
        Span(COIN, hour + 1_790, hour + 1_900),
        Span(COIN, hour - 1, hour),
        Span(NEVER_MET, hour, hour + 60),
    ]
    book = facts.prices.book(spans)

    def usd(moment, mint=COIN):
        priced = book.at_minute(mint, moment)
        return None if priced is None else int(priced.usd)

    assert (usd(hour + 600), usd(hour + 1_799), usd(hour + 1_800)) == (11, 30, 80)
    assert usd(hour - 1) == 70
    assert (usd(hour, NEVER_MET), usd(hour, SOL_MINT)) == (None, None)
    assert int(book.max_in(COIN, hour + 1_740, hour + 1_800).usd) == 30
    assert book.value(COIN, 2_500_000, hour + 600).usd == Decimal("27.5")
    assert (book.decimals(COIN), book.decimals(NEVER_MET)) == (6, None)
    assert book.day_state(COIN, NOW) is DayState.PENDING
    assert facts.prices.book([]).at_minute(COIN, hour) is None

    day = (TODAY - 1) * DAY_S
    asked = facts.prices.book([Span(COIN, day, day + DAY_S), Span(COIN, NOW, NOW + 1)])
    assert asked.is_asked(COIN, day + 5, day + DAY_S)
    assert not asked.is_asked(COIN, day + 5, NOW + 1)
    assert not asked.is_asked(SOL_MINT, day, day + 1)


def test_a_day_that_is_over_is_asked_once(facts):
    """Today is due again; what was asked is pending no more."""
    facts.store(dealt("a", time=NOW - DAY_S))
    note(facts)
    assert facts.prices.is_pending(COIN, at=AT)
    over = (TODAY * DAY_S, NOW)
    days = [
        Settled(mint, TODAY - 1 + at, until, 0)
        for mint in (COIN, SOL_MINT)
        for at, until in enumerate(over)
    ]
    facts.prices.settle(days, [], at=AT, again_at=LATER)

    assert not facts.prices.is_pending(COIN, at=AT)
    assert due(facts) == ()
    assert {each.day for each in due(facts, at=LATER)} == {TODAY}


def test_a_day_that_lacks_something_is_asked_again_a_few_times(facts):
    """Then what cannot be priced stays unpriced."""
    facts.store(dealt("a", time=NOW - 20 * DAY_S))
    note(facts)
    day = TODAY - 20
    asked = 0
    while any(each.day == day and each.mint == COIN for each in due(facts, at=LATER)):
        lacking = Settled(COIN, day, (day + 1) * DAY_S, 0, is_lacking=True)
        facts.prices.settle([lacking], [], at=AT, again_at=LATER)
        asked += 1
    assert asked == 6


def test_trades_that_come_later_open_a_day_nobody_told_of(facts):
    """A day with told candles stays settled."""
    facts.store(dealt("a", time=NOW - 20 * DAY_S, slot=1_000))
    note(facts)
    day, end = TODAY - 20, (TODAY - 19) * DAY_S
    told = [Settled(COIN, day, end, 0), Settled(SOL_MINT, day, end, 24)]
    facts.prices.settle(told, [], at=AT, again_at=LATER)
    facts.store(dealt("b", time=NOW - 20 * DAY_S - 60, slot=900))
    note(facts)

    again = {each.mint for each in due(facts) if each.day == day}
    assert again == {COIN}


def test_quotes_are_due_again_when_they_are_old(facts):
    """Of touched mints alone."""
    facts.store(dealt("a", time=NOW))
    note(facts)
    assert set(facts.prices.due_quotes(quoted_before=AT, limit=9)) == {COIN, SOL_MINT}
    facts.prices.settle([], [COIN, NEVER_MET], at=AT, again_at=LATER)

    before = AT - timedelta(minutes=1)
    assert facts.prices.due_quotes(quoted_before=before, limit=9) == (SOL_MINT,)
    assert set(facts.prices.due_quotes(quoted_before=AT, limit=9)) == {COIN, SOL_MINT}


def test_a_days_own_trades(facts):
    """By time, from the trader's side; no makers, no arbitrage, no other day."""
    start = (TODAY - 3) * DAY_S
    facts.store(
        dealt("sell", time=start + 500, coins=2, paid=LAMPORTS, buys=False, slot=1_010),
        dealt("buy", time=start + 100, coins=3, quote=USDC, paid=5 * MICROS, slot=1_001),
        dealt("maker", time=start + 200, role=Role.MAKER, slot=1_002),
        dealt("arb", time=start + 300, arbitrage=True, slot=1_003),
        dealt("other day", time=start - 1, slot=1_000),
    )
    note(facts)

    day = TODAY - 3
    own = {
        (COIN, day): (
            QuotedSwap(start + 100, address("buy"), True, 3 * MICROS, 6, USDC, 5 * MICROS),
            QuotedSwap(start + 500, address("sell"), False, 2 * MICROS, 6, SOL_MINT, LAMPORTS),
        )
    }
    others = [(USDC, day), (SOL_MINT, day), (NEVER_MET, day)]
    assert facts.prices.swaps([(COIN, day), *others]) == own
    assert facts.prices.swaps([*others, (COIN, day + 1)]) == {}
    assert facts.prices.swaps([]) == {}


def test_the_days_of_some_stretches_that_are_due(facts):
    """Each once, the dearest first; not of other mints, and not those that are settled."""
    facts.store(
        dealt("a", time=NOW - 30 * DAY_S, paid=LAMPORTS, slot=1_000),
        dealt("b", time=NOW - 28 * DAY_S, paid=9 * LAMPORTS, slot=1_010),
    )
    note(facts)
    day, end = TODAY - 30, (TODAY - 29) * DAY_S
    facts.prices.settle([Settled(COIN, day, end, 24)], [], at=AT, again_at=LATER)

    stretches = [(COIN, range(day, day + 4)), (COIN, range(day + 1, day + 2))]
    among = facts.prices.due_among(stretches, at=AT)

    assert [(each.mint, each.day) for each in among] == [
        (COIN, day + 2),
        (COIN, day + 3),
        (COIN, day + 1),
    ]
    assert facts.prices.due_among([], at=AT) == ()


def test_candles_grow_wide_with_age(facts):
    """As the pure function has it, day by day, and once."""
    facts.store(dealt("a", time=NOW))
    start = TODAY * DAY_S
    candles = [
        price(start + 60 * at, 2)._replace(high=Decimal(4), low=Decimal(1), close=Decimal(3))
        for at in range(10)
    ]
    facts.prices.keep({COIN: candles})
    assert facts.prices.outgrown(now=NOW, limit=9) == ()

    for days, count in ((8, 2), (181, 1), (731, 0)):
        now = NOW + days * DAY_S
        before = facts.prices.candles(COIN, since=0, until=now)
        assert facts.prices.outgrown(now=now, limit=9) == ((COIN, TODAY),)
        gone = facts.prices.compact(COIN, day=TODAY, now=now)
        after = facts.prices.candles(COIN, since=0, until=now)

        assert after == compact(before, now)
        assert (len(after), gone) == (count, len(before) - count)
        assert facts.prices.outgrown(now=now, limit=9) == ()
    assert facts.prices.compact(NEVER_MET, day=TODAY, now=NOW) == 0
