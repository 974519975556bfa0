"""Whatever is asked of many tokens is answered by index, and costs what it brings."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import token_store
from tests.contracts.test_history_plans import nodes

MINTS = 20_000
AT = datetime(2026, 11, 22, tzinfo=UTC)
LARGE = frozenset({"mints", "token_facts", "holdings", "tracked_wallets"})

# Every mint was asked about but the last ten; as many wallets hold two each.
FILL = f"""
    INSERT INTO mints (address, decimals, symbol, facts_due_at)
        SELECT sha256(n::text::bytea), 6, 'T' || n,
               CASE WHEN n <= {MINTS - 10} THEN timestamptz '2027-01-01' ELSE to_timestamp(0) END
        FROM generate_series(1, {MINTS}) n;
    INSERT INTO token_facts (mint_id, tries, source, asked_at, name, anomalies)
        SELECT mint_id, 0, 1, now(), 'Token', '{{}}' FROM mints WHERE mint_id <= {MINTS - 10};
    INSERT INTO wallets (address)
        SELECT sha256(('w' || n)::bytea) FROM generate_series(1, 20000) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT wallet_id, 'SEEN_FULL', now(), now() FROM wallets;
    INSERT INTO holdings (account_id, tx_id, wallet_id, mint_id, slot, order_unresolved, post_raw,
                          rivals)
        SELECT n, n, 1 + n % 20000, 1 + n % {MINTS}, n, false, 1, ''
        FROM generate_series(1, 40000) n;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def crowded(postgres_databases: Any) -> Iterator[str]:
    """Many mints, and many who hold them."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(FILL)
    yield dsn
    postgres_databases.drop(dsn)


def _address(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


@pytest.mark.parametrize(
    ("statement", "asked", "indexes", "at_most"),
    [
        (token_store.FACTS, (_address(7),), {"mints_address_key"}, 2),
        (token_store.DUE, (AT, 500), {"mints_facts_due"}, 10),
        (token_store.LOCK, ([_address(n) for n in range(1, 51)],), {"mints_address_key"}, 50),
        (token_store.BEFORE, (list(range(1, 51)),), {"token_facts_pkey", "mints_pkey"}, 100),
        (
            token_store.SHOW,
            {"mint_ids": list(range(1, 51)), "at": AT},
            {"holdings_mint", "tracked_wallets_pkey"},
            300,
        ),
    ],
    ids=["facts", "due", "lock", "before", "show"],
)
def test_tokens_are_found_by_index(
    crowded: str, statement: str, asked: Any, indexes: set[str], at_most: int
) -> None:
    """No large table is scanned, and rows are looked at for what they bring alone."""
    with psycopg.connect(crowded) as connection:
        cursor = psycopg.ClientCursor(connection)
        # as if every table were large
        cursor.execute("SET LOCAL enable_seqscan = off")
        text = cursor.mogrify(statement, asked)
        [told] = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}").fetchone() or [None]
        connection.rollback()
    whole = told if isinstance(told, list) else json.loads(str(told))
    found = list(nodes(whole[0]["Plan"]))
    scanned = {each.get("Relation Name") for each in found if each["Node Type"] == "Seq Scan"}
    assert scanned & LARGE == set()
    assert indexes <= {each.get("Index Name") for each in found}
    rows = max(each["Actual Rows"] for each in found if "Relation Name" in each)
    assert rows <= at_most
