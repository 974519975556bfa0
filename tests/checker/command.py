"""The command line under test, run as a user would run it: in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.checker.bodies import Json

REPOSITORY = Path(__file__).resolve().parent.parent.parent

ENTRY = (
    "import sys; from local.cli.normalize import normalize_command;"
    " sys.exit(normalize_command(sys.argv[1:]))"
)
"""What `./oof normalize` runs, without setting up an environment first."""


class Run(NamedTuple):
    """What one run of the command said."""

    exit_code: int
    lines: list[Json]
    complaint: str


def normalize(*files: Path, timeout_seconds: float = 300) -> Run:
    """Run `normalize` over files and return its lines, in order."""
    paths = (str(REPOSITORY), str(REPOSITORY / "layers" / "core" / "python"))
    process = subprocess.run(
        [sys.executable, "-c", ENTRY, *map(str, files)],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    lines = [json.loads(line) for line in process.stdout.splitlines()]
    return Run(process.returncode, lines, process.stderr)
