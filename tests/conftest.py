"""Fixtures shared by every suite."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chain_dir() -> Path:
    """The recorded chain; tests that need it are skipped, loudly, where it is missing."""
    default = REPOSITORY.parent / "shared" / "chain"
    folder = Path(os.environ.get("OOF_CHAIN_DIR") or default)
    if not (folder / "rpc").is_dir():
        pytest.skip(f"no recorded chain at {folder}: set OOF_CHAIN_DIR")
    return folder
