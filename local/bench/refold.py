"""A process of its own that analyses one stored wallet anew: `python -m local.bench.refold`.

It reads a line of JSON, the database's address and the wallet. Before each stage and after the last
one it writes another: the stage that is over, its seconds and those of its longest database
transaction, and the most memory the process ever held. It goes on when it is answered with a line,
so that whoever asks can count in between.
"""

import re
import resource
import sys
from pathlib import Path
from typing import Final

import orjson

from local.bench.samples import timed
from local.bench.stages import StoredWallet
from oof.domain.units import Address

BEFORE: Final = ""
"""The name of the stage before the first: everything is imported."""
_STATUS: Final = Path("/proc/self/status")


def main() -> int:
    """Do what is asked; return the exit code."""
    dsn, wallet = orjson.loads(sys.stdin.readline())
    stored = StoredWallet(dsn, Address(wallet))
    _tell(BEFORE, 0.0, 0.0)
    for stage in stored.reanalysing():
        seconds, longest = timed(stage.run)
        # What the server counts of a connection is told at its end.
        stored.close()
        _tell(stage.name, seconds, longest)
    return 0


def _tell(stage: str, seconds: float, longest: float) -> None:
    told = {
        "stage": stage,
        "seconds": seconds,
        "longest_turn_s": longest,
        "peak_bytes": _peak_bytes(),
    }
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    sys.stdout.buffer.flush()
    sys.stdin.readline()


def _peak_bytes() -> int:
    """Return the most memory held since this program began.

    What the system calls a process's largest size begins, on Linux, with that of the program it
    was forked from.
    """
    if _STATUS.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
        if found is not None:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
