"""Entry of `python -m local.bench [NAME…]`: the benches named, or all of them."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape

from local.bench import (
    cost,
    golden,
    new_trade,
    normalize,
    positions,
    reads,
    reanalysis,
    serve,
    similarity,
    storage,
)
from local.bench.session import Session, session
from local.runtime import LocalRuntimeFault

_WIDTH_OF_PIPES = 140


class Bench(NamedTuple):
    """One bench by its name on the command line."""

    name: str
    run: Callable[[Session], None]


BENCHES = (
    Bench("normalize", normalize.run),
    Bench("positions", positions.run),
    Bench("reanalysis", reanalysis.run),
    Bench("new-trade", new_trade.run),
    Bench("storage", storage.run),
    Bench("reads", reads.run),
    Bench("similarity", similarity.run),
    Bench("serve", serve.run),
    Bench("golden", golden.run),
    Bench("cost", cost.run),
)


def main() -> int:
    """Run what was asked for, one after the other; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    names = [bench.name for bench in BENCHES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    asked = parser.parse_args().names or names
    if unknown := sorted(set(asked) - set(names)):
        parser.error(f"no bench {', '.join(unknown)}; there are {', '.join(names)}")
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_PIPES)
    begun = time.monotonic()
    try:
        with session(console) as running:
            for bench in BENCHES:
                if bench.name in asked:
                    bench.run(running)
    except LocalRuntimeFault as fault:
        console.print(f"[red]bench:[/] {escape(str(fault))}", soft_wrap=True)
        return 1
    console.print(f"All done after {time.monotonic() - begun:.0f} s.", style="dim")
    return 0


if __name__ == "__main__":
    sys.exit(main())
