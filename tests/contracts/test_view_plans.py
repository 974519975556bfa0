"""What views are made of, and their pages, are read by index, wherever in a history they begin."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import view_statements as statements
from oof.adapters.postgres.rows import address_bytes
from tests.contracts.test_history_plans import FILL, MINT, ROWS, WALLET, nodes

# Both wallets' transactions are live; a long view stands beside many others.
VIEWS = f"""
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        VALUES (2, 'SEEN_FULL', now(), now());
    INSERT INTO ledger (wallet_id, seq, op, tx_id, known, version)
        SELECT wallet_id, row_number() OVER (PARTITION BY wallet_id ORDER BY tx_id), 1, tx_id,
            0, 1
        FROM participants;
    INSERT INTO mints (address, decimals)
        SELECT sha256(n::text::bytea), 6 FROM generate_series(1, {ROWS // 10}) n;
    INSERT INTO position_views (view_id, owner, digest, computed_at, expires_at, document)
        SELECT int4send(n), 'o', '\\x00', now(), now() + n * interval '1 minute', '{{}}'
        FROM generate_series(1, 2000) n;
    INSERT INTO view_positions (view_id, mint_id, last_slot, is_open, realized_lamports,
                                on_chain_raw, figures, dollars)
        SELECT int4send(1 + m.mint_id %% 3), m.mint_id, 1, true, m.mint_id * 7 %% 1000, 0, '{{}}',
            '{{}}'
        FROM mints m;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def long_history(postgres_databases: Any) -> Iterator[str]:
    """Two wallets with long histories, and views."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(FILL, {"wallet": address_bytes(WALLET), "mint": address_bytes(MINT)})
        cursor.execute(VIEWS, {})
    yield dsn
    postgres_databases.drop(dsn)


def explained(
    dsn: str, statement: str, asked: Mapping[str, Any] | tuple[Any, ...]
) -> list[dict[str, Any]]:
    """Every node of a statement's plan, as it was run."""
    with psycopg.connect(dsn) as connection:
        cursor = psycopg.ClientCursor(connection)
        text = cursor.mogrify(statement, asked)
        row = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}").fetchone()
        connection.rollback()
    assert row is not None
    whole = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return list(nodes(whole[0]["Plan"]))


def looked_at(found: list[dict[str, Any]]) -> int:
    """How many rows were read by index; no table may be scanned."""
    assert not any(
        node["Node Type"] == "Seq Scan" and node["Actual Rows"] > 1_000 for node in found
    )
    return sum(node["Actual Rows"] * node["Actual Loops"] for node in found if "Index Name" in node)


@pytest.mark.parametrize("after", [-1, ROWS, 2 * ROWS - 700])
def test_a_page_of_a_group_s_history_is_read_by_index(long_history: str, after: int) -> None:
    """As many of each member as the page needs, wherever it begins."""
    asked = {"wallets": [1, 2], "after": after, "limit": 500}

    found = explained(long_history, statements.HISTORY, asked)

    names = {node.get("Index Name") for node in found}
    assert {"participants_wallet", "ledger_transaction"} <= names
    assert looked_at(found) < 10_000


@pytest.mark.parametrize("realized", [None, 500])
def test_a_page_of_a_view_is_read_by_index(long_history: str, realized: int | None) -> None:
    """In its order, backwards from the cursor."""
    asked = {
        "view_id": bytes([0, 0, 0, 1]),
        "realized": realized,
        "mint_id": None if realized is None else 10**6,
        "limit": 50,
    }

    found = explained(long_history, statements.PAGE, asked)

    assert "view_positions_realized" in {node.get("Index Name") for node in found}
    assert looked_at(found) < 1_000


def test_expired_views_are_found_by_index(long_history: str) -> None:
    """The sweeper looks each minute, and mostly there is nothing."""
    with psycopg.connect(long_history) as connection:
        [now] = connection.execute("SELECT now()").fetchone() or [None]

    found = explained(long_history, statements.DROP_EXPIRED, (now, 50))

    assert "position_views_expiring" in {node.get("Index Name") for node in found}
    assert looked_at(found) < 500
