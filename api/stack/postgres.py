"""PostgreSQL as a part of the stack: a direct child on a Unix socket and a loopback port.

Who may sign in: only who can read `pgpass` in the data folder (mode 0600). Every connection,
socket or TCP, proves a generated password by SCRAM-SHA-256, so other accounts of the machine are
kept out of both; the addresses that this module hands out name the file, not the password.
"""

import hashlib
import os
import signal
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from api.stack import children, postgres_install, postgres_settings
from api.stack.accounts import give
from api.stack.children import Child, Part, Program
from api.stack.errors import StackError
from api.stack.folders import make_folders
from api.stack.ports import LOOPBACK, free_port
from api.stack.postgres_cluster import (
    ADMIN,
    ENVIRONMENT,
    ROLE,
    Cluster,
    clear_stale,
    open_cluster,
)

SOCKET_PATH_LIMIT: Final = 107  # sun_path of <sys/un.h>, less the closing zero
STATUS_LINE: Final = 7  # of postmaster.pid, counted from zero; pg_ctl reads the same line
NAME: Final = "postgres"
STOP_SIGNAL: Final = signal.SIGINT  # fast shutdown: ends sessions, writes everything
ROOTS_SOCKETS: Final = Path("/run")  # only root may make a folder there, so nobody else has


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach the server."""

    cluster: Cluster
    port: int

    @property
    def url(self) -> str:
        """The application's address (libpq and psycopg read the password from the file)."""
        passfile = quote(str(self.cluster.passfile), safe="/")
        return f"postgresql://{ROLE}@{LOOPBACK}:{self.port}/{ROLE}?passfile={passfile}"

    @property
    def socket_folder(self) -> Path:
        """The folder of the Unix socket: in the data folder, or where a socket's path may be.

        A socket's path is at most 107 bytes long, and a server under another account than ours
        may not reach the data folder at all.
        """
        inside = self.cluster.home / "socket"
        longest = inside / ".s.PGSQL.65535"
        if self.cluster.account is None and len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT:
            return inside
        base = Path(tempfile.gettempdir()) if self.cluster.account is None else ROOTS_SOCKETS
        mark = hashlib.sha256(os.fsencode(self.cluster.home)).hexdigest()[:12]
        return base / f"tributary-{mark}"

    def connect_as_admin(self) -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection over the Unix socket."""
        return psycopg.connect(
            host=str(self.socket_folder),
            port=self.port,
            user=ADMIN,
            password=self.cluster.password(ADMIN),
            dbname=ADMIN,
            connect_timeout=2,
            autocommit=True,
        )


def part(server: Server, *, settings: Mapping[str, str] | None = None) -> Part:
    """PostgreSQL for the supervisor; `settings` override the tuned ones."""
    cluster = server.cluster

    def prepare() -> None:
        clear_stale(cluster)
        _make_socket_folder(server)

    chosen = {
        **postgres_settings.tuned(postgres_settings.machine_memory_b()),
        **(settings or {}),
        "listen_addresses": LOOPBACK,
        "port": str(server.port),
        "unix_socket_directories": str(server.socket_folder),
        "unix_socket_permissions": "0700",
    }
    binary = postgres_install.programs(cluster.account) / "postgres"
    program = Program(
        name=NAME,
        title=f"PostgreSQL {postgres_install.version()}",
        argv=(
            str(binary),
            *("-D", cluster.data_argument),
            *(f"--{name}={value}" for name, value in chosen.items()),
        ),
        env=ENVIRONMENT,
        cwd=cluster.data,
        account=cluster.account,
        prepare=prepare,
        stop_signal=STOP_SIGNAL,
        stop_timeout_s=3.0,
    )
    return Part(program, lacks=lambda: _lacks(server))


@contextmanager
def running_postgres(
    data_dir: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[Server, Child]]:
    """A PostgreSQL of its own for the length of the block, its data in `data_dir`.

    Without `port` a free one is taken; `settings` override the durable ones, for tests whose data
    may be lost. Enter from the main thread: the server ends when the thread that began it does.
    """
    folders = make_folders(data_dir)
    server = Server(open_cluster(folders), port or free_port())
    whole = part(server, settings=settings)
    child = children.start(whole.program, folders)
    try:
        children.await_ready(whole, child)
        yield server, child
    finally:
        children.stop(child)
        forget_socket(server)


def forget_socket(server: Server) -> None:
    """Remove the socket's folder after the server has ended; what is still used stays."""
    with suppress(OSError):
        server.socket_folder.rmdir()


def _make_socket_folder(server: Server) -> None:
    """Make the folder, or take an earlier one of ours and empty it.

    Whatever is in it is stale, for the caller holds the server's lock; PostgreSQL would refuse to
    start beside a socket's lock file whose pid now belongs to another process.
    """
    folder, account = server.socket_folder, server.cluster.account
    owner = os.geteuid() if account is None else account.uid
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        give(folder, account)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise StackError(
            f"{folder}, where PostgreSQL's socket belongs, is somebody else's",
            remedy="remove it, or choose a data folder with a shorter path",
        )
    folder.chmod(0o700)
    for old in folder.glob(".s.PGSQL.*"):
        old.unlink()


def _lacks(server: Server) -> str | None:
    """What the server still lacks; gives the application its role and database when it can."""
    if not _says_ready(server.cluster):
        return "it does not accept connections yet"
    try:
        with server.connect_as_admin() as connection:
            _ensure_role(connection, password=server.cluster.password(ROLE))
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


def _says_ready(cluster: Cluster) -> bool:
    """What the server wrote into its pid file; asking it by connecting would fill its log."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], *, password: str) -> None:
    role = sql.Identifier(ROLE)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                role, sql.Literal(password)
            )
        )
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
