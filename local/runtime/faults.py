"""What can go wrong with the local stack, always with what to do about it."""

from pathlib import Path

_TAIL_LINES = 15


class LocalRuntimeFault(Exception):
    """The local stack cannot go on; the message says what to do."""


class DeploymentRefused(LocalRuntimeFault):
    """The local AWS would not change what stands on it into what is asked for."""


def log_tail(path: Path, lines: int = _TAIL_LINES) -> str:
    """Return the last lines of a log, indented, or where it should have been."""
    try:
        text = path.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return f"  (no log at {path})"
    return "\n".join(f"  {line}" for line in [*text, f"whole log: {path}"])
