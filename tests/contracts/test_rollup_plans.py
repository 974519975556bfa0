"""Rollups are kept by index: a turn costs the days and tokens that it touches, in any crowd."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from local.crowd.recording import Plan, RecordingDatabase
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.adapters.postgres.token_results import PostgresTokenResults
from oof.domain.units import Address, Mint
from oof.domain.windows import DaySpan
from tests.contracts.test_pnl_reader import NOW
from tests.contracts.test_token_results import LATER

WALLETS, TOKENS, TODAY = 12, 200, 20_000

# Each wallet trades each token on five days, over two years.
FILL = f"""
    INSERT INTO wallets (address) SELECT sha256(n::text::bytea)
        FROM generate_series(1, {WALLETS}) n;
    INSERT INTO mints (address, decimals) SELECT sha256(n::text::bytea), 6
        FROM generate_series(1, {TOKENS}) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT n, 'SEEN_FULL', now(), now() FROM generate_series(1, {WALLETS}) n;
    INSERT INTO position_days
        SELECT w, m, {TODAY} - (m * 7 + k * 131) %% 730, 1, 2, 1, 1, 1, 0, 0, 0, 0, 5, 1, 2, 1, 0,
            0, 3, 1, 0
        FROM generate_series(1, {WALLETS}) w, generate_series(1, {TOKENS}) m,
            generate_series(1, 5) k ON CONFLICT DO NOTHING;
"""  # noqa: S608 - numbers of this file
_DAYS_OF = """
SELECT array_agg(DISTINCT d.day) FROM position_days d JOIN mints m USING (mint_id)
WHERE d.wallet_id = 1 AND m.address = ANY(%s)
"""


@pytest.fixture(scope="module")
def crowd(postgres_databases: Any) -> Iterator[RecordingDatabase]:
    """Wallets with windows of two years."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(FILL, {})
    database = RecordingDatabase(dsn)
    facts = PostgresFactStore(database)
    everything = tokens(database, TOKENS)
    with facts.transaction() as transaction:
        for wallet_id in range(1, WALLETS + 1):
            days = range(TODAY - 730, TODAY + 1)
            transaction.roll(wallet_id, mints=everything, days=days, today=TODAY)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
    yield database
    database.close()
    postgres_databases.drop(dsn)


def tokens(database: RecordingDatabase, count: int) -> list[Mint]:
    """So many of the tokens."""
    with database.transaction() as cursor:
        rows = cursor.execute("SELECT address FROM mints ORDER BY 1 LIMIT %s", (count,)).fetchall()
    return [Mint(address_of(row[0])) for row in rows]


def plans(database: RecordingDatabase, work: Any) -> list[Plan]:
    """How each statement is answered, as if every table were large."""
    return [database.explain(each, by_cost=False) for each in database.during(work)]


def roll(database: RecordingDatabase, **asked: Any) -> None:
    """Roll the first wallet."""
    with PostgresFactStore(database).transaction() as transaction:
        transaction.roll(1, **asked)


def test_a_turn_costs_what_it_touches(crowd: RecordingDatabase) -> None:
    """Four statements by index, of ten tokens as of fifty, and nothing of another wallet."""
    for count in (10, 50):
        mints = tokens(crowd, count)
        with crowd.transaction() as cursor:
            keys = [address_bytes(Address(mint)) for mint in mints]
            row = cursor.execute(_DAYS_OF, (keys,)).fetchone()
        days = row[0] if row else []
        found = plans(crowd, lambda: roll(crowd, mints=mints, days=days, today=TODAY))  # noqa: B023
        assert len(found) == 4
        assert not any(plan.scanned for plan in found)
        # five days a token, in six windows; and the wallet's two years
        assert max(plan.touched for plan in found) < 60 * count + 5 * 731


def test_time_alone_costs_what_leaves_a_window(crowd: RecordingDatabase) -> None:
    """Tokens that did nothing on the days in question are not looked at."""
    found = plans(crowd, lambda: roll(crowd, mints=(), days=(), today=TODAY + 1))
    assert len(found) == 4
    assert not any(plan.scanned for plan in found)
    assert max(plan.touched for plan in found) < 5 * 731


def test_who_is_behind_is_found_by_index(crowd: RecordingDatabase) -> None:
    """As many as are asked for, however many there are."""
    facts = PostgresFactStore(crowd)
    [plan] = plans(crowd, lambda: facts.wallets_behind(today=TODAY + 9, limit=5))
    assert not plan.scanned
    assert plan.touched < 50


def test_days_are_summed_and_dropped_by_index(crowd: RecordingDatabase) -> None:
    """One pass over the wallet's own days within them."""
    results = PostgresTokenResults(crowd)
    with crowd.transaction() as cursor:
        row = cursor.execute("SELECT address FROM wallets WHERE wallet_id = 1").fetchone()
    assert row is not None
    wallet = Address(address_of(row[0]))
    span = DaySpan(TODAY - 100, TODAY)

    def work() -> None:
        results.sum_days(wallet, span, at=NOW, expires_at=LATER)
        results.drop_expired(at=NOW, limit=5)

    found = plans(crowd, work)
    assert len(found) == 4
    assert not any(plan.scanned for plan in found)
    assert max(plan.touched for plan in found) < 5 * TOKENS
