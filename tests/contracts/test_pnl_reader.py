"""The contract of daily results, held by the facts in memory and by Postgres."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.pnl_reader import PostgresPnlReader
from oof.adapters.postgres.rows import address_bytes
from oof.domain.positions.days import DayFigures, DayRow
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import USDC_MINT
from oof.domain.units import Mint, Slot
from oof.domain.windows import NO_DAY, AskedDays, DaySpan, Window, asked_days, day_date, window_days
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.facts_valuation import mark_due
from oof.ports.memory.pnl_days import MemoryPnlReader
from tests.support.transactions import address, movement, transaction

NOW = datetime(2025, 6, 1, tzinfo=UTC)
WALLET, OTHER, THIRD = address("wallet"), address("other"), address("third")
TODAY = 30
ALL = window_days(Window.ALL, TODAY)
CAT, DOG = Mint(address("cat")), Mint(address("dog"))


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store, empty, with its reader."""
    if request.param == "memory":
        facts = MemoryFactStore()
        yield facts, MemoryPnlReader(facts)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFactStore(database), PostgresPnlReader(database)
    database.close()


def figures(realized, *, exits=1):
    """Figures of a day that made or lost so many dollars, and as many lamports."""
    usd = Decimal(realized)
    return DayFigures(
        exits=exits,
        realized_usd=usd,
        realized_lamports=int(usd * 10),
        wins=exits if usd > 0 else 0,
        losses=exits if usd < 0 else 0,
        won_usd=max(usd, Decimal(0)),
        lost_usd=max(-usd, Decimal(0)),
    )


def row(mint, day, realized):
    """One day of one mint."""
    return DayRow(mint, day, Slot(day + 2), Slot(day + 2), figures(realized))


def keep(facts, wallet, rows):
    """Keep days of a tracked wallet."""
    with facts.transaction() as store:
        store.track(wallet, WalletState.SEEN_FULL, at=NOW)
        found = store.lock(wallet)
        store.write_days(found.wallet_id, rows)
        days, mints = {row.day for row in rows}, {row.mint for row in rows}
        store.roll(found.wallet_id, mints=mints, days=days, today=TODAY)


def mark(facts, wallet, mint):
    """Mark a position as to be valued, as who folds does."""
    if isinstance(facts, MemoryFactStore):
        mark_due(facts.tables, facts.tables.tracked[wallet].wallet_id, {mint: Slot(0)}, NOW)
        return
    with facts._database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO valuation_due SELECT wallet_id, mint_id, 0, %s FROM wallets w, mints m "
            "WHERE w.address = %s AND m.address = %s",
            (NOW, address_bytes(wallet), address_bytes(mint)),
        )


def know_mints(facts):
    """Store a transaction that names all mints."""
    moved = tuple(movement(WALLET, 5, mint=mint) for mint in (CAT, DOG, USDC_MINT))
    named = transaction("named", payer=WALLET, slot=1, movements=moved)
    with facts.transaction() as store:
        record = PackRecord("packs/x", "none", 1, 1)
        store.insert(record, [PackedTransaction(named, 0, 1)], at=NOW)


def test_days_are_sums_over_tokens_oldest_first(stores):
    """One row a day, dollars and SOL aside, and nothing of another wallet's."""
    facts, reader = stores
    know_mints(facts)
    keep(
        facts,
        WALLET,
        [row(CAT, 20, "1.5"), row(DOG, 20, "-4"), row(CAT, 7, "2"), row(USDC_MINT, 7, "99")],
    )
    keep(facts, OTHER, [row(CAT, 20, "1000")])

    found = reader.days(WALLET, ALL)

    assert [(day, f.realized_usd, f.realized_lamports, f.exits) for day, f in found.days] == [
        (7, Decimal(2), 20, 1),
        (20, Decimal("-2.5"), -25, 2),
    ]
    assert found.head.wallet.state is WalletState.SEEN_FULL


def test_what_has_no_day_stands_first(stores):
    """Under a day of its own."""
    facts, reader = stores
    know_mints(facts)
    keep(facts, WALLET, [row(CAT, 3, "1"), row(CAT, NO_DAY, "7")])

    assert [day for day, _ in reader.days(WALLET, ALL).days] == [NO_DAY, 3]


def test_a_wallet_that_was_never_tracked_has_no_days(stores):
    """Unlike one that is tracked and did nothing."""
    facts, reader = stores
    know_mints(facts)
    keep(facts, WALLET, [])

    assert reader.days(OTHER, ALL) is None
    assert reader.totals(OTHER, AskedDays(Window.ALL, ALL), at=0) is None
    assert reader.days(WALLET, ALL).days == ()


@pytest.fixture
def traded(stores):
    """A wallet with a few days, of which it does not know one's time."""
    facts, reader = stores
    know_mints(facts)
    rows = [row(CAT, NO_DAY, "7"), row(CAT, 4, "2"), row(CAT, 24, "-3"), row(DOG, 24, "5")]
    keep(facts, WALLET, [*rows, row(DOG, 30, "1"), row(USDC_MINT, 30, "99")])
    keep(facts, OTHER, [row(CAT, 30, "1000")])
    return facts, reader


@pytest.mark.parametrize(
    ("window", "days", "realized"),
    [
        (Window.DAY, [30], 1),
        (Window.WEEK, [24, 30], 3),
        (Window.MONTH, [4, 24, 30], 5),
        (Window.ALL, [NO_DAY, 4, 24, 30], 12),
    ],
)
def test_totals_are_those_of_the_windows_days(traded, window, days, realized):
    """Each day with a trade as it came out; what has no known time under all alone."""
    _, reader = traded
    asked = asked_days(window, None, None, today=TODAY)
    found = reader.totals(WALLET, asked, at=0)
    assert [each.day for each in found.days] == days
    assert found.figures.realized_usd == sum(each.realized_usd for each in found.days) == realized
    assert (found.span, found.held, found.is_valuing) == (asked.span, (), False)
    assert [each.day for each in reader.days(WALLET, asked.span).days] == days


@pytest.mark.parametrize(("first", "last", "realized"), [(0, 23, 2), (5, 24, 2), (25, 29, 0)])
def test_totals_of_other_days_are_sums_of_days(traded, first, last, realized):
    """From one to another, both included; none of unknown time."""
    _, reader = traded
    asked = asked_days(None, day_date(first), day_date(last), today=TODAY)
    found = reader.totals(WALLET, asked, at=0)
    assert found.figures.realized_usd == realized == sum(each.realized_usd for each in found.days)
    assert found.span == DaySpan(first, last)


def test_a_window_says_for_which_day_it_was_summed(traded):
    """Until it is rolled on; another day's totals are sums of days, and need not be."""
    facts, reader = traded
    asked = asked_days(Window.WEEK, None, None, today=TODAY + 3)
    assert reader.totals(WALLET, asked, at=0).span == DaySpan(TODAY - 6, TODAY)
    with facts.transaction() as store:
        held = store.lock(WALLET)
        store.roll(held.wallet_id, mints=(), days=(), today=TODAY + 3)
    found = reader.totals(WALLET, asked, at=0)
    assert (found.span, found.figures.realized_usd) == (asked.span, Decimal(1))


def test_what_is_still_to_be_valued_is_told(traded):
    """Even where nothing was summed yet."""
    facts, reader = traded
    asked = asked_days(None, None, None, today=TODAY)
    with facts.transaction() as store:
        store.track(THIRD, WalletState.SEEN_FULL, at=NOW)
    assert not reader.totals(THIRD, asked, at=0).is_valuing
    mark(facts, THIRD, CAT)
    found = reader.totals(THIRD, asked, at=0)
    assert (found.is_valuing, found.figures, found.days) == (True, DayFigures(), ())
