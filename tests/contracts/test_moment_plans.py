"""Whatever is asked of many moments is read by index, and costs the same wherever it begins."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import moment_reader, moment_writes
from oof.adapters.postgres.moment_rows import KIND_CODES
from oof.adapters.postgres.rows import address_bytes
from oof.domain.moments.model import MomentId, MomentKind
from oof.domain.units import UnixSeconds
from oof.ports.moment_pages import MomentFilter, MomentKey
from tests.contracts.test_history_plans import nodes
from tests.support.transactions import address

ROWS = 30_000
GENESIS = 1_700_000_000
MINT = address("mint")

# A wallet's moments over two hundred mints, of every kind, beside as many of another wallet.
FILL = f"""
    INSERT INTO wallets (address) VALUES (%(wallet)s), (decode(repeat('ab', 32), 'hex'));
    INSERT INTO mints (address, decimals)
        SELECT sha256(n::text::bytea), 6 FROM generate_series(1, 199) n;
    INSERT INTO mints (address, decimals) VALUES (%(mint)s, 6);
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT n, 'SEEN_FULL', now(), now() FROM generate_series(1, 2) n;
    INSERT INTO packs (object_key, dictionary_id, frames, bytes, stored_at)
        VALUES ('p', 'none', 1, 1, now());
    INSERT INTO transactions (block_time, fee_lamports, slot, fee_payer_id, pack_id, frame_offset,
                              frame_length, normalizer_version, failed, signature)
        SELECT {GENESIS} + n, 5000, n, 1 + n %% 2, 1, 0, 1, 1, false, sha512(n::text::bytea)
        FROM generate_series(1, {2 * ROWS}) n;
    INSERT INTO moments (tx_id, at, wallet_id, mint_id, slot, kind, place, version, severity, usd,
                         id, document)
        SELECT tx_id, block_time, fee_payer_id, 1 + (slot / 2) %% 200, slot, 1 + slot %% 12, 0, 1,
            0.5, CASE WHEN slot %% 3 > 0 THEN slot %% 1000 END,
            substring(sha256(slot::text::bytea), 1, 16), '{{}}' FROM transactions;
    INSERT INTO moments_due (wallet_id, mint_id, from_slot, at)
        SELECT 1 + n / 200, 1 + n %% 200, 0, timestamptz '2026-01-01' + n * interval '1 hour'
        FROM generate_series(0, 399) n;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def crowded(postgres_databases: Any) -> Iterator[str]:
    """Many moments."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        told = {"wallet": address_bytes(address("ann")), "mint": address_bytes(MINT)}
        cursor.execute(FILL, told)
    yield dsn
    postgres_databases.drop(dsn)


def plan_of(dsn: str, statement: Any, asked: Any) -> list[dict[str, Any]]:
    """Every node of a statement's plan, as it ran."""
    with psycopg.connect(dsn) as connection:
        cursor = psycopg.ClientCursor(connection)
        text = cursor.mogrify(statement, asked)
        explained = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}").fetchone()
    assert explained is not None
    whole = explained[0] if isinstance(explained[0], list) else json.loads(explained[0])
    return list(nodes(whole[0]["Plan"]))


def check(found: list[dict[str, Any]], index: str, *, at_most: int) -> None:
    """An index is used, no table of moments is scanned, and few rows are looked at."""
    scanned = {n["Relation Name"] for n in found if n["Node Type"] == "Seq Scan"}
    assert "moments" not in scanned
    assert any(index in node.get("Index Name", "") for node in found)
    looked_at = sum(n["Actual Rows"] * n["Actual Loops"] for n in found if "Index Name" in n)
    assert looked_at < at_most


@pytest.mark.parametrize(
    "wanted",
    [
        MomentFilter(),
        MomentFilter(kinds=frozenset({MomentKind.RUG})),
        MomentFilter(min_usd=Decimal(999)),
        MomentFilter(since=UnixSeconds(GENESIS + 300)),
    ],
)
@pytest.mark.parametrize("top", [2 * ROWS, ROWS, 400])
def test_a_page_is_read_by_index(crowded: str, wanted: MomentFilter, top: int) -> None:
    """However narrow its filter, and wherever it begins."""
    after = MomentKey(GENESIS + top, MomentId("80" * 16))
    asked = moment_reader.bindings(1, wanted, after=after, limit=50)

    check(plan_of(crowded, moment_reader._PAGE, asked), "moments_recent", at_most=5_000)


def test_the_dearest_of_each_kind_are_read_off_their_index(crowded: str) -> None:
    """One row a kind, however many there are."""
    asked = {"wallet_id": 1, "kinds": sorted(KIND_CODES.values())}

    check(plan_of(crowded, moment_writes._DEAREST, asked), "moments_rank", at_most=100)


def test_a_look_reads_its_own_positions(crowded: str) -> None:
    """From its slot on, and the records before."""
    asked = {"wallet_id": 1, "mints": [address_bytes(MINT)], "slots": [2 * ROWS - 4_000]}

    check(plan_of(crowded, moment_writes._STORED, asked), "moments_position", at_most=200)


def test_what_is_due_is_found_by_its_time(crowded: str) -> None:
    """Marks that wait for their windows are not looked at."""
    asked = {"at": datetime(2026, 1, 1, 3, tzinfo=UTC), "limit": 500, "untracked": "UNTRACKED"}

    check(plan_of(crowded, moment_writes._WALLETS, asked), "moments_due_at", at_most=20)
