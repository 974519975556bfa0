"""What an instance of the local stack remembers on disk.

`instance.json` is chosen once (ports, secrets) and kept, so addresses stay the same from one day
to the next. `running.json` names the processes of the present run. `deployed.json` says what was
deployed, from which inputs, and is marked clean only by an orderly stop: a stack whose mark is
missing was killed, and what MiniStack kept in memory is gone.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from local.runtime.faults import LocalRuntimeFault
from local.runtime.process import ProcessRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Addresses and secrets of one local stack, stable over its life."""

    aws_port: int
    postgres_port: int
    upstream_port: int
    database_password: str
    webhook_secret: str

    @property
    def database_dsn(self) -> str:
        """The Postgres address that tests, tools and Lambdas use."""
        return f"postgresql://oof:{self.database_password}@127.0.0.1:{self.postgres_port}/oof"

    @property
    def aws_url(self) -> str:
        """The one endpoint of every local AWS service."""
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def upstream_url(self) -> str:
        """The stand-in of the provider."""
        return f"http://127.0.0.1:{self.upstream_port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What stands on the local AWS: the inputs it was made from, and its addresses.

    `clean` says that the local AWS wrote its state at an orderly stop; `behind` that its tables
    were lost since Postgres was last projected.
    """

    inputs: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    clean: bool = False
    behind: bool = False


class InstanceStore:
    """The files of one instance, under its root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._instance = root / "instance.json"
        self._running = root / "running.json"
        self._deployed = root / "deployed.json"
        self._chain = root / "chain.json"

    def instance(self) -> Instance | None:
        """Return the remembered addresses; None before the first start."""
        return None if (raw := _read(self._instance)) is None else Instance(**raw)

    def keep_instance(self, instance: Instance) -> None:
        """Remember addresses and secrets, readable by their owner alone."""
        _write(self._instance, asdict(instance))

    def running(self) -> dict[str, ProcessRef]:
        """Return the processes of the present run by name; they may have ended since."""
        raw = _read(self._running) or {}
        return {name: ProcessRef(**value) for name, value in raw.items()}

    def keep_running(self, processes: Mapping[str, ProcessRef]) -> None:
        """Remember the processes of this run; none at all forgets the file."""
        if processes:
            _write(self._running, {name: asdict(process) for name, process in processes.items()})
        else:
            self._running.unlink(missing_ok=True)

    def chain(self) -> str | None:
        """Return which chain this instance's facts come from; None before the first start."""
        return None if (raw := _read(self._chain)) is None else str(raw["chain"])

    def keep_chain(self, chain: str) -> None:
        """Remember which chain is served."""
        _write(self._chain, {"chain": chain})

    def deployed(self) -> Deployed | None:
        """Return what stands on the local AWS; None when nothing does."""
        return None if (raw := _read(self._deployed)) is None else Deployed(**raw)

    def keep_deployed(self, deployed: Deployed | None) -> None:
        """Remember a deployment, or forget it."""
        if deployed is None:
            self._deployed.unlink(missing_ok=True)
        else:
            _write(self._deployed, asdict(deployed))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the instance: two commands on it at once would end each other's processes.

        Raises LocalRuntimeFault when another command holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        # Templates and logs in here quote passwords and keys.
        self.root.chmod(0o700)
        with (self.root / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalRuntimeFault(
                    f"another command is working on {self.root}; wait for it to end"
                ) from None
            yield


def new_secret() -> str:
    """Return a secret fit for a connection string."""
    return secrets.token_hex(16)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        raw: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        # A file cut short by a power cut is a file never written.
        return None
    return raw


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(value, handle, indent=2)
    partial.replace(path)
