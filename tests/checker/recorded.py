"""Which recorded files there are, and each one's report, made once."""

import os
from functools import cache
from pathlib import Path

from tests.checker.command import REPOSITORY
from tests.checker.report import FileReport, check_file


def chain_folder() -> Path:
    """Return where the recorded chain should be."""
    named = os.environ.get("OOF_CHAIN_DIR")
    return Path(named) if named else REPOSITORY.parent / "shared" / "chain"


def recorded_files() -> list[str]:
    """Return the names, relative to the chain, of all files of complete transactions."""
    folder = chain_folder()
    found = [
        path
        for part in ("rpc", "wallet_histories", "webhook_raw")
        for path in (folder / part).rglob("*.jsonl.zst")
    ]
    return sorted(str(path.relative_to(folder)) for path in found) or ["rpc/(none)"]


@cache
def report_of(path: Path) -> FileReport:
    """Return the report of one file, made once a process."""
    return check_file(path)
