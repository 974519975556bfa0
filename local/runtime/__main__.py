"""`python -m local.runtime up | down | status`."""

import argparse
import signal
import sys

from rich.console import Console
from rich.markup import escape

from local.runtime.faults import LocalRuntimeFault
from local.runtime.progress import Progress
from local.runtime.stack import Stack, StackAddress


def main() -> int:
    """Run one command; return the exit code of the process."""
    parser = argparse.ArgumentParser(prog="python -m local.runtime", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status"])
    parser.add_argument("--wipe", action="store_true", help="with `down`: delete all state too")
    arguments = parser.parse_args()
    # A terminated command cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    progress = Progress()
    stack = Stack(progress=progress)
    try:
        if arguments.command == "up":
            _up(stack, progress)
        elif arguments.command == "down":
            _down(stack, progress, wipe=arguments.wipe)
        else:
            return _status(stack)
    except LocalRuntimeFault as fault:
        Console(stderr=True, highlight=False).print(f"[red]{escape(str(fault))}[/]", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        progress.note("Stopped; what this command started is down again.")
        return 130
    return 0


def _up(stack: Stack, progress: Progress) -> None:
    address = stack.up()
    progress.note(f"Up in {progress.elapsed_s():.1f} s.\n")
    _show(address)


def _down(stack: Stack, progress: Progress, *, wipe: bool) -> None:
    was_up = stack.down()
    if wipe:
        stack.wipe()
    if wipe:
        progress.note("Down, and its state deleted.")
    else:
        progress.note("Down; `make up` goes on from here." if was_up else "Nothing was up.")


def _status(stack: Stack) -> int:
    address = stack.address()
    if address is not None:
        _show(address)
        return 0
    for name, alive in stack.running().items():
        print(f"{name:<10} {'runs' if alive else 'ended'}")
    print("The stack is not up; run `make up`.")
    return 1


def _show(address: StackAddress) -> None:
    print(f"API        {address.api_url}")
    print(f"Webhook    {address.ingest_url}/ingest/webhook/helius")
    print(f"Upstream   {address.upstream_url}")
    print(f"Database   {address.database_dsn}")
    print(f"Try        curl {address.api_url}/v1/health")


if __name__ == "__main__":
    sys.exit(main())
