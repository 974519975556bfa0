"""Processes that outlive the command that started them.

A process is known by its id *and* the moment it started, so a number that the system has given
to somebody else is never signalled. Servers are spawned in a session of their own: Ctrl-C in a
terminal ends the command, not the stack.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_S = 0.02
_SERVER_PROGRAMS = ("python", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRef:
    """A running process: its id and when it started, in the system's own terms."""

    pid: int
    started: str


def ref(pid: int) -> ProcessRef | None:
    """Return the identity of a live process; None when there is none or only a zombie."""
    _reap(pid)
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _ref_without_proc(pid)
    try:
        # Clock ticks since boot: unlike a wall-clock time they do not move when the clock is set.
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else ProcessRef(pid=pid, started=fields[19])


def _ref_without_proc(pid: int) -> ProcessRef | None:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessRef(pid=pid, started=f"{process.create_time():.3f}")
    except psutil.Error:
        return None


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def alive(process: ProcessRef) -> bool:
    """Return whether this very process still runs."""
    return ref(process.pid) == process


def spawn(argv: Sequence[str], env: Mapping[str, str], log: Path) -> ProcessRef:
    """Start a server in its own session; what it prints goes to `log`, the last run's beside it.

    Raises FileNotFoundError when the program is missing.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    actions: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(argv[0], list(argv), dict(env), file_actions=actions, setsid=True)
    return ref(pid) or ProcessRef(pid=pid, started="gone")


def stop(process: ProcessRef, grace_s: float) -> bool:
    """Ask a process to end, then make its whole session end; True when it went by itself."""
    if not alive(process):
        return True
    terminate(process)
    if wait_gone(process, grace_s):
        return True
    kill(process)
    return False


def terminate(process: ProcessRef) -> None:
    """Ask a process to end, and do not wait for it."""
    _signal(process, signal.SIGTERM)


def kill(process: ProcessRef) -> None:
    """End a process and the group it leads at once, as a power cut would."""
    if not alive(process):
        return
    try:
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_gone(process, 5)


def wait_gone(process: ProcessRef, timeout_s: float) -> bool:
    """Wait for a process to end; False when it still runs after the time."""
    deadline = time.monotonic() + timeout_s
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _signal(process: ProcessRef, number: int) -> None:
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return


def mentioning(folder: Path) -> list[ProcessRef]:
    """Return the live servers whose command line names this folder: ours, and nobody else's.

    An editor or a pager that a person has open on a file of ours is no server.
    """
    prefix, own = str(folder), os.getpid()
    found: list[ProcessRef] = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or [""]
        program = Path(words[0]).name.lower()
        if process.pid == own or not program.startswith(_SERVER_PROGRAMS):
            continue
        if any(_inside(word.rpartition("=")[2], prefix) for word in words[1:]):
            identity = ref(process.pid)
            found += [] if identity is None else [identity]
    return found


def _inside(word: str, prefix: str) -> bool:
    return word == prefix or word.startswith(prefix + os.sep)


def children(pid: int) -> list[ProcessRef]:
    """Return the live descendants of a process."""
    try:
        family = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return [found for child in family if (found := ref(child.pid)) is not None]
