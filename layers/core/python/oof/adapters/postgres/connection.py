"""One Postgres connection an environment, made when needed and made anew when broken.

No pool (a Lambda serves one event at a time) and nothing that would pin a database proxy to the
session: no prepared statements, no SET, no session locks. Vendor exceptions end here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from select import select
from typing import Any

import psycopg
from psycopg import IsolationLevel, errors

from oof.domain.errors import Conflict, PermanentError, StoreUnavailable

type Cursor = psycopg.Cursor[tuple[Any, ...]]


class Database:
    """Hands out transactions on one connection; not shared between threads.

    `dsn` is asked at every connect, so that a rotated password is picked up.
    """

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Begin; commit at the end of the block, roll back where it raises.

        Raises:
            StoreUnavailable: the connection failed; whether a commit in flight took effect is
                not known, so what runs here must bear being run twice.
            Conflict: a deadlock or a row somebody else wrote first.
        """
        with _translated(), self._transaction(None) as cursor:
            yield cursor

    @contextmanager
    def snapshot(self) -> Iterator[Cursor]:
        """Begin as `transaction` does, and let every statement see what the first one saw.

        Raises as `transaction` does; `Conflict` too where somebody else changed, meanwhile, a row
        that is changed here.
        """
        with _translated(), self._transaction(IsolationLevel.REPEATABLE_READ) as cursor:
            yield cursor

    @contextmanager
    def _transaction(self, isolation: IsolationLevel | None) -> Iterator[Cursor]:
        connection = self._open()
        try:
            if connection.isolation_level is not isolation:
                # No SET: the level is told with BEGIN.
                connection.isolation_level = isolation
            with connection.transaction(), connection.cursor() as cursor:
                yield cursor
        finally:
            if connection.closed or connection.broken:
                self._connection = None

    def close(self) -> None:
        """Close the connection; the next transaction opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is not None and _is_cut(self._connection):
            self.close()
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._dsn(),
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=5,
                keepalives_idle=30,
                tcp_user_timeout=10_000,
            )
        return self._connection


def _is_cut(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    """Whether the server said something between transactions: nearly always that it has ended.

    A restart, a failover or a proxy's idle timeout would else fail the next one; no round trip.
    """
    return not connection.closed and bool(select([connection], [], [], 0)[0])


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation) as fault:
        raise Conflict(f"the database refused a concurrent change: {fault.sqlstate}") from fault
    except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
        raise StoreUnavailable(f"the database did not answer: {type(fault).__name__}") from fault
    except psycopg.Error as fault:
        message = f"the database rejected a statement: {fault.sqlstate} {type(fault).__name__}"
        raise PermanentError(message) from fault
