"""Days of transfers and holdings are read by index, however much a wallet did or ever held."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import activity_reader, flow_reader, holding_reader
from oof.domain.windows import DaySpan
from oof.ports.flow_pages import FlowFilter, FlowPageKey
from tests.contracts.test_view_plans import explained, looked_at

FIRST, LAST = 20_000, 20_730
"""Two years."""
OTHERS, DUST, PRICED, MINTS = 20_000, 1_000, 30, 20_000

# Wallet 1 gets something of everybody, mostly once, and gives to ten of them every day; it holds a
# thousand tokens that nobody trades, and some dozens that have a price each hour; it deals in SOL
# every day. Others do as much.
FILL = f"""
    INSERT INTO wallets (address) SELECT sha256(n::text::bytea)
        FROM generate_series(1, {OTHERS}) n;
    INSERT INTO mints (address, decimals) SELECT sha256(n::text::bytea), 6
        FROM generate_series(1, {MINTS}) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at, oldest_time)
        SELECT n, 'SEEN_FULL', now(), now(), {FIRST} * 86400 FROM generate_series(1, 2) n;
    INSERT INTO wallet_flow_days (wallet_id, counterparty_id, day, mint_id, direction, transfers,
                                  raw)
        SELECT w, n, {FIRST} + n * 31 %% {LAST - FIRST}, 1, 1, 1, n
        FROM generate_series(1, 6) w, generate_series(11, {OTHERS}) n;
    INSERT INTO wallet_flow_days (wallet_id, counterparty_id, day, mint_id, direction, transfers,
                                  raw)
        SELECT w, n, day, 1, 2, 1, n
        FROM generate_series(1, 2) w, generate_series(1, 10) n,
            generate_series({FIRST}, {LAST}) day;
    INSERT INTO wallet_activity_days (wallet_id, day, name, value)
        SELECT w, day, 'name' || n, n
        FROM generate_series(1, 2) w, generate_series({FIRST}, {LAST}) day,
            generate_series(1, 12) n;
    INSERT INTO holding_days (wallet_id, mint_id, day, until_day, slot, held_raw)
        SELECT w, n, {FIRST} + n %% {LAST - FIRST}, 2147483647, 1, 5
        FROM generate_series(1, 2) w, generate_series(2, {DUST + PRICED + 1}) n;
    INSERT INTO holding_days (wallet_id, mint_id, day, until_day, slot, held_raw)
        SELECT w, 1, day, day + 1, 1, 7
        FROM generate_series(1, 2) w, generate_series({FIRST}, {LAST}) day;
    INSERT INTO candles (mint_id, start, width, source, confidence, open, high, low, close)
        SELECT m, hour * 60, 3600, 1, 95, 1, 1, 1, 1
        FROM generate_series(1, {PRICED}) m,
            generate_series({FIRST} * 24, {LAST} * 24 + 23, 6) hour;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def two_years(postgres_databases: Any) -> Iterator[str]:
    """Some wallets with two years each."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(FILL, {})
    yield dsn
    postgres_databases.drop(dsn)


def rows_of(dsn: str, statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a statement answers."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(statement.encode(), asked).fetchall()


@pytest.mark.parametrize(
    ("span", "wanted", "after", "rows"),
    [
        (DaySpan(None, LAST), FlowFilter.ALL, None, 40_000),
        (DaySpan(None, LAST), FlowFilter.IN, FlowPageKey(FIRST + 300, "500"), 25_000),
        (DaySpan(LAST - 29, LAST), FlowFilter.ALL, None, 2_500),
        (DaySpan(FIRST + 100, FIRST + 400), FlowFilter.ALL, None, 18_000),
        (DaySpan(LAST - 29, LAST), FlowFilter.OUT, None, 1_500),
    ],
)
def test_a_page_of_flows_is_read_by_index(
    two_years: str, span: DaySpan, wanted: FlowFilter, after: FlowPageKey | None, rows: int
) -> None:
    """What is looked at are the wallet's own days within those asked for, and nobody else's."""
    asked = flow_reader.asked_page(1, span, wanted, after=after, limit=50)

    found = explained(two_years, flow_reader.PAGE, asked)

    names = {node.get("Index Name") for node in found}
    assert names & {"wallet_flow_days_day", "wallet_flow_days_pkey"}
    assert looked_at(found) < rows


def test_totals_are_a_stretch_of_one_index(two_years: str) -> None:
    """A year of counters, and no other year's."""
    with psycopg.connect(two_years) as connection:
        statement = psycopg.ClientCursor(connection).mogrify(
            activity_reader.TOTALS, (1, LAST - 364, LAST)
        )

    found = explained(two_years, statement.replace("%", "%%"), {})

    assert "wallet_activity_days_pkey" in {node.get("Index Name") for node in found}
    assert looked_at(found) <= 365 * 12


@pytest.mark.parametrize("last", [LAST, FIRST + 400])
def test_a_month_of_holdings_is_read_by_index(two_years: str, last: int) -> None:
    """Stretches that reach into it; closing prices of what has any, a probe a day."""
    span = DaySpan(last - 29, last)
    asked = holding_reader.asked_spans(1, span)

    found = explained(two_years, holding_reader.HELD, asked)

    assert "holding_days_held" in {node.get("Index Name") for node in found}
    assert looked_at(found) < 5_000
    held = [row[2:] for row in rows_of(two_years, holding_reader.HELD, asked)]
    closes = holding_reader.asked_closes(held)
    found = explained(two_years, holding_reader.CLOSES, closes)
    assert "candles_pkey" in {node.get("Index Name") for node in found}
    assert looked_at(found) < 3_000
    prices = rows_of(two_years, holding_reader.CLOSES, closes)
    assert {(row[0], row[1]) for row in prices} >= {(1, day) for day in range(last - 29, last + 1)}
