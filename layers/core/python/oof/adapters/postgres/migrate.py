"""Migrations: numbered SQL files, forward-only, each applied once and never edited after.

Two migrators at once take turns by a transaction-level advisory lock (a session-level one would
pin the database proxy). All outstanding files are applied in one transaction: all or none.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any, NamedTuple

import psycopg

_LOCK_KEY = 0x6F6F66_0001

_CREATE_LOG = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    int4 PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL
)
"""
_READ_LOG = "SELECT version, name, checksum FROM schema_migrations ORDER BY version"
_WRITE_LOG = "INSERT INTO schema_migrations VALUES (%s, %s, %s, %s)"
_RAISE_EPOCH = """
UPDATE database_epoch SET epoch = greatest(epoch + 1, extract(epoch FROM now())::int8)
RETURNING epoch
"""

PARTITION_SLOTS = 20_000_000
"""Slots of one partition of `actions`: about three months."""
_PARTITIONS_AHEAD = 10

_RANGES = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'actions'::regclass AND relname <> 'actions_default' ORDER BY relname
"""
_NEWEST_SLOT = "SELECT max(slot) FROM actions"
_ADD_PARTITION = """
CREATE TABLE {name} (LIKE actions INCLUDING ALL);
WITH moved AS (
    DELETE FROM actions_default WHERE slot >= {low} AND slot < {high} RETURNING *
)
INSERT INTO {name} SELECT * FROM moved;
ALTER TABLE actions ATTACH PARTITION {name} FOR VALUES FROM ({low}) TO ({high});
"""


class MigrationChanged(RuntimeError):
    """A file that was already applied has been edited, or is gone."""


class Migration(NamedTuple):
    """One SQL file."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text, hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load_migrations() -> tuple[Migration, ...]:
    """Return the packaged migrations, ascending. Raises ValueError on a gap in their numbers."""
    folder = resources.files("oof.adapters.postgres") / "migrations"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name
    )
    found = tuple(Migration(int(file.name[:4]), file.name, file.read_text()) for file in files)
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        msg = f"migrations are not numbered from 1 without a gap: {[m.name for m in found]}"
        raise ValueError(msg)
    return found


def apply_migrations(dsn: str, migrations: Sequence[Migration] | None = None) -> tuple[str, ...]:
    """Apply what is outstanding and return the names applied; a second run applies nothing.

    Raises `MigrationChanged` where an applied file is no longer what was applied.
    """
    wanted = load_migrations() if migrations is None else tuple(migrations)
    with psycopg.connect(dsn, prepare_threshold=None, connect_timeout=10) as connection:
        _lock(connection)
        connection.execute(_CREATE_LOG)
        _check_unchanged(connection.execute(_READ_LOG).fetchall(), wanted)
        done = {row[0] for row in connection.execute(_READ_LOG).fetchall()}
        outstanding = [migration for migration in wanted if migration.version not in done]
        for migration in outstanding:
            connection.execute(migration.sql)
            row = (migration.version, migration.name, migration.checksum, datetime.now(UTC))
            connection.execute(_WRITE_LOG, row)
    return tuple(migration.name for migration in outstanding)


def extend_partitions(dsn: str) -> tuple[str, ...]:
    """Keep partitions of `actions` well ahead of its newest slot; return the names added.

    Rows that outran their range wait in the default partition and are moved into the new one.
    """
    with psycopg.connect(dsn, prepare_threshold=None, connect_timeout=10) as connection:
        _lock(connection)
        ranges = {int(row[0].removeprefix("actions_")) for row in connection.execute(_RANGES)}
        newest = connection.execute(_NEWEST_SLOT).fetchone()
        reached = (newest[0] or 0) // PARTITION_SLOTS if newest else 0
        missing = [step for step in range(reached + _PARTITIONS_AHEAD + 1) if step not in ranges]
        return tuple(_add_partition(connection, step) for step in missing)


def raise_epoch(dsn: str) -> int:
    """Make every projection written before now older than the next one; return the new epoch."""
    with psycopg.connect(dsn, prepare_threshold=None, connect_timeout=10) as connection:
        row = connection.execute(_RAISE_EPOCH).fetchone()
    if row is None:
        raise MigrationChanged("database_epoch holds no row")
    return int(row[0])


def _lock(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK_KEY,))


def _add_partition(connection: psycopg.Connection[Any], step: int) -> str:
    name = f"actions_{step:03d}"
    low, high = step * PARTITION_SLOTS, (step + 1) * PARTITION_SLOTS
    connection.execute(_ADD_PARTITION.format(name=name, low=low, high=high))
    return name


def _check_unchanged(rows: Sequence[tuple[Any, ...]], wanted: Sequence[Migration]) -> None:
    known = {migration.version: migration for migration in wanted}
    for version, name, checksum in rows:
        migration = known.get(version)
        if migration is None or migration.checksum != checksum:
            raise MigrationChanged(f"{name} was applied, and has changed or gone since")
