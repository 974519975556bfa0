"""What is asked of a wallet's history for its vector is read by index, whoever else there is."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import vector_reader, vector_writes
from oof.adapters.postgres.rows import address_bytes
from oof.domain.prices.candles import DAY_S
from oof.domain.similarity.features import VERSION, YEAR_DAYS
from oof.domain.tokens import DOLLARS, QUOTES
from oof.domain.units import SOL_MINT, Address
from tests.contracts.test_history_plans import nodes

ROWS = 20_000
GENESIS = 1_700_000_000
HOUR_S = 3_600

# A wallet's purchases and hours, beside nine others' of as many together.
FILL = f"""
    INSERT INTO wallets (address) SELECT sha256(n::text::bytea) FROM generate_series(1, 3000) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT n, 'SEEN_FULL', now(), now() FROM generate_series(1, 3000) n;
    INSERT INTO mints (address, decimals)
        SELECT sha256(('mint ' || n)::bytea), 6 FROM generate_series(1, 500) n;
    INSERT INTO packs (object_key, dictionary_id, frames, bytes, stored_at)
        VALUES ('p', 'none', 1, 1, now());
    INSERT INTO transactions (block_time, fee_lamports, slot, fee_payer_id, pack_id, frame_offset,
                              frame_length, normalizer_version, failed, signature)
        SELECT {GENESIS} + n, 5000, n, 1, 1, 0, 1, 1, false, sha512(n::text::bytea)
        FROM generate_series(1, {ROWS}) n;
    INSERT INTO position_entries (tx_id, wallet_id, mint_id, slot, place, document)
        SELECT n, CASE WHEN n %% 10 = 0 THEN 1 ELSE 2 + n %% 9 END, 1 + n %% 499, n, 0,
            jsonb_build_object('at', {GENESIS} + n * 600, 'tx_index', null,
                               'sold_mint', %(sol)s::text, 'sold_raw', '1000000')
        FROM generate_series(1, {ROWS}) n;
    INSERT INTO wallet_hours (wallet_id, hour, tx_count)
        SELECT 1 + n %% 10, {GENESIS - GENESIS % HOUR_S} + n / 10 * {HOUR_S}, 1
        FROM generate_series(0, {ROWS} * 5) n;
    INSERT INTO wallet_vectors (wallet_id, version, purchases, computed_at, vector)
        SELECT n, {VERSION}, 10, timestamptz '2026-01-01' + n * interval '1 s', '\\x00'
        FROM generate_series(1, 3000) n;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def crowded(postgres_databases: Any) -> Iterator[str]:
    """Many purchases."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(FILL, {"sol": SOL_MINT})
    yield dsn
    postgres_databases.drop(dsn)


def plan_of(dsn: str, statement: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Every node of a statement's plan, as it ran."""
    with psycopg.connect(dsn) as connection:
        cursor = psycopg.ClientCursor(connection)
        text = cursor.mogrify(statement.encode(), asked)
        explained = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".encode()).fetchone()
    assert explained is not None
    whole = explained[0] if isinstance(explained[0], list) else json.loads(explained[0])
    return list(nodes(whole[0]["Plan"]))


def check(found: list[dict[str, Any]], table: str, *, at_most: int) -> None:
    """A table is read by index, and few of its rows are looked at."""
    read = [node for node in found if node.get("Relation Name") == table]
    assert read
    assert all(node["Node Type"] != "Seq Scan" for node in read)
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) <= at_most


def test_a_year_of_hours_is_read_by_its_wallet(crowded: str) -> None:
    """And no older ones."""
    asked = {"wallet_id": 1, "day_s": DAY_S, "days": YEAR_DAYS - 1}

    check(
        plan_of(crowded, vector_writes.YEAR_HOURS, asked),
        "wallet_hours",
        at_most=YEAR_DAYS * 24 + 1,
    )


def test_purchases_are_read_by_their_wallet(crowded: str) -> None:
    """Signatures are looked up of first purchases alone."""
    asked = {
        "wallet_id": 1,
        "since": GENESIS,
        "day_s": DAY_S,
        "sol": SOL_MINT,
        "dollars": list(DOLLARS),
        "quotes": list(QUOTES),
        "hidden": [address_bytes(Address(mint)) for mint in QUOTES],
        "price_days": [GENESIS // DAY_S],
        "prices": [150],
    }
    found = plan_of(crowded, vector_writes.YEAR_PURCHASES, asked)

    check(found, "position_entries", at_most=ROWS // 10)
    check(found, "transactions", at_most=500)


@pytest.mark.parametrize("after", [None, 1_500])
def test_a_page_of_vectors_is_read_by_its_order(crowded: str, after: int | None) -> None:
    """From its beginning, and from within."""
    at = None if after is None else f"2026-01-01 00:{after // 60:02}:{after % 60:02}+00"
    asked = {"version": VERSION, "at": at, "wallet_id": after, "limit": 100}

    check(plan_of(crowded, vector_reader.PAGE, asked), "wallet_vectors", at_most=101)
