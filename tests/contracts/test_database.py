"""The connection to Postgres: broken ones are replaced, vendor faults are named."""

import psycopg
import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.ledger_writes import MOVED
from oof.domain.errors import Conflict, PermanentError, StoreUnavailable


@pytest.fixture
def database(postgres_dsn):
    """A connection that is made when first needed."""
    database = Database(lambda: postgres_dsn)
    yield database
    database.close()


def pid_of(database):
    """Return the server process behind a connection."""
    with database.transaction() as cursor:
        return cursor.execute("SELECT pg_backend_pid()").fetchone()[0]


def test_one_connection_serves_every_transaction(database):
    """Transactions follow each other on the same connection."""
    assert pid_of(database) == pid_of(database)


def cut(postgres_dsn, pid):
    """End a server process, as a restart or a proxy does, and let its farewell arrive."""
    with psycopg.connect(postgres_dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_connection_cut_between_transactions_is_replaced_unseen(database, postgres_dsn):
    """Nobody is told of a restart that was over before he came."""
    pid = pid_of(database)
    cut(postgres_dsn, pid)

    assert pid_of(database) != pid


def test_a_connection_cut_within_a_transaction_is_an_outage(database, postgres_dsn):
    """The transaction that meets the cut fails as transient; the next one connects anew."""
    pid = pid_of(database)

    def cut_within():
        with database.transaction() as cursor:
            cut(postgres_dsn, pid)
            cursor.execute("SELECT 1")

    with pytest.raises(StoreUnavailable):
        cut_within()

    assert pid_of(database) != pid


def test_a_server_that_is_not_there_is_an_outage():
    """Connecting to nothing is transient too."""
    with pytest.raises(StoreUnavailable):
        pid_of(Database(lambda: "postgresql://127.0.0.1:9/none"))


def test_a_rotated_password_is_picked_up(postgres_dsn):
    """The connection string is asked for at every connect."""
    answers = ["postgresql://127.0.0.1:9/none", postgres_dsn]
    database = Database(lambda: answers.pop(0))
    with pytest.raises(StoreUnavailable):
        pid_of(database)

    assert pid_of(database) > 0
    database.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("SELECT 1 / 0", PermanentError),
        ("SELECT nonsense", PermanentError),
        ("INSERT INTO database_epoch (epoch) VALUES (1)", Conflict),
    ],
)
def test_refusals_are_named_and_leave_the_connection_usable(database, statement, fault):
    """A bug is permanent, a lost race is not; either way the transaction alone is lost."""
    pid = pid_of(database)

    def refused():
        with database.transaction() as cursor:
            cursor.execute(statement)

    with pytest.raises(fault):
        refused()

    assert pid_of(database) == pid


def test_nothing_is_prepared_on_the_server(database):
    """Prepared statements would pin a database proxy to the session."""
    for _ in range(12):
        pid_of(database)

    with database.transaction() as cursor:
        prepared = cursor.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert prepared == (0,)


def test_movements_are_read_off_the_partitions_of_their_slots_alone(database):
    """Every event is folded by it: planning all partitions would take most of its time."""
    asked = {
        "wallet_id": 1,
        "tx_ids": [1],
        "slots": [340_000_000],
        "lowest": 340_000_000,
        "highest": 340_000_000,
        "fees": [1],
        "transfers": [2],
        "sol": b"",
    }
    with database.transaction() as cursor:
        rows = cursor.execute("EXPLAIN (SUMMARY OFF) " + MOVED, asked).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert "actions_017" in plan
    assert "actions_016" not in plan
    assert "actions_default" not in plan
