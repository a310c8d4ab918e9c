"""A PostgreSQL server for tests: the one an environment names, or a throw-away cluster of our own.

A test that stops the server in the middle of something makes its own with `PostgresServer.create(folder)`.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

URL_VARIABLE = "PARLEY_TEST_POSTGRES_URL"
SETTINGS = {
    # Speed over safety: nothing in here outlives the test run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL to test with; says what to install or set."""


def binary(name: str) -> Path:
    """A program of the newest installed PostgreSQL. Debian keeps them out of the PATH."""
    folders = sorted(
        (path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / name).exists()),
        key=lambda path: float(path.parent.name),
    )
    found = folders[-1] / name if folders else shutil.which(name)
    if not found:
        raise PostgresMissing(
            f"PostgreSQL's {name} was not found: install it (Debian: apt-get install postgresql), "
            f"or set {URL_VARIABLE} to a server where databases may be created"
        )
    return Path(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    """The account to run the server as when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in accounts)


def _run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        user=_unprivileged(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PostgresMissing(f"{Path(command[0]).name} failed:\n{done.stdout}")


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `url` names its maintenance database."""

    url: str
    folder: Path | None = None

    @classmethod
    def create(cls, folder: Path) -> "PostgresServer":
        """Make a cluster in `folder` (new) and start it on a free port of loopback."""
        folder.mkdir(parents=True)
        user = _unprivileged()
        if user:
            shutil.chown(folder, user)
        _run(
            binary("initdb"), "-D", folder / "data", "-U", "parley", "-A", "trust", "-E", "UTF8",
            "--no-locale", "--no-sync", cwd=folder,
        )  # fmt: skip
        port = free_port()
        lines = [f"{key} = '{value}'" for key, value in {**SETTINGS, "port": str(port)}.items()]
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n".join(["", *lines, ""]))
        server = cls(f"postgresql://parley@127.0.0.1:{port}/postgres", folder)
        server.start()
        return server

    def start(self) -> None:
        """Start it; returns when it accepts connections."""
        folder = self._own()
        _run(
            binary("pg_ctl"), "-D", folder / "data", "-l", folder / "log", "-w", "-t", "60", "start",
            cwd=folder,
        )  # fmt: skip

    def stop(self) -> None:
        """Stop it at once, as a crash would: connections break, nothing is flushed."""
        folder = self._own()
        _run(binary("pg_ctl"), "-D", folder / "data", "-m", "immediate", "-w", "stop", cwd=folder)

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make a database, as a copy of `template` if given; gives its URL."""
        copy = sql.SQL(" TEMPLATE {}" if template else "").format(sql.Identifier(template or ""))
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copy)
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database together with whatever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def database_url(self, name: str) -> str:
        base, _, _ = self.url.rpartition("/")
        return f"{base}/{name}"

    def _own(self) -> Path:
        if self.folder is None:
            raise RuntimeError(f"the server of {URL_VARIABLE} isn't ours to start and stop")
        return self.folder

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """The server that PARLEY_TEST_POSTGRES_URL names, else a cluster in `folder` while the block lasts."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        yield PostgresServer(named)
        return
    server = PostgresServer.create(folder)
    try:
        yield server
    finally:
        server.stop()
