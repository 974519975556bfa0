"""What was folded before days were kept is folded once more."""

from datetime import UTC, datetime

import psycopg

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.migrate import apply_migrations, load_migrations
from oof.adapters.postgres.rows import address_bytes
from tests.support.transactions import address

LATER = datetime(2100, 1, 1, tzinfo=UTC)
BEFORE = """
INSERT INTO wallets (address) VALUES (%(begun)s), (%(new)s);
INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at, applied_seq)
    VALUES (1, 'SEEN_FULL', now(), now(), 3), (2, 'WARMING_UP', now(), now(), 0);
"""


def test_wallets_with_a_ledger_are_marked_and_found(postgres_databases):
    """The sweep wakes them; who has no ledger yet is left alone."""
    dsn = postgres_databases.create_empty()
    files = load_migrations()
    at = next(n for n, file in enumerate(files) if file.name == "0021_wallet_days.sql")
    apply_migrations(dsn, files[:at])
    begun, new = address("begun"), address("new")
    keys = {"begun": address_bytes(begun), "new": address_bytes(new)}
    with psycopg.connect(dsn, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(BEFORE, keys)

    apply_migrations(dsn, files)

    database = Database(lambda: dsn)
    facts = PostgresFactStore(database)
    assert facts.forgotten(before=LATER, limit=9) == (begun,)
    with facts.transaction() as store:
        standing = [store.lock(wallet) for wallet in (begun, new)]
    assert [each is not None and each.is_fold_due for each in standing] == [True, False]
    database.close()
    postgres_databases.drop(dsn)
