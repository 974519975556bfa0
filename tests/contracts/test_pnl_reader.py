"""The contract of daily results, held by the facts in memory and by Postgres."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.pnl_reader import PostgresPnlReader
from oof.domain.positions.days import DayFigures, DayRow
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import USDC_MINT
from oof.domain.units import Mint, Slot
from oof.domain.windows import NO_DAY
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.pnl_days import MemoryPnlReader
from tests.support.transactions import address, movement, transaction

NOW = datetime(2025, 6, 1, tzinfo=UTC)
WALLET, OTHER = address("wallet"), address("other")
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
    return DayFigures(
        exits=exits, realized_usd=Decimal(realized), realized_lamports=int(Decimal(realized) * 10)
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

    found = reader.days(WALLET)

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

    assert [day for day, _ in reader.days(WALLET).days] == [NO_DAY, 3]


def test_a_wallet_that_was_never_tracked_has_no_days(stores):
    """Unlike one that is tracked and did nothing."""
    facts, reader = stores
    know_mints(facts)
    keep(facts, WALLET, [])

    assert reader.days(OTHER) is None
    assert reader.days(WALLET).days == ()
