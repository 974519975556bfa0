"""`python -m local.accuracy`: the proof, and exit 1 where it does not stand."""

import argparse
import sys
import time
from dataclasses import replace

from rich.console import Console

from local.accuracy.planted import plant
from local.accuracy.proof import Proof, prove
from local.accuracy.show import show, show_planted, show_problems, show_verdicts
from local.accuracy.verdicts import read_table, renewed, review, write_table
from local.runtime.faults import LocalRuntimeFault
from tests.checker.recorded import chain_folder


def main() -> int:
    """Run the proof; return 0 if it stands, 1 if not, 2 if there is nothing to prove it on."""
    parser = argparse.ArgumentParser(prog="make accuracy", description=__doc__)
    parser.add_argument("--list", action="store_true", help="print every disagreement too")
    parser.add_argument(
        "--update",
        action="store_true",
        help="rewrite what rules decide in the verdict table, and drop what is stale from it",
    )
    parser.add_argument(
        "--plant", action="store_true", help="plant mistakes too, and print which would be told"
    )
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    if not (chain_folder() / "rpc").is_dir():
        console.print(f"no recorded chain at {chain_folder()}: set OOF_CHAIN_DIR")
        return 2
    started = time.monotonic()
    try:
        proof = prove()
    except LocalRuntimeFault as fault:
        console.print(str(fault), style="red", markup=False)
        return 1
    if arguments.update:
        write_table(renewed(proof.review))
        proof = replace(proof, review=review(read_table(), proof.disagreements))
        console.print("The verdict table is rewritten: review it as a diff.")
    if arguments.plant:
        show_planted(plant(proof.cases), console)
    if arguments.list:
        show_verdicts(proof.review, console)
    show(proof, console)
    return _conclude(proof, console, time.monotonic() - started)


def _conclude(proof: Proof, console: Console, took_s: float) -> int:
    show_problems(proof.review, console)
    failures = proof.failures()
    for failure in failures:
        console.print(f"[red]✗[/] {failure}")
    if not failures:
        console.print(
            "[green]✓[/] every sum exact, every encoding alike, every disagreement judged"
        )
    console.print(f"{took_s:.0f} s")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
