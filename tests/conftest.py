"""Fixtures shared by every suite."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Databases, embedded_postgres

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that rewrites golden files, to be reviewed as a diff."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden expectations")


@pytest.fixture(scope="session")
def chain_dir() -> Path:
    """The recorded chain; tests that need it are skipped, loudly, where it is missing."""
    default = REPOSITORY.parent / "shared" / "chain"
    folder = Path(os.environ.get("OOF_CHAIN_DIR") or default)
    if not (folder / "rpc").is_dir():
        pytest.skip(f"no recorded chain at {folder}: set OOF_CHAIN_DIR")
    return folder


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """The session's embedded Postgres: makes databases, empty or migrated."""
    with embedded_postgres() as databases:
        yield databases


@pytest.fixture
def postgres_dsn(postgres_databases: Databases) -> Iterator[str]:
    """A fresh, fully migrated database of this test alone."""
    dsn = postgres_databases.create()
    yield dsn
    postgres_databases.drop(dsn)
