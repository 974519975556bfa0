"""What was valued before windows were kept is valued once more."""

import psycopg
from psycopg.types.json import Jsonb

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.migrate import apply_migrations, load_migrations
from oof.adapters.postgres.rows import address_bytes
from oof.domain.positions.days import DayFigures, PositionUsd, decode_usd, encode_usd
from oof.domain.positions.money import NO_USD
from oof.domain.positions.valuation import OpenValue
from oof.domain.units import UnixSeconds
from tests.contracts.test_pnl_reader import NOW, WALLET

BEFORE = """
INSERT INTO wallets (address) VALUES (%(wallet)s);
INSERT INTO mints (address, decimals) SELECT sha256(n::text::bytea), 6 FROM generate_series(1, 2) n;
INSERT INTO tracked_wallets (wallet_id, state, tracked_at, changed_at)
    VALUES (1, 'SEEN_FULL', now(), now());
INSERT INTO positions (wallet_id, mint_id, last_slot, is_open, realized_lamports, state, figures,
                       usd)
    VALUES (1, 1, 5, false, 0, '', '{}', %(usd)s), (1, 2, 5, false, 0, '', '{}', NULL);
INSERT INTO valuation_due (wallet_id, mint_id, from_slot, at) VALUES (1, 1, 7, now());
"""


def test_what_was_valued_before_is_marked_and_readable_meanwhile(postgres_databases):
    """From its first trade on, at once; what was never valued is as it was."""
    dsn = postgres_databases.create_empty()
    files = load_migrations()
    at = next(n for n, file in enumerate(files) if file.name == "0020_windows.sql")
    apply_migrations(dsn, files[:at])
    zero = OpenValue(NO_USD, NO_USD, 0, 0, 0, 0)
    usd = encode_usd(PositionUsd(DayFigures(exits=3), zero))
    before = {name: text for name, text in usd.items() if name not in {"won_usd", "lost_usd"}}
    with psycopg.connect(dsn, autocommit=True) as connection:
        keys = {"wallet": address_bytes(WALLET), "usd": Jsonb(before)}
        psycopg.ClientCursor(connection).execute(BEFORE, keys)

    apply_migrations(dsn, files)

    with psycopg.connect(dsn) as connection:
        due = connection.execute(
            "SELECT mint_id, from_slot, extract(epoch FROM at)::int FROM valuation_due"
        ).fetchall()
        told = connection.execute("SELECT usd FROM positions ORDER BY mint_id").fetchall()
    assert due == [(1, 0, 0)]
    assert decode_usd(told[0][0]).realized == DayFigures(exits=3)
    assert told[1] == (None,)
    database = Database(lambda: dsn)
    facts = PostgresFactStore(database)
    assert facts.unvalued_wallets(before=NOW, limit=9) == (WALLET,)
    assert facts.worth(WALLET, at=UnixSeconds(0)).realized.exits == 3
    database.close()
    postgres_databases.drop(dsn)
