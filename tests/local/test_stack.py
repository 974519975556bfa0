"""The stack as a whole, without a deployment: what a start and a stop leave running."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from local.runtime import process
from local.runtime.faults import LocalRuntimeFault
from local.runtime.layout import Layout
from local.runtime.process import ProcessRef
from local.runtime.settings import LocalSettings
from local.runtime.stack import Stack, StackAddress
from local.runtime.state import Deployed, Instance, InstanceStore, new_secret

INSTANCE = Instance(
    aws_port=1,
    postgres_port=2,
    upstream_port=3,
    database_password=new_secret(),
    webhook_secret=new_secret(),
)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[ProcessRef]:
    """A process that does nothing."""
    argv = [sys.executable, "-c", "import time; time.sleep(60)"]
    server = process.spawn(argv, {}, tmp_path / "sleeper.log")
    yield server
    process.kill(server)


def test_down_ends_what_it_started(tmp_path: Path, sleeper: ProcessRef):
    """A server of this instance ends, and is forgotten."""
    store = InstanceStore(tmp_path)
    store.keep_instance(INSTANCE)
    store.keep_running({"upstream": sleeper})

    assert Stack(tmp_path).down()

    assert not process.alive(sleeper)
    assert store.running() == {}


def test_down_ends_nothing_else(tmp_path: Path, sleeper: ProcessRef):
    """A process that got the id of a server of ours, long gone, is not touched."""
    store = InstanceStore(tmp_path)
    store.keep_instance(INSTANCE)
    stranger = replace(sleeper, started="0")
    store.keep_running({"upstream": stranger, "aws": stranger})

    Stack(tmp_path).down()

    assert process.alive(sleeper)


def test_a_killed_local_aws_is_not_taken_for_stopped(tmp_path: Path, sleeper: ProcessRef):
    """Down after a crash does not mark the lost state as whole."""
    store = InstanceStore(tmp_path)
    store.keep_instance(INSTANCE)
    store.keep_deployed(Deployed(inputs="i"))
    store.keep_running({"aws": sleeper})
    process.kill(sleeper)

    Stack(tmp_path).down()

    assert store.deployed() == Deployed(inputs="i", clean=False)


def test_a_failed_start_leaves_nothing_running(tmp_path: Path):
    """Without a chain where one should be, Postgres is stopped again, and it says what to do."""
    settings = replace(
        LocalSettings.from_env(), chain_dir=tmp_path / "missing", helius_api_key=None
    )
    stack = Stack(tmp_path / "instance", settings=settings)

    with pytest.raises(LocalRuntimeFault, match="OOF_CHAIN_DIR"):
        stack.up()

    instance = InstanceStore(tmp_path / "instance").instance()
    assert instance is not None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(instance.database_dsn)
    layout = Layout(root=tmp_path / "instance")
    assert process.mentioning(layout.root) + process.mentioning(layout.postgres) == []
    assert stack.running() == {}
    stack.wipe()
    assert not layout.root.exists()
    assert not layout.postgres.exists()


def test_addresses_are_those_of_the_deployment(tmp_path: Path):
    """An API's local address follows from its id in the deployment's outputs."""
    outputs = {"OofApi-local.ApiUrl": "https://00f0a001.execute-api.us-east-1.amazonaws.com/"}
    address = StackAddress(instance=INSTANCE, outputs=outputs)

    assert address.api_url == "http://localhost:1/_aws/execute-api/00f0a001"
    with pytest.raises(LocalRuntimeFault, match="IngestUrl"):
        _ = address.ingest_url
