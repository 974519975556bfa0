"""Recorded bodies by signature."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.model import Unreadable

FOLDERS = ("rpc", "rpc/blocks", "wallet_histories", "webhook_raw")


def read_recorded(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the bodies of one recorded file, in order."""
    with path.open("rb") as source:
        for line in io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(source)):
            for body in read_bodies(line):
                assert not isinstance(body, Unreadable)
                yield body


@pytest.fixture(scope="session")
def recorded(chain_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """All recorded bodies by signature: a list, for some were recorded in several encodings."""
    found: dict[str, list[dict[str, Any]]] = {}
    for folder in FOLDERS:
        for path in sorted((chain_dir / folder).glob("*.jsonl.zst")):
            for body in read_recorded(path):
                found.setdefault(body["transaction"]["signatures"][0], []).append(body)
    return found


@pytest.fixture(scope="session")
def enhanced(chain_dir: Path) -> list[dict[str, Any]]:
    """The recorded Helius enhanced transactions."""
    path = chain_dir / "enhanced" / "enhanced_transactions.jsonl.zst"
    with path.open("rb") as source:
        text = zstandard.ZstdDecompressor().stream_reader(source).read()
    return [orjson.loads(line) for line in text.splitlines()]
