"""The contract of reading how wallets stand, held by the facts in memory and by Postgres."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import psycopg
import pytest

from local.bench.wire import counted
from oof.adapters.postgres import status_reader
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.rows import address_bytes
from oof.adapters.postgres.status_reader import PostgresStatusReader
from oof.app.advance_positions import advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet, block_wallet
from oof.app.value_positions import value_positions
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Mint
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.statuses import MemoryStatusReader
from tests.contracts.test_history_plans import nodes
from tests.support.serving import SetClock
from tests.support.transactions import address, movement, transaction

NOW = datetime(2025, 6, 1, tzinfo=UTC)
WALLET, OTHER, STRANGER = (address(name) for name in ("wallet", "other", "stranger"))
CAT = Mint(address("cat"))
BEGIN_AND_COMMIT = 2


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each store, empty, with its reader."""
    if request.param == "memory":
        facts = MemoryFactStore()
        yield facts, MemoryStatusReader(facts)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFactStore(database), PostgresStatusReader(database)
    database.close()


def track(facts, wallet, state=WalletState.SEEN_FULL):
    """Follow a wallet."""
    with facts.transaction() as store:
        store.track(wallet, state, at=NOW)


def keep(facts):
    """Store a transaction of the wallet."""
    named = transaction("named", payer=WALLET, slot=9, movements=(movement(WALLET, 5, mint=CAT),))
    with facts.transaction() as store:
        record = PackRecord("packs/x", "none", 1, 1)
        store.insert(record, [PackedTransaction(named, 0, 1)], at=NOW)
        store.enqueue([named], at=NOW)


def test_each_stage_shows_until_it_has_worked(stores):
    """What is stored is to be applied, then folded, then valued; then nothing is left."""
    facts, reader = stores
    deps = ApplyDeps(facts=facts, clock=SetClock())
    track(facts, WALLET)

    def shown():
        found = reader.standings([WALLET])[WALLET]
        return found.as_of_slot, found.is_applying, found.is_folding, found.is_valuing

    assert shown() == (None, False, False, False)
    keep(facts)
    assert shown() == (None, True, False, False)
    apply_wallet(WALLET, deps=deps)
    assert shown() == (9, False, True, False)
    advance_positions(WALLET, deps=deps)
    assert shown() == (9, False, False, True)
    value_positions(WALLET, deps=deps)
    assert shown() == (9, False, False, False)


def test_only_tracked_wallets_are_found(stores):
    """A stranger is absent, also one who took part in what is stored."""
    facts, reader = stores
    track(facts, WALLET)
    track(facts, OTHER, WalletState.REFUSED)

    found = reader.standings([STRANGER, OTHER, WALLET])

    assert {wallet: each.state for wallet, each in found.items()} == {
        WALLET: WalletState.SEEN_FULL,
        OTHER: WalletState.REFUSED,
    }
    assert found[WALLET].is_history_partial
    assert found[WALLET].checked_at is None


def test_a_blocked_wallet_says_so(stores):
    """Whatever state it is kept in."""
    facts, reader = stores
    track(facts, WALLET)
    block_wallet(WALLET, "fold_failed", deps=ApplyDeps(facts=facts, clock=SetClock()))

    assert reader.standings([WALLET])[WALLET].state is WalletState.BLOCKED


def test_five_hundred_wallets_are_one_query(postgres_dsn):
    """As many as one."""
    wallets = [address(f"wallet {n}") for n in range(500)]
    with counted(postgres_dsn) as (dsn, relay):
        database = Database(lambda: dsn)
        facts, reader = PostgresFactStore(database), PostgresStatusReader(database)
        for wallet in wallets[:3]:
            track(facts, wallet)
        for asked in (wallets[:1], wallets):
            before = relay.traffic
            reader.standings(asked)
            assert relay.traffic.since(before).statements - BEGIN_AND_COMMIT == 1
        database.close()


FILL = """
    INSERT INTO wallets (address) SELECT sha256(n::text::bytea) FROM generate_series(1, 20000) n;
    INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
        SELECT n, 'SEEN_FULL', now(), now() FROM generate_series(1, 5000) n;
    INSERT INTO position_heads (wallet_id) SELECT n FROM generate_series(1, 5000) n;
    INSERT INTO pending (wallet_id, tx_id, enqueued_at)
        SELECT 1 + n / 10, n, now() FROM generate_series(1, 40000) n;
    INSERT INTO valuation_due (wallet_id, mint_id, from_slot, at)
        SELECT 1 + n / 10, n, 0, now() FROM generate_series(1, 40000) n;
    ANALYZE;
"""


def test_everything_is_read_by_index(postgres_dsn):
    """However many wallets wait to be applied or valued."""
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(FILL)
        cursor = psycopg.ClientCursor(connection)
        asked = [address_bytes(address("nobody")), *(_hashed(n) for n in range(1, 5000, 10))]
        text = cursor.mogrify(status_reader.STANDINGS, (asked,))
        explained = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}").fetchone()
    assert explained is not None
    whole = explained[0] if isinstance(explained[0], list) else json.loads(explained[0])
    found = list(nodes(whole[0]["Plan"]))

    scanned = {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan"}
    assert not scanned & {"wallets", "pending", "valuation_due"}


def _hashed(n):
    return sha256(str(n).encode()).digest()
