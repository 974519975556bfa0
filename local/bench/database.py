"""A database of a bench's own, and what was done in it by the server's own counts."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import psycopg

from local.runtime.layout import Layout
from local.runtime.ports import free_ports
from local.runtime.postgres import PostgresServer
from local.runtime.state import Instance, InstanceStore
from oof.adapters.postgres.migrate import apply_migrations
from oof.adapters.system import random_id

# Of partitioned tables, their parts together.
_SIZES: Final = """
SELECT coalesce(parent.relname, c.relname) AS name, sum(pg_total_relation_size(c.oid))::int8
FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class parent ON parent.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1
"""
_DONE: Final = """
SELECT (SELECT pg_current_wal_lsn() - '0/0'::pg_lsn),
    (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables),
    (SELECT sum(coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0)
        + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0)
        + coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0)
        + coalesce(tidx_blks_read, 0) + coalesce(tidx_blks_hit, 0))
     FROM pg_statio_user_tables)
"""
_OTHERS: Final = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_PATIENCE_S: Final = 10


class Done(NamedTuple):
    """What the server did so far."""

    log_bytes: int
    """Written ahead: whatever was changed, indexes included."""
    rows: int
    """Inserted, updated and deleted."""
    blocks: int
    """Of 8 KB, looked at in tables and their indexes, in memory or not."""

    def since(self, before: "Done") -> "Done":
        """Return what was done after `before` was read."""
        return Done(*(now - then for now, then in zip(self, before, strict=True)))


@contextmanager
def bench_database() -> Iterator[str]:
    """Run a server with an empty database; yield its address."""
    with TemporaryDirectory(prefix="oof-bench-") as folder:
        root = Path(folder)
        (port,) = free_ports(1)
        instance = Instance(
            aws_port=0,
            postgres_port=port,
            upstream_port=0,
            database_password=random_id(),
            webhook_secret="",
        )
        # A cluster without this note counts as lost, and is anybody's to delete.
        InstanceStore(root).keep_instance(instance)
        server = PostgresServer(Layout(root=root).postgres, root, instance)
        try:
            server.start()
            apply_migrations(instance.database_dsn)
            yield instance.database_dsn
        finally:
            server.stop()
            server.wipe()


def sizes(connection: psycopg.Connection[Any]) -> Mapping[str, int]:
    """Return the bytes of each table with its indexes."""
    return dict(connection.execute(_SIZES).fetchall())


def done(connection: psycopg.Connection[Any]) -> Done:
    """Return the server's counts, once every other connection ended and told its own."""
    deadline = time.monotonic() + _PATIENCE_S
    while _count(connection, _OTHERS) and time.monotonic() < deadline:
        time.sleep(0.01)
    connection.execute("SELECT pg_stat_clear_snapshot()")
    row = connection.execute(_DONE).fetchone()
    return Done(*(int(each or 0) for each in row or (0, 0, 0)))


def _count(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
