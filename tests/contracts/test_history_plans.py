"""Pages of a long history are read by index, and cost the same wherever they begin."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from oof.adapters.postgres import history_reader
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.transactions.model import Kind, Status
from oof.domain.units import Mint, Slot, UnixSeconds
from oof.ports.history import PageKey, TransactionFilter
from tests.support.transactions import address

WALLET, MINT = address("ann"), Mint(address("mint"))
ROWS = 30_000
GENESIS = 1_700_000_000

# Every tenth transaction of the wallet moves the rare mint; as many others are nobody's we ask for.
FILL = f"""
    INSERT INTO wallets (address) VALUES (%(wallet)s), (decode(repeat('ab', 32), 'hex'));
    INSERT INTO mints (address, decimals)
        VALUES (decode(repeat('cd', 32), 'hex'), 9), (%(mint)s, 6);
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        VALUES (1, 'SEEN_FULL', now(), now());
    INSERT INTO packs (object_key, dictionary_id, frames, bytes, stored_at)
        VALUES ('p', 'none', 1, 1, now());
    INSERT INTO transactions (block_time, fee_lamports, slot, fee_payer_id, pack_id, frame_offset,
                              frame_length, normalizer_version, failed, signature)
        SELECT {GENESIS} + n, 5000, n, 1 + n %% 2, 1, 0, 1, 1, n %% 3 = 0, sha512(n::text::bytea)
        FROM generate_series(1, {2 * ROWS}) n;
    INSERT INTO participants (tx_id, slot, wallet_id)
        SELECT tx_id, slot, fee_payer_id FROM transactions;
    INSERT INTO actions (tx_id, slot, owner_id, mint_id, kind, delta_raw)
        SELECT tx_id, slot, fee_payer_id, 1, 3, -5000 FROM transactions;
    INSERT INTO actions (tx_id, slot, owner_id, mint_id, kind, delta_raw)
        SELECT tx_id, slot, fee_payer_id, 2, 2, 7 FROM transactions WHERE slot %% 20 = 2;
    ANALYZE;
"""  # noqa: S608 - numbers of this file


@pytest.fixture(scope="module")
def long_history(postgres_databases: Any) -> Iterator[str]:
    """A wallet with a long history, beside others."""
    dsn = postgres_databases.create()
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(FILL, {"wallet": address_bytes(WALLET), "mint": address_bytes(MINT)})
    yield dsn
    postgres_databases.drop(dsn)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (TransactionFilter(), "participants_wallet"),
        (TransactionFilter(status=Status.FAILED), "participants_wallet"),
        (TransactionFilter(kind=Kind.TRANSFER), "participants_wallet"),
        (TransactionFilter(mint=MINT), "owner_id_mint_id_slot_tx_id"),
    ],
)
@pytest.mark.parametrize("top", [2 * ROWS, ROWS, 300])
def test_a_page_is_read_by_index(
    long_history: str, wanted: TransactionFilter, index: str, top: int
) -> None:
    """No table is scanned, and the rows looked at do not grow with the history."""
    mint_id = None if wanted.mint is None else 2
    after = PageKey(slot=Slot(top), seen=())
    asked = history_reader._bindings(1, mint_id, wanted, after=after, limit=50)
    asked |= {"bottom": 0}
    source = history_reader._OF_WALLET if mint_id is None else history_reader._OF_MINT
    statement = history_reader._TRANSACTIONS.format(source=source)

    with psycopg.connect(long_history) as connection:
        cursor = psycopg.ClientCursor(connection)
        text = cursor.mogrify(statement, asked)
        explained = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}").fetchone()

    assert explained is not None
    whole = explained[0] if isinstance(explained[0], list) else json.loads(explained[0])
    found = list(nodes(whole[0]["Plan"]))
    scanned = {
        node["Relation Name"]
        for node in found
        if node["Node Type"] == "Seq Scan" and node["Actual Rows"] > 1_000
    }
    assert scanned == set()
    assert any(index in node.get("Index Name", "") for node in found)
    looked_at = sum(
        node["Actual Rows"] * node["Actual Loops"] for node in found if "Index Name" in node
    )
    assert looked_at < 10_000


def test_a_time_far_back_is_found_by_bisection(long_history: str) -> None:
    """A page within two seconds of a long history is exact, wherever they are."""
    database = Database(lambda: long_history)
    reader = history_reader.PostgresHistoryReader(database)
    for second in (1, ROWS, 2 * ROWS - 4):
        since = UnixSeconds(GENESIS + second)
        wanted = TransactionFilter(since=since, until=UnixSeconds(since + 4))
        page = reader.transactions(WALLET, wanted, after=None, limit=50)
        assert page is not None
        assert [each.block_time for each in page.records] == [
            GENESIS + n for n in range(second + 3, second - 1, -1) if n % 2 == 0
        ]
    database.close()


def test_the_address_is_the_wallets(long_history: str) -> None:
    """The filler speaks of the wallet that the tests ask for."""
    with psycopg.connect(long_history) as connection:
        row = connection.execute("SELECT address FROM wallets WHERE wallet_id = 1").fetchone()
    assert row is not None
    assert address_of(row[0]) == WALLET
