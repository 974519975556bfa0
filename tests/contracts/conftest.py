"""The real stores that contract tests run against, beside the in-memory ones."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from oof.adapters.dynamo.items import HotTable, hot_table
from tests.support.local_aws import CREDENTIALS, LocalAws, local_aws


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
