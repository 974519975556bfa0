"""The contract of pages of tokens, held by the facts in memory and by Postgres."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.token_results import PostgresTokenResults
from oof.domain.positions.days import DayFigures, DayRow
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import USDC_MINT
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.domain.windows import NO_DAY, DaySpan, Window, window_days
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.token_results import MemoryTokenResults
from oof.ports.token_results import SortOrder, TokenOrder, TokenSort
from tests.contracts.test_pnl_reader import NOW, OTHER, WALLET
from tests.support.transactions import address, movement, transaction

TODAY = 400
LATER = NOW + timedelta(days=1)
COINS = [Mint(address(f"coin {n}")) for n in range(12)]
ORDERS = [TokenOrder(sort, order) for sort in TokenSort for order in SortOrder]


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store with a wallet that traded coins, with its reader."""
    if request.param == "memory":
        memory = MemoryFactStore()
        fill(memory)
        yield memory, MemoryTokenResults(memory)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    facts = PostgresFactStore(database)
    fill(facts)
    yield facts, PostgresTokenResults(database)
    database.close()


def row(mint, day, number):
    """One day of one mint; every third is sold at no known cost, and many are alike."""
    cost = Decimal(0 if number % 3 == 0 else 4)
    won = Decimal(number % 4 - 1) if cost else Decimal(0)
    figures = DayFigures(
        buys=1, exits=1, cost_usd=cost, realized_usd=won, volume_usd=Decimal(number % 2)
    )
    at = None if day == NO_DAY else UnixSeconds(day * 86_400 + number)
    return DayRow(mint, day, Slot(number // 2 + 1), Slot(number // 2 + 1), figures, at, at)


def fill(facts):
    """Store coins, and days of two wallets."""
    moved = tuple(movement(WALLET, 5, mint=mint) for mint in (*COINS, USDC_MINT))
    named = transaction("named", payer=WALLET, slot=1, movements=moved)
    rows = [row(mint, TODAY - 40 * n if n else NO_DAY, n) for n, mint in enumerate(COINS[:10])]
    rows += [row(mint, TODAY, n) for n, mint in enumerate(COINS[:10])]
    with facts.transaction() as store:
        record = PackRecord("packs/x", "none", 1, 1)
        store.insert(record, [PackedTransaction(named, 0, 1)], at=NOW)
    keep(facts, WALLET, [*rows, row(USDC_MINT, TODAY, 5)])
    keep(facts, OTHER, [row(COINS[11], TODAY, 5)])


def keep(facts, wallet, rows):
    """Keep days of a tracked wallet."""
    with facts.transaction() as store:
        store.track(wallet, WalletState.SEEN_FULL, at=NOW)
        found = store.lock(wallet)
        store.write_days(found.wallet_id, rows)
        days, mints = {row.day for row in rows}, {row.mint for row in rows}
        store.roll(found.wallet_id, mints=mints, days=days, today=TODAY)


def read(reader, wanted, limit, *, window=None, span=None):
    """All pages, one after the other."""
    after, records = None, []
    while True:
        if span is None:
            page = reader.of_window(WALLET, window, wanted=wanted, after=after, limit=limit)
        else:
            page = reader.of_days(WALLET, span, wanted=wanted, after=after, at=NOW, limit=limit)
        assert len(page.records) <= limit
        records += page.records
        after = page.next_key
        if after is None:
            return records


def value(record, sort):
    """What a token is ordered by."""
    figures = record.window.figures
    return {
        TokenSort.LAST_TRADE: record.window.last_slot,
        TokenSort.REALIZED: figures.realized_usd,
        TokenSort.ROI: record.window.roi,
        TokenSort.VOLUME: figures.volume_usd,
    }[sort]


@pytest.mark.parametrize("limit", [1, 3, 10, 50])
def test_pages_repeat_and_skip_nothing_in_any_order(stores, limit):
    """Equals by mint, and those without a value last, either way."""
    _, reader = stores
    for wanted in ORDERS:
        found = read(reader, wanted, limit, window=Window.ALL)
        assert {each.window.mint for each in found} == set(COINS[:10])
        assert len(found) == 10
        values = [(value(each, wanted.sort), each.mint_id) for each in found]
        told = [each for each in values if each[0] is not None]
        assert values == told + [each for each in values if each[0] is None]
        is_down = wanted.order is SortOrder.DESC
        assert all((a > b) == is_down for a, b in pairwise(told))
        missing = [mint_id for _, mint_id in values[len(told) :]]
        assert missing == sorted(missing, reverse=is_down)
        assert len(missing) == (4 if wanted.sort is TokenSort.ROI else 0)


def test_a_window_has_the_tokens_traded_within_it(stores):
    """Summed over its days alone, with the first and last trade of them."""
    _, reader = stores
    wanted = TokenOrder()
    page = reader.of_window(WALLET, Window.DAY, wanted=wanted, after=None, limit=50)
    assert page.span == window_days(Window.DAY, TODAY)
    assert {each.window.figures.exits for each in page.records} == {1}
    whole = read(reader, wanted, 50, window=Window.ALL)
    assert {each.window.figures.exits for each in whole} == {2}
    quarter = {
        each.mint_id: each.window for each in read(reader, wanted, 50, window=Window.QUARTER)
    }
    assert sorted(each.figures.exits for each in quarter.values()) == [1] * 8 + [2] * 2
    assert all(each.first_at <= each.last_at for each in quarter.values())


def test_nobody_s_tokens_are_another_s(stores):
    """Nor those of a wallet that was never tracked, or never valued."""
    facts, reader = stores
    wanted = TokenOrder()
    asked = {"wanted": wanted, "after": None, "limit": 9}
    assert [r.window.mint for r in reader.of_window(OTHER, Window.ALL, **asked).records] == [
        COINS[11]
    ]
    assert reader.of_window(address("nobody"), Window.ALL, **asked) is None
    assert reader.of_days(address("nobody"), DaySpan(0, 9), at=NOW, **asked) is None
    with facts.transaction() as store:
        store.track(address("new"), WalletState.SEEN_FULL, at=NOW)
    page = reader.of_window(address("new"), Window.ALL, **asked)
    assert (page.span, page.records) == (None, ())


def test_days_are_summed_once_and_paged_as_windows_are(stores):
    """Only once somebody had them summed; those of unknown time are in none."""
    _, reader = stores
    span = DaySpan(TODAY - 100, TODAY - 1)
    asked = {"wanted": TokenOrder(), "after": None, "at": NOW, "limit": 50}
    assert reader.of_days(WALLET, span, **asked).span is None
    assert reader.sum_days(WALLET, span, at=NOW, expires_at=LATER) == 2
    assert reader.sum_days(WALLET, span, at=NOW, expires_at=LATER) == 0
    page = reader.of_days(WALLET, span, **asked)
    assert page.span == span
    assert {each.window.mint for each in page.records} == set(COINS[1:3])

    everything = DaySpan(0, TODAY)
    assert reader.sum_days(WALLET, everything, at=NOW, expires_at=LATER) == 10
    for wanted in ORDERS:
        whole = read(reader, wanted, 50, span=everything)
        assert read(reader, wanted, 3, span=everything) == whole
        year = {each.mint_id: each.window for each in read(reader, wanted, 9, window=Window.YEAR)}
        assert {each.mint_id: each.window for each in whole} == year
    assert reader.sum_days(address("nobody"), span, at=NOW, expires_at=LATER) is None


def test_what_a_wallet_is_at_tells_sums_apart(stores):
    """A later one is of its own; who reads an older one by its pages reads it to its end."""
    facts, reader = stores
    span = DaySpan(TODAY, TODAY)
    reader.sum_days(WALLET, span, at=NOW, expires_at=LATER)
    asked = {"wanted": TokenOrder(), "at": NOW, "limit": 6}
    first = reader.of_days(WALLET, span, after=None, **asked)
    keep(facts, WALLET, [row(COINS[10], TODAY, 3)])

    assert reader.of_days(WALLET, span, after=None, **asked).span is None
    rest = reader.of_days(WALLET, span, after=first.next_key, **asked)
    assert len(first.records) + len(rest.records) == 10
    assert reader.sum_days(WALLET, span, at=NOW, expires_at=LATER) == 11
    assert len(reader.of_days(WALLET, span, after=None, **(asked | {"limit": 50})).records) == 11


def test_sums_expire(stores):
    """And are dropped, so many at once."""
    _, reader = stores
    spans = [DaySpan(day, TODAY) for day in (TODAY, TODAY - 1, TODAY - 2)]
    for span in spans:
        reader.sum_days(WALLET, span, at=NOW, expires_at=LATER)
    asked = {"wanted": TokenOrder(), "after": None, "limit": 9}
    assert reader.of_days(WALLET, spans[0], at=NOW, **asked).span == spans[0]
    assert reader.of_days(WALLET, spans[0], at=LATER, **asked).span is None
    assert reader.drop_expired(at=NOW, limit=9) == 0
    assert reader.drop_expired(at=LATER, limit=2) == 2
    assert reader.drop_expired(at=LATER, limit=2) == 1
