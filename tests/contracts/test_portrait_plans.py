"""What a portrait is made of is read by index, a page at a time, wherever the page begins."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import portrait_writes
from oof.adapters.postgres.rows import address_bytes
from oof.domain.units import Mint, Slot
from oof.ports.portraits import RowKey
from tests.contracts.test_moment_plans import plan_of
from tests.support.transactions import address

ROWS = 20_000
PAGE = 200
MINT = address("mint")
LARGE = {"trades", "transactions", "ledger", "actions", "moments", "portraits_due"} | {
    f"position_{kind}" for kind in ("entries", "exits", "episodes")
}

# Two wallets in turns: each transaction is a trade, an entry or an exit, and a moment.
FILL = f"""
    INSERT INTO wallets (address) VALUES (%(wallet)s), (decode(repeat('ab', 32), 'hex'));
    INSERT INTO mints (address, decimals) VALUES (%(mint)s, 6);
    INSERT INTO mints (address, decimals)
        SELECT sha256(n::text::bytea), 6 FROM generate_series(1, 199) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT n, 'SEEN_FULL', now(), now() FROM generate_series(1, 2) n;
    INSERT INTO packs (object_key, dictionary_id, frames, bytes, stored_at)
        VALUES ('p', 'none', 1, 1, now());
    INSERT INTO transactions (block_time, fee_lamports, slot, fee_payer_id, pack_id, frame_offset,
                              frame_length, normalizer_version, failed, signature)
        SELECT 1700000000 + n, 5000, n, 1 + n %% 2, 1, 0, 1, 1, false, sha512(n::text::bytea)
        FROM generate_series(1, {2 * ROWS}) n;
    INSERT INTO ledger (tx_id, wallet_id, seq, op, known, version)
        SELECT tx_id, fee_payer_id, slot / 2 + 1, 1, 0, 1 FROM transactions;
    INSERT INTO trades (tx_id, slot, trader_id, sold_mint_id, bought_mint_id, leg, outer_index,
                        is_maker, arbitrage, sold_raw, bought_raw, venue, route)
        SELECT tx_id, slot, fee_payer_id, 1, 1 + (slot / 2) %% 200, 0, 0, false, false, 1, 1,
            'jupiter', '{{}}' FROM transactions;
    INSERT INTO position_entries (tx_id, wallet_id, mint_id, slot, place, document)
        SELECT tx_id, fee_payer_id, 1 + (slot / 2) %% 200, slot, 0, '{{"at": 1}}'
        FROM transactions;
    INSERT INTO position_exits (tx_id, wallet_id, mint_id, slot, place, document)
        SELECT tx_id, fee_payer_id, 1 + (slot / 2) %% 200, slot, 0, '{{}}' FROM transactions;
    INSERT INTO moments (tx_id, at, wallet_id, mint_id, slot, kind, place, version, severity, id,
                         document)
        SELECT tx_id, block_time, fee_payer_id, 1, slot, 1 + slot %% 12, 0, 1, 0.5,
            substring(sha256(slot::text::bytea), 1, 16), '{{}}' FROM transactions;
    INSERT INTO wallets (address)
        SELECT sha256(n::text::bytea) FROM generate_series(1, 2000) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT wallet_id, 'SEEN_FULL', now(), now() FROM wallets WHERE wallet_id > 2;
    INSERT INTO portraits_due (wallet_id, at)
        SELECT wallet_id, timestamptz '2026-01-01' + wallet_id * interval '1 minute' FROM wallets;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def crowded(postgres_databases: Any) -> Iterator[str]:
    """Two long histories, and many wallets to be portrayed."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        told = {"wallet": address_bytes(address("ann")), "mint": address_bytes(MINT)}
        cursor.execute(FILL, told)
    yield dsn
    postgres_databases.drop(dsn)


def check(found: list[dict[str, Any]], index: str, *, at_most: int) -> None:
    """The index is used, no large table is read whole, and few rows are looked at."""
    scanned = {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan"}
    assert scanned & LARGE == set()
    assert any(index in node.get("Index Name", "") for node in found)
    looked_at = sum(n["Actual Rows"] * n["Actual Loops"] for n in found if "Index Name" in n)
    assert looked_at < at_most


@pytest.mark.parametrize("top", [2 * ROWS, ROWS, 500])
def test_pages_of_trades_cost_what_is_on_them(crowded: str, top: int) -> None:
    """The newest like the oldest."""
    asked = {"wallet_id": 1, "slot": top, "tx_id": 0, "leg": 0, "limit": PAGE}

    check(plan_of(crowded, portrait_writes._TRADES, asked), "trades_trader", at_most=12 * PAGE)


@pytest.mark.parametrize("top", [2 * ROWS, ROWS, 500])
@pytest.mark.parametrize("kind", ["entries", "exits"])
def test_pages_of_entries_and_exits_cost_what_is_on_them(crowded: str, kind: str, top: int) -> None:
    """In the order of slots, whatever their tokens."""
    after = RowKey(Slot(top), 0, Mint(MINT), 0)
    asked = portrait_writes._from_key(1, after, PAGE)
    statement = getattr(portrait_writes, f"_{kind.upper()}")

    check(plan_of(crowded, statement, asked), f"position_{kind}_slot", at_most=6 * PAGE)


def test_first_purchases_are_looked_up_one_by_one(crowded: str) -> None:
    """A row each of the wallet's own and of anybody's, however many there are."""
    asked = {"wallet_id": 1, "mints": [address_bytes(MINT)], "minted": [12]}

    found = plan_of(crowded, portrait_writes._FIRST_BUYS, asked)

    check(found, "trades_bought", at_most=50)


def test_moments_and_marks_are_read_off_their_indexes(crowded: str) -> None:
    """The newest moments, and who is to be portrayed by now."""
    moments = {"wallet_id": 1, "limit": PAGE}
    due = {"at": datetime(2026, 1, 1, 1, tzinfo=UTC), "limit": 500, "untracked": "UNTRACKED"}

    check(plan_of(crowded, portrait_writes._MOMENTS, moments), "moments_recent", at_most=2 * PAGE)
    check(plan_of(crowded, portrait_writes._WALLETS, due), "portraits_due_at", at_most=400)
