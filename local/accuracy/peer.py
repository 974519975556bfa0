"""`solana-dex-parser`, run over the same bytes."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from local.accuracy.model import Leg, PeerAnswer, swap_of
from local.runtime.faults import LocalRuntimeFault
from local.runtime.settings import LocalSettings
from local.runtime.toolchain import Toolchain

NAME: Final = "solana-dex-parser"
VERSION: Final = "2.6.7"
_SCRIPT: Final = Path(__file__).with_name("peer.mjs")


def ask_peer(lines: list[bytes]) -> list[PeerAnswer]:
    """Return the peer's answer to each transaction, in order; installs the peer if need be."""
    output = run_peer(_SCRIPT, lines)
    answers = [read_answer(orjson.loads(line)) for line in output.splitlines()]
    if len(answers) != len(lines):
        raise LocalRuntimeFault(f"{NAME} answered {len(answers)} of {len(lines)}")
    return answers


def run_peer(script: Path, lines: Sequence[bytes], *arguments: str) -> bytes:
    """Run a script that loads the peer, over `lines`; its first argument is the peer's home.

    Installs the peer if need be. Raises LocalRuntimeFault with the script's last words.
    """
    command, env = peer_command(script, *arguments)
    run = subprocess.run(
        command, input=b"\n".join(lines) + b"\n", capture_output=True, check=False, env=env
    )
    if run.returncode != 0:
        complaint = run.stderr.decode(errors="replace").strip()[-1000:]
        raise LocalRuntimeFault(f"{NAME} ended with {run.returncode}: {complaint}")
    return run.stdout


def peer_command(script: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Give the command that runs a script with the peer's home, installed if need be; its env."""
    settings = LocalSettings.from_env()
    toolchain = Toolchain(settings)
    with toolchain.alone():
        home = toolchain.npm_package(NAME, VERSION)
    return [toolchain.node(), str(script), str(home), *arguments], settings.subprocess_env()


def read_answer(told: dict[str, Any]) -> PeerAnswer:
    """Read one line of the script."""
    return PeerAnswer(
        whole=swap_of(told["whole"]) if told["whole"] else None,
        parts=tuple(Leg(part["outer"], swap_of(part)) for part in told["parts"]),
        legs=tuple(Leg(leg["outer"], swap_of(leg)) for leg in told["legs"]),
        error=told["error"],
    )
