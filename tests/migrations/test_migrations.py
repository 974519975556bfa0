"""Migrations on an embedded Postgres."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from oof.adapters.postgres.migrate import (
    PARTITION_SLOTS,
    Migration,
    MigrationChanged,
    apply_migrations,
    extend_partitions,
    load_migrations,
    raise_epoch,
)


def test_all_apply_to_an_empty_database_once(postgres_databases):
    """A first run applies every file in order; a second applies nothing."""
    dsn = postgres_databases.create_empty()

    first = apply_migrations(dsn)

    assert first == tuple(migration.name for migration in load_migrations())
    assert apply_migrations(dsn) == ()


def test_two_migrators_at_once_take_turns(postgres_databases):
    """Of two concurrent runs one applies everything and the other nothing."""
    dsn = postgres_databases.create_empty()

    with ThreadPoolExecutor(2) as threads:
        results = sorted(threads.map(apply_migrations, [dsn, dsn]))

    assert results == [(), tuple(migration.name for migration in load_migrations())]


def test_an_edited_file_is_refused(postgres_dsn):
    """A file that differs from what was applied stops the run before it does anything."""
    first, *rest = load_migrations()
    edited = Migration(first.version, first.name, first.sql + "-- later thought")

    with pytest.raises(MigrationChanged, match=first.name):
        apply_migrations(postgres_dsn, [edited, *rest])


def test_a_failing_file_leaves_nothing_behind(postgres_databases):
    """All outstanding files are one transaction: a broken second one undoes the first."""
    dsn = postgres_databases.create_empty()
    files = [Migration(1, "0001_a.sql", "CREATE TABLE a ()"), Migration(2, "0002_b.sql", "CREATE")]

    with pytest.raises(psycopg.errors.SyntaxError):
        apply_migrations(dsn, files)

    with psycopg.connect(dsn) as connection:
        found = connection.execute("select to_regclass('a'), to_regclass('schema_migrations')")
        assert found.fetchone() == (None, None)


def test_a_slot_beyond_every_range_is_stored_and_later_moved(postgres_dsn):
    """The default partition takes what has no range yet; upkeep gives it its own."""
    slot = 45 * PARTITION_SLOTS + 7
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("insert into actions values (1, %s, 1, 1, null, 1, 5)", (slot,))

    added = extend_partitions(postgres_dsn)

    with psycopg.connect(postgres_dsn) as connection:
        where = connection.execute("select tableoid::regclass::text from actions").fetchall()
    assert where == [("actions_045",)]
    assert added[0] == "actions_030"
    assert extend_partitions(postgres_dsn) == ()


def test_a_raised_epoch_is_newer(postgres_dsn):
    """Each raise gives a larger epoch, even within the same second."""
    first, second = raise_epoch(postgres_dsn), raise_epoch(postgres_dsn)

    assert second > first
