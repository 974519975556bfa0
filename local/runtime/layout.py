"""Where things lie: the checkout, its tools, and the state of one instance."""

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / ".build"
MAIN_INSTANCE = BUILD / "local" / "main"

_ROOT_STATE = Path("/var/lib/oof-local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folders of one instance."""

    root: Path

    @property
    def logs(self) -> Path:
        """Each server's own log, and the deployment's."""
        return self.root / "logs"

    @property
    def aws(self) -> Path:
        """MiniStack's state, S3 objects and workers' scratch space."""
        return self.root / "aws"

    @property
    def assembly(self) -> Path:
        """The cloud assembly of the last synth."""
        return self.root / "cdk.out"

    @property
    def postgres(self) -> Path:
        """The database's folder.

        Postgres refuses to run as root, and the user it then runs as cannot look into a private
        checkout: as root it lives outside, under a name derived from the instance's.
        """
        if not runs_as_root():
            return self.root / "postgres"
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:16]
        return _ROOT_STATE / digest


def root_state() -> Path:
    """Return the folder that holds databases and server binaries when we run as root."""
    return _ROOT_STATE


def runs_as_root() -> bool:
    """Return whether this process is the superuser's."""
    return os.geteuid() == 0


def python() -> Path:
    """Return the interpreter of the project's environment."""
    return Path(sys.executable)
