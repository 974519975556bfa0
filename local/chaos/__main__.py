"""`make chaos`: a stack of its own, a storm over it, and the verdict."""

import argparse
import shutil
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape

from local.chaos.report import LiveLine, print_tally
from local.chaos.run import Verdict, storm_over
from local.chaos.setting import Plant, Setting
from local.runtime import LocalRuntimeFault, running_stack
from local.runtime.progress import Progress

_WIDTH_OF_PIPES = 140
_ROOM_BYTES = 4 * 1024**3


def _setting() -> Setting:
    known = Setting()
    parser = argparse.ArgumentParser(prog="python -m local.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=known.seed, help="what the storm is drawn from")
    parser.add_argument("--deliveries", type=int, default=known.deliveries)
    parser.add_argument("--wallets", type=int, default=known.wallets)
    parser.add_argument(
        "--outage", type=float, default=known.outage_s, help="seconds without Postgres"
    )
    parser.add_argument(
        "--minutes", type=float, default=known.minutes, help="after which it never comes to rest"
    )
    parser.add_argument("--plant", type=Plant, choices=list(Plant), help="a fault it must find")
    asked = parser.parse_args()
    return Setting(
        seed=asked.seed,
        deliveries=asked.deliveries,
        wallets=asked.wallets,
        outage_s=asked.outage,
        minutes=asked.minutes,
        plant=asked.plant,
    )


def main() -> int:
    """Run one storm; 0 when every promise holds, 1 when one is broken."""
    # A terminated run cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    setting, console = _setting(), Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_PIPES)
    console.print(f"chaos: {setting.arguments}")
    begun = time.monotonic()
    try:
        verdict = _verdict(setting, console)
    except LocalRuntimeFault as fault:
        console.print(f"[red]chaos:[/] {escape(str(fault))}", soft_wrap=True)
        return 1
    print_tally(console, verdict.tally, verdict.counters)
    took = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in verdict.tally.seconds.items())
    console.print(f"{time.monotonic() - begun:.0f} s in all ({took})", style="dim")
    for line in verdict.broken:
        console.print(f"[red]broken:[/] {escape(line)}", soft_wrap=True)
    if verdict.broken:
        console.print(f"again: make chaos ARGS='{setting.arguments}'", soft_wrap=True)
        return 1
    console.print(
        f"{verdict.transactions:,} transactions of {setting.wallets} wallets are as after a clean "
        "pass; every promise holds."
    )
    return 0


def _memory() -> str | None:
    """Where files are kept in memory, if there is room; None lets the system choose.

    Each process of a function unpacks its code anew, and many are killed.
    """
    folder = Path("/dev/shm")  # noqa: S108 - a folder of our own is made within
    has_room = folder.is_dir() and shutil.disk_usage(folder).free > _ROOM_BYTES
    return str(folder) if has_room else None


def _verdict(setting: Setting, console: Console) -> Verdict:
    with TemporaryDirectory(prefix="oof-chaos-", dir=_memory()) as folder:
        root = Path(folder) / "stack"
        progress = Progress(console)
        stack = running_stack(
            root=root, progress=progress, seed=setting.seed, crowd=setting.wallets
        )
        with stack as running:
            line = LiveLine(console)
            try:
                return storm_over(running, setting, line.tell)
            finally:
                line.close()


if __name__ == "__main__":
    sys.exit(main())
