"""The embedded database: made, crashed, recovered, stopped; one an instance."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from local.runtime import process
from local.runtime.layout import Layout, runs_as_root
from local.runtime.ports import free_ports
from local.runtime.postgres import PostgresServer
from local.runtime.state import Instance, InstanceStore, new_secret


@contextmanager
def _server(root: Path) -> Iterator[tuple[PostgresServer, str]]:
    instance = Instance(
        aws_port=1,
        postgres_port=free_ports(1)[0],
        upstream_port=1,
        database_password=new_secret(),
        webhook_secret="",
    )
    # A cluster whose instance is forgotten is anybody's to delete.
    InstanceStore(root).keep_instance(instance)
    server = PostgresServer(Layout(root=root).postgres, root, instance)
    try:
        server.start()
        yield server, instance.database_dsn
    finally:
        server.kill()
        server.wipe()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[tuple[PostgresServer, str]]:
    """A running server and its address."""
    with _server(tmp_path) as running:
        yield running


def test_what_was_committed_survives_a_crash(postgres: tuple[PostgresServer, str]):
    """A killed server is seen as gone, starts again and still has every committed row."""
    server, dsn = postgres
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select 1 as n")

    server.kill()

    assert server.running() is None
    server.start()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select n from kept").fetchone() == (1,)


def test_an_orderly_stop_ends_the_server_and_starts_again(postgres: tuple[PostgresServer, str]):
    """Stop and start are a pair; starting what runs changes nothing."""
    server, dsn = postgres
    server.stop()
    assert server.running() is None

    first = server.start()

    assert server.start() == first
    psycopg.connect(dsn).close()


def test_the_password_is_asked_for(postgres: tuple[PostgresServer, str]):
    """Another user of this machine does not get in without it."""
    _, dsn = postgres

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(":[0-9a-f]+@", ":guess@", dsn))


def test_a_killed_neighbour_is_not_felt(tmp_path: Path):
    """Two instances run side by side: killing one leaves the other serving."""
    with ExitStack() as stack:
        first, _ = stack.enter_context(_server(tmp_path / "first"))
        second, dsn = stack.enter_context(_server(tmp_path / "second"))

        first.kill()

        running = second.running()
        assert running is not None
        assert process.alive(running)
        psycopg.connect(dsn).close()


@pytest.mark.skipif(not runs_as_root(), reason="databases lie in the instance's own folder")
def test_databases_of_deleted_instances_are_deleted(tmp_path: Path):
    """Where databases lie outside the checkout, a deleted one leaves no data and no server."""
    with ExitStack() as stack:
        stack.enter_context(_server(tmp_path / "gone"))
        lost = Layout(root=tmp_path / "gone").postgres
        shutil.rmtree(tmp_path / "gone")

        stack.enter_context(_server(tmp_path / "next"))

        assert not lost.exists()
        assert process.mentioning(lost) == []
