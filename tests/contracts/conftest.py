"""The real stores that contract tests run against, beside the in-memory ones."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest

from local.crowd.crowd import FIFTY_THOUSAND, Crowd, Founding
from local.crowd.inside import Inside
from local.crowd.recording import RecordingDatabase
from oof.adapters.dynamo.items import HotTable, hot_table
from tests.support.local_aws import CREDENTIALS, LocalAws, local_aws
from tests.support.postgres import Databases


class Crowded(NamedTuple):
    """A crowd, and what its database is asked."""

    founding: Founding
    crowd: Crowd
    database: RecordingDatabase


@pytest.fixture(scope="session")
def dynamo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS for the session."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with local_aws(tmp_path_factory.mktemp("dynamo")) as aws:
            yield aws


@pytest.fixture
def dynamo_table(dynamo: LocalAws) -> HotTable:
    """A hot table of this test alone."""
    name = dynamo.create_hot_table(f"hot-{uuid4().hex[:12]}")
    return hot_table(name, endpoint=dynamo.endpoint, region=dynamo.region)


@pytest.fixture(scope="session")
def crowded(postgres_databases: Databases) -> Iterator[Crowded]:
    """Some 50,000 actions of more than 500 wallets; whoever uses it is of the group `crowd`."""
    dsn = postgres_databases.create()
    database = RecordingDatabase(dsn)
    founding = Founding(dsn, FIFTY_THOUSAND, inside=Inside(database))
    founding.grow()
    yield Crowded(founding, founding.crowd(), database)
    founding.close()
    postgres_databases.drop(dsn)
