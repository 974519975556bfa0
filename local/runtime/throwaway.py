"""A stack of its own for a test session: up at the start, deleted at the end."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from local.runtime import layout, process
from local.runtime.process import ProcessRef
from local.runtime.progress import Progress, Silent
from local.runtime.settings import LocalSettings
from local.runtime.stack import Stack, StackAddress

_NOTES = layout.BUILD / "local" / "throwaway"


class RunningStack:
    """A stack that a test may drive, break and bring back."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._address = stack.up()

    @property
    def address(self) -> StackAddress:
        """Where it is reached; the same after `kill` and `up`."""
        return self._address

    @property
    def api_url(self) -> str:
        """The public API's base address."""
        return self._address.api_url

    @property
    def ingest_url(self) -> str:
        """The webhook API's base address."""
        return self._address.ingest_url

    @property
    def upstream_url(self) -> str:
        """The stand-in provider."""
        return self._address.upstream_url

    @property
    def database_dsn(self) -> str:
        """The database that the Lambdas use."""
        return self._address.database_dsn

    @property
    def webhook_secret(self) -> str:
        """What a webhook's `Authorization` header must hold."""
        return self._address.webhook_secret

    def aws(self, service: str) -> Any:
        """Return a boto3 client of one service."""
        return self._address.aws(service)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call one of our functions by its folder's name."""
        return self._address.invoke(function, event)

    def up(self) -> StackAddress:
        """Bring back whatever is not running."""
        self._address = self._stack.up()
        return self._address

    def down(self) -> None:
        """Stop everything in order; `up` brings it back as it was."""
        self._stack.down()

    def kill(self) -> None:
        """End everything at once, as a power cut would."""
        self._stack.kill()

    def stop_aws(self) -> None:
        """Stop the local AWS alone, in order: what it holds is written."""
        self._stack.stop_aws()

    def start_aws(self) -> None:
        """Start the local AWS again, as it was stopped."""
        self._stack.start_aws()

    def workers(self) -> list[ProcessRef]:
        """Return the processes that run functions now."""
        return self._stack.workers()

    def stop_postgres(self) -> None:
        """Stop the database alone."""
        self._stack.stop_postgres()

    def start_postgres(self) -> None:
        """Start the database again."""
        self._stack.start_postgres()

    def kill_postgres(self) -> None:
        """End the database alone, as a crash would."""
        self._stack.kill_postgres()


@contextmanager
def running_stack(
    *,
    root: Path,
    chain_dir: Path | None = None,
    progress: Progress | None = None,
    seed: int = 1,
    crowd: int = 0,
    has_golden: bool = False,
) -> Iterator[RunningStack]:
    """Bring up a stack of its own under `root`, and delete every byte of it at the end.

    Args:
        root: an empty folder; its name is part of the processes' command lines.
        chain_dir: the recorded chain to serve; None serves the generated one, whatever the
            environment says.
        progress: where to show the steps; nowhere when None.
        seed: what a generated chain is made from.
        crowd: how many small wallets a generated chain has beside its usual ones.
        has_golden: whether a generated chain has the wallet of four years.

    Raises:
        LocalRuntimeFault: it does not come up; the message says why.
    """
    settings = replace(
        LocalSettings.from_env(),
        chain_dir=None if chain_dir is None else chain_dir.resolve(),
        helius_api_key=None,
        seed=seed,
        crowd=crowd,
        has_golden=has_golden,
    )
    _wipe_orphans()
    note = _register(root)
    stack = Stack(root, settings=settings, progress=progress or Silent())
    try:
        yield RunningStack(stack)
    finally:
        stack.wipe()
        note.unlink(missing_ok=True)


def _register(root: Path) -> Path:
    """Leave word of this stack and its owner, in case the owner is killed before the end."""
    _NOTES.mkdir(parents=True, exist_ok=True)
    note = _NOTES / f"{os.getpid()}-{secrets.token_hex(4)}.json"
    owner = process.ref(os.getpid())
    note.write_text(json.dumps({"root": str(root.resolve()), "owner": owner and asdict(owner)}))
    return note


def _wipe_orphans() -> None:
    """End and delete the stacks of test sessions that were killed."""
    for note in _NOTES.glob("*.json"):
        told = json.loads(note.read_text())
        if told["owner"] is None or not process.alive(ProcessRef(**told["owner"])):
            Stack(Path(told["root"])).wipe()
            note.unlink(missing_ok=True)
